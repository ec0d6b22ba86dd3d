package queuetest

import (
	"time"

	"github.com/less-go/less/internal/queue"
)

var receiving = []test{
	{"an empty queue gives nothing, at once", func(s *subject) {
		s.ensure(plain("orders"))
		start := time.Now()
		s.none("orders")
		s.equal(time.Since(start), time.Duration(0))
	}},
	{"messages come in the order in which they were sent", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "1", "2")
		s.send("orders", "3")
		time.Sleep(time.Second)
		s.send("orders", "4")
		s.equal(bodies(s.receive("orders", queue.Receive{Max: 3})), []string{"1", "2", "3"})
		s.equal(bodies(s.receive("orders", queue.Receive{Max: 3})), []string{"4"})
	}},
	{"a receive returns at most Max messages", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "1", "2", "3")
		s.equal(len(s.receive("orders", queue.Receive{Max: 2})), 2)
		s.equal(len(s.receive("orders", queue.Receive{Max: 2})), 1)
	}},
	{"a receive of fewer than one message is refused", func(s *subject) {
		s.ensure(plain("orders"))
		if _, err := s.Receive(s.Context(), "orders", queue.Receive{}); err == nil {
			s.Fatal("Max 0 was accepted")
		}
	}},
	{"a queue gives only its own messages", func(s *subject) {
		s.ensure(plain("a"), plain("b"))
		s.send("a", "x")
		s.none("b")
	}},
	{"every receive counts and has a receipt of its own, and the first one's time stays", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		time.Sleep(time.Second)
		first := time.Now().UTC()
		seen := make(map[string]bool)
		for n := 1; n <= 3; n++ {
			m := s.one("orders")
			s.equal(m.Receives, n)
			s.equal(m.FirstReceived, first)
			seen[m.Receipt] = true
			time.Sleep(30 * time.Second)
		}
		s.equal(len(seen), 3)
	}},
}

