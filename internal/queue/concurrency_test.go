package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Messages are received for an hour, so each must be received exactly once, however
// many receives give up in the moment in which it comes.
func TestReceivesThatGiveUpLoseNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, ":memory:", Options{})
		defer mustClose(t, s)
		ensure(t, s, Spec{Name: "orders", Retention: 24 * time.Hour, Visibility: time.Hour})
		const senders, each = 4, 100
		var mu sync.Mutex
		received := make(map[string]int)
		everything := make(chan struct{})
		var group sync.WaitGroup
		for range senders {
			group.Go(func() {
				for range each {
					time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
					if _, err := s.Send(t.Context(), Entry{Queue: "orders"}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 8 {
			group.Go(func() {
				for {
					select {
					case <-everything:
						return
					default:
					}
					// Some end by their wait and some by their context, mostly in the
					// very millisecond of a send.
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(3))*time.Millisecond)
					got, err := s.Receive(ctx, "orders", Receive{Max: 2, Wait: time.Duration(1+rand.IntN(3)) * time.Millisecond})
					cancel()
					if err != nil && !errors.Is(err, context.DeadlineExceeded) {
						t.Error(err)
					}
					mu.Lock()
					for _, m := range got {
						if received[m.ID]++; len(received) == senders*each {
							close(everything)
						}
					}
					mu.Unlock()
				}
			})
		}
		// Long before an hour has gone by, or a message is lost.
		select {
		case <-everything:
		case <-time.After(time.Minute):
			t.Errorf("received %d messages, want %d", len(received), senders*each)
			close(everything)
		}
		group.Wait()
		for id, n := range received {
			if n != 1 {
				t.Errorf("message %s was received %d times", id, n)
			}
		}
	})
}

// The same without a bubble, where a send and the end of a context can really meet.
func TestAMessageAndACancellationMeet(t *testing.T) {
	s := mustOpen(t, ":memory:", Options{})
	defer mustClose(t, s)
	ensure(t, s, Spec{Name: "orders", Retention: time.Hour, Visibility: time.Hour})
	var both [2]int
	for range 1000 {
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		var got []Message
		var err error
		group.Go(func() { got, err = s.Receive(ctx, "orders", Receive{Max: 1, Wait: time.Hour}) })
		group.Go(func() {
			if _, err := s.Send(t.Context(), Entry{Queue: "orders"}); err != nil {
				t.Error(err)
			}
		})
		group.Go(func() {
			for range rand.IntN(100) {
				runtime.Gosched()
			}
			cancel()
		})
		group.Wait()
		switch {
		case err == nil && len(got) == 1:
			both[0]++
		case errors.Is(err, context.Canceled) && len(got) == 0:
			both[1]++
			got, err = s.Receive(t.Context(), "orders", Receive{Max: 1})
		}
		if err != nil || len(got) != 1 || got[0].Receives != 1 {
			t.Fatalf("received %v (%v), want the message, once", got, err)
		}
	}
	t.Logf("received %d, cancelled %d", both[0], both[1])
}

func TestAnExpiredMessageIsNotReceivedHoweverLateItIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, ":memory:", Options{})
		defer mustClose(t, s)
		ensure(t, s, Spec{Name: "orders", Retention: time.Minute, Visibility: time.Hour})
		for range 3 * maxSteps {
			if _, err := s.Send(t.Context(), Entry{Queue: "orders"}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		if _, err := s.Send(t.Context(), Entry{Queue: "orders", ID: "lives"}); err != nil {
			t.Fatal(err)
		}
		// The writer can remove nothing until all of these wait for it.
		release := hold(t, s)
		var group sync.WaitGroup
		group.Go(func() {
			got, err := s.Receive(t.Context(), "orders", Receive{Max: 10})
			if err != nil || len(got) != 1 || got[0].ID != "lives" {
				t.Errorf("received %d messages (%v), want the one that lives", len(got), err)
			}
		})
		group.Go(func() {
			got, err := s.Peek(t.Context(), "orders", 10)
			if err != nil || len(got) != 1 || got[0].ID != "lives" {
				t.Errorf("Peek shows %d messages (%v), want the one that lives", len(got), err)
			}
		})
		group.Go(func() {
			got, err := s.Stats(t.Context(), "orders")
			if err != nil || got.Visible+got.InFlight != 1 {
				t.Errorf("Stats are %+v (%v), want one message", got, err)
			}
		})
		time.Sleep(time.Minute - time.Second)
		release()
		group.Wait()
	})
}

func TestPurgeRemembersWhatItKeeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, ":memory:", Options{})
		defer mustClose(t, s)
		ensure(t, s, Spec{Name: "orders.fifo", FIFO: true, Retention: time.Hour, Visibility: time.Hour})
		entry := func(id string) Entry { return Entry{Queue: "orders.fifo", GroupID: "g", DeduplicationID: id} }
		for i := range 2 * maxSteps {
			if _, err := s.Send(t.Context(), entry(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		// The purge begins, a message is sent, and the purge ends.
		release := hold(t, s)
		var group sync.WaitGroup
		group.Go(func() {
			if err := s.Purge(t.Context(), "orders.fifo"); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		group.Go(func() {
			if _, err := s.Send(t.Context(), entry("late")); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		release()
		group.Wait()
		stats, err := s.Stats(t.Context(), "orders.fifo")
		if err != nil || stats.Visible != 1 || stats.InFlight > 0 {
			t.Fatalf("%+v are left (%v), want the message sent meanwhile", stats, err)
		}
		for id, want := range map[string]bool{"late": true, "0": false, fmt.Sprint(2*maxSteps - 1): false} {
			if sent, err := s.Send(t.Context(), entry(id)); err != nil || sent[0].Duplicate != want {
				t.Errorf("%s is sent again as %+v (%v), want duplicate %t", id, sent, err, want)
			}
		}
	})
}

// hold keeps the writer busy until the returned function is called: what is begun
// meanwhile makes one group.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	released, done := make(chan struct{}), make(chan error)
	go func() { done <- s.do(t.Context(), func(*writer) error { <-released; return nil }) }()
	synctest.Wait()
	return func() {
		close(released)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestWaitingOperationsShareOneSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, options := newDisk(t)
		options.checkpointPages = 0 // none in this test
		s := mustOpen(t, "queues.db", options)
		defer mustClose(t, s)
		ensure(t, s, oracleSpecs...)
		release := hold(t, s)
		var sends sync.WaitGroup
		for range 64 {
			sends.Go(func() {
				if _, err := s.Send(t.Context(), Entry{Queue: "orders"}, Entry{Queue: "copies"}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		before := d.syncCount()
		release()
		sends.Wait()
		if got := d.syncCount() - before; got != 1 {
			t.Errorf("64 sends took %d syncs, want 1", got)
		}
	})
}

func TestMistakesDoNotTouchTheOthersOfTheirGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, ":memory:", Options{})
		defer mustClose(t, s)
		ensure(t, s, oracleSpecs...)
		release := hold(t, s)
		outcomes := make(map[string]error)
		var mu sync.Mutex
		var group sync.WaitGroup
		begin := func(name string, run func() error) {
			group.Go(func() {
				err := run()
				mu.Lock()
				defer mu.Unlock()
				outcomes[name] = err
			})
			synctest.Wait() // the order in which they come to the writer
		}
		send := func(queues ...string) func() error {
			return func() error {
				var entries []Entry
				for _, q := range queues {
					entries = append(entries, Entry{Queue: q})
				}
				_, err := s.Send(t.Context(), entries...)
				return err
			}
		}
		begin("first", send("orders"))
		begin("half unknown", send("orders", "missing"))
		begin("bad receipt", func() error { return s.ChangeVisibility(t.Context(), "orders", "receipt", 0) })
		begin("bad queue", func() error {
			return s.Ensure(t.Context(), Spec{Name: "new", Retention: time.Hour, DeadLetter: "missing", MaxReceives: 1})
		})
		begin("last", send("orders", "copies"))
		release()
		group.Wait()
		for name, want := range map[string]error{
			"first": nil, "half unknown": ErrNoQueue, "bad receipt": ErrInvalidReceipt, "bad queue": ErrNoQueue, "last": nil,
		} {
			if !errors.Is(outcomes[name], want) {
				t.Errorf("%s: error is %v, want %v", name, outcomes[name], want)
			}
		}
		for name, want := range map[string]int{"orders": 2, "copies": 1} {
			if got, err := s.Stats(t.Context(), name); err != nil || got.Visible != want {
				t.Errorf("%s has %d messages (%v), want %d", name, got.Visible, err, want)
			}
		}
	})
}

func TestAnOperationWithdrawnBeforeItsTurnNeverHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, ":memory:", Options{})
		defer mustClose(t, s)
		ensure(t, s, oracleSpecs...)
		release := hold(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Send(ctx, Entry{Queue: "orders"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v, want the context's", err)
		}
		release()
		if got, err := s.Stats(t.Context(), "orders"); err != nil || got.Visible != 0 {
			t.Errorf("the queue has %d messages (%v), want none", got.Visible, err)
		}
	})
}

func TestMoreCallersThanOneGroupTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, ":memory:", Options{})
		defer mustClose(t, s)
		ensure(t, s, oracleSpecs...)
		release := hold(t, s)
		var sends sync.WaitGroup
		for i := range 3 * maxGroup {
			sends.Go(func() {
				if _, err := s.Send(t.Context(), Entry{Queue: "orders", ID: fmt.Sprint(i)}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		release()
		sends.Wait()
		if got, err := s.Stats(t.Context(), "orders"); err != nil || got.Visible != 3*maxGroup {
			t.Errorf("the queue has %d messages (%v), want %d", got.Visible, err, 3*maxGroup)
		}
	})
}
