package queuetest

import (
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/less-go/less/internal/queue"
)

var deadLetters = []test{
	{"a message is given MaxReceives times, and the next receive moves it", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 3), plain("orders-dlq"))
		s.send("orders", "x")
		for range 3 {
			s.one("orders")
			time.Sleep(30 * time.Second)
		}
		s.equal(s.stats("orders").Visible, 1)
		s.equal(s.stats("orders-dlq"), queue.Stats{})
		s.none("orders")
		s.equal(s.stats("orders"), queue.Stats{})
		s.equal(s.stats("orders-dlq").Visible, 1)
	}},
	{"nothing moves without a receive", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 1), plain("orders-dlq"))
		s.send("orders", "x")
		s.one("orders")
		time.Sleep(time.Hour)
		s.equal(s.stats("orders-dlq"), queue.Stats{})
	}},
	{"a moved message keeps what it is, goes on counting and names its source", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 2), plain("orders-dlq"))
		_, err := s.Send(s.Context(), queue.Entry{
			Queue: "orders", Body: []byte("x"), TraceHeader: "Root=1", GroupID: "g",
			Attributes: map[string]queue.Attribute{"ce-id": {Type: "String", String: "1"}},
		})
		s.ok(err)
		want := s.one("orders")
		time.Sleep(30 * time.Second)
		s.one("orders")
		time.Sleep(30 * time.Second)
		s.none("orders")
		got := s.one("orders-dlq")
		want.Receives, want.DeadLetterSource = 3, "orders"
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(queue.Message{}, "Receipt", "VisibleAt")); diff != "" {
			s.Fatalf("differs (-want +got):\n%s", diff)
		}
	}},
	{"the queue's delay does not hold for a moved message", func(s *subject) {
		dlq := plain("orders-dlq")
		dlq.Delay = time.Minute
		s.ensure(withDeadLetter("orders", "orders-dlq", 1), dlq)
		s.send("orders", "x")
		s.one("orders")
		time.Sleep(30 * time.Second)
		s.none("orders")
		s.one("orders-dlq")
	}},
	{"the receive that moves a message returns the others", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 1), plain("orders-dlq"))
		s.send("orders", "failed")
		s.one("orders")
		time.Sleep(30 * time.Second)
		s.send("orders", "new")
		s.equal(bodies(s.receive("orders", queue.Receive{Max: 10})), []string{"new"})
		s.equal(bodies(s.peek("orders-dlq")), []string{"failed"})
	}},
	{"many messages are moved by one receive, and it returns what is behind them", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 1), plain("orders-dlq"))
		for range 7 {
			s.send("orders", make([]string, 100)...)
		}
		s.equal(len(s.receive("orders", queue.Receive{Max: 700})), 700)
		time.Sleep(30 * time.Second)
		s.send("orders", "x")
		s.equal(bodies(s.receive("orders", queue.Receive{Max: 1})), []string{"x"})
		s.equal(s.stats("orders-dlq").Visible, 700)
		s.equal(len(s.receive("orders-dlq", queue.Receive{Max: 1000})), 700)
	}},
	{"OnDeadLetter is told of every move", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 1), plain("orders-dlq"))
		attributes := map[string]queue.Attribute{"ce-correlationid": {Type: "String", String: "7"}}
		sent, err := s.Send(s.Context(), queue.Entry{Queue: "orders", Attributes: attributes})
		s.ok(err)
		s.one("orders")
		time.Sleep(30 * time.Second)
		s.equal(len(s.moved), 0)
		s.none("orders")
		synctest.Wait()
		s.equal(s.moved, []queue.Moved{{ID: sent[0].ID, From: "orders", To: "orders-dlq", Receives: 1, Attributes: attributes}})
	}},
	{"a receipt of the queue it came from does not delete a moved message", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 1), plain("orders-dlq"))
		s.send("orders", "x")
		m := s.one("orders")
		time.Sleep(30 * time.Second)
		s.none("orders")
		s.delete("orders", m.Receipt)
		outcomes, err := s.Delete(s.Context(), "orders-dlq", m.Receipt)
		s.ok(err)
		s.fails(outcomes[0], queue.ErrInvalidReceipt)
		s.one("orders-dlq")
	}},
	{"a queue that is its own dead-letter queue keeps its messages", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders", 1))
		s.send("orders", "x")
		for n := 1; n <= 3; n++ {
			s.equal(s.one("orders").Receives, n)
			time.Sleep(30 * time.Second)
		}
	}},
	{"a queue whose dead-letter queue was deleted keeps its messages", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 1), plain("orders-dlq"))
		s.send("orders", "x")
		s.ok(s.DeleteQueue(s.Context(), "orders-dlq"))
		for n := 1; n <= 3; n++ {
			s.equal(s.one("orders").Receives, n)
			time.Sleep(30 * time.Second)
		}
	}},
}

var leases = []test{
	{"EndLeases makes leased messages visible at once, with their counts", func(s *subject) {
		s.ensure(plain("a"), plain("b"))
		s.send("a", "1", "2")
		s.send("b", "3")
		leased := queue.Receive{Max: 10, Lease: true}
		s.receive("a", leased)
		s.receive("b", leased)
		s.none("a")
		s.ok(s.EndLeases(s.Context()))
		for _, m := range append(s.receive("a", leased), s.receive("b", leased)...) {
			s.equal(m.Receives, 2)
		}
		s.none("a")
		s.none("b")
	}},
	{"EndLeases leaves the receives of others alone", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "leased", "theirs")
		s.receive("orders", queue.Receive{Max: 1, Lease: true})
		s.one("orders")
		s.ok(s.EndLeases(s.Context()))
		s.equal(bodies(s.receive("orders", queue.Receive{Max: 10})), []string{"leased"})
		s.ok(s.EndLeases(s.Context()))
		s.none("orders")
	}},
	{"EndLeases leaves delayed messages alone", func(s *subject) {
		s.ensure(plain("orders"))
		_, err := s.Send(s.Context(), queue.Entry{Queue: "orders", Delay: new(time.Minute)})
		s.ok(err)
		s.ok(s.EndLeases(s.Context()))
		s.none("orders")
	}},
	{"messages whose lease ended come before those that were sent later", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "first")
		s.receive("orders", queue.Receive{Max: 1, Lease: true})
		time.Sleep(time.Second)
		s.send("orders", "second")
		s.ok(s.EndLeases(s.Context()))
		s.equal(bodies(s.receive("orders", queue.Receive{Max: 10})), []string{"first", "second"})
	}},
	{"the end of a lease wakes a receive that waits", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		s.receive("orders", queue.Receive{Max: 1, Lease: true})
		w := s.wait(s.Context(), "orders", longPoll)
		s.ok(s.EndLeases(s.Context()))
		s.got(w, 0, "x")
	}},
}