var visibility = []test{
	{"a message in flight is not given to another receiver", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		s.one("orders")
		s.none("orders")
	}},
	{"a message is visible again when its visibility timeout ends, and not before", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.one("orders")
		s.equal(m.VisibleAt, time.Now().Add(30*time.Second).UTC())
		time.Sleep(30*time.Second - 1)
		s.none("orders")
		time.Sleep(time.Nanosecond)
		s.equal(s.one("orders").ID, m.ID)
	}},
	{"the visibility timeout of a receive replaces the queue's, for this receive", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.receive("orders", queue.Receive{Max: 1, Visibility: new(time.Minute)})[0]
		s.equal(m.VisibleAt, time.Now().Add(time.Minute).UTC())
		time.Sleep(time.Minute - 1)
		s.none("orders")
		time.Sleep(time.Nanosecond)
		s.one("orders")
		time.Sleep(30 * time.Second)
		s.one("orders")
	}},
	{"a receive with a visibility timeout of 0 leaves the message visible", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		s.equal(len(s.receive("orders", queue.Receive{Max: 10, Visibility: new(time.Duration(0))})), 1)
		s.equal(s.one("orders").Receives, 2)
	}},
	{"a visibility timeout below zero or above twelve hours is refused", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		for _, d := range []time.Duration{-1, 12*time.Hour + 1} {
			if _, err := s.Receive(s.Context(), "orders", queue.Receive{Max: 1, Visibility: &d}); err == nil {
				s.Fatalf("a visibility of %v was accepted by Receive", d)
			}
		}
		m := s.one("orders")
		for _, d := range []time.Duration{-1, 12*time.Hour + 1} {
			if err := s.ChangeVisibility(s.Context(), "orders", m.Receipt, d); err == nil {
				s.Fatalf("a visibility of %v was accepted by ChangeVisibility", d)
			}
		}
		s.equal(m.Receives, 1)
	}},
	{"a new visibility timeout of the queue holds for the next receive", func(s *subject) {
		spec := plain("orders")
		s.ensure(spec)
		s.send("orders", "x")
		s.one("orders")
		spec.Visibility = time.Second
		s.ensure(spec)
		time.Sleep(30*time.Second - 1)
		s.none("orders")
		time.Sleep(time.Nanosecond)
		s.one("orders")
		time.Sleep(time.Second)
		s.one("orders")
	}},
	{"a changed visibility counts from the change, and for this receive only", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.one("orders")
		time.Sleep(20 * time.Second)
		s.ok(s.ChangeVisibility(s.Context(), "orders", m.Receipt, time.Minute))
		time.Sleep(time.Minute - 1)
		s.none("orders")
		time.Sleep(time.Nanosecond)
		s.one("orders")
		time.Sleep(30 * time.Second)
		s.one("orders")
	}},
	{"a visibility changed to 0 makes the message visible now", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.one("orders")
		s.ok(s.ChangeVisibility(s.Context(), "orders", m.Receipt, 0))
		s.equal(s.one("orders").Receives, 2)
	}},
	{"when the visibility timeout is over the latest receipt changes nothing, and an older one is refused", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		old := s.one("orders")
		time.Sleep(30 * time.Second)
		s.ok(s.ChangeVisibility(s.Context(), "orders", old.Receipt, time.Minute))
		s.one("orders")
		time.Sleep(30 * time.Second)
		s.fails(s.ChangeVisibility(s.Context(), "orders", old.Receipt, time.Minute), queue.ErrNotInFlight)
		s.one("orders")
	}},
	{"an older receipt changes the visibility of the receive that came after it", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		old := s.one("orders")
		time.Sleep(30 * time.Second)
		s.one("orders")
		s.ok(s.ChangeVisibility(s.Context(), "orders", old.Receipt, 0))
		s.one("orders")
	}},
	{"a message cannot be in flight for more than twelve hours from its receive", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.receive("orders", queue.Receive{Max: 1, Visibility: new(8 * time.Hour)})[0]
		time.Sleep(7 * time.Hour)
		s.fails(s.ChangeVisibility(s.Context(), "orders", m.Receipt, 5*time.Hour+time.Second), queue.ErrVisibilityTooLong)
		s.ok(s.ChangeVisibility(s.Context(), "orders", m.Receipt, 5*time.Hour))
	}},
	{"the visibility of a deleted message cannot be changed", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.one("orders")
		s.delete("orders", m.Receipt)
		s.fails(s.ChangeVisibility(s.Context(), "orders", m.Receipt, time.Minute), queue.ErrGone)
	}},
	{"a malformed receipt, or one of another queue, changes no visibility", func(s *subject) {
		s.ensure(plain("a"), plain("b"))
		s.send("a", "x")
		m := s.one("a")
		for _, receipt := range []string{"", "x", m.Receipt + "A", m.Receipt[1:]} {
			s.fails(s.ChangeVisibility(s.Context(), "a", receipt, 0), queue.ErrInvalidReceipt)
		}
		s.fails(s.ChangeVisibility(s.Context(), "b", m.Receipt, 0), queue.ErrInvalidReceipt)
		s.none("a")
	}},
}

