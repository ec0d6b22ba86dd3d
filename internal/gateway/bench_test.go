package gateway_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/less-go/less/internal/gateway"
)

// BenchmarkRequest is what the gateway itself costs: the event and the answer.
func BenchmarkRequest(b *testing.B) {
	g := gateway.New(gateway.Options{API: orders, Invoker: answering(`{"statusCode":201,"headers":{"content-type":"application/json"},"body":"{\"id\":1}"}`)})
	body := `{"customer":"Cesaria","items":["cachupa"]}`
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", "/orders", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		g.ServeHTTP(httptest.NewRecorder(), r)
	}
}
