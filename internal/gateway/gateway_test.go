package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/gateway"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/plan"
)

// functions is an Invoker: the function of every identity.
type functions func(ctx context.Context, function string, payload []byte) (lambda.Result, error)

func (f functions) Invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error) {
	return f(ctx, function, payload)
}

// answering returns functions that all answer payload.
func answering(payload string) functions {
	return func(context.Context, string, []byte) (lambda.Result, error) {
		return lambda.Result{Payload: []byte(payload), RequestID: "invocation"}, nil
	}
}

var orders = plan.API{ID: "apis/orders", Name: "orders", Routes: []plan.Route{
	{Method: "POST", Path: "/orders", Function: "apis/orders/orders/post"},
	{Method: "GET", Path: "/orders/{order_id}", Function: "apis/orders/orders/by_order_id/get"},
}}

// serve has a gateway of the orders API answer r.
func serve(t testing.TB, f functions, r *http.Request) (*httptest.ResponseRecorder, activity.Event) {
	t.Helper()
	var told activitytest.Journal
	w := httptest.NewRecorder()
	g := gateway.New(gateway.Options{API: orders, Invoker: f, Sink: told.Record})
	g.ServeHTTP(w, r)
	if events := told.Events(); len(events) != 1 {
		t.Fatalf("one request was told as %+v", events)
	}
	return w, told.Events()[0]
}

// received returns the event that a function gets for r.
func received(t testing.TB, r *http.Request) events.APIGatewayV2HTTPRequest {
	t.Helper()
	var payload []byte
	w, _ := serve(t, func(_ context.Context, _ string, p []byte) (lambda.Result, error) {
		payload = p
		return lambda.Result{}, nil
	}, r)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func post(body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/orders", strings.NewReader(body))
}

func TestARequestReachesItsFunctionAndTheAnswerItsClient(t *testing.T) {
	w, told := serve(t, func(_ context.Context, function string, _ []byte) (lambda.Result, error) {
		return lambda.Result{
			RequestID: "invocation",
			Payload:   []byte(`{"statusCode":201,"headers":{"content-type":"application/json","x-correlation-id":"c1"},"body":"{\"id\":1}"}`),
		}, nil
	}, post(`{"customer":"Cesaria"}`))

	if w.Code != 201 || w.Body.String() != `{"id":1}` || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
	}
	want := activity.Event{
		Kind: activity.Request, Method: "POST", Path: "/orders", Status: 201,
		Function: "apis/orders/orders/post", RequestID: "invocation", CorrelationID: "c1",
	}
	if diff := cmp.Diff(want, told, cmpopts.IgnoreFields(activity.Event{}, "Time", "Duration")); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
	if told.Time.IsZero() {
		t.Error("the activity has no time")
	}
}

func TestAPathIsToldAsItWasSent(t *testing.T) {
	_, told := serve(t, answering(""), httptest.NewRequest("GET", "/orders/%1B%5B31m%0Ax", nil))
	if told.Path != "/orders/%1B%5B31m%0Ax" {
		t.Errorf("told as %q", told.Path)
	}
}

