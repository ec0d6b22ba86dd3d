package queuetest

import (
	"strings"
	"time"

	"github.com/less-go/less/internal/queue"
)

var management = []test{
	{"Ensure makes queues, and Queues returns them by name", func(s *subject) {
		want := []queue.Spec{plain("a"), withDeadLetter("b", "c", 5), plain("c")}
		s.ensure(want[2], want[1], want[0])
		got, err := s.Queues(s.Context())
		s.ok(err)
		s.equal(got, want)
	}},
	{"Ensure changes settings and leaves the messages", func(s *subject) {
		s.ensure(plain("orders"), plain("dlq"))
		s.send("orders", "x")
		changed := withDeadLetter("orders", "dlq", 2)
		changed.Visibility, changed.Delay, changed.Retention = time.Second, 2*time.Second, time.Hour
		s.ensure(changed)
		s.ensure(changed)
		got, err := s.Queues(s.Context())
		s.ok(err)
		s.equal(got, []queue.Spec{plain("dlq"), changed})
		s.one("orders")
	}},
	{"Ensure makes all of the queues or none", func(s *subject) {
		if err := s.Ensure(s.Context(), plain("good"), queue.Spec{Name: "bad"}); err == nil {
			s.Fatal("a queue without retention was accepted")
		}
		s.fails(s.Ensure(s.Context(), plain("good"), withDeadLetter("orders", "missing", 1)), queue.ErrNoQueue)
		got, err := s.Queues(s.Context())
		s.ok(err)
		s.equal(len(got), 0)
	}},
	{"a deleted dead-letter queue does not keep other queues from being made", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 1), plain("orders-dlq"))
		s.ok(s.DeleteQueue(s.Context(), "orders-dlq"))
		s.ensure(plain("other"))
	}},
	{"settings outside the limits are refused, with the queue and the setting named", func(s *subject) {
		for setting, change := range map[string]func(*queue.Spec){
			"name":        func(q *queue.Spec) { q.Name = "orders.fifo" },
			"orders":      func(q *queue.Spec) { q.Name = strings.Repeat("orders", 20) },
			"Visibility":  func(q *queue.Spec) { q.Visibility = 12*time.Hour + time.Second },
			"Delay":       func(q *queue.Spec) { q.Delay = -time.Second },
			"Retention":   func(q *queue.Spec) { q.Retention = time.Minute - time.Second },
			"millisecond": func(q *queue.Spec) { q.Visibility = time.Microsecond },
			"MaxReceives": func(q *queue.Spec) { q.DeadLetter = "dlq" },
			"DeadLetter":  func(q *queue.Spec) { q.MaxReceives = 1 },
		} {
			spec := plain("orders")
			change(&spec)
			err := s.Ensure(s.Context(), spec, plain("dlq"))
			if err == nil || !strings.Contains(err.Error(), setting) || !strings.Contains(err.Error(), "orders") {
				s.Errorf("error for a bad %s is %v", setting, err)
			}
		}
	}},
	{"dead-letter queues that lead in a circle are refused", func(s *subject) {
		if err := s.Ensure(s.Context(), withDeadLetter("a", "b", 1), withDeadLetter("b", "c", 1), withDeadLetter("c", "a", 1)); err == nil {
			s.Error("a circle of three was accepted")
		}
		s.ensure(withDeadLetter("a", "b", 1), withDeadLetter("b", "c", 1), plain("c"))
	}},
	{"an unknown queue is an error that names it", func(s *subject) {
		ctx := s.Context()
		_, receiving := s.Receive(ctx, "missing", queue.Receive{Max: 1})
		_, waiting := s.Receive(ctx, "missing", queue.Receive{Max: 1, Wait: time.Minute})
		_, deleting := s.Delete(ctx, "missing", "receipt")
		_, moving := s.StartMove(ctx, "missing", "", 0)
		_, listing := s.MoveTasks(ctx, "missing")
		_, peeking := s.Peek(ctx, "missing", 1)
		_, counting := s.Stats(ctx, "missing")
		for name, err := range map[string]error{
			"Receive": receiving, "Receive with Wait": waiting, "Delete": deleting, "StartMove": moving, "MoveTasks": listing,
			"Peek": peeking, "Stats": counting, "Purge": s.Purge(ctx, "missing"), "DeleteQueue": s.DeleteQueue(ctx, "missing"),
			"ChangeVisibility": s.ChangeVisibility(ctx, "missing", "receipt", 0),
		} {
			s.fails(err, queue.ErrNoQueue)
			if !strings.Contains(err.Error(), "missing") {
				s.Errorf("%s: error is %q, want it to name the queue", name, err)
			}
		}
	}},
	{"Stats tells visible, in flight and delayed messages apart, and the oldest", func(s *subject) {
		s.ensure(plain("orders"))
		s.equal(s.stats("orders"), queue.Stats{})
		oldest := time.Now().UTC()
		s.send("orders", "1")
		time.Sleep(time.Second)
		s.send("orders", "2", "3")
		_, err := s.Send(s.Context(), queue.Entry{Queue: "orders", Delay: new(time.Minute)})
		s.ok(err)
		m := s.one("orders")
		s.equal(s.stats("orders"), queue.Stats{Visible: 2, InFlight: 1, Delayed: 1, Oldest: oldest})
		s.delete("orders", m.Receipt)
		s.equal(s.stats("orders"), queue.Stats{Visible: 2, Delayed: 1, Oldest: oldest.Add(time.Second)})
		time.Sleep(time.Minute)
		s.equal(s.stats("orders"), queue.Stats{Visible: 3, Oldest: oldest.Add(time.Second)})
	}},
	{"Peek shows every message with its state and receives none", func(s *subject) {
		s.ensure(plain("orders"))
		sent := time.Now().UTC()
		s.send("orders", "in flight", "visible")
		_, err := s.Send(s.Context(), queue.Entry{Queue: "orders", Body: []byte("delayed"), Delay: new(time.Minute)})
		s.ok(err)
		s.one("orders")
		got := s.peek("orders")
		for i := range got {
			got[i].ID, got[i].Sequence = "", 0
		}
		s.equal(got, []queue.Message{
			{Body: []byte("in flight"), Sent: sent, FirstReceived: sent, Receives: 1, VisibleAt: sent.Add(30 * time.Second)},
			{Body: []byte("visible"), Sent: sent, VisibleAt: sent},
			{Body: []byte("delayed"), Sent: sent, VisibleAt: sent.Add(time.Minute)},
		})
		s.equal(s.one("orders").Receives, 1)
		first, err := s.Peek(s.Context(), "orders", 1)
		s.ok(err)
		s.equal(bodies(first), []string{"in flight"})
	}},
	{"Purge deletes visible messages, those in flight and delayed ones, and leaves the queue", func(s *subject) {
		s.ensure(plain("orders"), plain("other"))
		s.send("other", "stays")
		for range 7 {
			s.send("orders", make([]string, 100)...)
		}
		_, err := s.Send(s.Context(), queue.Entry{Queue: "orders", Delay: new(time.Minute)})
		s.ok(err)
		s.one("orders")
		s.ok(s.Purge(s.Context(), "orders"))
		s.equal(s.stats("orders"), queue.Stats{})
		time.Sleep(time.Minute)
		s.none("orders")
		s.one("other")
		s.send("orders", "new")
		s.one("orders")
	}},
	{"a deleted queue is gone with its messages", func(s *subject) {
		s.ensure(plain("orders"), plain("other"))
		s.send("orders", "x")
		s.send("other", "stays")
		s.ok(s.DeleteQueue(s.Context(), "orders"))
		_, err := s.Receive(s.Context(), "orders", queue.Receive{Max: 1})
		s.fails(err, queue.ErrNoQueue)
		s.ensure(plain("orders"))
		s.none("orders")
		s.one("other")
	}},
	{"the store may be closed twice", func(s *subject) {
		s.ok(s.Close())
		s.ok(s.Close())
	}},
}
