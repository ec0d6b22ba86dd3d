package less_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less"
)

func subscriber(process func(context.Context, order) error) less.Function {
	return less.TopicFunction(processPayment, placed, process)
}

func TestAnOutcomeDecidesWhatBecomesOfAMessage(t *testing.T) {
	const (
		deleted = `{"batchItemFailures":[]}`
		kept    = `{"batchItemFailures":[{"itemIdentifier":"1"}]}`
	)
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		process func(context.Context, order) error
		body    string
		want    string
		log     []string // level and message of each line
	}{
		"nil":              {func(context.Context, order) error { return nil }, `{}`, deleted, []string{"INFO message handled"}},
		"an error":         {func(context.Context, order) error { return broken }, `{}`, kept, []string{"ERROR message failed"}},
		"a panic":          {func(context.Context, order) error { panic("broken") }, `{}`, kept, []string{"ERROR message failed: the handler panicked"}},
		"a nil dereferred": {func(context.Context, order) error { var o *order; o.ID = ""; return nil }, `{}`, kept, []string{"ERROR message failed: the handler panicked"}},
		"Discard":          {func(context.Context, order) error { return less.Discard(broken) }, `{}`, deleted, []string{"WARN message discarded"}},
		"Discard, wrapped": {func(context.Context, order) error { return fmt.Errorf("pay: %w", less.Discard(broken)) }, `{}`, deleted, []string{"WARN message discarded"}},
		"Discard of nil":   {func(context.Context, order) error { return less.Discard(nil) }, `{}`, deleted, []string{"WARN message discarded"}},
		"RetryAfter":       {func(context.Context, order) error { return less.RetryAfter(time.Second, broken) }, `{}`, kept, []string{"ERROR message failed"}},
		"not JSON":         {func(context.Context, order) error { return nil }, `hello`, kept, []string{"ERROR message failed"}},
		"another type":     {func(context.Context, order) error { return nil }, `{"id":1}`, kept, []string{"ERROR message failed"}},
		"no body":          {func(context.Context, order) error { return nil }, ``, kept, []string{"ERROR message failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, _, log := invocation(t)
			if got := invoke(t, ctx, subscriber(test.process), sqsEvent(t, sqsRecord("1", test.body, nil))); got != test.want {
				t.Errorf("answered %s, want %s", got, test.want)
			}
			var lines []string
			for _, line := range log.lines(t) {
				lines = append(lines, fmt.Sprint(line["level"], " ", line["msg"]))
			}
			if diff := cmp.Diff(test.log, lines); diff != "" {
				t.Errorf("logged (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEachMessageOfABatchFailsAlone(t *testing.T) {
	ctx, _, _ := invocation(t)
	f := subscriber(func(_ context.Context, o order) error {
		switch o.ID {
		case "error":
			return errors.New("broken")
		case "panic":
			panic("broken")
		}
		return nil
	})
	got := invoke(t, ctx, f, sqsEvent(t,
		sqsRecord("1", `{"id":"fine"}`, nil),
		sqsRecord("2", `{"id":"error"}`, nil),
		sqsRecord("3", `{"id":`, nil),
		sqsRecord("4", `{"id":"panic"}`, nil),
		sqsRecord("5", `{"id":"fine"}`, nil),
	))
	want := `{"batchItemFailures":[{"itemIdentifier":"2"},{"itemIdentifier":"3"},{"itemIdentifier":"4"}]}`
	if got != want {
		t.Errorf("answered %s, want %s", got, want)
	}
}

func TestTheMessagesOfABatchAreHandledConcurrently(t *testing.T) {
	ctx, _, _ := invocation(t)
	var all sync.WaitGroup // none returns before all have been called
	all.Add(3)
	f := subscriber(func(context.Context, order) error {
		all.Done()
		all.Wait()
		return nil
	})
	payload := sqsEvent(t, sqsRecord("1", `{}`, nil), sqsRecord("2", `{}`, nil), sqsRecord("3", `{}`, nil))
	if got := invoke(t, ctx, f, payload); got != `{"batchItemFailures":[]}` {
		t.Errorf("answered %s", got)
	}
}

func TestWhatStillRunsShortlyBeforeTheDeadlineHasFailed(t *testing.T) {
	for name, test := range map[string]struct{ timeout, margin time.Duration }{
		"long timeout":  {30 * time.Second, time.Second},
		"short timeout": {3 * time.Second, 300 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, _, log := invocation(t)
				ctx, cancel := context.WithTimeout(ctx, test.timeout)
				defer cancel()
				release := make(chan struct{})
				f := subscriber(func(ctx context.Context, o order) error {
					switch o.ID {
					case "deaf":
						<-release
					case "polite":
						<-ctx.Done()
						<-release // its end may still take a while
					}
					return nil
				})
				start := time.Now()
				got := invoke(t, ctx, f, sqsEvent(t,
					sqsRecord("1", `{"id":"deaf"}`, nil),
					sqsRecord("2", `{"id":"quick"}`, nil),
					sqsRecord("3", `{"id":"polite"}`, nil),
				))
				close(release)
				synctest.Wait()
				if want := `{"batchItemFailures":[{"itemIdentifier":"1"},{"itemIdentifier":"3"}]}`; got != want {
					t.Errorf("answered %s, want %s", got, want)
				}
				if took := time.Since(start); took != test.timeout-test.margin {
					t.Errorf("answered after %v, want %v before the deadline", took, test.margin)
				}
				if n := strings.Count(log.String(), "still running"); n != 2 {
					t.Errorf("%d messages are logged as still running, want 2:\n%s", n, log)
				}
			})
		})
	}
}

func TestWhatFinishesAsTheTimeEndsHasFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, _, _ := invocation(t)
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		f := subscriber(func(context.Context, order) error {
			<-time.After(9*time.Second - time.Nanosecond)
			return nil
		})
		if got := invoke(t, ctx, f, sqsEvent(t, sqsRecord("1", `{}`, nil))); got != `{"batchItemFailures":[]}` {
			t.Errorf("answered %s", got)
		}
	})
}

