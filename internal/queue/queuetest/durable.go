package queuetest

import (
	"time"

	"github.com/less-go/less/internal/queue"
)

var durability = []test{
	{"queues keep their settings", func(s *subject) {
		want := []queue.Spec{withDeadLetter("a", "b", 7), plain("b")}
		want[0].Delay = 90 * time.Millisecond
		s.ensure(want...)
		s.reopen()
		got, err := s.Queues(s.Context())
		s.ok(err)
		s.equal(got, want)
	}},
	{"messages are there, with all that they carry and in their order", func(s *subject) {
		s.ensure(plain("orders"))
		_, err := s.Send(s.Context(), queue.Entry{
			Queue: "orders", Body: []byte("1"), TraceHeader: "Root=1", GroupID: "g",
			Attributes: map[string]queue.Attribute{"n": {Type: "Number", String: "1"}, "b": {Type: "Binary", Binary: []byte{1}}},
		})
		s.ok(err)
		s.send("orders", "2")
		want := s.peek("orders")
		s.reopen()
		s.equal(s.peek("orders"), want)
		s.send("orders", "3")
		s.equal(bodies(s.receive("orders", queue.Receive{Max: 10})), []string{"1", "2", "3"})
	}},
	{"a message in flight stays hidden, keeps its count and its receipt", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		first := s.one("orders")
		time.Sleep(20 * time.Second)
		s.reopen()
		s.none("orders")
		s.ok(s.ChangeVisibility(s.Context(), "orders", first.Receipt, 10*time.Second))
		time.Sleep(10 * time.Second)
		second := s.one("orders")
		s.equal(second.Receives, 2)
		s.equal(second.FirstReceived, first.FirstReceived)
		s.reopen()
		s.delete("orders", second.Receipt)
		time.Sleep(time.Minute)
		s.none("orders")
	}},
	{"a visibility timeout and a delay that ended meanwhile have ended", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "in flight")
		s.one("orders")
		_, err := s.Send(s.Context(), queue.Entry{Queue: "orders", Body: []byte("delayed"), Delay: new(time.Minute)})
		s.ok(err)
		s.stop()
		time.Sleep(time.Minute)
		s.start()
		s.equal(sorted(s.receive("orders", queue.Receive{Max: 10})), []string{"delayed", "in flight"})
	}},
	{"a deleted message stays deleted", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "1", "2")
		s.delete("orders", s.one("orders").Receipt)
		s.reopen()
		s.equal(bodies(s.peek("orders")), []string{"2"})
	}},
	{"what expired meanwhile is gone", func(s *subject) {
		spec := plain("orders")
		spec.Retention = time.Hour
		s.ensure(spec)
		s.send("orders", "x")
		s.stop()
		time.Sleep(time.Hour)
		s.start()
		s.none("orders")
		s.equal(s.stats("orders"), queue.Stats{})
	}},
	{"leases end by EndLeases only, and counts stay", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "leased", "theirs")
		s.receive("orders", queue.Receive{Max: 1, Lease: true})
		s.one("orders")
		s.reopen()
		s.none("orders")
		s.ok(s.EndLeases(s.Context()))
		m := s.one("orders")
		s.equal(string(m.Body), "leased")
		s.equal(m.Receives, 2)
		s.none("orders")
	}},
	{"attempts go on where they were, up to the dead letter", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 3), plain("orders-dlq"))
		s.send("orders", "x")
		for n := 1; n <= 3; n++ {
			s.equal(s.one("orders").Receives, n)
			time.Sleep(30 * time.Second)
			s.reopen()
		}
		s.none("orders")
		s.reopen()
		m := s.one("orders-dlq")
		s.equal(m.Receives, 4)
		s.equal(m.DeadLetterSource, "orders")
	}},
	{"a moved message is in its queue and nowhere else, and the task is known", func(s *subject) {
		s.deadLetter("x")
		want := s.move("orders-dlq", "", 0)
		s.reopen()
		s.equal(len(s.peek("orders-dlq")), 0)
		s.equal(s.one("orders").Receives, 1)
		s.equal(s.task("orders-dlq"), want)
	}},
	{"a move task goes on where it was", func(s *subject) {
		s.deadLetter("1", "2", "3", "4")
		s.equal(s.move("orders-dlq", "", 1).Moved, 1)
		time.Sleep(time.Second)
		s.equal(s.task("orders-dlq").Moved, 2)
		s.reopen()
		s.equal(s.task("orders-dlq").Moved, 3)
		time.Sleep(2 * time.Second)
		task := s.task("orders-dlq")
		s.equal(task.Status, queue.MoveCompleted)
		s.equal(task.Moved, 4)
		s.equal(s.stats("orders").Visible, 4)
	}},
	{"groups stay blocked, and a repeated send is known", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "1", "2")
		s.sendFIFO("b", "3")
		first := s.receive("orders.fifo", queue.Receive{Max: 1})
		s.equal(bodies(first), []string{"1"})
		s.reopen()
		s.equal(bodies(s.receive("orders.fifo", queue.Receive{Max: 10})), []string{"3"})
		s.none("orders.fifo")
		s.equal(s.sendFIFO("a", "1")[0].Duplicate, true)
		s.delete("orders.fifo", first[0].Receipt)
		s.equal(bodies(s.receive("orders.fifo", queue.Receive{Max: 10})), []string{"2"})
	}},
	{"a lease that ends gives its group free", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "1", "2", "3")
		s.receive("orders.fifo", queue.Receive{Max: 2, Lease: true})
		s.reopen()
		s.none("orders.fifo")
		s.ok(s.EndLeases(s.Context()))
		s.equal(bodies(s.receive("orders.fifo", queue.Receive{Max: 10})), []string{"1", "2", "3"})
	}},
	{"documents and a queue's settings are kept", func(s *subject) {
		spec := plain("orders")
		spec.Settings = `{"a":1}`
		s.ensure(spec)
		s.ok(s.Keep(s.Context(), queue.Document{Kind: "topic", Name: "t", Value: []byte("x")}))
		want, _ := s.Queue("orders")
		s.reopen()
		got, _ := s.Queue("orders")
		s.equal(got, want)
		documents, err := s.Documents(s.Context(), "topic")
		s.ok(err)
		s.equal(documents, []queue.Document{{Kind: "topic", Name: "t", Value: []byte("x")}})
	}},
	{"a purge and the deletion of a queue stay done", func(s *subject) {
		s.ensure(plain("a"), plain("b"))
		s.send("a", "x")
		s.send("b", "x")
		s.ok(s.Purge(s.Context(), "a"))
		s.ok(s.DeleteQueue(s.Context(), "b"))
		s.reopen()
		s.none("a")
		_, err := s.Stats(s.Context(), "b")
		s.fails(err, queue.ErrNoQueue)
	}},
	{"Stats counts the same", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "1", "2", "3")
		s.one("orders")
		want := s.stats("orders")
		s.reopen()
		s.equal(s.stats("orders"), want)
		s.equal(want.Visible, 2)
	}},
}
