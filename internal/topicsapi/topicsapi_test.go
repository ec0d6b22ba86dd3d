package topicsapi_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/topicsapi"
)

// post asks for what the test says of a Topics API with the topic order_placed.
func post(t *testing.T, method, path, body string, publish func(event.Outgoing) error, headers ...string) (*httptest.ResponseRecorder, activity.Event) {
	t.Helper()
	var told activitytest.Journal
	api := topicsapi.New(func(topic string) bool { return topic == "order_placed" },
		func(_ context.Context, e event.Outgoing) error { return publish(e) }, told.Record)
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	events := told.Events()
	if len(events) > 1 {
		t.Fatalf("told %+v", events)
	}
	return w, append(events, activity.Event{})[0]
}

func TestAnEventIsPublishedAsAFunctionWould(t *testing.T) {
	var got event.Outgoing
	w, told := post(t, "POST", "/topics/order_placed", `{"id": "17", "note": "<b>"}`, func(e event.Outgoing) error {
		got = e
		return nil
	}, "X-Correlation-Id", "order-17", "Content-Type", "application/json; charset=utf-8")
	if w.Code != 202 || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got.Topic != "order_placed" || string(got.Body) != `{"id": "17", "note": "<b>"}` {
		t.Errorf("published %s to %s", got.Body, got.Topic)
	}
	a := got.Attributes
	if a[event.ID] == "" || a[event.Time] == "" || a[event.SpecVersion] != "1.0" || a[event.Type] != "order_placed" ||
		a[event.Source] != "/topics_api" || a[event.CorrelationID] != "order-17" || a[event.CausationID] != "" {
		t.Errorf("attributes %v", a)
	}
	if told.Kind != activity.Request || told.Status != 202 || told.CorrelationID != "order-17" || told.Path != "/topics/order_placed" {
		t.Errorf("told %+v", told)
	}
}

func TestACorrelationIDThatCannotBeOneIsReplaced(t *testing.T) {
	for _, id := range []string{"", "a b", "a\"b", strings.Repeat("x", 129)} {
		_, _ = post(t, "POST", "/topics/order_placed", `1`, func(e event.Outgoing) error {
			if got := e.Attributes[event.CorrelationID]; got == id || got != e.Attributes[event.ID] {
				t.Errorf("%q became %q", id, got)
			}
			return nil
		}, "X-Correlation-Id", id)
	}
}

func TestWhatCannotBePublishedIsAnswered(t *testing.T) {
	accepts := func(event.Outgoing) error { return nil }
	for name, test := range map[string]struct {
		method, path, body string
		publish            func(event.Outgoing) error
		headers            []string
		status             int
		answer             string
	}{
		"unknown topic": {"POST", "/topics/order_plaecd", `{}`, accepts, nil, 404, `{"error":"Topic not found"}`},
		"no JSON":       {"POST", "/topics/order_placed", `{"id":`, accepts, nil, 400, `{"error":"The body is not JSON"}`},
		"no body":       {"POST", "/topics/order_placed", ``, accepts, nil, 400, `{"error":"The body is not JSON"}`},
		"no JSON type":  {"POST", "/topics/order_placed", `{}`, accepts, []string{"Content-Type", "text/plain"}, 415, `{"message":"Unsupported Media Type"}`},
		"other method":  {"GET", "/topics/order_placed", ``, accepts, nil, 403, `{"message":"Missing Authentication Token"}`},
		"other path":    {"POST", "/order_placed", `{}`, accepts, nil, 403, `{"message":"Missing Authentication Token"}`},
		"deeper path":   {"POST", "/topics/order_placed/x", `{}`, accepts, nil, 403, `{"message":"Missing Authentication Token"}`},
		"too large":     {"POST", "/topics/order_placed", `"` + strings.Repeat("x", 262144) + `"`, accepts, nil, 400, `more than SNS takes`},
		"far too large": {"POST", "/topics/order_placed", `"` + strings.Repeat("x", 10<<20) + `"`, accepts, nil, 413, `{"message":"Request Too Long"}`},
		"refused": {"POST", "/topics/order_placed", `{}`, func(event.Outgoing) error {
			return awsapi.Errorf("InvalidParameter", "Invalid parameter: Message too long")
		}, nil, 400, `Message too long`},
		"broken": {"POST", "/topics/order_placed", `{}`, func(event.Outgoing) error {
			return awsapi.AsError(errors.New("the disk is full"))
		}, nil, 500, `{"error":"The event is not published"}`},
		"a web page":   {"POST", "/topics/order_placed", `{}`, accepts, []string{"Origin", "http://localhost"}, 403, `web pages are refused`},
		"another host": {"POST", "/topics/order_placed", `{}`, accepts, []string{"Sec-Fetch-Site", "cross-site"}, 403, `web pages are refused`},
	} {
		t.Run(name, func(t *testing.T) {
			published := false
			w, _ := post(t, test.method, test.path, test.body, func(e event.Outgoing) error {
				err := test.publish(e)
				published = err == nil
				return err
			}, test.headers...)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.answer) || published {
				t.Errorf("%d %s, published %t", w.Code, w.Body, published)
			}
			if test.answer[0] == '{' {
				if diff := cmp.Diff(test.answer+"\n", w.Body.String()); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}
