package awsapi_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/less-go/less/internal/awsapi"
)

// FuzzJSON checks that any body gets an answer in JSON, and never one that blames
// the engine.
func FuzzJSON(f *testing.F) {
	f.Add(jsonParcel)
	f.Add(`{"Text":"\ud83d\ude00\\"}`)
	f.Add(`[[[[`)
	h := awsapi.NewHandler(awsapi.Options{}, parcels(accept))
	f.Fuzz(func(t *testing.T, body string) {
		w := serve(t, h, jsonRequest("Send", body))
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("status %d", w.Code)
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("the answer is not JSON: %s", w.Body)
		}
	})
}

// FuzzQuery checks that any form gets an answer in XML that can be read, and
// never one that blames the engine.
func FuzzQuery(f *testing.F) {
	f.Add(formParcel)
	f.Add("Action=Send&Name.1.2.3=x&Name=y&Name.-1=z&Details.entry.=")
	f.Add("Action=Send&Pieces.member.member.1=x&Text=%00%1b")
	h := awsapi.NewHandler(awsapi.Options{}, parcels(accept))
	f.Fuzz(func(t *testing.T, form string) {
		w := serve(t, h, formRequest("/", form))
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest && w.Code != http.StatusNotImplemented && w.Code != http.StatusForbidden {
			t.Errorf("status %d", w.Code)
		}
		for d := xml.NewDecoder(w.Body); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("the answer is not XML: %v", err)
			}
		}
	})
}

// FuzzIdentity checks that no header can make the handler fail.
func FuzzIdentity(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=k/20260101/eu-west-1/parcels/aws4_request, SignedHeaders=host, Signature=0", "")
	f.Add("", "k/20260101/eu-west-1/parcels/aws4_request")
	h := awsapi.NewHandler(awsapi.Options{Function: knowsOne}, parcels(accept))
	f.Fuzz(func(t *testing.T, authorization, credential string) {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
		q := r.URL.Query()
		q.Set("Action", "Send")
		q.Set("X-Amz-Credential", credential)
		r.URL.RawQuery = q.Encode()
		r.Header.Set("Authorization", authorization)
		if w := serve(t, h, r); w.Code >= 500 && w.Code != http.StatusNotImplemented {
			t.Errorf("status %d", w.Code)
		}
	})
}
