package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/cors"
	"github.com/less-go/less/internal/gateway"
)

// from is a request of a page of origin, and a preflight where it asks for a method.
func from(origin, method, path, asks string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	if asks != "" {
		r.Header.Set("Access-Control-Request-Method", asks)
	}
	return r
}

func TestAnAPIWithOriginsAnswersPreflightsItself(t *testing.T) {
	const page = "https://shop.example"
	api := orders
	api.CORS = &cors.Policy{Origins: []string{page}, Methods: []string{"GET", "OPTIONS", "POST"}, Headers: []string{"content-type"}, MaxAge: new(time.Hour)}
	function := answering(`{"statusCode":200,"headers":{"access-control-allow-origin":"*","access-control-allow-credentials":"true","x-own":"1"},"body":"done"}`)
	for name, test := range map[string]struct {
		request *http.Request
		status  int
		want    map[string]string // "" is none
	}{
		"preflight": {from(page, "OPTIONS", "/orders", "POST"), 204, map[string]string{
			"Access-Control-Allow-Origin": page, "Access-Control-Allow-Methods": "GET,OPTIONS,POST",
			"Access-Control-Allow-Headers": "content-type", "Access-Control-Max-Age": "3600", "Content-Type": "", "Content-Length": "",
		}},
		"preflight of no route":       {from(page, "OPTIONS", "/nowhere", "POST"), 204, map[string]string{"Access-Control-Allow-Origin": page}},
		"preflight of another origin": {from("https://evil.example", "OPTIONS", "/orders", "POST"), 204, map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Methods": ""}},
		"no preflight":                {from(page, "OPTIONS", "/orders", ""), 404, map[string]string{"Access-Control-Allow-Methods": ""}},
		"request": {from(page, "POST", "/orders", ""), 200, map[string]string{
			"Access-Control-Allow-Origin": page, "Access-Control-Allow-Credentials": "", "Access-Control-Allow-Methods": "", "X-Own": "1",
		}},
		"request of another origin": {from("https://evil.example", "POST", "/orders", ""), 200, map[string]string{"Access-Control-Allow-Origin": "", "X-Own": "1"}},
		"request of no page":        {from("", "POST", "/orders", ""), 200, map[string]string{"Access-Control-Allow-Origin": "", "X-Own": "1"}},
		"not found":                 {from(page, "GET", "/nowhere", ""), 404, map[string]string{"Access-Control-Allow-Origin": page}},
	} {
		t.Run(name, func(t *testing.T) {
			var told activitytest.Journal
			w := httptest.NewRecorder()
			gateway.New(gateway.Options{API: api, Invoker: function, Sink: told.Record}).ServeHTTP(w, test.request)
			if w.Code != test.status || w.Header().Get("Apigw-Requestid") == "" {
				t.Errorf("status %d, headers %v", w.Code, w.Header())
			}
			for header, want := range test.want {
				if got := w.Header().Get(header); got != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
			if events := told.Of(activity.Request); len(events) != 1 || events[0].Status != test.status {
				t.Errorf("told as %+v", events)
			}
		})
	}
}

func TestAnAPIWithoutOriginsLeavesThemToItsFunctions(t *testing.T) {
	w, _ := serve(t, answering(`{"statusCode":200,"headers":{"access-control-allow-origin":"*"}}`), from("https://a.example", "POST", "/orders", ""))
	if got := w.Header().Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("the function's header is %q", got)
	}
	w, _ = serve(t, answering(`{}`), from("https://a.example", "OPTIONS", "/orders", "POST"))
	if diff := cmp.Diff(`{"message":"Not Found"}`, w.Body.String()); w.Code != 404 || diff != "" {
		t.Errorf("a preflight is answered %d %s", w.Code, w.Body)
	}
}
