package awsapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/policy"
)

const function = "topics/order_placed/charge"

// knowsOne knows one key, that of one function.
func knowsOne(accessKey string) (awsapi.Principal, bool) {
	if accessKey != "ASIAFUNCTION" {
		return awsapi.Principal{}, false
	}
	return awsapi.Principal{Function: function, Name: "shop-charge"}, true
}

func signed(r *http.Request, credential string) *http.Request {
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+credential+", SignedHeaders=host;x-amz-date, Signature=feed")
	return r
}

func TestSignatureSaysWhoCallsAndWhere(t *testing.T) {
	administrator := awsapi.Principal{}
	charge := awsapi.Principal{Function: function, Name: "shop-charge"}
	sigV4A := jsonRequest("Send", "{}")
	sigV4A.Header.Set("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=ASIAFUNCTION/20260101/parcels/aws4_request, SignedHeaders=host, Signature=feed")
	presigned := httptest.NewRequest(http.MethodGet, "http://localhost/?Action=Send&X-Amz-Credential=ASIAFUNCTION%2F20260101%2Feu-west-1%2Fparcels%2Faws4_request", nil)
	basic := jsonRequest("Send", "{}")
	basic.SetBasicAuth("ASIAFUNCTION", "x")

	for name, tt := range map[string]struct {
		request   *http.Request
		principal awsapi.Principal
		region    string
	}{
		"a function":             {signed(jsonRequest("Send", "{}"), "ASIAFUNCTION/20260101/eu-west-1/parcels/aws4_request"), charge, "eu-west-1"},
		"a person":               {signed(jsonRequest("Send", "{}"), "test/20260101/eu-west-1/parcels/aws4_request"), administrator, "eu-west-1"},
		"no signature":           {jsonRequest("Send", "{}"), administrator, "us-east-1"},
		"another scheme":         {basic, administrator, "us-east-1"},
		"no region in SigV4A":    {sigV4A, charge, "us-east-1"},
		"presigned":              {presigned, charge, "eu-west-1"},
		"a region that is none":  {signed(jsonRequest("Send", "{}"), "test/20260101/a:b/parcels/aws4_request"), administrator, "us-east-1"},
		"signed for the service": {signed(formRequest("/", "Action=Send"), "ASIAFUNCTION/20260101/eu-west-1/parcels/aws4_request"), charge, "eu-west-1"},
	} {
		t.Run(name, func(t *testing.T) {
			var got awsapi.Request
			h := awsapi.NewHandler(awsapi.Options{Function: knowsOne}, parcels(func(ctx context.Context, _ *parcelInput) error {
				got = awsapi.RequestFrom(ctx)
				return nil
			}))
			tt.request.Header.Set("X-Amzn-Trace-Id", "Root=1-2-3")
			w := serve(t, h, tt.request)
			want := awsapi.Request{
				ID: w.Header().Get("X-Amzn-Requestid"), Principal: tt.principal, Region: tt.region,
				URL: "http://" + tt.request.Host, TraceHeader: "Root=1-2-3",
				Query:  tt.request.Header.Get("X-Amz-Target") == "",
				Signed: name != "no signature" && name != "another scheme",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMalformedSignatureIsRefused(t *testing.T) {
	h := awsapi.NewHandler(awsapi.Options{}, parcels(accept))
	for _, credential := range []string{"", "key", "key/20260101", "key/20260101/us-east-1/parcels", "/20260101/us-east-1/parcels/aws4_request", "a/b/c/d/e/aws4_request"} {
		w := serve(t, h, signed(jsonRequest("Send", "{}"), credential))
		if w.Code != http.StatusForbidden {
			t.Errorf("credential %q: status %d, want 403", credential, w.Code)
		}
	}
}

// A recordingAuthorizer refuses everything and remembers what it was asked.
type recordingAuthorizer struct{ asked []string }

func (a *recordingAuthorizer) Decide(p awsapi.Principal, action, resource string) policy.Decision {
	a.asked = append(a.asked, p.ARN()+" "+action+" "+resource)
	return policy.Decision{}
}

func TestAuthorizerIsAskedBeforeTheAction(t *testing.T) {
	authorizer := &recordingAuthorizer{}
	h := awsapi.NewHandler(awsapi.Options{Function: knowsOne, Authorizer: authorizer}, parcels(func(context.Context, *parcelInput) error {
		t.Error("the action ran")
		return nil
	}))
	const scope = "/20260101/eu-west-1/parcels/aws4_request"
	w := serve(t, h, signed(jsonRequest("Send", `{"ParcelUrl":"http://h/0/box"}`), "ASIAFUNCTION"+scope))
	if w.Code != http.StatusForbidden || w.Header().Get("X-Amzn-Query-Error") != "Denied;Sender" {
		t.Errorf("status %d, error %q, want 403, Denied;Sender", w.Code, w.Header().Get("X-Amzn-Query-Error"))
	}
	serve(t, h, signed(jsonRequest("SendBatch", `{"ParcelUrl":"box"}`), "test"+scope))
	want := []string{
		"arn:aws:sts::000000000000:assumed-role/shop-charge/shop-charge parcels:Send arn:aws:parcels:eu-west-1:000000000000:box",
		"arn:aws:iam::000000000000:root parcels:Send arn:aws:parcels:eu-west-1:000000000000:box",
	}
	if diff := cmp.Diff(want, authorizer.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestARN(t *testing.T) {
	got, err := awsapi.ParseARN("arn:aws-cn:sns:cn-north-1:123456789012:topic:with:colons")
	want := awsapi.ARN{Partition: "aws-cn", Service: "sns", Region: "cn-north-1", Account: "123456789012", Resource: "topic:with:colons"}
	if err != nil || got != want {
		t.Errorf("ParseARN: %+v, %v, want %+v", got, err, want)
	}
	if s := got.String(); s != "arn:aws-cn:sns:cn-north-1:123456789012:topic:with:colons" {
		t.Errorf("String: %s", s)
	}
	for _, s := range []string{"", "topic", "arn:aws:sns:us-east-1:topic", "urn:aws:sns:us-east-1:0:topic"} {
		if _, err := awsapi.ParseARN(s); err == nil {
			t.Errorf("ParseARN(%q) found no fault", s)
		}
	}
}

func TestLogHasNothingOfTheSignature(t *testing.T) {
	var log strings.Builder
	h := awsapi.NewHandler(awsapi.Options{Function: knowsOne, Failed: func(err error) { log.WriteString(err.Error()) }}, parcels(func(context.Context, *parcelInput) error {
		return errors.New("disk on fire")
	}))
	w := serve(t, h, signed(jsonRequest("Send", "{}"), "ASIAFUNCTION/20260101/eu-west-1/parcels/aws4_request"))
	for _, want := range []string{"disk on fire", "parcels", "Send", w.Header().Get("X-Amzn-Requestid")} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not have %q: %s", want, log.String())
		}
	}
	for _, secret := range []string{"ASIAFUNCTION", "feed"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has %q: %s", secret, log.String())
		}
	}
}
