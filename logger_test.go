package less_test

import (
	"context"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less"
)

func TestEveryLineOfAMessageSaysWhose(t *testing.T) {
	ctx, _, log := invocation(t)
	f := subscriber(func(ctx context.Context, _ order) error {
		less.Logger(ctx).With("step", 1).Info("charging", "order", "17")
		less.Logger(ctx).Debug("too fine")
		return nil
	})
	invoke(t, ctx, f, sqsEvent(t, sqsRecord("1", `{}`, map[string]string{"ce-id": "event-1", "ce-correlationid": "all"})))
	want := []map[string]any{{
		"level": "INFO", "msg": "charging", "order": "17", "step": 1.0, "function": processPayment, "topic": "order_placed",
		"message_id": "event-1", "attempt": 2.0, "correlation_id": "all", "request_id": "invocation-1",
	}}
	want = append(want, with(with(want[0], "msg", "message handled"), "outcome", "done"))
	delete(want[1], "order")
	delete(want[1], "step")
	if diff := cmp.Diff(want, log.lines(t)); diff != "" {
		t.Error(diff)
	}
	if log.writes != 2 {
		t.Errorf("two lines took %d writes", log.writes)
	}
	if form := regexp.MustCompile(`^\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",`); !form.MatchString(log.String()) {
		t.Errorf("the line is %s", log)
	}
}

func TestALoggerOutsideAFunctionLogs(t *testing.T) {
	ctx, _, log := invocation(t)
	less.Logger(ctx).Info("hello")
	if diff := cmp.Diff([]map[string]any{{"level": "INFO", "msg": "hello"}}, log.lines(t)); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkLogger(b *testing.B) {
	ctx := less.WithMessage(b.Context(), less.Message{ID: "1", Topic: "order_placed", Attempt: 1, CorrelationID: "2"})
	b.ReportAllocs()
	for b.Loop() {
		less.Logger(ctx).Debug("below the level")
	}
}
