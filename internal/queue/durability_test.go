package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// An oracle knows what the store has acknowledged, and so what has to be there
// after a crash. Messages are named by their bodies: a move changes ids. Each is
// sent to both of the queues orders and copies; orders has a dead-letter queue.
type oracle struct {
	sent     map[string]bool // false: begun and not acknowledged
	receives map[string]int  // of the message in orders or its dead-letter queue
	deleted  map[string]bool // the same; false: begun and not acknowledged
}

func newOracle() *oracle {
	return &oracle{sent: map[string]bool{}, receives: map[string]int{}, deleted: map[string]bool{}}
}

func (o *oracle) clone() *oracle {
	return &oracle{sent: maps.Clone(o.sent), receives: maps.Clone(o.receives), deleted: maps.Clone(o.deleted)}
}

// oracleSpecs: a message is visible again at once, and the third receive moves it.
var oracleSpecs = []Spec{
	{Name: "dead", Retention: time.Hour},
	{Name: "orders", Retention: time.Hour, DeadLetter: "dead", MaxReceives: 2},
	{Name: "copies", Retention: time.Hour},
}

// check compares what the store holds with what it has acknowledged.
func (o *oracle) check(t *testing.T, s *Store) {
	t.Helper()
	orders, copies := map[string]int{}, map[string]int{} // by body, 1 for each message
	for _, name := range []string{"orders", "dead", "copies"} {
		messages, err := s.Peek(t.Context(), name, 100_000)
		if errors.Is(err, ErrNoQueue) && len(o.sent) == 0 {
			continue // the queues were not acknowledged either
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			body := string(m.Body)
			if _, ok := o.sent[body]; !ok {
				t.Errorf("%s: %s was never sent", name, body)
			}
			if name == "copies" {
				copies[body]++
				continue
			}
			orders[body]++
			// A move begins the count again.
			if m.DeadLetterSource != "" && m.Receives < 2 {
				t.Errorf("%s: %s was moved after %d receives", name, body, m.Receives)
			}
			if want := o.receives[body]; m.Receives < want {
				t.Errorf("%s: %s was received %d times, the store says %d", name, body, want, m.Receives)
			}
		}
	}
	for body, acknowledged := range o.sent {
		if copies[body] > 1 || orders[body] > 1 {
			t.Errorf("%s is there more than once", body)
		}
		if acknowledged && copies[body] == 0 {
			t.Errorf("%s was acknowledged and is lost from copies", body)
		}
		deleted, deleting := o.deleted[body]
		switch {
		case deleted && orders[body] > 0:
			t.Errorf("%s was deleted and is back", body)
		case !deleting && orders[body] != copies[body]:
			t.Errorf("%s is in copies %d times and in orders %d times", body, copies[body], orders[body])
		}
	}
}

// work has one caller send, receive, delete and move back, until an error. It holds mu
// where it writes to the oracle.
func (o *oracle) work(ctx context.Context, s *Store, mu *sync.Mutex, messages int) error {
	note := func(f func()) {
		mu.Lock()
		defer mu.Unlock()
		f()
	}
	if err := s.Ensure(ctx, oracleSpecs...); err != nil {
		return err
	}
	for i := range messages {
		body := fmt.Sprintf("message %d", i)
		note(func() { o.sent[body] = false })
		// Every fourth takes more than one page.
		attributes := map[string]Attribute{"size": {Type: "Binary", Binary: make([]byte, 1+i%4*3000)}}
		if _, err := s.Send(ctx,
			Entry{Queue: "orders", Body: []byte(body), Attributes: attributes},
			Entry{Queue: "copies", Body: []byte(body), Attributes: attributes}); err != nil {
			return err
		}
		note(func() { o.sent[body] = true })
		got, err := s.Receive(ctx, "orders", Receive{Max: 2})
		if err != nil {
			return err
		}
		note(func() {
			for _, m := range got {
				o.receives[string(m.Body)] = m.Receives
			}
		})
		switch {
		case i%4 == 1 && len(got) > 0:
			body := string(got[0].Body)
			note(func() { o.deleted[body] = false })
			if _, err := s.Delete(ctx, "orders", got[0].Receipt); err != nil {
				return err
			}
			note(func() { o.deleted[body] = true })
		case i%4 == 3:
			// What is moved back counts from 0 again, and what may be moved may.
			note(func() { clear(o.receives) })
			if _, err := moveAll(ctx, s, "dead"); err != nil && !errors.Is(err, ErrMoveRunning) {
				return err
			}
			note(func() { clear(o.receives) })
		}
	}
	return nil
}

