package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/cors"
	"github.com/less-go/less/internal/gateway"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/plan"
)

// staged is the gateway of an API that a client has made, with routes of all kinds.
func staged(stage gateway.Stage, f functions) *gateway.Gateway {
	g := gateway.New(gateway.Options{API: plan.API{Name: "a1b2"}, Invoker: f})
	g.SetStage(plan.API{Name: "a1b2", Routes: []plan.Route{
		{Method: "POST", Path: "/orders", Function: "post"},
		{Method: "ANY", Path: "/orders", Function: "any"},
		{Method: "GET", Path: "/orders/{id}", Function: "get"},
		{Method: "ANY", Path: "/orders/list", Function: "list"},
		{Method: "GET", Path: "/files/{path+}", Function: "files"},
		{Method: "$default", Function: "rest"},
	}}, stage)
	return g
}

func request(g http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w
}

// name answers with the name of the function.
func name(_ context.Context, function string, _ []byte) (lambda.Result, error) {
	return lambda.Result{Payload: []byte(`"` + function + `"`)}, nil
}

func TestTheMostSpecificRouteTakesARequest(t *testing.T) {
	g := staged(gateway.Stage{}, name)
	for _, tt := range []struct{ method, path, want string }{
		{"POST", "/orders", "post"},
		{"PUT", "/orders", "any"},
		{"GET", "/orders/1", "get"},
		{"GET", "/orders/list", "list"},
		{"DELETE", "/orders/1", "rest"},
		{"GET", "/files/a/b", "files"},
		{"GET", "/", "rest"},
	} {
		if got := request(g, tt.method, tt.path).Body.String(); got != tt.want {
			t.Errorf("%s %s goes to %s, want %s", tt.method, tt.path, got, tt.want)
		}
	}
}

func TestANamedStageIsInThePath(t *testing.T) {
	var event events.APIGatewayV2HTTPRequest
	g := staged(gateway.Stage{Name: "prod"}, func(_ context.Context, _ string, payload []byte) (lambda.Result, error) {
		return lambda.Result{Payload: []byte(`{}`)}, json.Unmarshal(payload, &event)
	})
	request(g, "POST", "/orders")
	if event.RawPath != "/prod/orders" || event.RequestContext.HTTP.Path != "/prod/orders" || event.RequestContext.Stage != "prod" || event.RouteKey != "POST /orders" {
		t.Errorf("event %+v", event)
	}
	request(g, "POST", "/else")
	if event.RouteKey != "$default" || event.RequestContext.RouteKey != "$default" {
		t.Errorf("event %+v", event)
	}
}

func TestARouteThatMayNotInvokeItsFunctionFails(t *testing.T) {
	g := staged(gateway.Stage{Refuse: func(r plan.Route) error {
		if r.Function == "post" {
			return errors.New("no permission")
		}
		return nil
	}}, name)
	if w := request(g, "POST", "/orders"); w.Code != 500 || w.Body.String() != `{"message":"Internal Server Error"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := request(g, "GET", "/orders/1"); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestARouteWaitsAsLongAsItsIntegrationSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := staged(gateway.Stage{Timeout: func(plan.Route) time.Duration { return 5 * time.Second }}, func(context.Context, string, []byte) (lambda.Result, error) {
			time.Sleep(6 * time.Second)
			return lambda.Result{Payload: []byte(`{}`)}, nil
		})
		began := time.Now()
		if w := request(g, "POST", "/orders"); w.Code != 503 || time.Since(began) != 5*time.Second {
			t.Errorf("%d after %v", w.Code, time.Since(began))
		}
		g.Wait()
	})
}

func TestARouteTakesABurstAndThenItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := staged(gateway.Stage{Rate: 2, Burst: 3}, name)
		codes := func(n int, path string) (out []int) {
			for range n {
				out = append(out, request(g, "POST", path).Code)
			}
			return out
		}
		if diff := cmp.Diff([]int{200, 200, 200, 429}, codes(4, "/orders")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]int{200}, codes(1, "/else")); diff != "" {
			t.Errorf("another route: %s", diff)
		}
		time.Sleep(time.Second)
		if diff := cmp.Diff([]int{200, 200, 429}, codes(3, "/orders")); diff != "" {
			t.Error(diff)
		}
		if body := request(g, "POST", "/orders").Body.String(); body != `{"message":"Too Many Requests"}` {
			t.Errorf("refused with %s", body)
		}
	})
}

func TestTheGatewayAnswersForCORS(t *testing.T) {
	g := staged(gateway.Stage{CORS: &cors.Policy{
		Origins: []string{"https://shop.example"}, Methods: []string{"POST", "GET"}, Headers: []string{"content-type"}, MaxAge: new(time.Minute),
	}}, func(context.Context, string, []byte) (lambda.Result, error) {
		return lambda.Result{Payload: []byte(`{"statusCode":200,"headers":{"access-control-allow-origin":"*","x-own":"1"}}`)}, nil
	})
	ask := []string{"Access-Control-Request-Method", "POST", "Origin"}
	allowed := request(g, "OPTIONS", "/orders", append(ask, "https://shop.example")...)
	want := map[string]string{
		"Access-Control-Allow-Origin": "https://shop.example", "Access-Control-Allow-Methods": "POST,GET",
		"Access-Control-Allow-Headers": "content-type", "Access-Control-Max-Age": "60",
	}
	for header, value := range want {
		if got := allowed.Header().Get(header); allowed.Code != 204 || got != value {
			t.Errorf("preflight: %d with %s: %q, want %q", allowed.Code, header, got, value)
		}
	}
	other := request(g, "OPTIONS", "/orders", append(ask, "https://evil.example")...)
	if other.Code != 204 || other.Header().Get("Access-Control-Allow-Origin") != "" || other.Header().Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("another origin: %d %v", other.Code, other.Header())
	}
	answer := request(g, "POST", "/orders", "Origin", "https://shop.example").Header()
	if answer.Get("Access-Control-Allow-Origin") != "https://shop.example" || answer.Get("X-Own") != "1" {
		t.Errorf("answer %v", answer)
	}
	if got := request(g, "POST", "/orders").Header().Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("without an origin: %q", got)
	}
}
