package gateway_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/gateway"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/plan"
)

// serveAll has an API answer r whose every path goes to one function.
func serveAll(f functions, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	gateway.New(gateway.Options{
		API:     plan.API{Name: "all", Routes: []plan.Route{{Method: r.Method, Path: "/{all+}", Function: "all"}}},
		Invoker: f,
	}).ServeHTTP(w, r)
	return w
}

func TestWhatAFunctionAnswersIsReadByTheRulesOfPayload2(t *testing.T) {
	const text, js = "text/plain; charset=utf-8", "application/json"
	tests := []struct {
		name, payload string
		status        int
		contentType   string
		body          string
	}{
		{"object without statusCode", `{"id":1}`, 200, js, `{"id":1}`},
		{"headers without statusCode are body", `{"headers":{"content-type":"text/html"},"body":"x"}`, 200, js, `{"headers":{"content-type":"text/html"},"body":"x"}`},
		{"statuscode in other letters", `{"StatusCode":404}`, 200, js, `{"StatusCode":404}`},
		{"list", `[1, 2]`, 200, js, `[1, 2]`},
		{"number", `7`, 200, js, `7`},
		{"string", `"caf\u00e9 \"x\""`, 200, js, "caf\u00e9 \"x\""},
		{"string with space", " \"x\"\n", 200, js, "x"},
		{"null", `null`, 200, js, `null`},
		{"nothing", ``, 200, js, ``},
		{"not JSON", `{"name": "John`, 200, js, `{"name": "John`},
		{"not JSON string", `"open`, 200, js, `"open`},

		{"status only", `{"statusCode":202}`, 202, text, ""},
		{"status in quotes", `{"statusCode":"201","body":"x"}`, 201, text, "x"},
		{"body", `{"statusCode":200,"body":"{\"a\":1}"}`, 200, text, `{"a":1}`},
		{"content type", `{"statusCode":200,"headers":{"content-type":"text/html"},"body":"<p>"}`, 200, "text/html", "<p>"},
		{"base64", `{"statusCode":200,"body":"aGVsbG8=","isBase64Encoded":true}`, 200, text, "hello"},
		{"nulls", `{"statusCode":200,"headers":null,"cookies":null,"body":null,"isBase64Encoded":null}`, 200, text, ""},
		{"unknown keys", `{"statusCode":200,"multiValueHeaders":{"a":["b"]},"more":1}`, 200, text, ""},
		{"no content", `{"statusCode":204,"body":"ignored"}`, 204, "", ""},
		{"not modified", `{"statusCode":304}`, 304, "", ""},
		{"redirect", `{"statusCode":302,"headers":{"location":"/x"}}`, 302, text, ""},
		{"error status", `{"statusCode":500,"body":"mine"}`, 500, text, "mine"},
	}
	for _, payload := range []string{
		`{"statusCode":null}`, `{"statusCode":"ok"}`, `{"statusCode":{}}`, `{"statusCode":0}`, `{"statusCode":100}`,
		`{"statusCode":199}`, `{"statusCode":600}`, `{"statusCode":-200}`, `{"statusCode":20.5}`, `{"statusCode":true}`,
		`{"statusCode":99999999999999999999}`,
		`{"statusCode":200,"body":{"a":1}}`, `{"statusCode":200,"body":7}`, `{"statusCode":200,"body":["a"]}`,
		`{"statusCode":200,"headers":[]}`, `{"statusCode":200,"headers":"x"}`, `{"statusCode":200,"headers":{"a":["b"]}}`,
		`{"statusCode":200,"headers":{"a":{"b":1}}}`,
		`{"statusCode":200,"cookies":"a=1"}`, `{"statusCode":200,"cookies":[1]}`,
		`{"statusCode":200,"isBase64Encoded":"true","body":"aGVsbG8="}`,
		`{"statusCode":200,"isBase64Encoded":true,"body":"not base64!"}`,
	} {
		tests = append(tests, struct {
			name, payload string
			status        int
			contentType   string
			body          string
		}{"invalid " + payload, payload, 500, js, `{"message":"Internal Server Error"}`})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w, _ := serve(t, answering(test.payload), post("{}"))
			if w.Code != test.status || w.Body.String() != test.body || w.Header().Get("Content-Type") != test.contentType {
				t.Errorf("got %d %q %s, want %d %q %s", w.Code, w.Header().Get("Content-Type"), w.Body, test.status, test.contentType, test.body)
			}
		})
	}
}

