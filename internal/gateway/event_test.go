package gateway_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/less-go/less/internal/lambda"
)

func TestAnEventIsAWSs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // for the time, which is 2000-01-01 in the bubble
		r := httptest.NewRequest(http.MethodPost, "http://orders.localhost:3333/orders?a=1&b=%20x&a=2", strings.NewReader(`{"x":"<&>"}`))
		r.RemoteAddr = "127.0.0.1:50000"
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		r.Header.Set("User-Agent", "curl/8.5.0")
		r.Header["X-Many"] = []string{"one", "two, three"}
		r.Header["Cookie"] = []string{"a=1; b=2", "c=3"}
		r.Header.Set("X-Amzn-Trace-Id", "Root=1-00000000-abc")

		var payload string
		w, _ := serve(t, func(_ context.Context, _ string, p []byte) (lambda.Result, error) {
			payload = string(p)
			return lambda.Result{}, nil
		}, r)

		want := `{"version":"2.0","routeKey":"POST /orders","rawPath":"/orders","rawQueryString":"a=1&b=%20x&a=2",` +
			`"cookies":["a=1","b=2","c=3"],` +
			`"headers":{"content-length":"11","content-type":"application/json; charset=utf-8","host":"orders.localhost:3333",` +
			`"user-agent":"curl/8.5.0","x-amzn-trace-id":"Root=1-00000000-abc","x-forwarded-for":"127.0.0.1","x-forwarded-port":"3333",` +
			`"x-forwarded-proto":"http","x-many":"one,two, three"},` +
			`"queryStringParameters":{"a":"1,2","b":" x"},` +
			`"requestContext":{"accountId":"000000000000","apiId":"orders","domainName":"orders.localhost","domainPrefix":"orders",` +
			`"http":{"method":"POST","path":"/orders","protocol":"HTTP/1.1","sourceIp":"127.0.0.1","userAgent":"curl/8.5.0"},` +
			`"requestId":"` + w.Header().Get("apigw-requestid") + `","routeKey":"POST /orders","stage":"$default",` +
			`"time":"01/Jan/2000:00:00:00 +0000","timeEpoch":946684800000},` +
			`"body":"{\"x\":\"<&>\"}","isBase64Encoded":false}`
		if payload != want {
			t.Errorf("got  %s\nwant %s", payload, want)
		}
	})
}

