package export_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/less-go/less"
	"github.com/less-go/less/internal/contract"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/export"
	"github.com/less-go/less/internal/flow"
)

// What the documents say of errors and of an event's context is written by hand,
// so it is compared with what package less does.

func TestErrorsAreAsDescribed(t *testing.T) {
	doc, err := export.OpenAPI(demo(t), "orders", export.Options{})
	if err != nil {
		t.Fatal(err)
	}
	schema := schemaAt(t, doc, "/components/schemas/Error")
	type request struct {
		Count int  `json:"count"`
		Fast  bool `json:"fast"`
	}
	for body, failure := range map[string]error{
		`{"count": "x", "fast": 1}`: nil,
		`{"count": "x"}`:            nil,
		``:                          nil,
		`{}`:                        errors.New("not told"),
		`{"fast": true}`:            less.Conflict("it is fast already"),
	} {
		handler := less.Typed(func(context.Context, request) (string, error) { return "", failure })
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
		if w.Code < 400 {
			t.Errorf("%q is answered %d", body, w.Code)
		}
		valid(t, schema, w.Body.Bytes())
	}
}

func TestTheContextOfAnEventIsAsDescribed(t *testing.T) {
	doc, err := export.AsyncAPI(demo(t), export.Options{})
	if err != nil {
		t.Fatal(err)
	}
	common := schemaAt(t, doc, "/components/messageTraits/cloudEvent/headers")
	own := schemaAt(t, doc, "/components/messages/order_placed/headers")

	var cloud recorder
	ctx := event.WithCloud(t.Context(), &cloud)
	caused := less.WithMessage(ctx, less.Message{ID: "1", CorrelationID: "2", TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
	for _, ctx := range []context.Context{ctx, caused} {
		if err := less.NewTopic[string]("order_placed").Publish(ctx, "x"); err != nil {
			t.Fatal(err)
		}
	}
	described := common.Properties
	for _, e := range cloud.events {
		headers := map[string]any{}
		for name, value := range e.Attributes {
			headers[name] = value
			if described[name] == nil {
				t.Errorf("the attribute %s is not described", name)
			}
		}
		for _, s := range []*jsonschema.Schema{common, own} {
			if err := s.Validate(headers); err != nil {
				t.Error(err)
			}
		}
	}
}

// A recorder is a cloud that keeps what is published.
type recorder struct{ events []event.Outgoing }

func (r *recorder) Publish(_ context.Context, e event.Outgoing) error {
	r.events = append(r.events, e)
	return nil
}

func (r *recorder) ChangeVisibility(context.Context, string, string, time.Duration) error { return nil }

func demo(t *testing.T) contract.Contract {
	t.Helper()
	c, err := contract.Load(t.Context(), "../..", flow.Flow{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// schemaAt compiles a part of a document.
func schemaAt(t *testing.T, doc []byte, pointer string) *jsonschema.Schema {
	t.Helper()
	content, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("doc.json", content); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("doc.json#" + pointer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, data []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(value); err != nil {
		t.Errorf("%v\n%s", err, data)
	}
}
