package loopback_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/less-go/less/internal/loopback"
)

func TestAllowedHost(t *testing.T) {
	more := []string{"", "engine.internal"}
	tests := map[string]bool{
		"localhost":              true,
		"localhost:3333":         true,
		"LocalHost:3333":         true,
		"127.0.0.1":              true,
		"127.0.0.1:4566":         true,
		"[::1]":                  true,
		"[::1]:4566":             true,
		"orders.localhost":       true,
		"a.b-c.d_1.localhost:80": true,
		"engine.internal":        true,
		"Engine.Internal:4566":   true,

		"":                        false,
		":3333":                   false,
		"evil.com":                false,
		"evil.com:3333":           false,
		"localhost.evil.com":      false,
		"127.0.0.1.nip.io":        false,
		"evil.com.":               false,
		"localhost.":              false,
		"localhost.:3333":         false,
		".localhost":              false,
		"a..localhost":            false,
		"evillocalhost":           false,
		"localhost:evil":          false,
		"localhost:":              false,
		"localhost:80@evil.com":   false,
		"user@localhost":          false,
		"evil.com#.localhost":     false,
		"evil.com/.localhost":     false,
		"evil.com\\.localhost":    false,
		"local host":              false,
		"localhost\x00":           false,
		"localhost:99999":         false,
		"localhost:-1":            false,
		"::1":                     false,
		"[::1]evil.com":           false,
		"[::1].evil.com":          false,
		"[::ffff:127.0.0.1]":      false,
		"127.1":                   false,
		"2130706433":              false,
		"0x7f000001":              false,
		"0177.0.0.1":              false,
		"0.0.0.0":                 false,
		"[::]":                    false,
		"192.168.1.7":             false,
		"169.254.169.254":         false,
		"engine.internal.evil.io": false,
		"\u0131localhost":         false,
		"loca\u017fhost":          false,
	}
	for host, want := range tests {
		if got := loopback.AllowedHost(host, more...); got != want {
			t.Errorf("AllowedHost(%q) = %v, want %v", host, got, want)
		}
	}
}

func TestAGuardedHandlerNeverSeesAHostileHost(t *testing.T) {
	var seen []string
	h := loopback.Guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Host)
	}), "engine.internal")
	for host, want := range map[string]int{
		"localhost:3333":  http.StatusOK,
		"engine.internal": http.StatusOK,
		"evil.com":        http.StatusForbidden,
		"":                http.StatusForbidden,
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q: status %d, want %d", host, w.Code, want)
		}
	}
	if len(seen) != 2 {
		t.Errorf("the handler saw %q", seen)
	}
}
