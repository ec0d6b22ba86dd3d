package less_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less"
)

const postItems = "apis/orders/orders/by_order_id/items/post"

func readEvent(t *testing.T, name string) []byte {
	t.Helper()
	payload, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// answer is what API Gateway reads, of both payload versions.
type answer struct {
	StatusCode        int
	Headers           map[string]string
	MultiValueHeaders map[string][]string
	Cookies           []string
	Body              string
	IsBase64Encoded   bool
}

// call runs a route with h and returns its answer.
func call(t *testing.T, ctx context.Context, h http.Handler, payload []byte) answer {
	t.Helper()
	var a answer
	if err := json.Unmarshal([]byte(invoke(t, ctx, less.RouteFunction(postItems, h), payload)), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// get is a minimal event of an HTTP API; headers are added to it.
func get(headers string) []byte {
	return fmt.Appendf(nil, `{"version":"2.0","routeKey":"GET /orders","rawPath":"/orders","headers":{%s},
		"requestContext":{"requestId":"api-1","http":{"method":"GET","sourceIp":"192.0.2.1"}}}`, headers)
}

// The same request gives the same http.Request, whichever way it comes.
func TestARouteSeesTheRequest(t *testing.T) {
	for _, name := range []string{"http-api-2.0.json", "http-api-1.0.json", "rest-api.json"} {
		t.Run(name, func(t *testing.T) {
			ctx, _, _ := invocation(t)
			h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				session, err := r.Cookie("session")
				if err != nil {
					t.Fatal(err)
				}
				got := map[string]string{
					"method": r.Method, "path": r.URL.Path, "raw path": r.URL.EscapedPath(), "pattern": r.Pattern,
					"path value": r.PathValue("order_id"), "host": r.Host, "host header": r.Header.Get("Host"),
					"query": fmt.Sprint(r.URL.Query()), "remote": r.RemoteAddr, "session": session.Value,
					"body": string(body), "length": fmt.Sprint(r.ContentLength), "type": r.Header.Get("content-type"),
					"list": strings.Join(r.Header.Values("X-List"), ","),
				}
				want := map[string]string{
					"method": "POST", "path": "/orders/a b/items", "raw path": "/orders/a%20b/items",
					"pattern": "POST /orders/{order_id}/items", "path value": "a b",
					"host": "abc123.execute-api.eu-west-1.amazonaws.com", "host header": "",
					"query": "map[empty:[] tag:[x y/z]]", "remote": "192.0.2.1:0", "session": "1",
					"body": `{"items":["cachupa"]}`, "length": "21", "type": "application/json", "list": "a,b",
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				request := less.RequestFrom(r.Context())
				request.Header = nil
				if diff := cmp.Diff(less.Request{
					ID: "JKJaXmPLvHcESHA=", Method: "POST", Path: "/orders/a b/items", Route: "/orders/{order_id}/items",
					SourceIP: "192.0.2.1", CorrelationID: "client-7",
				}, request); diff != "" {
					t.Error(diff)
				}
			})
			if got := call(t, ctx, h, readEvent(t, name)); got.StatusCode != 200 {
				t.Errorf("answered %+v", got)
			}
		})
	}
}

func TestAnAnswerHasTheFormOfItsRequest(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Add("X-List", "a")
		w.Header().Add("X-List", "b")
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-Late", "1")
		_, _ = io.WriteString(w, "hello")
	})
	v1 := answer{
		StatusCode: 418,
		MultiValueHeaders: map[string][]string{
			"Content-Type": {"text/plain"}, "X-List": {"a", "b"}, "Set-Cookie": {"session=1", "theme=dark"},
			"X-Correlation-Id": {"client-7"},
		},
		Body: "hello",
	}
	for name, want := range map[string]answer{
		"http-api-2.0.json": {
			StatusCode: 418,
			Headers:    map[string]string{"Content-Type": "text/plain", "X-List": "a, b", "X-Correlation-Id": "client-7"},
			Cookies:    []string{"session=1", "theme=dark"},
			Body:       "hello",
		},
		"http-api-1.0.json": v1,
		"rest-api.json":     v1,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, _, _ := invocation(t)
			if diff := cmp.Diff(want, call(t, ctx, h, readEvent(t, name))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestABodyIsTextOnlyWhereTextCarriesIt(t *testing.T) {
	for body, want := range map[string]answer{
		"":                {Body: ""},
		"olá, \x00 <b>":   {Body: "olá, \x00 <b>"},
		"\x89PNG\r\n\x1a": {Body: "iVBORw0KGg==", IsBase64Encoded: true},
		"ol\xe1":          {Body: "b2zh", IsBase64Encoded: true},
	} {
		ctx, _, _ := invocation(t)
		got := call(t, ctx, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, body)
		}), get(""))
		if got.Body != want.Body || got.IsBase64Encoded != want.IsBase64Encoded {
			t.Errorf("%q: answered %+v", body, got)
		}
	}
}

