package mapping_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

func TestStoppingLetsWhatRunsEndAndDeletesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, taking(3*time.Second), nil)
		w.send("a")
		w.after(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := w.Stop(ctx); err != nil {
			t.Error(err)
		}
		if took := time.Since(w.start); took != 3*time.Second {
			t.Errorf("stopped after %v", took)
		}
		if left := w.left("kitchen"); left != nil {
			t.Errorf("left: %v", left)
		}
		w.send("b")
		w.after(time.Hour)
		if n := len(w.invocations()); n != 1 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestStoppingGivesUpWhatDoesNotEndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, taking(20*time.Second), nil)
		w.send("a")
		w.after(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := w.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if took := time.Since(w.start); took != 6*time.Second {
			t.Errorf("stopped after %v", took)
		}
		if told := w.told.Events(); len(told) != 0 {
			t.Errorf("told %+v", told)
		}

		// The message waits for the next start, which ends its lease.
		if err := w.store.EndLeases(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.Start()
		w.after(21 * time.Second)
		done := w.told.Of(activity.Done)
		if len(done) != 1 || done[0].Attempt != 2 || done[0].RequestID != "r2" {
			t.Errorf("told %+v", done)
		}
	})
}

func TestAnAnswerAfterTheEndOfStoppingStillCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(ctx context.Context, _ events.SQSEvent) (string, error) {
			<-ctx.Done()
			return "", nil // handled at the last moment
		}, nil)
		w.send("a")
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.Stop(ctx); err == nil {
			t.Error("no error")
		}
		if left := w.left("kitchen"); left != nil {
			t.Errorf("left: %v", left)
		}
	})
}

func TestStoppingDoesNotWaitForAFunctionThatCannotBeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(context.Context, events.SQSEvent) (string, error) { return "", errStopping }, nil)
		w.send("a")
		w.after(time.Second)
		if err := w.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(w.start); took != time.Second {
			t.Errorf("stopped after %v", took)
		}
		if retries := w.told.Of(activity.Retry); len(retries) != 0 {
			t.Errorf("told %+v", retries)
		}
	})
}

func TestStoppingInAWindowRunsWhatHasCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, succeed, func(s *plan.Subscription) { s.Mapping.Window = time.Minute })
		w.send("a")
		w.after(time.Second)
		if err := w.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if done := w.messages(activity.Done); len(done) != 1 {
			t.Errorf("done: %v", done)
		}
	})
}

func TestStoppingLeavesABatchThatHasNoRoomYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, taking(10*time.Second), func(s *plan.Subscription) { s.Mapping.Concurrency = 1 })
		if err := w.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, id := range numbered(4) {
			w.put(queue.Entry{Queue: "kitchen", ID: id, Body: []byte(strings.Repeat(`"`, 1<<20))}) // two to an event
		}
		w.Start()
		w.after(time.Second)
		if err := w.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(w.start); took != 10*time.Second {
			t.Errorf("stopped after %v", took)
		}
		if left := w.left("kitchen"); len(left) != 2 {
			t.Errorf("left: %v", left)
		}
	})
}

func TestStartAndStopCanBeCalledTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, succeed, nil)
		w.Start()
		w.send("a")
		synctest.Wait()
		for range 2 {
			if err := w.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
		w.send("b")
		w.after(time.Minute)
		w.Start()
		w.Start()
		synctest.Wait()
		calls := w.invocations()
		if len(calls) != 2 || calls[1].ids[0] != "b" || calls[1].after != time.Minute {
			t.Errorf("calls %+v", calls)
		}
	})
}