func TestWhatARequestDoesNotHaveIsLeftOut(t *testing.T) {
	var payload []byte
	r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	r.Header.Del("User-Agent")
	serve(t, func(_ context.Context, _ string, p []byte) (lambda.Result, error) {
		payload = p
		return lambda.Result{}, nil
	}, r)
	want := []string{"headers", "isBase64Encoded", "pathParameters", "rawPath", "rawQueryString", "requestContext", "routeKey", "version"}
	if diff := cmp.Diff(want, keys(t, payload)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if bytes.Contains(payload, []byte("null")) {
		t.Errorf("something is null: %s", payload)
	}
	e := received(t, httptest.NewRequest(http.MethodGet, "/orders/7", nil))
	if e.Headers["content-length"] != "0" {
		t.Errorf("content-length %q", e.Headers["content-length"])
	}
	if !regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$`).MatchString(e.Headers["x-amzn-trace-id"]) {
		t.Errorf("trace %q", e.Headers["x-amzn-trace-id"])
	}
}

func TestOnlyTextIsPassedOnAsText(t *testing.T) {
	tests := map[string]bool{ // content type -> base64
		"text/plain":                      false,
		"text/html; charset=iso-8859-1":   false,
		"TEXT/CSV":                        false,
		"application/json":                false,
		" Application/JSON ;charset=utf8": false,
		"application/xml":                 false,
		"application/javascript":          false,

		"":                                  true,
		"application/x-www-form-urlencoded": true,
		"multipart/form-data; boundary=b":   true,
		"application/octet-stream":          true,
		"application/problem+json":          true,
		"image/svg+xml":                     true,
		"application/jsonp":                 true,
		"text":                              true,
		"nonsense":                          true,
	}
	for contentType, encoded := range tests {
		r := post(`{"a":1}`)
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		e := received(t, r)
		want := `{"a":1}`
		if encoded {
			want = base64.StdEncoding.EncodeToString([]byte(want))
		}
		if e.IsBase64Encoded != encoded || e.Body != want {
			t.Errorf("%q: isBase64Encoded %v, body %s", contentType, e.IsBase64Encoded, e.Body)
		}
	}
}

func TestQueryParametersAreDecodedAndJoined(t *testing.T) {
	tests := map[string]map[string]string{
		"":                  nil,
		"&&":                nil,
		"a":                 {"a": ""},
		"a=":                {"a": ""},
		"=b":                {"": "b"},
		"a=1&a=2&a=":        {"a": "1,2,"},
		"a=x+y%2Bz":         {"a": "x y+z"},
		"a%5B%5D=1&a[]=2":   {"a[]": "1,2"},
		"a=b=c":             {"a": "b=c"},
		"a=%zz":             {"a": "%zz"},
		"a=1;b=2":           {"a": "1;b=2"},
		"q=caf%C3%A9&Q=big": {"q": "caf\u00e9", "Q": "big"},
	}
	for raw, want := range tests {
		r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
		r.URL.RawQuery = raw
		e := received(t, r)
		if diff := cmp.Diff(want, e.QueryStringParameters, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", raw, diff)
		}
		if e.RawQueryString != raw {
			t.Errorf("raw query string %q, want %q", e.RawQueryString, raw)
		}
	}
}

func TestAddressesAndHosts(t *testing.T) {
	tests := []struct {
		host, remote, forwarded                string
		domain, prefix, port, source, passedOn string
	}{
		{"localhost:3333", "127.0.0.1:5", "", "localhost", "localhost", "3333", "127.0.0.1", "127.0.0.1"},
		{"localhost", "[::1]:5", "", "localhost", "localhost", "80", "::1", "::1"},
		{"[::1]:3333", "[::1]:5", "10.0.0.1", "::1", "::1", "3333", "::1", "10.0.0.1, ::1"},
		{"[::1]", "pipe", "", "::1", "::1", "80", "pipe", "pipe"},
	}
	for _, test := range tests {
		r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
		r.Host, r.RemoteAddr = test.host, test.remote
		if test.forwarded != "" {
			r.Header.Set("X-Forwarded-For", test.forwarded)
		}
		e := received(t, r)
		got := test
		got.domain, got.prefix = e.RequestContext.DomainName, e.RequestContext.DomainPrefix
		got.source = e.RequestContext.HTTP.SourceIP
		got.port, got.passedOn = e.Headers["x-forwarded-port"], e.Headers["x-forwarded-for"]
		if got != test || e.Headers["host"] != test.host {
			t.Errorf("got %+v with host %q, want %+v", got, e.Headers["host"], test)
		}
	}
}

// Whatever is sent, the function gets one valid event of it that says the same.
func FuzzEvent(f *testing.F) {
	f.Add("/orders/7", "a=1&a=2", "X-Any", "value", "application/json", []byte(`{"a":1}`))
	f.Add("/orders/a%2Fb%3f", "%zz&=&;", "cookie", "a=1;; b", "", []byte{0xff, 0x00})
	f.Add("//", "", "", "", "text/plain", []byte("\xff\u2028<"))
	f.Fuzz(func(t *testing.T, path, rawQuery, name, value, contentType string, body []byte) {
		u, err := url.Parse("http://localhost" + path)
		if err != nil || u.Host != "localhost" {
			t.Skip()
		}
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = u.Path, u.RawPath, rawQuery
		r.Header.Set(name, value)
		r.Header.Set("Content-Type", contentType)
		var payload []byte
		everything := functions(func(_ context.Context, _ string, p []byte) (lambda.Result, error) {
			payload = p
			return lambda.Result{Payload: []byte("{}")}, nil
		})
		w := serveAll(everything, r)
		cut, _, _ := strings.Cut(u.Path, "?")
		root := strings.TrimPrefix(cut, "/") == ""
		switch {
		case w.Code == 404 && root, w.Code == 431 && len(value)+len(rawQuery)+len(contentType) > 10_000:
			return
		case w.Code != 200 || root:
			t.Fatalf("%q: status %d", u.Path, w.Code)
		}
		var e events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(payload, &e); err != nil {
			t.Fatalf("%v: %s", err, payload)
		}
		got := []byte(e.Body)
		if e.IsBase64Encoded {
			if got, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
				t.Fatal(err)
			}
		}
		if (e.IsBase64Encoded || utf8.Valid(body)) && !bytes.Equal(got, body) {
			t.Errorf("body %q, sent %q", got, body)
		}
		for name := range e.Headers {
			if name != strings.ToLower(name) {
				t.Errorf("header %q is not in lower case", name)
			}
		}
		if utf8.ValidString(e.RawPath) && "/"+e.PathParameters["all"] != "/"+strings.TrimPrefix(e.RawPath, "/") {
			t.Errorf("path %q with the parameter %q", e.RawPath, e.PathParameters["all"])
		}
	})
}
