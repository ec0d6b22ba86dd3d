package lambda_test

import (
	"testing"

	"github.com/less-go/less/internal/lambda"
)

func TestMessage(t *testing.T) {
	for payload, want := range map[string]string{
		`{"errorMessage":"no oven","errorType":"E"}`: "no oven",
		`{"errorType":"E"}`:                          "E",
		`{}`:                                         "Unhandled",
		`no JSON`:                                    "Unhandled",
	} {
		if got := (lambda.Result{Payload: []byte(payload), FunctionError: lambda.Unhandled}).Message(); got != want {
			t.Errorf("%s: got %q, want %q", payload, got, want)
		}
		if got := (lambda.Result{Payload: []byte(payload)}).Message(); got != "" {
			t.Errorf("the answer %s has the message %q", payload, got)
		}
	}
}
