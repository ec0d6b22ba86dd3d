package apievent_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/apievent"
)

// What both formats have in common is tested through package less.

func decode(t *testing.T, payload string) *apievent.Event {
	t.Helper()
	e, err := apievent.Decode([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestTheStageOfAnHTTPAPIIsNoPartOfThePath(t *testing.T) {
	for _, test := range []struct{ stage, rawPath, want string }{
		{"$default", "/orders", "/orders"},
		{"prod", "/prod/orders", "/orders"},
		{"prod", "/prod", "/"},
		{"prod", "/products", "/products"},
		{"prod", "/prod/prod", "/prod"},
		{"", "/orders", "/orders"},
	} {
		e := decode(t, fmt.Sprintf(`{"version":"2.0","rawPath":%q,"requestContext":{"stage":%q,"http":{"method":"GET"}}}`, test.rawPath, test.stage))
		if e.Path != test.want {
			t.Errorf("%s at stage %s is %s, want %s", test.rawPath, test.stage, e.Path, test.want)
		}
	}
}

func TestACatchAllHasNoRoute(t *testing.T) {
	for _, payload := range []string{
		`{"version":"2.0","routeKey":"$default","rawPath":"/x","requestContext":{"http":{"method":"GET"}}}`,
		`{"version":"1.0","resource":"$default","path":"/x","httpMethod":"GET"}`,
	} {
		e := decode(t, payload)
		if r := e.Request(t.Context()); e.Route != "" || r.Pattern != "" {
			t.Errorf("route %q, pattern %q", e.Route, r.Pattern)
		}
	}
}

// An HTTP API decodes the path before it makes the event, a REST API does not.
func TestAPathIsDecodedOnce(t *testing.T) {
	for name, payload := range map[string]string{
		"HTTP API, 2.0": `{"version":"2.0","rawPath":"/50%25 off?#","pathParameters":{"id":"50%25 off?#"},"requestContext":{"http":{"method":"GET"}}}`,
		"HTTP API, 1.0": `{"version":"1.0","path":"/50%25 off?#","pathParameters":{"id":"50%25 off?#"},"httpMethod":"GET"}`,
		"REST API":      `{"path":"/50%2525%20off%3F%23","pathParameters":{"id":"50%2525%20off%3F%23"},"httpMethod":"GET"}`,
	} {
		r := decode(t, payload).Request(t.Context())
		if r.URL.Path != "/50%25 off?#" || r.PathValue("id") != "50%25 off?#" || r.RequestURI != "/50%2525%20off%3F%23" {
			t.Errorf("%s: path %q, value %q, URI %q", name, r.URL.Path, r.PathValue("id"), r.RequestURI)
		}
	}
	e := decode(t, `{"path":"/100%","pathParameters":{"id":"100%"},"httpMethod":"GET"}`)
	if e.Path != "/100%" || e.PathValues["id"] != "100%" {
		t.Errorf("what is not encoded changes: %q, %q", e.Path, e.PathValues["id"])
	}
}

// People write test events with the single-valued maps alone.
func TestAHandWrittenEventNeedsNoMultiValueMaps(t *testing.T) {
	e := decode(t, `{"path":"orders","httpMethod":"GET","headers":{"x-a":"1"},"queryStringParameters":{"q":"a b"}}`)
	if e.Path != "/orders" || e.Header.Get("X-A") != "1" || e.Query != "q=a+b" {
		t.Errorf("got %+v", e)
	}
}

func TestARequestWithoutABodyHasNone(t *testing.T) {
	for _, body := range []string{``, `,"body":null`, `,"body":""`} {
		r := decode(t, `{"path":"/","httpMethod":"GET"`+body+`}`).Request(t.Context())
		if r.Body != http.NoBody || r.ContentLength != 0 {
			t.Errorf("%q: body %v of length %d", body, r.Body, r.ContentLength)
		}
	}
}

func TestAWriterKeepsNetHTTPsRules(t *testing.T) {
	encode := func(write func(http.ResponseWriter)) (got map[string]any) {
		var w apievent.Writer
		write(&w)
		data, err := w.Encode(apievent.V2)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		return got
	}
	plain := map[string]any{"Content-Type": "text/plain; charset=utf-8"}
	for name, test := range map[string]struct {
		write func(http.ResponseWriter)
		want  map[string]any
	}{
		"nothing is 200": {func(http.ResponseWriter) {}, map[string]any{"statusCode": 200.0, "body": "", "isBase64Encoded": false}},
		"a body is 200": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "a")
			w.WriteHeader(404)
		}, map[string]any{"statusCode": 200.0, "headers": plain, "body": "a", "isBase64Encoded": false}},
		"the first status counts": {func(w http.ResponseWriter) {
			w.WriteHeader(100)
			w.WriteHeader(201)
			w.WriteHeader(500)
		}, map[string]any{"statusCode": 201.0, "body": "", "isBase64Encoded": false}},
		"204 has no body": {func(w http.ResponseWriter) {
			w.WriteHeader(204)
			if _, err := io.WriteString(w, "a"); err != http.ErrBodyNotAllowed { //nolint:errorlint // net/http returns it bare
				t.Errorf("writing gives %v", err)
			}
		}, map[string]any{"statusCode": 204.0, "body": "", "isBase64Encoded": false}},
		"nil suppresses the type": {func(w http.ResponseWriter) {
			w.Header()["Content-Type"] = nil
			_, _ = io.WriteString(w, "a")
		}, map[string]any{"statusCode": 200.0, "body": "a", "isBase64Encoded": false}},
		"compressed is of no known type": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "\x1f\x8b\x08")
		}, map[string]any{"statusCode": 200.0, "headers": map[string]any{"Content-Encoding": "gzip"}, "body": "H4sI", "isBase64Encoded": true}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, encode(test.write)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnImpossibleStatusPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it does not")
		}
	}()
	new(apievent.Writer).WriteHeader(0)
}