// newRandom tells its seed, so that a failure can be had again.
func newRandom(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func TestAcknowledgedSurvivesPowerLoss(t *testing.T) {
	t.Parallel()
	random := newRandom(t)
	type crash struct {
		disk   *disk
		oracle *oracle
	}
	var crashes []crash
	var mu sync.Mutex
	o := newOracle()
	d, options := newDisk(t)
	// The power goes before every single write, truncation and sync.
	d.before = func() {
		found := d.afterPowerLoss(random)
		mu.Lock()
		defer mu.Unlock()
		crashes = append(crashes, crash{disk: found, oracle: o.clone()})
	}
	s := mustOpen(t, "queues.db", options)
	if err := o.work(t.Context(), s, &mu, 8); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	t.Logf("%d crashes", len(crashes))
	for i, c := range crashes {
		s := mustOpen(t, "queues.db", c.disk.mount(t))
		c.oracle.check(t, s)
		mustClose(t, s)
		if t.Failed() {
			t.Fatalf("after crash %d", i)
		}
	}
}

func TestDiskErrorStopsTheStore(t *testing.T) {
	t.Parallel()
	random := newRandom(t)
	for fault := 1; ; fault++ {
		var mu sync.Mutex
		o := newOracle()
		d, options := newDisk(t)
		d.fault = fault
		s, err := Open(t.Context(), "queues.db", options)
		if err != nil {
			if !d.failed() {
				t.Fatal(err)
			}
			continue // the store was not even opened
		}
		err = o.work(t.Context(), s, &mu, 4)
		if !d.failed() {
			// As many calls as the work makes have failed one after the other.
			mustClose(t, s)
			if err != nil || fault < 50 {
				t.Fatalf("work ended after %d calls with %v", fault, err)
			}
			return
		}
		// The fault may have come after the last answer, in a checkpoint.
		if err != nil && !errors.Is(err, ErrFailed) {
			t.Fatalf("call %d failed, and work ended with: %v", fault, err)
		}
		for name, err := range everyOperation(t.Context(), s) {
			if !errors.Is(err, ErrFailed) {
				t.Fatalf("call %d failed, and %s later returned: %v", fault, name, err)
			}
		}
		// The store must end even now, and leave the log for the next one.
		_ = s.Close()
		// Next the process starts again, or the machine does.
		d.fault = 0
		for _, found := range []*disk{d.afterPowerLoss(random), d} {
			reopened := mustOpen(t, "queues.db", found.mount(t))
			o.check(t, reopened)
			mustClose(t, reopened)
		}
		if t.Failed() {
			t.Fatalf("after a failure of call %d", fault)
		}
	}
}

// everyOperation calls each method of the store once and returns its error.
func everyOperation(ctx context.Context, s *Store) map[string]error {
	errs := make(map[string]error)
	_, errs["Send"] = s.Send(ctx, Entry{Queue: "orders"})
	_, errs["Receive"] = s.Receive(ctx, "orders", Receive{Max: 1, Wait: time.Hour})
	_, errs["Delete"] = s.Delete(ctx, "orders", "receipt")
	errs["Replace"] = s.Replace(ctx, "orders", receipt{}.String(), Entry{})
	errs["ChangeVisibility"] = s.ChangeVisibility(ctx, "orders", "receipt", 0)
	errs["EndLeases"] = s.EndLeases(ctx)
	_, errs["SendOnce"] = s.SendOnce(ctx, Once{Key: "k"})
	_, errs["StartMove"] = s.StartMove(ctx, "dead", "", 0)
	_, errs["MoveTasks"] = s.MoveTasks(ctx, "dead")
	_, errs["CancelMove"] = s.CancelMove(ctx, "handle")
	errs["Keep"] = s.Keep(ctx, Document{Kind: "k", Name: "n"})
	_, errs["Documents"] = s.Documents(ctx, "k")
	_, errs["Peek"] = s.Peek(ctx, "orders", 1)
	_, errs["Stats"] = s.Stats(ctx, "orders")
	errs["Purge"] = s.Purge(ctx, "orders")
	errs["DeleteQueue"] = s.DeleteQueue(ctx, "orders")
	errs["Ensure"] = s.Ensure(ctx, oracleSpecs...)
	_, errs["Queues"] = s.Queues(ctx)
	return errs
}

func TestWaitersLearnOfADiskError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, options := newDisk(t)
		s := mustOpen(t, "queues.db", options)
		ensure(t, s, oracleSpecs...)
		waiting := make(chan error)
		go func() {
			_, err := s.Receive(t.Context(), "copies", Receive{Max: 1, Wait: time.Hour})
			waiting <- err
		}()
		synctest.Wait()
		d.mu.Lock()
		d.fault = d.calls + 1
		d.mu.Unlock()
		if _, err := s.Send(t.Context(), Entry{Queue: "orders"}); !errors.Is(err, ErrFailed) || !errors.Is(err, errDisk) {
			t.Errorf("Send: error is %v, want ErrFailed and its cause", err)
		}
		if err := <-waiting; !errors.Is(err, ErrFailed) {
			t.Errorf("Receive: error is %v, want ErrFailed", err)
		}
		_ = s.Close()
	})
}

func TestNothingIsAcknowledgedBeforeItsSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, options := newDisk(t)
		s := mustOpen(t, "queues.db", options)
		defer mustClose(t, s)
		ensure(t, s, Spec{Name: "orders", Retention: time.Hour, Visibility: time.Minute})
		synctest.Wait()
		var receipt string
		for _, op := range []struct {
			name string
			run  func() error
		}{
			{"Send", func() error { _, err := s.Send(t.Context(), Entry{Queue: "orders"}); return err }},
			{"Receive", func() error {
				got, err := s.Receive(t.Context(), "orders", Receive{Max: 1})
				if err == nil {
					receipt = got[0].Receipt
				}
				return err
			}},
			{"ChangeVisibility", func() error { return s.ChangeVisibility(t.Context(), "orders", receipt, time.Hour) }},
			{"Delete", func() error { _, err := s.Delete(t.Context(), "orders", receipt); return err }},
		} {
			// The disk makes one step at a time.
			step := make(chan struct{})
			d.before = func() { <-step }
			done := make(chan error, 1)
			go func() { done <- op.run() }()
			for answered := false; !answered; {
				synctest.Wait()
				select {
				case err := <-done:
					if err != nil {
						t.Fatalf("%s: %v", op.name, err)
					}
					if !d.lastWasSync() {
						t.Errorf("%s returned before its sync", op.name)
					}
					answered = true
				default:
					step <- struct{}{}
				}
			}
			close(step)
			synctest.Wait()
		}
	})
}
