package cors_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/cors"
)

func TestAnOriginIsAllowedByItsNameItsSchemeOrAll(t *testing.T) {
	for _, test := range []struct {
		origins      []string
		origin, want string
	}{
		{[]string{"*"}, "https://a.example", "*"},
		{[]string{"*"}, "", ""},
		{[]string{"https://a.example", "https://b.example"}, "https://b.example", "https://b.example"},
		{[]string{"https://a.example"}, "https://b.example", ""},
		{[]string{"https://a.example"}, "https://a.example.evil", ""},
		{[]string{"https://a.example"}, "http://a.example", ""},
		{[]string{"https://*"}, "https://b.example", "https://b.example"},
		{[]string{"https://*"}, "http://b.example", ""},
		{[]string{"https://*"}, "null", ""},
		{nil, "https://a.example", ""},
	} {
		h := http.Header{}
		cors.Policy{Origins: test.origins}.Apply(h, test.origin)
		if got := h.Get("Access-Control-Allow-Origin"); got != test.want {
			t.Errorf("%v allow %q: %q, want %q", test.origins, test.origin, got, test.want)
		}
	}
}

func TestWhatAFunctionSaysAboutOriginsIsReplaced(t *testing.T) {
	p := cors.Policy{Origins: []string{"https://a.example"}, Credentials: true, Expose: []string{"date", "x-id"}}
	for origin, want := range map[string]http.Header{
		"https://a.example": {
			"Content-Type": {"text/plain"}, "Access-Control-Allow-Origin": {"https://a.example"}, "Vary": {"Origin"},
			"Access-Control-Allow-Credentials": {"true"}, "Access-Control-Expose-Headers": {"date,x-id"},
		},
		"https://b.example": {"Content-Type": {"text/plain"}},
		"":                  {"Content-Type": {"text/plain"}},
	} {
		h := http.Header{
			"Content-Type": {"text/plain"}, "Access-Control-Allow-Origin": {"*"},
			"Access-Control-Max-Age": {"1"}, "access-control-expose-headers": {"x-other"},
		}
		p.Apply(h, origin)
		if diff := cmp.Diff(want, h); diff != "" {
			t.Errorf("%q (-want +got):\n%s", origin, diff)
		}
	}
}

func TestAPreflightIsTold(t *testing.T) {
	p := cors.Policy{Origins: []string{"https://a.example"}, Methods: []string{"GET", "OPTIONS"}, Headers: []string{"content-type"}, MaxAge: new(time.Hour)}
	want := http.Header{
		"Access-Control-Allow-Origin": {"https://a.example"}, "Access-Control-Allow-Methods": {"GET,OPTIONS"},
		"Access-Control-Allow-Headers": {"content-type"}, "Access-Control-Max-Age": {"3600"}, "Vary": {"Origin"},
	}
	if diff := cmp.Diff(want, p.Preflight("https://a.example")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := p.Preflight("https://b.example"); len(got) != 0 {
		t.Errorf("another origin is told %v", got)
	}
}

func TestAPreflightNamesItsOriginAndTheMethodItAsksFor(t *testing.T) {
	for _, test := range []struct {
		method, origin, asks string
		want                 bool
	}{
		{"OPTIONS", "https://a.example", "GET", true},
		{"OPTIONS", "https://a.example", "", false},
		{"OPTIONS", "", "GET", false},
		{"GET", "https://a.example", "GET", false},
	} {
		r := httptest.NewRequest(test.method, "/", nil)
		for header, value := range map[string]string{"Origin": test.origin, "Access-Control-Request-Method": test.asks} {
			if value != "" {
				r.Header.Set(header, value)
			}
		}
		if got := cors.IsPreflight(r); got != test.want {
			t.Errorf("%+v: %t", test, got)
		}
	}
}
