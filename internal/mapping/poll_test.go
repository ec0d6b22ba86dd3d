package mapping_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

func TestNoMoreBatchesRunThanTheConcurrencyAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, taking(time.Second), func(s *plan.Subscription) { s.Mapping = plan.Mapping{BatchSize: 1, Concurrency: 3} })
		w.send(numbered(7)...)
		w.after(2900 * time.Millisecond)
		if most := w.mostAtATime(); most != 3 {
			t.Errorf("%d at a time", most)
		}
		w.after(200 * time.Millisecond)
		if done := w.messages(activity.Done); len(done) != 7 {
			t.Errorf("%d done", len(done))
		}
	})
}

func TestAFastFunctionIsNotRunTwiceAtATimeWithoutNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, taking(2*time.Millisecond), nil)
		for _, id := range numbered(300) {
			w.send(id)
			w.after(time.Millisecond)
		}
		w.after(time.Second)
		if done, most := len(w.told.Of(activity.Done)), w.mostAtATime(); done != 300 || most != 1 {
			t.Errorf("%d done, %d at a time", done, most)
		}
	})
}

func TestASlowFunctionHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, taking(time.Minute), func(s *plan.Subscription) { s.Mapping = plan.Mapping{BatchSize: 1, Concurrency: 10} })
		w.send(numbered(10)...)
		w.after(45 * time.Millisecond)
		for i, c := range w.invocations() {
			if c.after > time.Duration(i)*5*time.Millisecond {
				t.Errorf("batch %d began after %v", i, c.after)
			}
		}
		if n := len(w.invocations()); n != 10 {
			t.Errorf("%d batches", n)
		}
	})
}

func TestABatchIsWhatThereIsUpToItsSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, succeed, nil)
		if err := w.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.send(numbered(25)...)
		w.Start()
		synctest.Wait()
		var sizes []int
		var ids []string
		for _, c := range w.invocations() {
			sizes = append(sizes, len(c.ids))
			ids = append(ids, c.ids...)
		}
		if diff := cmp.Diff([]int{10, 10, 5}, sizes); diff != "" {
			t.Errorf("sizes (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(numbered(25), ids); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
	})
}

// large are messages of one group of a FIFO queue, of which two fit into one event.
func large(n int) []queue.Entry {
	var out []queue.Entry
	for _, id := range numbered(n) {
		out = append(out, queue.Entry{
			Queue: "kitchen.fifo", ID: id, GroupID: "table 7", DeduplicationID: id, Body: []byte(strings.Repeat(`"`, 1<<20)),
		})
	}
	return out
}

func ordered(s *plan.Subscription) {
	s.Queue.Name, s.DeadLetter.Name = "kitchen.fifo", "kitchen-dlq.fifo"
}

func TestAGroupKeepsItsOrderInSeveralEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		w := newWorld(t, func(ctx context.Context, e events.SQSEvent) (string, error) {
			time.Sleep(time.Second)
			if attempts++; attempts == 2 {
				return "", errFailed
			}
			return "", nil
		}, ordered)
		if err := w.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.put(large(6)...)
		w.Start()
		w.after(visibility + 10*time.Second)
		// The second event fails, and the third waits with it.
		type run struct {
			after time.Duration
			ids   string
		}
		var got []run
		for _, c := range w.invocations() {
			got = append(got, run{c.after, strings.Join(c.ids, " ")})
		}
		want := []run{
			{0, "m1000 m1001"},
			{time.Second, "m1002 m1003"},
			{visibility, "m1002 m1003"},
			{visibility + time.Second, "m1004 m1005"},
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(run{})); diff != "" {
			t.Errorf("invocations (-want +got):\n%s", diff)
		}
		if w.mostAtATime() != 1 || len(w.told.Of(activity.Retry)) != 4 || len(w.told.Of(activity.Done)) != 6 {
			t.Errorf("at most %d ran at a time, told %+v", w.mostAtATime(), w.told.Events())
		}
	})
}

func TestStoppingLeavesTheRestOfAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, taking(10*time.Second), ordered)
		if err := w.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.put(large(4)...)
		w.Start()
		w.after(time.Second)
		if err := w.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if left := w.left("kitchen.fifo"); len(left) != 2 || len(w.told.Of(activity.Retry)) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

func TestAnEventIsNotLargerThanLambdaTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, succeed, nil)
		if err := w.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, id := range numbered(10) {
			w.put(queue.Entry{Queue: "kitchen", ID: id, Body: []byte(strings.Repeat(`"`, 1<<20))}) // twice as long in JSON
		}
		w.Start()
		w.after(time.Second)
		var ids []string
		for _, c := range w.invocations() {
			ids = append(ids, c.ids...)
			if c.size > 6<<20 || len(c.ids) != 2 {
				t.Errorf("an event of %d bytes with %d messages", c.size, len(c.ids))
			}
		}
		if diff := cmp.Diff(numbered(10), ids); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
		if done := len(w.told.Of(activity.Done)); done != 10 {
			t.Errorf("%d done", done)
		}
	})
}

func TestAWindowCollectsABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, succeed, func(s *plan.Subscription) {
			s.Mapping = plan.Mapping{BatchSize: 3, Concurrency: 1, Window: 10 * time.Second}
		})
		w.after(time.Second)
		w.send("a")
		w.after(4 * time.Second)
		w.send("b")
		w.after(6 * time.Second) // the window is over
		w.send("c", "d", "e")    // and this batch is full at once
		synctest.Wait()
		want := [][]string{{"a", "b"}, {"c", "d", "e"}}
		var got [][]string
		for _, c := range w.invocations() {
			got = append(got, c.ids)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("batches (-want +got):\n%s", diff)
		}
		if calls := w.invocations(); calls[0].after != 11*time.Second || calls[1].after != 11*time.Second {
			t.Errorf("calls %+v", calls)
		}
	})
}

func TestAStoreThatFailsIsAskedAgainAndAgainButSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, succeed, nil)
		w.after(time.Second)
		w.store.fail(errors.New("disk full"))
		w.after(time.Hour)
		receives, _ := w.store.counts()
		if receives > 2000 {
			t.Errorf("%d receives in an hour", receives)
		}
		notices := w.told.Of(activity.Notice)
		if len(notices) != 1 || !strings.Contains(notices[0].Line, "disk full") {
			t.Errorf("told %+v", notices)
		}
		w.store.fail(nil)
		w.send("a")
		w.after(10 * time.Second)
		if done := w.messages(activity.Done); len(done) != 1 {
			t.Errorf("done: %v", done)
		}
	})
}

func TestAQueueThatIsGoneIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, succeed, nil)
		if err := w.store.DeleteQueue(t.Context(), "kitchen"); err != nil {
			t.Fatal(err)
		}
		w.after(time.Minute)
		notices := w.told.Of(activity.Notice)
		if len(notices) != 1 || !strings.Contains(notices[0].Line, "kitchen") {
			t.Errorf("told %+v", notices)
		}
	})
}

// errStopping is an invoker's: the function was not run.
var errStopping = errors.New("no process can be started")

func TestAFunctionThatCannotBeRunUsesUpOneReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var works atomic.Bool
		w := newWorld(t, func(context.Context, events.SQSEvent) (string, error) {
			if works.Load() {
				return "", nil
			}
			return "", errStopping
		}, func(s *plan.Subscription) { s.Mapping = plan.Mapping{BatchSize: 1, Concurrency: 10} })
		w.send(numbered(50)...)
		w.after(visibility - 5*time.Second)
		if n := len(w.invocations()); n > 50 {
			t.Errorf("%d attempts within one visibility timeout", n)
		}
		works.Store(true)
		w.after(visibility)
		done := w.told.Of(activity.Done)
		if len(done) != 50 {
			t.Fatalf("%d done", len(done))
		}
		for _, e := range done {
			if e.Attempt != 1 {
				t.Errorf("%s was received %d times", e.MessageID, e.Attempt)
			}
		}
		if retries := w.told.Of(activity.Retry); len(retries) != 0 {
			t.Errorf("told %+v", retries)
		}
		if notices := w.told.Of(activity.Notice); len(notices) == 0 || len(notices) > 2 || !strings.Contains(notices[0].Line, errStopping.Error()) {
			t.Errorf("told %+v", notices)
		}
	})
}

func TestAFunctionThatCanNeverBeRunLeavesDeadLetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(context.Context, events.SQSEvent) (string, error) { return "", errStopping }, nil)
		w.send("a")
		w.after(5 * visibility)
		retries := w.told.Of(activity.Retry)
		if len(retries) != maxReceives {
			t.Fatalf("told %+v", retries)
		}
		for i, e := range retries {
			if e.Err != errStopping.Error() || e.Attempt != i+1 || !e.Time.Equal(w.start.Add(time.Duration(i+1)*visibility)) {
				t.Errorf("attempt %d is told as %+v", i+1, e)
			}
		}
		if dead := w.left("kitchen-dlq"); len(dead) != 1 {
			t.Errorf("dead letters %v", dead)
		}
	})
}