func TestRetryAfterChangesTheVisibilityOfTheMessage(t *testing.T) {
	for name, test := range map[string]struct{ d, want time.Duration }{
		"a minute":         {time.Minute, time.Minute},
		"at once":          {0, 0},
		"negative":         {-time.Second, 0},
		"as much as SQS":   {12 * time.Hour, 11*time.Hour + 45*time.Minute},
		"more than SQS":    {48 * time.Hour, 11*time.Hour + 45*time.Minute},
		"parts of seconds": {1500 * time.Millisecond, 1500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cloud, log := invocation(t)
			f := subscriber(func(context.Context, order) error {
				return fmt.Errorf("pay: %w", less.RetryAfter(test.d, errors.New("busy")))
			})
			invoke(t, ctx, f, sqsEvent(t, sqsRecord("1", `{}`, nil)))
			want := []visibilityChange{{"arn:aws:sqs:us-east-1:000000000000:shop-payments", "receipt of 1", test.want}}
			if diff := cmp.Diff(want, cloud.changed); diff != "" {
				t.Error(diff)
			}
			if line := log.lines(t)[0]; line["retry_after"] != test.want.String() {
				t.Errorf("logged %v", line)
			}
		})
	}
}

func TestARefusedRetryAfterIsStillAFailure(t *testing.T) {
	ctx, cloud, log := invocation(t)
	cloud.changeErr = errors.New("refused")
	f := subscriber(func(context.Context, order) error { return less.RetryAfter(time.Minute, nil) })
	got := invoke(t, ctx, f, sqsEvent(t, sqsRecord("1", `{}`, nil)))
	if got != `{"batchItemFailures":[{"itemIdentifier":"1"}]}` {
		t.Errorf("answered %s", got)
	}
	if lines := log.lines(t); len(lines) != 2 || lines[1]["err"] != "refused" {
		t.Errorf("logged %v", lines)
	}
}

