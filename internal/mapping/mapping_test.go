package mapping_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

func succeed(context.Context, events.SQSEvent) (string, error) {
	return `{"batchItemFailures":[]}`, nil
}

func fail(context.Context, events.SQSEvent) (string, error) { return "", errFailed }

// taking returns a function that takes d, and ends early with its context.
func taking(d time.Duration) function {
	return func(ctx context.Context, _ events.SQSEvent) (string, error) {
		select {
		case <-time.After(d):
			return "", nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func TestAMessageIsHandledAtOnceAndDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, succeed, nil)
		w.after(7*time.Second + 123*time.Millisecond) // in the middle of a long poll
		w.send("a")
		synctest.Wait()

		want := []activity.Event{{
			Time: time.Now(), Kind: activity.Done, Function: "topics/order_placed/kitchen", Topic: "order_placed", Queue: "kitchen",
			RequestID: "r1", MessageID: "a", CorrelationID: "c-a", Attempt: 1, MaxAttempts: maxReceives,
		}}
		if diff := cmp.Diff(want, w.told.Events()); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		if left := w.left("kitchen"); left != nil {
			t.Errorf("left: %v", left)
		}
	})
}

func TestAnIdleMappingOnlyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, succeed, nil)
		w.after(time.Hour)
		if receives, _ := w.store.counts(); receives > 181 {
			t.Errorf("%d receives in an hour", receives)
		}
	})
}

func TestAMessageThatFailsIsTriedAgainWhenItsVisibilityEndsUntilItIsADeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fail, nil)
		w.send("a")
		w.after(10 * visibility)

		var want []activity.Event
		for attempt := 1; attempt <= maxReceives; attempt++ {
			e := activity.Event{
				Kind: activity.Retry, MessageID: "a", CorrelationID: "c-a", Attempt: attempt, MaxAttempts: maxReceives, Err: "no oven",
			}
			if attempt < maxReceives {
				e.Next = w.start.Add(time.Duration(attempt) * visibility)
			}
			want = append(want, e)
		}
		if diff := cmp.Diff(want, w.told.Events(), cmpopts.IgnoreFields(activity.Event{}, "Time", "Function", "Topic", "Queue", "RequestID")); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		for i, c := range w.invocations() {
			if c.after != time.Duration(i)*visibility {
				t.Errorf("attempt %d after %v", i+1, c.after)
			}
		}
		if left, dead := w.left("kitchen"), w.left("kitchen-dlq"); left != nil || len(dead) != 1 {
			t.Errorf("left %v, dead letters %v", left, dead)
		}
	})
}

func TestAFunctionThatFailsFailsItsWholeBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fail, nil)
		w.send("a", "b", "c")
		synctest.Wait()
		if diff := cmp.Diff([]string{"a", "b", "c"}, w.messages(activity.Retry)); diff != "" {
			t.Errorf("retried (-want +got):\n%s", diff)
		}
		if left := w.left("kitchen"); len(left) != 3 {
			t.Errorf("left: %v", left)
		}
		if n := len(w.invocations()); n != 1 {
			t.Errorf("%d invocations", n)
		}
	})
}

func TestAMessageWithoutALimitOfReceivesIsTriedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fail, func(s *plan.Subscription) { s.Queue.MaxReceives = 0 })
		w.send("a")
		w.after(9 * visibility)
		retries := w.told.Of(activity.Retry)
		if len(retries) != 10 {
			t.Fatalf("%d attempts", len(retries))
		}
		if last := retries[9]; last.Attempt != 10 || last.MaxAttempts != 0 || !last.Next.Equal(w.start.Add(10*visibility)) {
			t.Errorf("the last is told as %+v", last)
		}
	})
}

