package queue

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

func TestAQueueHasSoManyInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "queues.db")
		s := mustOpen(t, path, Options{maxInFlight: 2})
		defer func() { mustClose(t, s) }()
		ensure(t, s,
			Spec{Name: "orders", Retention: time.Hour, Visibility: 30 * time.Second},
			Spec{Name: "orders.fifo", FIFO: true, Retention: time.Hour, Visibility: 30 * time.Second},
		)
		for _, id := range []string{"1", "2", "3", "4"} {
			if _, err := s.Send(t.Context(), Entry{Queue: "orders", ID: id}, Entry{Queue: "orders.fifo", GroupID: id, DeduplicationID: id}); err != nil {
				t.Fatal(err)
			}
		}
		receive := func(queue string, wait time.Duration) ([]Message, error) {
			return s.Receive(t.Context(), queue, Receive{Max: 1, Wait: wait})
		}
		take := func(queue string) Message {
			t.Helper()
			got, err := receive(queue, 0)
			if err != nil || len(got) != 1 {
				t.Fatalf("received %d messages (%v), want 1", len(got), err)
			}
			return got[0]
		}
		full := func() {
			t.Helper()
			if got, err := receive("orders", 0); !errors.Is(err, ErrOverLimit) || len(got) > 0 {
				t.Fatalf("received %d messages (%v), want ErrOverLimit", len(got), err)
			}
		}
		// next tells what a receive that waits gets, and when.
		type arrival struct {
			after time.Duration
			got   []Message
			err   error
		}
		next := func() <-chan arrival {
			out := make(chan arrival, 1)
			go func() {
				began := time.Now()
				got, err := receive("orders", time.Minute)
				out <- arrival{time.Since(began), got, err}
			}()
			synctest.Wait()
			return out
		}

		first, second := take("orders"), take("orders")
		full()
		waiting := next()
		time.Sleep(time.Second)
		if _, err := s.Delete(t.Context(), "orders", first.Receipt); err != nil {
			t.Fatal(err)
		}
		if a := <-waiting; a.err != nil || len(a.got) != 1 || a.after > time.Second+countingPause*time.Millisecond {
			t.Errorf("after a delete %d messages come after %v (%v)", len(a.got), a.after, a.err)
		}
		full()
		if err := s.ChangeVisibility(t.Context(), "orders", second.Receipt, 0); err != nil {
			t.Fatal(err)
		}
		take("orders")
		full()

		// What was in flight before the store was opened is counted, and what a
		// timeout has ended is not.
		mustClose(t, s)
		s = mustOpen(t, path, Options{maxInFlight: 2})
		full()
		waiting = next()
		if a := <-waiting; a.err != nil || len(a.got) != 1 || a.after < 28*time.Second || a.after > 30*time.Second {
			t.Errorf("after a timeout %d messages come after %v (%v)", len(a.got), a.after, a.err)
		}

		// A FIFO queue keeps quiet about it.
		take("orders.fifo")
		take("orders.fifo")
		if got, err := receive("orders.fifo", 0); err != nil || len(got) > 0 {
			t.Errorf("received %d messages from the FIFO queue (%v), want none", len(got), err)
		}
	})
}