func TestAContentTypeIsDetected(t *testing.T) {
	ctx, _, _ := invocation(t)
	got := call(t, ctx, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html>")
	}), get(""))
	if got.Headers["Content-Type"] != "text/html; charset=utf-8" {
		t.Errorf("answered %+v", got)
	}
}

func TestAPanicIsAnswered500(t *testing.T) {
	ctx, _, log := invocation(t)
	got := call(t, ctx, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Half", "done")
		_, _ = io.WriteString(w, "half an ans")
		panic("broken")
	}), get(`"x-correlation-id":"client-7"`))
	want := answer{
		StatusCode: 500,
		Headers:    map[string]string{"Content-Type": "application/json", "X-Correlation-Id": "client-7"},
		Body:       `{"message":"Internal Server Error"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(log.String(), "route_test.go") {
		t.Errorf("the stack is not logged: %s", log)
	}
	ofRequest := map[string]any{
		"function": postItems, "correlation_id": "client-7", "request_id": "invocation-1", "api_request_id": "api-1",
	}
	if diff := cmp.Diff([]map[string]any{
		with(with(with(ofRequest, "level", "ERROR"), "msg", "request failed: the handler panicked"), "panic", "broken"),
		with(with(with(with(ofRequest, "level", "INFO"), "msg", "request answered"), "outcome", "failed"), "status", 500.0),
	}, log.lines(t)); diff != "" {
		t.Error(diff)
	}
}

func TestEveryAnswerHasACorrelationID(t *testing.T) {
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for header, keep := range map[string]bool{
		"0193b2f0-7c3d-7e8a-9c55-aabbccddeeff": true,
		"order:17/a.b_c+d=e@f":                 true,
		strings.Repeat("x", 128):               true,
		"":                                     false,
		"two words":                            false,
		"new\\nline":                           false,
		"ol\u00e1":                             false,
		strings.Repeat("x", 129):               false,
	} {
		ctx, _, _ := invocation(t)
		got := call(t, ctx, nothing, get(`"x-correlation-id":"`+header+`"`)).Headers["X-Correlation-Id"]
		if got == "" || (got == header) != keep {
			t.Errorf("sent %q, answered %q", header, got)
		}
	}
}

func TestWhatARoutePublishesHasItsCorrelationAndTrace(t *testing.T) {
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ctx, cloud, _ := invocation(t)
	call(t, ctx, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := placed.Publish(r.Context(), order{}); err != nil {
			t.Error(err)
		}
	}), get(`"x-correlation-id":"client-7","traceparent":"`+trace+`"`))
	got := cloud.published[0].Attributes
	if got["ce-correlationid"] != "client-7" || got["traceparent"] != trace || got["ce-source"] != "/"+postItems {
		t.Errorf("published %v", got)
	}
	if cause, found := got["ce-causationid"]; found {
		t.Errorf("the event has the cause %q, but no event caused it", cause)
	}
}

func TestTheContextOfARouteEndsInTimeToAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, _, _ := invocation(t)
		ctx, cancel := context.WithTimeout(ctx, 29*time.Second)
		defer cancel()
		start := time.Now()
		got := call(t, ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			w.WriteHeader(http.StatusServiceUnavailable)
		}), get(""))
		if got.StatusCode != 503 || time.Since(start) != 28*time.Second {
			t.Errorf("answered %d after %v", got.StatusCode, time.Since(start))
		}
	})
}

func TestChainPutsTheFirstMiddlewareOutside(t *testing.T) {
	var order []string
	named := func(name string) less.Middleware {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				order = append(order, name)
				next.ServeHTTP(w, r)
			})
		}
	}
	ctx, _, _ := invocation(t)
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { order = append(order, "handler") })
	call(t, ctx, less.Chain(handler, named("first"), named("second")), get(""))
	if diff := cmp.Diff([]string{"first", "second", "handler"}, order); diff != "" {
		t.Error(diff)
	}
}

func TestRequestFromElsewhereIsZero(t *testing.T) {
	if diff := cmp.Diff(less.Request{}, less.RequestFrom(t.Context())); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoRequestFailsTheInvocation(t *testing.T) {
	f := less.RouteFunction(postItems, http.NotFoundHandler())
	for payload, want := range map[string]string{
		`garbage`:           "read API Gateway event",
		`{"key1":"value1"}`: "no method or no path",
		`{"httpMethod":"GET","path":"/","body":"%","isBase64Encoded":true}`: "read the body",
	} {
		ctx, _, _ := invocation(t)
		if _, err := f.Invoke(ctx, []byte(payload)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", payload, err, want)
		}
	}
}
