package gateway_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/less-go/less/internal/gateway"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/plan"
)

func TestTheMostSpecificRouteIsTaken(t *testing.T) {
	// In an order that would be wrong if it mattered.
	table := []string{
		"GET /{proxy+}",
		"GET /pets/{proxy+}",
		"GET /{kind}/dog/{id}",
		"GET /pets/{kind}/{id}",
		"GET /pets/dog/{id}",
		"GET /pets/dog/1",
		"GET /a/{x+}",
		"GET /{x}/b",
		"GET /",
		"POST /pets/dog/{id}",
		"HEAD /pets/dog/1",
		"GET /caf\u00e9/{na me}",
		"PUT /only/{id}",
		"DELETE /{all+}",
	}
	tests := []struct {
		request string
		route   string // "" is 404
		params  map[string]string
	}{
		{"GET /", "GET /", nil},
		{"GET /pets/dog/1", "GET /pets/dog/1", nil},
		{"GET /pets/dog/2", "GET /pets/dog/{id}", map[string]string{"id": "2"}},
		{"GET /pets/cat/2", "GET /pets/{kind}/{id}", map[string]string{"kind": "cat", "id": "2"}},
		{"GET /zoo/dog/2", "GET /{kind}/dog/{id}", map[string]string{"kind": "zoo", "id": "2"}},
		{"GET /pets/cat", "GET /pets/{proxy+}", map[string]string{"proxy": "cat"}},
		{"GET /pets/cat/2/tail", "GET /pets/{proxy+}", map[string]string{"proxy": "cat/2/tail"}},
		{"GET /pets", "GET /{proxy+}", map[string]string{"proxy": "pets"}},
		{"GET /fish/x/y/z", "GET /{proxy+}", map[string]string{"proxy": "fish/x/y/z"}},
		{"GET /a/b", "GET /{x}/b", map[string]string{"x": "a"}}, // full before greedy
		// The method decides first.
		{"POST /pets/dog/1", "POST /pets/dog/{id}", map[string]string{"id": "1"}},
		{"HEAD /pets/dog/1", "HEAD /pets/dog/1", nil},
		{"HEAD /pets/dog/2", "", nil},
		{"PATCH /pets/dog/1", "", nil},
		{"OPTIONS /pets/dog/1", "", nil},
		{"get /pets/dog/1", "", nil},
		// A greedy parameter takes what is below, and the root is not.
		{"DELETE /a/", "DELETE /{all+}", map[string]string{"all": "a/"}},
		{"DELETE /", "", nil},
		// A trailing slash makes another path.
		{"PUT /only/1", "PUT /only/{id}", map[string]string{"id": "1"}},
		{"PUT /only/1/", "", nil},
		{"PUT /only/", "", nil},
		{"PUT /only", "", nil},
		{"PUT //only/1", "", nil},
		{"PUT /Only/1", "", nil},
		{"GET /pets/", "GET /pets/{proxy+}", map[string]string{"proxy": ""}},
		// Paths are decoded before they are matched, slashes included.
		{"PUT /only/a%20b%2B+%25", "PUT /only/{id}", map[string]string{"id": "a b++%"}},
		{"PUT /%6fnly/1", "PUT /only/{id}", map[string]string{"id": "1"}},
		{"PUT /only%2F1", "PUT /only/{id}", map[string]string{"id": "1"}},
		{"PUT /only/a%2Fb", "", nil},
		{"GET /caf%C3%A9/x", "GET /caf\u00e9/{na me}", map[string]string{"na me": "x"}},
		{"PUT /only/..", "PUT /only/{id}", map[string]string{"id": ".."}},
		// AWS cuts at a hidden question mark.
		{"PUT /only/a%3Fb=c", "PUT /only/{id}", map[string]string{"id": "a"}},
	}
	for _, test := range tests {
		var got, function string
		var params map[string]string
		api := plan.API{Name: "zoo"}
		for _, key := range table {
			method, path := cut(key)
			api.Routes = append(api.Routes, plan.Route{Method: method, Path: path, Function: "function of " + key})
		}
		g := gateway.New(gateway.Options{API: api, Invoker: functions(
			func(_ context.Context, f string, payload []byte) (lambda.Result, error) {
				var e events.APIGatewayV2HTTPRequest
				if err := json.Unmarshal(payload, &e); err != nil {
					t.Error(err)
				}
				got, function, params = e.RouteKey, f, e.PathParameters
				if e.RequestContext.RouteKey != got {
					t.Errorf("%s: route key %q in the context, %q outside", test.request, e.RequestContext.RouteKey, got)
				}
				return lambda.Result{}, nil
			})})
		method, path := cut(test.request)
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest(method, path, nil))

		wantStatus, wantFunction := 200, "function of "+test.route
		if test.route == "" {
			wantStatus, wantFunction = 404, ""
		}
		if got != test.route || function != wantFunction || w.Code != wantStatus {
			t.Errorf("%s: status %d, route %q, want %q", test.request, w.Code, got, test.route)
		}
		if diff := cmp.Diff(test.params, params, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: parameters (-want +got):\n%s", test.request, diff)
		}
	}
}

func cut(key string) (method, path string) {
	for i := range key {
		if key[i] == ' ' {
			return key[:i], key[i+1:]
		}
	}
	return key, ""
}

func TestAnAPIWithoutRoutesFindsNothing(t *testing.T) {
	g := gateway.New(gateway.Options{API: plan.API{Name: "empty"}, Invoker: answering("")})
	for _, target := range []string{"/", "/a", "*", "http://other.localhost/a"} {
		r := httptest.NewRequest("OPTIONS", "/", nil)
		r.URL.Path, r.RequestURI = target, target
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		if w.Code != 404 {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

// keys returns the sorted keys of an encoded object.
func keys(t *testing.T, raw json.RawMessage) []string {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(m))
}
