package async_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/queue"
)

func works(context.Context, string) error { return nil }
func fails(context.Context, string) error { return errFailed }
func isNot(context.Context, string) error { return errNoFile }

func taking(d time.Duration) function {
	return func(ctx context.Context, _ string) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func TestAnEventIsRunOnceAndIsGone(t *testing.T) {
	inWorld(t, works, func(w *world) {
		w.enqueue("a")
		w.after(24 * time.Hour)
		if diff := cmp.Diff([]time.Duration{0}, w.times()); diff != "" {
			w.t.Errorf("calls (-want +got):\n%s", diff)
		}
		done := w.told.Of(activity.Done)
		if len(done) != 1 || done[0].MessageID != "id-a" || done[0].Attempt != 1 || done[0].MaxAttempts != 3 || w.left() != 0 {
			w.t.Errorf("done %+v, %d left", done, w.left())
		}
	})
}

func TestAFailureIsRetriedAfterOneMinuteAndTwoMoreAndThenDropped(t *testing.T) {
	inWorld(t, fails, func(w *world) {
		w.enqueue("a")
		w.after(24 * time.Hour)
		if diff := cmp.Diff([]time.Duration{0, time.Minute, 3 * time.Minute}, w.times()); diff != "" {
			w.t.Errorf("calls (-want +got):\n%s", diff)
		}
		retries := w.told.Of(activity.Retry)
		if len(retries) != 3 {
			w.t.Fatalf("%d retries told", len(retries))
		}
		for i, r := range retries {
			next := time.Time{}
			if i < 2 {
				next = r.Time.Add(time.Duration(i+1) * time.Minute)
			}
			if r.Attempt != i+1 || r.MaxAttempts != 3 || r.MessageID != "id-a" || r.Err != "no money" || !r.Next.Equal(next) {
				w.t.Errorf("retry %d is told as %+v", i+1, r)
			}
		}
		notices := w.told.Of(activity.Notice)
		if len(notices) != 1 || !strings.Contains(notices[0].Line, "dropped: its function has failed 3 times") || notices[0].Err != "no money" {
			w.t.Errorf("notices %+v", notices)
		}
		if w.left() != 0 {
			w.t.Errorf("%d events left", w.left())
		}
	})
}

func TestARetryThatSucceedsIsTheLast(t *testing.T) {
	var n atomic.Int32
	inWorld(t, func(context.Context, string) error {
		if n.Add(1) < 3 {
			return errFailed
		}
		return nil
	}, func(w *world) {
		w.enqueue("a")
		w.after(24 * time.Hour)
		done := w.told.Of(activity.Done)
		if len(w.times()) != 3 || len(done) != 1 || done[0].Attempt != 3 || len(w.told.Of(activity.Notice)) != 0 {
			w.t.Errorf("calls %v, done %+v", w.times(), done)
		}
	})
}

func TestAFunctionThatCannotBeRunIsTriedForSixHours(t *testing.T) {
	inWorld(t, isNot, func(w *world) {
		w.enqueue("a", "b")
		w.after(30 * time.Second)
		// After 1, 3, 7 and 15 seconds, for both events, or for the first where that had
		// failed before the second began: then that one waits.
		if n := len(w.times()); n != 5 && n != 2*5 {
			w.t.Errorf("%d calls in the first 30 seconds: %v", n, w.times())
		}
		w.after(5 * time.Hour)
		last := w.times()[len(w.times())-1]
		if gap := time.Since(w.start.Add(last)); gap > 5*time.Minute {
			w.t.Errorf("no call in the last 5 minutes: the last was after %v", last)
		}
		if w.left() != 2 || len(w.told.Of(activity.Retry)) != 0 {
			w.t.Errorf("%d events left after 5 hours, retries %+v", w.left(), w.told.Of(activity.Retry))
		}
		w.after(time.Hour)
		dropped := slices.DeleteFunc(w.told.Of(activity.Notice), func(e activity.Event) bool { return !strings.Contains(e.Line, "dropped") })
		if len(dropped) != 2 || !strings.Contains(dropped[0].Line, "could not be run for 6 hours") || w.left() != 0 {
			w.t.Errorf("dropped %+v, %d left", dropped, w.left())
		}
	})
}

func TestAFunctionThatCanBeRunAgainIsTriedAtOnceAndHasLostNoAttempt(t *testing.T) {
	var there atomic.Bool
	inWorld(t, func(context.Context, string) error {
		if !there.Load() {
			return errNoFile
		}
		return errFailed
	}, func(w *world) {
		w.enqueue("a")
		w.after(time.Hour)
		there.Store(true)
		w.set(chargeFunction)
		w.after(0)
		if last := w.times()[len(w.times())-1]; last != time.Hour {
			w.t.Fatalf("the last call was after %v", last)
		}
		w.after(3 * time.Minute)
		if retries := w.told.Of(activity.Retry); len(retries) != 3 {
			w.t.Errorf("%d attempts", len(retries))
		}
	})
}

func TestNothingIsReceivedWhileAFunctionCannotBeRun(t *testing.T) {
	inWorld(t, isNot, func(w *world) {
		w.enqueue("first")
		w.after(time.Second)
		w.enqueue(numbered(20)...)
		w.after(time.Second)
		stats, err := w.store.Stats(w.t.Context(), chargeQueue)
		if err != nil {
			w.t.Fatal(err)
		}
		// The receive that was waiting already may take what comes.
		if stats.Visible < 19 || stats.Visible+stats.InFlight != 21 {
			w.t.Errorf("stats %+v", stats)
		}
	})
}

func TestNoMoreEventsRunThanTheConcurrencyAllows(t *testing.T) {
	inWorld(t, taking(time.Second), func(w *world) {
		w.set(async.Function{ID: charge, Name: chargeFunction.Name, Concurrency: 3})
		w.enqueue(numbered(7)...)
		w.after(2900 * time.Millisecond)
		if w.most != 3 {
			w.t.Errorf("%d at a time", w.most)
		}
		w.after(time.Second)
		if done := len(w.told.Of(activity.Done)); done != 7 {
			w.t.Errorf("%d done", done)
		}
	})
}

func TestAnEventThatOthersSendToTheQueueIsRun(t *testing.T) {
	inWorld(t, works, func(w *world) {
		w.after(time.Hour) // the worker waits
		if _, err := w.store.Send(w.t.Context(), queue.Entry{Queue: chargeQueue, Body: []byte("x")}); err != nil {
			w.t.Fatal(err)
		}
		w.after(0)
		if diff := cmp.Diff([]time.Duration{time.Hour}, w.times()); diff != "" {
			w.t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestAnEventForAnUnknownFunctionIsRefused(t *testing.T) {
	inWorld(t, works, func(w *world) {
		err := w.Enqueue(w.t.Context(), async.Event{Function: "topics/order_placed/nobody", Payload: []byte("x")})
		if !errors.Is(err, queue.ErrNoQueue) || !strings.Contains(err.Error(), "topics/order_placed/nobody") {
			w.t.Errorf("error %v", err)
		}
	})
}

func TestEventsOfARemovedFunctionWaitUntilItIsBack(t *testing.T) {
	inWorld(t, taking(10*time.Second), func(w *world) {
		w.set()
		if _, err := w.store.Send(w.t.Context(), queue.Entry{Queue: chargeQueue, Body: []byte("x")}); err != nil {
			w.t.Fatal(err)
		}
		w.after(time.Hour)
		if len(w.times()) != 0 || w.left() != 1 {
			w.t.Fatalf("calls %v, %d left", w.times(), w.left())
		}
		w.set(chargeFunction)
		w.after(time.Minute)
		if done := w.told.Of(activity.Done); len(done) != 1 || w.left() != 0 {
			w.t.Errorf("done %+v, %d left", done, w.left())
		}
	})
}

func TestStoppingLetsRunningEventsEnd(t *testing.T) {
	inWorld(t, taking(10*time.Second), func(w *world) {
		w.enqueue("a")
		w.after(time.Second)
		w.end()
		if done := w.told.Of(activity.Done); len(done) != 1 || time.Since(w.start) != 10*time.Second {
			w.t.Errorf("done %+v after %v", done, time.Since(w.start))
		}
	})
}

func TestWhatIsGivenUpIsRunByTheNextInvoker(t *testing.T) {
	inWorld(t, taking(time.Hour), func(w *world) {
		w.enqueue("a")
		w.after(time.Second)
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
		defer cancel()
		if err := w.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), charge) {
			w.t.Errorf("Stop: %v", err)
		}
		w.begin(works)
		w.set(chargeFunction)
		w.after(0)
		if done := w.told.Of(activity.Done); len(done) != 1 || done[0].Attempt != 1 {
			w.t.Errorf("done %+v", done)
		}
	})
}

func TestARestartShortensNoRetryAndTakesNoAttempt(t *testing.T) {
	inWorld(t, fails, func(w *world) {
		w.enqueue("a")
		for range 5 {
			w.after(10 * time.Second)
			w.end()
			w.begin(fails)
			w.set(chargeFunction)
		}
		w.after(time.Hour)
		if diff := cmp.Diff([]time.Duration{0, time.Minute, 3 * time.Minute}, w.times()); diff != "" {
			w.t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestAnOldEventIsTriedOnceAndThenDropped(t *testing.T) {
	inWorld(t, fails, func(w *world) {
		w.end()
		w.enqueue("a") // the engine is stopping, and has accepted it
		w.after(10 * time.Hour)
		w.begin(fails)
		w.set(chargeFunction)
		w.after(time.Hour)
		if diff := cmp.Diff([]time.Duration{10 * time.Hour}, w.times()); diff != "" {
			w.t.Errorf("calls (-want +got):\n%s", diff)
		}
		notices := w.told.Of(activity.Notice)
		if len(notices) != 1 || !strings.Contains(notices[0].Line, "6 hours have passed") || w.left() != 0 {
			w.t.Errorf("notices %+v, %d left", notices, w.left())
		}
	})
}
