package less_test

import (
	"net/http"
	"testing"
)

// Where API Gateway passes answers on as they are, functions say who may read them, as
// the gateway of an HTTP API would.
func TestAFunctionSaysWhoMayReadItsAnswersWhereItIsToldTo(t *testing.T) {
	const page = "https://shop.example"
	handler := func(panics bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "https://own.example")
			w.WriteHeader(http.StatusAccepted)
			if panics {
				panic("broken")
			}
		}
	}
	for _, test := range []struct {
		origins, origin string
		panics          bool
		want            string
	}{
		{page + ",https://b.example", page, false, page},
		{page + ",https://b.example", page, true, page},
		{page, "https://evil.example", false, ""},
		{"*", "https://evil.example", false, "*"},
		{"", page, false, "https://own.example"},
	} {
		t.Setenv("LESS_ORIGINS", test.origins)
		ctx, _, _ := invocation(t)
		got := call(t, ctx, handler(test.panics), get(`"origin":"`+test.origin+`"`))
		if got.Headers["Access-Control-Allow-Origin"] != test.want {
			t.Errorf("%+v: %d %v", test, got.StatusCode, got.Headers)
		}
	}
}