// Whatever arrives is refused or becomes a request that handlers can rely on.
func FuzzDecode(f *testing.F) {
	events, err := filepath.Glob("../../testdata/*.json")
	if err != nil || len(events) == 0 {
		f.Fatalf("no events: %v", err)
	}
	for _, name := range events {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"path":"//[::1]%zz?#","httpMethod":"\n","headers":{"":"","Host":null}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		e, err := apievent.Decode(payload)
		if err != nil {
			return
		}
		r := e.Request(t.Context())
		if r.Method == "" || r.URL.Path == "" || r.URL.Path[0] != '/' || r.Header == nil || r.Header.Get("Host") != "" {
			t.Fatalf("got %+v", r)
		}
		for name, value := range e.PathValues {
			if r.PathValue(name) != value {
				t.Errorf("path value %q is %q, want %q", name, r.PathValue(name), value)
			}
		}
		if body, err := io.ReadAll(r.Body); err != nil || int64(len(body)) != r.ContentLength {
			t.Errorf("a body of %d bytes says it has %d: %v", len(body), r.ContentLength, err)
		}
	})
}

// Every body arrives as it was written, in both formats.
func FuzzEncode(f *testing.F) {
	f.Add([]byte("<ol\u00e1 \u2028 \x00>"))
	f.Add([]byte("\xff\xfe\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, version := range []apievent.Version{apievent.V1, apievent.V2} {
			var w apievent.Writer
			if _, err := w.Write(body); err != nil {
				t.Fatal(err)
			}
			data, err := w.Encode(version)
			if err != nil {
				t.Fatal(err)
			}
			var out struct {
				Body            string
				IsBase64Encoded bool
			}
			if err := json.Unmarshal(data, &out); err != nil {
				t.Fatal(err)
			}
			got := []byte(out.Body)
			if out.IsBase64Encoded {
				if got, err = base64.StdEncoding.DecodeString(out.Body); err != nil {
					t.Fatal(err)
				}
			}
			if string(got) != string(body) {
				t.Errorf("wrote %q, arrived %q", body, got)
			}
		}
	})
}
