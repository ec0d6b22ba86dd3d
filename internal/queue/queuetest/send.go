package queuetest

import (
	"strings"
	"time"

	"github.com/less-go/less/internal/queue"
)

var sending = []test{
	{"a message is received with all that was sent", func(s *subject) {
		s.ensure(plain("orders"))
		attributes := map[string]queue.Attribute{
			"ce-type": {Type: "String", String: "order_placed"},
			"weight":  {Type: "Number.kg", String: "1.5"},
			"picture": {Type: "Binary", Binary: []byte{0, 1, 255}},
		}
		sent := time.Now()
		acknowledged, err := s.Send(s.Context(), queue.Entry{
			Queue: "orders", Body: []byte("cachupa, \x00 and ç"), Attributes: attributes,
			TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793", GroupID: "customer-7",
		})
		s.ok(err)
		time.Sleep(time.Second)
		m := s.one("orders")
		m.Receipt = ""
		s.equal(m, queue.Message{
			ID: acknowledged[0].ID, Sequence: acknowledged[0].Sequence, Body: []byte("cachupa, \x00 and ç"), Attributes: attributes,
			TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793", GroupID: "customer-7",
			Sent: sent.UTC(), FirstReceived: time.Now().UTC(), Receives: 1,
			VisibleAt: time.Now().Add(30 * time.Second).UTC(),
		})
	}},
	{"a message may be empty", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "")
		m := s.one("orders")
		s.equal(len(m.Body), 0)
		s.equal(len(m.Attributes), 0)
	}},
	{"a large message is received whole", func(s *subject) {
		s.ensure(plain("orders"))
		body := strings.Repeat("0123456789abcdef", 1<<16)
		s.send("orders", body)
		s.equal(string(s.one("orders").Body) == body, true)
	}},
	{"a message keeps the id it is sent with", func(s *subject) {
		s.ensure(plain("orders"))
		sent, err := s.Send(s.Context(), queue.Entry{Queue: "orders", ID: "chosen"})
		s.ok(err)
		s.equal(sent[0].ID, "chosen")
		s.equal(s.one("orders").ID, "chosen")
	}},
	{"messages without an id get different ones, returned in the order of the entries", func(s *subject) {
		s.ensure(plain("orders"))
		ids := s.send("orders", "a", "b")
		if ids[0] == ids[1] || len(ids[0]) != 36 {
			s.Fatalf("ids are %q, want two UUIDs", ids)
		}
		s.equal([]string{s.one("orders").ID, s.one("orders").ID}, ids)
	}},
	{"a send to several queues reaches each of them", func(s *subject) {
		s.ensure(plain("a"), plain("b"), plain("c"))
		_, err := s.Send(s.Context(),
			queue.Entry{Queue: "a", Body: []byte("x")}, queue.Entry{Queue: "b", Body: []byte("x")}, queue.Entry{Queue: "c", Body: []byte("x")})
		s.ok(err)
		for _, name := range []string{"a", "b", "c"} {
			s.equal(string(s.one(name).Body), "x")
		}
	}},
	{"a send to several queues of which one does not exist reaches none", func(s *subject) {
		s.ensure(plain("a"), plain("b"))
		_, err := s.Send(s.Context(), queue.Entry{Queue: "a"}, queue.Entry{Queue: "missing"}, queue.Entry{Queue: "b"})
		s.fails(err, queue.ErrNoQueue)
		if !strings.Contains(err.Error(), "missing") {
			s.Fatalf("error is %q, want it to name the queue", err)
		}
		s.none("a")
		s.none("b")
	}},
	{"a send of nothing does nothing", func(s *subject) {
		ids, err := s.Send(s.Context())
		s.ok(err)
		s.equal(len(ids), 0)
	}},
	{"a delayed message is received when the queue's delay ends, and not before", func(s *subject) {
		spec := plain("orders")
		spec.Delay = 10 * time.Second
		s.ensure(spec)
		s.send("orders", "later")
		time.Sleep(10*time.Second - 1)
		s.none("orders")
		time.Sleep(time.Nanosecond)
		s.equal(string(s.one("orders").Body), "later")
	}},
	{"a message's own delay replaces the queue's, also when it is none", func(s *subject) {
		spec := plain("orders")
		spec.Delay = 10 * time.Second
		s.ensure(spec)
		_, err := s.Send(s.Context(),
			queue.Entry{Queue: "orders", Body: []byte("late"), Delay: new(time.Minute)},
			queue.Entry{Queue: "orders", Body: []byte("now"), Delay: new(time.Duration(0))})
		s.ok(err)
		s.equal(bodies(s.receive("orders", queue.Receive{Max: 10})), []string{"now"})
		time.Sleep(time.Minute)
		s.equal(sorted(s.receive("orders", queue.Receive{Max: 10})), []string{"late", "now"})
	}},
	{"a new delay of the queue does not change what was sent before", func(s *subject) {
		spec := plain("orders")
		s.ensure(spec)
		s.send("orders", "before")
		spec.Delay = time.Minute
		s.ensure(spec)
		s.send("orders", "after")
		s.equal(bodies(s.receive("orders", queue.Receive{Max: 10})), []string{"before"})
	}},
	{"a delay below zero or above fifteen minutes is refused", func(s *subject) {
		s.ensure(plain("orders"))
		for _, d := range []time.Duration{-1, 15*time.Minute + 1} {
			if _, err := s.Send(s.Context(), queue.Entry{Queue: "orders", Delay: &d}); err == nil {
				s.Fatalf("a delay of %v was accepted", d)
			}
		}
		s.none("orders")
	}},
}