func TestNextIsWhenTheFunctionWantsItToBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w *world
		w = newWorld(t, func(ctx context.Context, e events.SQSEvent) (string, error) {
			receipt := e.Records[0].ReceiptHandle
			if err := w.store.ChangeVisibility(ctx, "kitchen", receipt, time.Minute); err != nil {
				t.Error(err)
			}
			w.VisibilityChanged(receipt, time.Now().Add(time.Minute))
			w.VisibilityChanged("somebody else's", time.Now())
			return "", errFailed
		}, nil)
		w.send("a")
		synctest.Wait()
		if retry := w.told.Of(activity.Retry)[0]; !retry.Next.Equal(w.start.Add(time.Minute)) {
			t.Errorf("next is after %v", retry.Next.Sub(w.start))
		}
		w.after(time.Minute)
		if calls := w.invocations(); len(calls) != 2 || calls[1].after != time.Minute {
			t.Errorf("calls %+v", calls)
		}
	})
}

func TestAMessageThatIsVisibleAgainIsNotPutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w *world
		w = newWorld(t, func(_ context.Context, e events.SQSEvent) (string, error) {
			time.Sleep(visibility + time.Second)
			// The store changes nothing, and the function is not told so.
			w.VisibilityChanged(e.Records[0].ReceiptHandle, time.Now().Add(time.Hour))
			return "", errFailed
		}, func(sub *plan.Subscription) { sub.Mapping.Concurrency = 1 })
		w.send("a")
		w.after(visibility + time.Second)
		if retry := w.told.Of(activity.Retry)[0]; !retry.Next.Equal(w.start.Add(visibility)) {
			t.Errorf("the next attempt is told for %v after the start, want %v", retry.Next.Sub(w.start), visibility)
		}
	})
}

func TestReleasedMessagesAreTriedAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(_ context.Context, e events.SQSEvent) (string, error) {
			if e.Records[0].Attributes["ApproximateReceiveCount"] == "1" {
				return "", errFailed
			}
			return "", nil
		}, nil)
		w.send(numbered(100)...)
		w.after(time.Second)
		if retries := w.told.Of(activity.Retry); len(retries) != 100 {
			t.Fatalf("%d retries", len(retries))
		}
		if err := w.ReleaseFailed(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.after(time.Second)
		done := w.told.Of(activity.Done)
		if len(done) != 100 || done[0].Attempt != 2 {
			t.Errorf("%d done, first as %+v", len(done), done[0])
		}
		// Nothing is left to release: not what is done, not what is running.
		if err := w.ReleaseFailed(t.Context()); err != nil {
			t.Error(err)
		}
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
		if err := w.ReleaseFailed(t.Context()); err != nil {
			t.Errorf("something was released again: %v", err)
		}
	})
}

func TestMessagesThatAreNotTheMappingsAnyMoreAreNotReleased(t *testing.T) {
	for name, change := range map[string]func(context.Context, *queue.Store) error{
		"the queue is gone": func(ctx context.Context, s *queue.Store) error { return s.DeleteQueue(ctx, "kitchen") },
		"the queue was made anew": func(ctx context.Context, s *queue.Store) error {
			return errors.Join(s.DeleteQueue(ctx, "kitchen"),
				s.Ensure(ctx, queue.Spec{Name: "kitchen", Visibility: visibility, Retention: time.Hour}))
		},
		"the queue was purged": func(ctx context.Context, s *queue.Store) error { return s.Purge(ctx, "kitchen") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, fail, nil)
				w.send("a")
				synctest.Wait()
				if err := change(t.Context(), w.store.Store); err != nil {
					t.Fatal(err)
				}
				if err := w.ReleaseFailed(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestARunningMessageIsNotReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, taking(10*time.Second), nil)
		w.send("a")
		w.after(time.Second)
		if err := w.ReleaseFailed(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.after(time.Minute)
		if calls := w.invocations(); len(calls) != 1 {
			t.Errorf("%d calls", len(calls))
		}
	})
}

func TestReleasingReportsAFailureOfTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fail, nil)
		w.send("a")
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.ReleaseFailed(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if err := w.ReleaseFailed(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if calls := w.invocations(); len(calls) != 2 {
			t.Errorf("%d calls", len(calls))
		}
	})
}

