package queuetest

import (
	"time"

	"github.com/less-go/less/internal/queue"
)

var replacing = []test{
	{"a replaced message is gone, and the other is there instead", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.receive("orders", queue.Receive{Max: 1, Lease: true})[0]
		s.ok(s.Replace(s.Context(), "orders", m.Receipt, queue.Entry{
			ID: m.ID, Body: []byte("y"), Delay: new(time.Minute),
			Attributes: map[string]queue.Attribute{"failed": {Type: "Number", String: "1"}},
		}))
		s.equal(s.stats("orders").Delayed, 1)
		s.ok(s.EndLeases(s.Context())) // nobody has a lease on it
		time.Sleep(time.Minute - time.Millisecond)
		s.none("orders")
		time.Sleep(time.Millisecond)
		got := s.one("orders")
		s.equal(got.ID, m.ID)
		s.equal(string(got.Body), "y")
		s.equal(got.Attributes["failed"].String, "1")
		s.equal(got.Receives, 1)
		s.delete("orders", got.Receipt)
		s.equal(s.stats("orders"), queue.Stats{})
	}},
	{"only the receipt of the latest receive replaces a message", func(s *subject) {
		s.ensure(plain("orders"), plain("other"))
		s.send("orders", "x")
		old := s.one("orders")
		time.Sleep(30 * time.Second)
		latest := s.one("orders")
		entry := queue.Entry{Body: []byte("y")}
		s.fails(s.Replace(s.Context(), "orders", old.Receipt, entry), queue.ErrInvalidReceipt)
		s.fails(s.Replace(s.Context(), "orders", "none", entry), queue.ErrInvalidReceipt)
		s.fails(s.Replace(s.Context(), "other", latest.Receipt, entry), queue.ErrInvalidReceipt)
		s.fails(s.Replace(s.Context(), "nowhere", latest.Receipt, entry), queue.ErrNoQueue)
		s.delete("orders", latest.Receipt)
		s.fails(s.Replace(s.Context(), "orders", latest.Receipt, entry), queue.ErrInvalidReceipt)
		s.equal(s.stats("orders"), queue.Stats{})
		s.equal(s.stats("other"), queue.Stats{})
	}},
	{"a message of a FIFO queue is not replaced, and stays", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "1")
		m := s.one("orders.fifo")
		if s.Replace(s.Context(), "orders.fifo", m.Receipt, queue.Entry{Body: []byte("2"), GroupID: "a", DeduplicationID: "1"}) == nil {
			s.Error("it is replaced")
		}
		s.equal(s.stats("orders.fifo").InFlight, 1)
		s.delete("orders.fifo", m.Receipt)
	}},
}
