package less_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less"
)

// TestEveryEndLeavesALine has handlers that take a second and a half and log nothing.
func TestEveryEndLeavesALine(t *testing.T) {
	type end struct {
		Level, Msg, Outcome, Function string
		Status                        int
		Duration                      float64 `json:"duration_ms"`
		MessageID                     string  `json:"message_id"`
		RequestID                     string  `json:"request_id"`
	}
	ofMessage := func(result error) (less.Function, []byte) {
		f := subscriber(func(context.Context, order) error { time.Sleep(1500 * time.Millisecond); return result })
		return f, sqsEvent(t, sqsRecord("1", `{}`, nil))
	}
	ofRequest := func(status int) (less.Function, []byte) {
		f := less.RouteFunction(postItems, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(1500 * time.Millisecond)
			w.WriteHeader(status)
		}))
		return f, []byte(get(""))
	}
	ofRun := func(result error) (less.Function, []byte) {
		f := less.CronFunction("crons/report", func(context.Context) error { time.Sleep(1500 * time.Millisecond); return result })
		return f, []byte(`{"id":"e1"}`)
	}
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		of   func() (less.Function, []byte)
		want end
	}{
		"a message":             {func() (less.Function, []byte) { return ofMessage(nil) }, end{Level: "INFO", Msg: "message handled", Outcome: "done", Function: processPayment, MessageID: "1"}},
		"a message that failed": {func() (less.Function, []byte) { return ofMessage(broken) }, end{Level: "ERROR", Msg: "message failed", Outcome: "failed", Function: processPayment, MessageID: "1"}},
		"a discarded message":   {func() (less.Function, []byte) { return ofMessage(less.Discard(broken)) }, end{Level: "WARN", Msg: "message discarded", Outcome: "discarded", Function: processPayment, MessageID: "1"}},
		"a request":             {func() (less.Function, []byte) { return ofRequest(404) }, end{Level: "INFO", Msg: "request answered", Outcome: "done", Function: postItems, Status: 404}},
		"a request that failed": {func() (less.Function, []byte) { return ofRequest(503) }, end{Level: "INFO", Msg: "request answered", Outcome: "failed", Function: postItems, Status: 503}},
		"a run":                 {func() (less.Function, []byte) { return ofRun(nil) }, end{Level: "INFO", Msg: "run done", Outcome: "done", Function: "crons/report", MessageID: "e1"}},
		"a run that failed":     {func() (less.Function, []byte) { return ofRun(broken) }, end{Level: "ERROR", Msg: "run failed", Outcome: "failed", Function: "crons/report", MessageID: "e1"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, _, log := invocation(t)
				f, payload := test.of()
				_, _ = f.Invoke(ctx, payload) // what it answers is another test's
				test.want.Duration, test.want.RequestID = 1500, "invocation-1"
				var got end
				if err := json.Unmarshal([]byte(log.String()), &got); err != nil { // one line
					t.Fatalf("%v in %s", err, log)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}