func TestOutcomesWrapTheirError(t *testing.T) {
	cause := errors.New("busy")
	for want, err := range map[string]error{
		"busy (retry after 1m0s)": less.RetryAfter(time.Minute, cause),
		"busy":                    less.Discard(cause),
	} {
		if !errors.Is(err, cause) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestAMessageHasItsFacts(t *testing.T) {
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	weight := map[string]any{"stringValue": "3", "dataType": "Number"}
	stamp := map[string]any{"binaryValue": "AP8=", "dataType": "Binary"}
	byPackage := sqsRecord("sqs-id", `{"id":"17"}`, map[string]string{
		"ce-id": "event-id", "ce-specversion": "1.0", "ce-type": "order_placed",
		"ce-source": "/apis/orders/orders/post", "ce-time": "2026-01-01T00:00:00.007Z",
		"ce-correlationid": "all", "ce-causationid": "cause", "traceparent": trace, "priority": "high",
	})
	byHand := sqsRecord("sqs-id", `{"id":"17"}`, nil)
	byHand["messageAttributes"] = map[string]any{"weight": weight, "stamp": stamp}

	for name, test := range map[string]struct {
		record map[string]any
		want   less.Message
	}{
		"published by this package": {byPackage, less.Message{
			ID: "event-id", Topic: "order_placed", Attempt: 2, CorrelationID: "all", CausationID: "cause",
			Source: "/apis/orders/orders/post", Time: time.Date(2026, 1, 1, 0, 0, 0, 7e6, time.UTC),
			TraceParent: trace, Attributes: map[string]string{"priority": "high"},
		}},
		"published by hand": {byHand, less.Message{
			ID: "sqs-id", Topic: "order_placed", Attempt: 2, CorrelationID: "sqs-id",
			Time:       time.UnixMilli(1767225600123).UTC(),
			Attributes: map[string]string{"weight": "3", "stamp": "\x00\xff"},
		}},
		"with nonsense": {
			with(sqsRecord("sqs-id", `{}`, map[string]string{"ce-time": "yesterday"}), "attributes", map[string]string{"ApproximateReceiveCount": "many"}),
			less.Message{ID: "sqs-id", Topic: "order_placed", Attempt: 1, CorrelationID: "sqs-id", Attributes: map[string]string{}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, _, _ := invocation(t)
			var got less.Message
			f := subscriber(func(ctx context.Context, _ order) error {
				got = less.MessageFrom(ctx)
				return nil
			})
			invoke(t, ctx, f, sqsEvent(t, test.record))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMessageFromElsewhereIsZero(t *testing.T) {
	if diff := cmp.Diff(less.Message{}, less.MessageFrom(t.Context())); diff != "" {
		t.Error(diff)
	}
}

func TestAnEmptyBatchIsDone(t *testing.T) {
	ctx, _, _ := invocation(t)
	if got := invoke(t, ctx, subscriber(func(context.Context, order) error { return nil }), []byte(`{"Records":[]}`)); got != `{"batchItemFailures":[]}` {
		t.Errorf("answered %s", got)
	}
}

func TestWhatIsNoBatchFailsTheInvocation(t *testing.T) {
	f := subscriber(func(context.Context, order) error { return nil })
	for payload, want := range map[string]string{
		`garbage`:                  "read SQS event",
		`{"key1":"value1"}`:        "it has no Records",
		`{"Records":[{"Sns":{}}]}`: "record 0 of the payload is not an SQS message",
		string(sqsEvent(t, with(sqsRecord("", `{}`, nil), "messageId", nil))): "record 0 of the payload is not an SQS message",
	} {
		ctx, _, _ := invocation(t)
		if _, err := f.Invoke(ctx, []byte(payload)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", payload, err, want)
		}
	}
}

// Whatever arrives, the answer names only ids of the batch, once each: Lambda
// fails the whole batch for any other.
func FuzzBatch(f *testing.F) {
	f.Add([]byte(`{"Records":[{"messageId":"1","body":"{}","eventSource":"aws:sqs"}]}`))
	f.Add([]byte(`{"Records":[{"messageId":"1","body":"x","eventSource":"aws:sqs","messageAttributes":{"ce-id":{"binaryValue":"AA=="}}}]}`))
	f.Add([]byte(`{"Records":null}`))
	fn := less.TopicFunction("f", placed, func(context.Context, order) error { return nil })
	f.Fuzz(func(t *testing.T, payload []byte) {
		ctx, _, _ := invocation(t)
		answer, err := fn.Invoke(ctx, payload)
		if err != nil {
			return
		}
		var in struct{ Records []struct{ MessageID string } }
		if err := json.Unmarshal(payload, &in); err != nil {
			t.Fatal(err)
		}
		ids := map[string]int{}
		for _, r := range in.Records {
			ids[r.MessageID]++
		}
		var out struct {
			BatchItemFailures []struct{ ItemIdentifier string }
		}
		if err := json.Unmarshal(answer, &out); err != nil || out.BatchItemFailures == nil {
			t.Fatalf("answered %s: %v", answer, err)
		}
		for _, failure := range out.BatchItemFailures {
			if ids[failure.ItemIdentifier]--; ids[failure.ItemIdentifier] < 0 {
				t.Fatalf("answered %s, which is not of the batch", answer)
			}
		}
	})
}