func TestAMessageHandledAfterItsVisibilityIsNotCalledDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := taking(visibility + 10*time.Second)
		w := newWorld(t, func(ctx context.Context, e events.SQSEvent) (string, error) {
			if e.Records[0].Attributes["ApproximateReceiveCount"] == "1" {
				return slow(ctx, e)
			}
			return taking(15*time.Second)(ctx, e)
		}, nil)
		w.send("a")
		w.after(5 * time.Minute)
		if calls := w.invocations(); len(calls) != 2 || calls[1].after != visibility+5*time.Millisecond {
			t.Errorf("calls %+v", calls)
		}
		told := w.told.Events()
		if len(told) != 2 || told[0].Kind != activity.Notice || !strings.Contains(told[0].Line, "visibility") || told[0].Attempt != 1 ||
			told[1].Kind != activity.Done || told[1].Attempt != 2 {
			t.Errorf("told %+v", told)
		}
		if left := w.left("kitchen"); left != nil {
			t.Errorf("left: %v", left)
		}
	})
}

func TestAMessageThatFailsAfterItsVisibilityIsNotToldToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(ctx context.Context, e events.SQSEvent) (string, error) {
			_, err := taking(visibility+10*time.Second)(ctx, e)
			return "", errors.Join(err, errFailed)
		}, nil)
		w.send("a")
		w.after(visibility + 11*time.Second)
		retries := w.told.Of(activity.Retry)
		if len(retries) != 1 || !retries[0].Next.Equal(w.start.Add(visibility)) {
			t.Fatalf("told %+v", retries)
		}
		// It is with the function again, so there is nothing to release.
		if err := w.ReleaseFailed(t.Context()); err != nil {
			t.Error(err)
		}
		w.after(visibility)
		if n := len(w.invocations()); n != 3 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestAMessageHandledLateButNotReceivedAgainIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, taking(visibility+time.Second), func(s *plan.Subscription) { s.Mapping.Concurrency = 1 })
		w.send("a")
		w.after(5 * time.Minute)
		if told := w.told.Events(); len(told) != 1 || told[0].Kind != activity.Done {
			t.Errorf("told %+v", told)
		}
	})
}

func TestWhatIsHandledIsDeletedInOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, succeed, nil)
		w.send(numbered(10)...)
		synctest.Wait()
		if _, deletes := w.store.counts(); deletes != 1 || len(w.told.Of(activity.Done)) != 10 {
			t.Errorf("%d deletes for %d messages", deletes, len(w.told.Of(activity.Done)))
		}
	})
}

func TestAMessageThatCannotBeDeletedIsNotCalledDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w *world
		w = newWorld(t, func(context.Context, events.SQSEvent) (string, error) {
			w.store.fail(errors.New("disk full"))
			return "", nil
		}, nil)
		w.send("a", "b")
		synctest.Wait()
		w.store.fail(nil)
		told := w.told.Events()
		var notices int
		for _, e := range told {
			if e.Kind == activity.Notice && e.Err == "disk full" && e.MessageID != "" {
				notices++
			}
		}
		if notices != 2 || len(w.messages(activity.Done)) != 0 {
			t.Errorf("told %+v", told)
		}
	})
}

func TestReceiptsOfAQueueThatWasMadeAnewAreNotCalledDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, taking(time.Second), nil)
		w.send("a")
		synctest.Wait()
		if err := w.store.DeleteQueue(t.Context(), "kitchen"); err != nil {
			t.Fatal(err)
		}
		if err := w.store.Ensure(t.Context(), queue.Spec{Name: "kitchen", Visibility: visibility, Retention: time.Hour}); err != nil {
			t.Fatal(err)
		}
		w.after(2 * time.Second)
		if ids := w.messages(activity.Done); len(ids) != 0 {
			t.Errorf("done: %v", ids)
		}
	})
}
