package cloud_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/cloud"
	"github.com/less-go/less/internal/event"
)

const published = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`

// startSNS answers with h, and returns its endpoint.
func startSNS(t *testing.T, h http.HandlerFunc) (*httptest.Server, *cloud.AWS) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s, cloud.New(environment("AWS_ENDPOINT_URL", s.URL, "AWS_SESSION_TOKEN", "token"))
}

var odd = event.Outgoing{
	Topic: "order_placed",
	Body:  []byte("{\"a\":\"1 + 1 = 2 & 100% é 😀;\\n\"}\t~-_.*'()"),
	Attributes: map[string]string{
		event.ID: "01926b1e", event.Source: "/apis/orders?x=y&z", "empty-is-nothing": " ", "a.b_c-d": "…",
		"5": "5", "6": "6", "7": "7", "8": "8", "9": "9", "10": "10", "11": "11",
	},
}

// What goes to SNS is what the SDK's own serializer and HTTP client would send.
func TestPublishSendsWhatTheSDKSends(t *testing.T) {
	type request struct {
		method, uri string
		headers     []string
		fields      map[string]string
		attributes  map[string]string // data type and value by name
	}
	var got request
	s, ours := startSNS(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			t.Error(err)
		}
		got = request{
			r.Method, r.RequestURI, slices.Sorted(maps.Keys(r.Header)),
			map[string]string{"Content-Type": r.Header.Get("Content-Type"), "X-Amz-Security-Token": r.Header.Get("X-Amz-Security-Token"), "Host": r.Host},
			map[string]string{},
		}
		for name, values := range form {
			if entry, isName := strings.CutSuffix(name, ".Name"); isName {
				got.attributes[values[0]] = form.Get(entry+".Value.DataType") + " " + form.Get(entry+".Value.StringValue")
			}
			if !strings.Contains(name, ".") {
				got.fields[name] = strings.Join(values, ",")
			}
		}
		if want := len(got.fields) - 3 + 3*len(got.attributes); len(form) != want {
			t.Errorf("the form has %d fields, want %d: %v", len(form), want, form)
		}
		_, _ = io.WriteString(w, published)
	})
	theirs := sns.New(sns.Options{Region: "eu-west-1", BaseEndpoint: aws.String(s.URL), Credentials: aws.CredentialsProviderFunc(
		func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: "token"}, nil
		})})
	in := &sns.PublishInput{
		TopicArn: aws.String("arn:aws:sns:eu-west-1:123456789012:shop-order_placed"), Message: aws.String(string(odd.Body)),
		MessageAttributes: map[string]types.MessageAttributeValue{},
	}
	for name, value := range odd.Attributes {
		in.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
	}
	if _, err := theirs.Publish(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	want := got
	want.headers = slices.DeleteFunc(want.headers, func(name string) bool { return name == "Accept-Encoding" }) // net/http asks for gzip
	if err := ours.Publish(t.Context(), odd); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(request{})); diff != "" {
		t.Errorf("request (-SDK +ours):\n%s", diff)
	}
}

func TestAnswersThatAreNotOfSNSAreErrors(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"a web page": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html><body>Welcome") },
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"half of one": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "300")
			_, _ = io.WriteString(w, published)
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, aws := startSNS(t, h)
			if err := aws.Publish(t.Context(), odd); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestPublishTriesAgain(t *testing.T) {
	var calls atomic.Int64
	s, aws := startSNS(t, func(w http.ResponseWriter, r *http.Request) {
		switch calls.Add(1) {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			if r.Header.Get("Amz-Sdk-Request") != "attempt=2; max=3" {
				t.Errorf("the second attempt says %q", r.Header.Get("Amz-Sdk-Request"))
			}
			fallthrough
		default:
			_, _ = io.WriteString(w, published)
		}
	})
	if err := aws.Publish(t.Context(), odd); err != nil || calls.Load() != 2 {
		t.Errorf("after a 503: %v, %d requests, want 2", err, calls.Load())
	}
	s.CloseClientConnections()
	if err := aws.Publish(t.Context(), odd); err != nil {
		t.Errorf("after the server closed its connections: %v", err)
	}
}

func TestPublishEndsWithItsContext(t *testing.T) {
	arrived := make(chan struct{})
	release := make(chan struct{})
	_, aws := startSNS(t, func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-release
	})
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if err := aws.Publish(ctx, odd); err == nil || ctx.Err() == nil {
		t.Errorf("got %v before the context ended: %v", err, ctx.Err())
	}
}

func TestServerThatClosesEachConnection(t *testing.T) {
	_, aws := startSNS(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, published)
	})
	for range 3 {
		if err := aws.Publish(t.Context(), odd); err != nil {
			t.Fatal(err)
		}
	}
}

// What goes over the wire must not be taken apart by a value with a line break.
func TestNoHeaderIsSmuggled(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Smuggled") != "" {
			t.Error("a header was smuggled in")
		}
		_, _ = io.WriteString(w, published)
	}))
	defer s.Close()
	aws := cloud.New(environment("AWS_ENDPOINT_URL", s.URL, "AWS_SESSION_TOKEN", "t\r\nX-Smuggled: 1"))
	if err := aws.Publish(t.Context(), odd); err == nil {
		t.Error("no error")
	}
}