var deleting = []test{
	{"a deleted message does not come back", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		s.delete("orders", s.one("orders").Receipt)
		time.Sleep(time.Minute)
		s.none("orders")
		s.equal(s.stats("orders"), queue.Stats{})
	}},
	{"an old receipt deletes nothing and is no error", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		old := s.one("orders")
		time.Sleep(30 * time.Second)
		latest := s.one("orders")
		s.delete("orders", old.Receipt)
		time.Sleep(30 * time.Second)
		s.equal(s.one("orders").ID, latest.ID)
	}},
	{"the latest receipt deletes also after the visibility timeout", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.one("orders")
		time.Sleep(time.Minute)
		s.delete("orders", m.Receipt)
		s.none("orders")
	}},
	{"deleting twice is no error", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.one("orders")
		s.delete("orders", m.Receipt)
		s.delete("orders", m.Receipt, m.Receipt)
	}},
	{"each receipt has an outcome of its own", func(s *subject) {
		s.ensure(plain("a"), plain("b"))
		s.send("a", "1", "2")
		s.send("b", "3")
		a, other := s.receive("a", queue.Receive{Max: 2}), s.one("b")
		outcomes, err := s.Delete(s.Context(), "a", a[0].Receipt, "nonsense", other.Receipt, a[1].Receipt)
		s.ok(err)
		s.equal(len(outcomes), 4)
		s.ok(outcomes[0])
		s.fails(outcomes[1], queue.ErrInvalidReceipt)
		s.fails(outcomes[2], queue.ErrInvalidReceipt)
		s.ok(outcomes[3])
		time.Sleep(time.Minute)
		s.none("a")
		s.one("b")
	}},
	{"a queue made anew does not know the receipts of the old one", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.one("orders")
		s.ok(s.DeleteQueue(s.Context(), "orders"))
		s.ensure(plain("orders"))
		outcomes, err := s.Delete(s.Context(), "orders", m.Receipt)
		s.ok(err)
		s.fails(outcomes[0], queue.ErrInvalidReceipt)
	}},
}

var retention = []test{
	{"a message is gone when its retention ends, and not before", func(s *subject) {
		spec := plain("orders")
		spec.Retention = time.Minute
		s.ensure(spec)
		s.send("orders", "x")
		time.Sleep(time.Minute - 1)
		s.receive("orders", queue.Receive{Max: 1, Visibility: new(time.Duration(0))})
		s.equal(s.stats("orders").Visible, 1)
		time.Sleep(time.Nanosecond)
		s.none("orders")
		s.equal(s.stats("orders"), queue.Stats{})
		s.equal(len(s.peek("orders")), 0)
	}},
	{"retention ends a message in flight and a delayed one too", func(s *subject) {
		spec := plain("orders")
		spec.Retention, spec.Visibility = time.Minute, time.Hour
		s.ensure(spec)
		s.send("orders", "in flight")
		m := s.one("orders")
		_, err := s.Send(s.Context(), queue.Entry{Queue: "orders", Body: []byte("delayed"), Delay: new(10 * time.Minute)})
		s.ok(err)
		time.Sleep(time.Minute)
		s.equal(s.stats("orders"), queue.Stats{})
		s.fails(s.ChangeVisibility(s.Context(), "orders", m.Receipt, 0), queue.ErrGone)
		time.Sleep(time.Hour)
		s.none("orders")
	}},
	{"retention counts from when the message was sent, also in the dead-letter queue", func(s *subject) {
		dlq := plain("orders-dlq")
		dlq.Retention = time.Hour
		s.ensure(withDeadLetter("orders", "orders-dlq", 1), dlq)
		s.send("orders", "x")
		s.one("orders")
		time.Sleep(time.Hour - 1)
		s.none("orders")
		s.equal(s.stats("orders-dlq").Visible, 1)
		time.Sleep(time.Nanosecond)
		s.none("orders-dlq")
		s.equal(s.stats("orders-dlq"), queue.Stats{})
	}},
	{"a new retention of the queue holds for the messages that are there", func(s *subject) {
		spec := plain("orders")
		s.ensure(spec)
		s.send("orders", "x")
		time.Sleep(2 * time.Minute)
		spec.Retention = time.Minute
		s.ensure(spec)
		s.none("orders")
	}},
	{"many messages that have expired do not hide one that has not", func(s *subject) {
		spec := plain("orders")
		spec.Retention = time.Minute
		s.ensure(spec)
		for range 10 {
			s.send("orders", make([]string, 100)...)
		}
		time.Sleep(30 * time.Second)
		s.send("orders", "x")
		time.Sleep(30 * time.Second)
		s.equal(s.stats("orders").Visible, 1)
		s.equal(bodies(s.receive("orders", queue.Receive{Max: 10})), []string{"x"})
	}},
}
