package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/less-go/less/internal/gateway"
)

func TestAServerRefusesOtherHostsAndPassesOtherOrigins(t *testing.T) {
	server := gateway.NewServer(gateway.New(gateway.Options{API: orders, Invoker: answering("{}")}), "engine.internal")
	tests := []struct {
		host, origin string
		status       int
	}{
		{"localhost:3333", "", 200},
		{"127.0.0.1:3333", "", 200},
		{"engine.internal", "", 200},
		{"localhost:3333", "https://shop.example", 200},
		{"evil.com:3333", "", 403},
		{"127.0.0.1.nip.io", "", 403},
	}
	for _, test := range tests {
		r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
		r.Host = test.host
		if test.origin != "" {
			r.Header.Set("Origin", test.origin)
		}
		w := httptest.NewRecorder()
		server.Handler.ServeHTTP(w, r)
		if w.Code != test.status {
			t.Errorf("Host %s, Origin %s: status %d, want %d", test.host, test.origin, w.Code, test.status)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("Host %s: CORS was answered", test.host)
		}
	}
}

func TestAServerOutwaitsASlowFunctionAndNobodyElse(t *testing.T) {
	s := gateway.NewServer(http.NotFoundHandler())
	for name, d := range map[string]time.Duration{"header": s.ReadHeaderTimeout, "read": s.ReadTimeout, "idle": s.IdleTimeout, "write": s.WriteTimeout} {
		if d <= 0 {
			t.Errorf("no %s timeout", name)
		}
	}
	if s.WriteTimeout < s.ReadTimeout+gateway.IntegrationTimeout {
		t.Errorf("the answer of a function that takes its time is cut off after %v", s.WriteTimeout)
	}
	if s.MaxHeaderBytes <= 10_240 || s.MaxHeaderBytes > 1<<20 {
		t.Errorf("MaxHeaderBytes %d", s.MaxHeaderBytes)
	}
}
