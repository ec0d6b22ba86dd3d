package conformance_test

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/less-go/less/internal/lambda"
)

// A function is the one function of a case.
type function struct {
	mu      sync.Mutex
	payload []byte
	failure bool
	lasts   time.Duration
	events  [][]byte
}

func newFunction() *function { return &function{payload: []byte("{}")} }

func (f *function) set(payload []byte, failure bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.payload, f.failure = payload, failure
}

func (f *function) say(text string) { f.set([]byte(text), false) }

func (f *function) fail(kind, message string) {
	payload, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message}) // strings
	f.set(payload, true)
}

func (f *function) take(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lasts = d
}

// Invoke runs the function as it is when it begins.
func (f *function) Invoke(ctx context.Context, _ string, event []byte) (lambda.Result, error) {
	f.mu.Lock()
	f.events = append(f.events, event)
	result := lambda.Result{RequestID: "request-" + strconv.Itoa(len(f.events)), Payload: f.payload, Duration: f.lasts}
	if f.failure {
		result.FunctionError = lambda.Unhandled
	}
	f.mu.Unlock()
	select {
	case <-time.After(result.Duration):
		return result, nil
	case <-ctx.Done():
		return lambda.Result{}, ctx.Err()
	}
}

func (f *function) invocations() ([]any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []any
	for _, event := range f.events {
		decoded, err := decodeJSON(event)
		if err != nil {
			return nil, err
		}
		out = append(out, decoded)
	}
	return out, nil
}
