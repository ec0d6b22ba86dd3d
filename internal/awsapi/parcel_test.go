package awsapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/less-go/less/internal/awsapi"
)

// Parcels is a service that exists nowhere: it has every kind of field that the
// protocols can carry, and returns what it is given.
type (
	parcelInput struct {
		address
		Text    string
		Count   *int
		Urgent  bool
		Data    []byte
		Names   []string          `query:"Name"`
		Tags    map[string]string `query:"Tag"`
		Pieces  []piece
		Details map[string]piece
	}
	address struct {
		ParcelURL string `json:"ParcelUrl"`
	}
	piece struct {
		ID    string `json:"Id"`
		Bytes []byte `json:",omitempty"`
	}
	parcelOutput struct {
		Text    string            `json:",omitempty"`
		Count   *int              `json:",omitempty"`
		Urgent  bool              `json:",omitempty"`
		Names   []string          `json:",omitempty" query:"Name,flat"`
		Tags    map[string]string `json:",omitempty" query:"Tag,flat"`
		Pieces  []piece           `json:",omitempty"`
		Details map[string]piece  `json:",omitempty"`
	}
	nothing struct{}
)

func (a address) Resource(region string) string {
	return awsapi.LocalARN("parcels", region, a.ParcelURL[strings.LastIndexByte(a.ParcelURL, '/')+1:])
}

// parcels returns the service. Its action Send calls send with what it was given.
func parcels(send func(context.Context, *parcelInput) error) *awsapi.Service {
	s := &awsapi.Service{
		Name:      "parcels",
		Target:    "Parcels_2020",
		Versions:  []string{"2020-02-02"},
		Namespace: "http://parcels.test/",
		PathField: "ParcelUrl",
		Denied: func(d awsapi.Denial) *awsapi.Error {
			return &awsapi.Error{Code: "Denied", Status: http.StatusForbidden, Message: d.User + " may not " + d.Action + " " + d.Resource}
		},
	}
	awsapi.Register(s, "Send", func(ctx context.Context, in *parcelInput) (*parcelOutput, error) {
		if err := send(ctx, in); err != nil {
			return nil, err
		}
		return &parcelOutput{in.Text, in.Count, in.Urgent, in.Names, in.Tags, in.Pieces, in.Details}, nil
	})
	awsapi.Register(s, "SendBatch", func(context.Context, *parcelInput) (*nothing, error) { return &nothing{}, nil })
	return s
}

func accept(context.Context, *parcelInput) error { return nil }

// jsonRequest is a request for action in the JSON protocol.
func jsonRequest(action, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost:4566/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "Parcels_2020."+action)
	return r
}

// formRequest is a request in the query protocol.
func formRequest(path, form string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost:4566"+path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return r
}

func serve(t *testing.T, h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Header().Get("X-Amzn-Requestid") == "" {
		t.Error("the answer has no X-Amzn-RequestId")
	}
	return w
}