func TestHeadersAndCookiesOfAnAnswer(t *testing.T) {
	for range 20 { // the order of a map must not show
		headersAndCookies(t)
	}
}

func headersAndCookies(t *testing.T) {
	t.Helper()
	w, _ := serve(t, answering(`{"statusCode":200,"body":"four",
		"cookies":["a=1; Path=/","b=2"],
		"headers":{"set-cookie":"c=3","x-text":"t","x-number":1234567,"x-true":true,"x-null":null,
			"apigw-requestid":"mine","content-length":"9000","Transfer-Encoding":"chunked","connection":"close","Trailer:X":"t",
			"X-Twice":"upper","x-twice":"lower"}}`), post("{}"))
	h := w.Header()
	if id := h.Get("apigw-requestid"); len(id) != 16 || id == "mine" {
		t.Errorf("apigw-requestid %q", id)
	}
	h.Del("apigw-requestid")
	want := http.Header{
		"Content-Length": {"4"},
		"Content-Type":   {"text/plain; charset=utf-8"},
		"Set-Cookie":     {"c=3", "a=1; Path=/", "b=2"},
		"X-Text":         {"t"},
		"X-Number":       {"1234567"},
		"X-True":         {"true"},
		"X-Twice":        {"lower"},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

// Whatever a function answers, the client gets one whole response.
func FuzzResponse(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `"x"`, `{}`, `{"statusCode":204,"body":"x"}`, `{"statusCode":"200","headers":{"a":1,"":"x","a b":"\r\n"}}`,
		`{"statusCode":200,"cookies":["a\nb"],"isBase64Encoded":true,"body":"aGVsbG8="}`, `{"statusCode":1e2}`, "{\"statusCode\":200}\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		w := serveAll(func(context.Context, string, []byte) (lambda.Result, error) {
			return lambda.Result{Payload: payload}, nil
		}, httptest.NewRequest(http.MethodGet, "/x", nil))
		if w.Code < 200 || w.Code > 599 || len(w.Header().Get("apigw-requestid")) != 16 {
			t.Errorf("status %d with %v", w.Code, w.Header())
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(payload, &object) != nil && w.Code != 200 {
			t.Errorf("status %d for %q", w.Code, payload)
		}
		if _, found := object["statusCode"]; !found && w.Code != 200 {
			t.Errorf("status %d for %q", w.Code, payload)
		}
	})
}

func TestAnAnswerArrivesWholeOverARealConnection(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	server := httptest.NewServer(gateway.NewServer(gateway.New(gateway.Options{
		API: orders,
		Invoker: functions(func(_ context.Context, _ string, payload []byte) (lambda.Result, error) {
			answer, err := json.Marshal(map[string]any{
				"statusCode": 200, "body": long,
				"headers": map[string]string{"bad name": "x", "x-bad-value": "a\r\nInjected: yes", "x-correlation-id": "c"},
			})
			return lambda.Result{Payload: answer}, err
		}),
	})).Handler)
	defer server.Close()
	resp, err := server.Client().Post(server.URL+"/orders", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body strings.Builder
	if err := resp.Write(&body); err != nil {
		t.Fatal(err)
	}
	if resp.ContentLength != int64(len(long)) || !strings.HasSuffix(body.String(), "\r\n\r\n"+long) {
		t.Errorf("content length %d, want %d", resp.ContentLength, len(long))
	}
	if resp.Header.Get("Injected") != "" || resp.Header.Get("x-correlation-id") != "c" {
		t.Errorf("headers %v", resp.Header)
	}
}