func TestEveryFailureIsAnsweredInAWSsWords(t *testing.T) {
	large := strings.Repeat("x", 7<<20)
	tests := []struct {
		name     string
		request  *http.Request
		function functions
		status   int
		body     string
		told     string // part of the activity's Err
	}{
		{"no route", httptest.NewRequest("GET", "/nowhere", nil), nil, 404, `{"message":"Not Found"}`, ""},
		{"another method", httptest.NewRequest("DELETE", "/orders", nil), nil, 404, `{"message":"Not Found"}`, ""},
		{"HEAD without a route", httptest.NewRequest("HEAD", "/orders/7", nil), nil, 404, `{"message":"Not Found"}`, ""},
		{"OPTIONS without a route", httptest.NewRequest("OPTIONS", "/orders", nil), nil, 404, `{"message":"Not Found"}`, ""},
		{"function error", post("{}"), func(context.Context, string, []byte) (lambda.Result, error) {
			return lambda.Result{FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"no oven","errorType":"errorString"}`)}, nil
		}, 500, `{"message":"Internal Server Error"}`, "no oven"},
		{"not a response", post("{}"), answering(`{"statusCode":"two hundred"}`), 500, `{"message":"Internal Server Error"}`, "statusCode"},
		{"cannot be run", post("{}"), func(context.Context, string, []byte) (lambda.Result, error) {
			return lambda.Result{}, errors.New("the engine is stopping")
		}, 503, `{"message":"Service Unavailable"}`, "the engine is stopping"},
		{"body above Lambda's limit", post(large), nil, 413, `{"message":"Request Entity Too Large"}`, "6291456"},
		{"body above API Gateway's limit", post(large + large), nil, 413, `{"message":"Request Entity Too Large"}`, "10485760"},
		{"binary body above Lambda's limit as base64", post(large[:5<<20]), nil, 413, `{"message":"Request Entity Too Large"}`, "6291456"},
		{"headers", withHeader(post("{}"), "X-Large", strings.Repeat("x", 10_240)), nil, 431, `{"message":"Request Header Fields Too Large"}`, "10240"},
		{"broken body", func() *http.Request {
			r := post("")
			r.Body = brokenBody{}
			return r
		}(), nil, 400, `{"message":"Bad Request"}`, "the client hung up"},
	}
	ids := map[string]bool{}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			function := test.function
			if function == nil {
				function = func(context.Context, string, []byte) (lambda.Result, error) {
					t.Error("the function was run")
					return lambda.Result{}, nil
				}
			}
			w, told := serve(t, function, test.request)
			if w.Code != test.status || w.Body.String() != test.body {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, test.status, test.body)
			}
			if got := w.Header().Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type %q", got)
			}
			id := w.Header().Get("apigw-requestid")
			if !regexp.MustCompile(`^[A-Za-z0-9+/]{15}=$`).MatchString(id) || ids[id] {
				t.Errorf("apigw-requestid %q", id)
			}
			ids[id] = true
			if told.Status != test.status || !strings.Contains(told.Err, test.told) || test.told == "" && told.Err != "" {
				t.Errorf("told as %+v, want Err %q", told, test.told)
			}
		})
	}
}

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, errors.New("the client hung up") }
func (brokenBody) Close() error             { return nil }

func withHeader(r *http.Request, name string, values ...string) *http.Request {
	r.Header[http.CanonicalHeaderKey(name)] = values
	return r
}

func TestTheLargestEventThatFitsIsPassedOn(t *testing.T) {
	text := func(n int) *http.Request {
		return withHeader(post(strings.Repeat("x", n)), "Content-Type", "text/plain")
	}
	var size int
	measure := func(_ context.Context, _ string, payload []byte) (lambda.Result, error) {
		size = len(payload)
		return lambda.Result{}, nil
	}
	serve(t, measure, text(6<<20-2_000))
	longest := 6<<20 - 2_000 + (6<<20 - size)
	if w, _ := serve(t, measure, text(longest)); w.Code != 200 || size != 6<<20 {
		t.Errorf("status %d with an event of %d bytes", w.Code, size)
	}
	if w, _ := serve(t, measure, text(longest+1)); w.Code != 413 {
		t.Errorf("status %d with an event of one byte more", w.Code)
	}
}

func TestHeadersUpToTheLimitAreTaken(t *testing.T) {
	r := post("{}")
	used := len("POST/ordersHTTP/1.1") + len(r.Host)
	if w, _ := serve(t, answering("{}"), withHeader(r, "X-Large", strings.Repeat("x", 10_240-used))); w.Code != 200 {
		t.Errorf("status %d at the limit", w.Code)
	}
	if w, _ := serve(t, answering("{}"), withHeader(post("{}"), "X-Large", strings.Repeat("x", 10_240-used+1))); w.Code != 431 {
		t.Errorf("status %d above the limit", w.Code)
	}
}

func TestARequestWaits30SecondsAndItsFunctionGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var ended time.Duration
		slow := func(ctx context.Context, _ string, _ []byte) (lambda.Result, error) {
			select {
			case <-time.After(45 * time.Second):
				ended = time.Since(start)
			case <-ctx.Done():
			}
			return lambda.Result{}, ctx.Err()
		}
		var told activitytest.Journal
		g := gateway.New(gateway.Options{API: orders, Invoker: functions(slow), Sink: told.Record})
		w := httptest.NewRecorder()
		g.ServeHTTP(w, post("{}"))

		if w.Code != 503 || w.Body.String() != `{"message":"Service Unavailable"}` {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		if waited := time.Since(start); waited != 30*time.Second {
			t.Errorf("waited %v", waited)
		}
		if told := told.Events()[0]; told.Duration != 30*time.Second || !strings.Contains(told.Err, "30s") {
			t.Errorf("told as %+v", told)
		}
		g.Wait()
		if ended != 45*time.Second {
			t.Errorf("the function ended after %v", ended)
		}
	})
}

func TestAClientThatGoesAwayDoesNotEndTheFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended bool
		g := gateway.New(gateway.Options{API: orders, Invoker: functions(
			func(ctx context.Context, _ string, _ []byte) (lambda.Result, error) {
				select {
				case <-time.After(10 * time.Second):
					ended = true
				case <-ctx.Done():
				}
				return lambda.Result{}, nil
			})})
		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		g.ServeHTTP(httptest.NewRecorder(), post("{}").WithContext(ctx))
		g.Wait()
		if !ended {
			t.Error("the function was cancelled")
		}
	})
}

func TestRoutesAreReplacedUnderLoad(t *testing.T) {
	before := plan.API{Name: "a", Routes: []plan.Route{{Method: "GET", Path: "/a", Function: "before"}}}
	after := plan.API{Name: "a", Routes: []plan.Route{{Method: "GET", Path: "/a", Function: "after"}}}
	g := gateway.New(gateway.Options{API: before, Invoker: functions(
		func(_ context.Context, function string, _ []byte) (lambda.Result, error) {
			return lambda.Result{Payload: []byte(function)}, nil
		})})
	get := func() string {
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest("GET", "/a", nil))
		return w.Body.String()
	}
	if got := get(); got != "before" {
		t.Fatalf("got %q", got)
	}
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for range 100 {
				if got := get(); got != "before" && got != "after" {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	g.Set(after)
	clients.Wait()
	if got := get(); got != "after" {
		t.Errorf("got %q", got)
	}
}
