package queuetest

import (
	"time"

	"github.com/less-go/less/internal/queue"
)

var moves = []test{
	{"messages go back to the queue they came from", func(s *subject) {
		s.ensure(plain("dlq"), withDeadLetter("a", "dlq", 1), withDeadLetter("b", "dlq", 1))
		s.send("a", "from a")
		s.send("b", "from b")
		s.one("a")
		s.one("b")
		time.Sleep(30 * time.Second)
		s.none("a")
		s.none("b")
		task := s.move("dlq", "", 0)
		s.equal(task, queue.MoveTask{
			Handle: task.Handle, Source: "dlq", Status: queue.MoveCompleted,
			Started: time.Now().UTC(), Moved: 2, ToMove: 2,
		})
		s.equal(string(s.one("a").Body), "from a")
		s.equal(string(s.one("b").Body), "from b")
		s.equal(s.stats("dlq"), queue.Stats{})
	}},
	{"a moved message is new, and carries what it carried", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 1), plain("orders-dlq"))
		attributes := map[string]queue.Attribute{"ce-id": {Type: "String", String: "1"}}
		sent, err := s.Send(s.Context(), queue.Entry{
			Queue: "orders", Body: []byte("x"), Attributes: attributes, TraceHeader: "Root=1", GroupID: "g",
		})
		s.ok(err)
		s.one("orders")
		time.Sleep(time.Hour)
		s.none("orders")
		s.move("orders-dlq", "", 0)
		m := s.one("orders")
		if m.ID == sent[0].ID || m.ID == "" {
			s.Fatalf("id is %q, want a new one", m.ID)
		}
		m.ID, m.Receipt, m.Sequence = "", "", 0
		now := time.Now().UTC()
		s.equal(m, queue.Message{
			Body: []byte("x"), Attributes: attributes, TraceHeader: "Root=1", GroupID: "g",
			Sent: now, FirstReceived: now, Receives: 1, VisibleAt: now.Add(30 * time.Second),
		})
	}},
	{"a destination takes them all, wherever they came from", func(s *subject) {
		s.deadLetter("came from orders")
		s.send("orders-dlq", "sent there")
		s.ensure(plain("other"))
		s.equal(s.move("orders-dlq", "other", 0).Moved, 2)
		s.equal(bodies(s.receive("other", queue.Receive{Max: 10})), []string{"came from orders", "sent there"})
	}},
	{"messages that no queue sent there stay, the others move, and the task has failed", func(s *subject) {
		s.deadLetter("x")
		s.send("orders-dlq", "1", "2")
		task := s.move("orders-dlq", "", 0)
		s.equal(task.Status, queue.MoveFailed)
		s.equal(task.Failure, "CouldNotDetermineMessageSource")
		s.equal(task.Moved, 1)
		s.equal(bodies(s.peek("orders-dlq")), []string{"1", "2"})
	}},
	{"messages whose queue is gone stay, and the task has failed", func(s *subject) {
		s.deadLetter("x")
		s.ok(s.DeleteQueue(s.Context(), "orders"))
		task := s.move("orders-dlq", "", 0)
		s.equal(task.Status, queue.MoveFailed)
		s.equal(task.Failure, "AWS.SimpleQueueService.NonExistentQueue")
		s.equal(bodies(s.peek("orders-dlq")), []string{"x"})
	}},
	{"a message in flight is left to its receiver", func(s *subject) {
		s.deadLetter("1", "2")
		m := s.one("orders-dlq")
		task := s.move("orders-dlq", "", 0)
		s.equal(task.Moved, 1)
		s.equal(task.Status, queue.MoveCompleted)
		s.delete("orders-dlq", m.Receipt)
	}},
	{"an unknown destination is an error and moves nothing", func(s *subject) {
		s.deadLetter("x")
		s.ensure(ordered("orders.fifo"))
		_, err := s.StartMove(s.Context(), "orders-dlq", "missing", 0)
		s.fails(err, queue.ErrNoQueue)
		for _, wrong := range []string{"orders-dlq", "orders.fifo"} {
			if _, err = s.StartMove(s.Context(), "orders-dlq", wrong, 0); err == nil {
				s.Errorf("messages were moved to %s", wrong)
			}
		}
		s.equal(len(s.peek("orders-dlq")), 1)
	}},
	{"a moved message that fails again is back in the dead-letter queue", func(s *subject) {
		s.deadLetter("x")
		s.move("orders-dlq", "", 0)
		s.equal(s.one("orders").Receives, 1)
		time.Sleep(30 * time.Second)
		s.none("orders")
		s.equal(s.one("orders-dlq").DeadLetterSource, "orders")
	}},
	{"a rate is kept, and what arrives meanwhile stays", func(s *subject) {
		s.deadLetter("1", "2", "3", "4", "5")
		s.equal(s.move("orders-dlq", "", 2).Moved, 1)
		s.send("orders-dlq", "late")
		for n := 2; n <= 5; n++ {
			time.Sleep(500*time.Millisecond - time.Nanosecond)
			s.equal(s.task("orders-dlq").Moved, n-1)
			time.Sleep(time.Nanosecond)
			s.equal(s.task("orders-dlq").Moved, n)
		}
		time.Sleep(500 * time.Millisecond)
		s.equal(s.task("orders-dlq").Status, queue.MoveCompleted)
		s.equal(bodies(s.peek("orders-dlq")), []string{"late"})
	}},
	{"one task of a queue runs at a time, and it can be cancelled once", func(s *subject) {
		s.deadLetter("1", "2", "3")
		task := s.move("orders-dlq", "", 1)
		_, err := s.StartMove(s.Context(), "orders-dlq", "", 0)
		s.fails(err, queue.ErrMoveRunning)
		cancelled, err := s.CancelMove(s.Context(), task.Handle)
		s.ok(err)
		s.equal(cancelled.Moved, 1)
		s.equal(cancelled.Status, queue.MoveCancelled)
		for _, handle := range []string{task.Handle, "unknown"} {
			_, err = s.CancelMove(s.Context(), handle)
			s.fails(err, queue.ErrNoMove)
		}
		time.Sleep(time.Minute)
		s.equal(s.stats("orders-dlq").Visible, 2)
		s.equal(s.move("orders-dlq", "", 0).Moved, 2)
	}},
	{"a destination that goes while a task runs ends it", func(s *subject) {
		s.deadLetter("1", "2")
		s.ensure(plain("other"))
		s.move("orders-dlq", "other", 1)
		s.ok(s.DeleteQueue(s.Context(), "other"))
		time.Sleep(time.Second)
		task := s.task("orders-dlq")
		s.equal(task.Status, queue.MoveFailed)
		s.equal(task.Failure, "AWS.SimpleQueueService.NonExistentQueue")
		s.equal(bodies(s.peek("orders-dlq")), []string{"2"})
	}},
	{"the latest ten tasks are remembered, until their queue goes", func(s *subject) {
		s.deadLetter("x")
		var last string
		for range 12 {
			last = s.move("orders-dlq", "", 0).Handle
		}
		tasks, err := s.MoveTasks(s.Context(), "orders-dlq")
		s.ok(err)
		s.equal(len(tasks), 10)
		s.equal(tasks[0].Handle, last)
		s.ok(s.DeleteQueue(s.Context(), "orders-dlq"))
		s.ensure(plain("orders-dlq"))
		tasks, err = s.MoveTasks(s.Context(), "orders-dlq")
		s.ok(err)
		s.equal(len(tasks), 0)
	}},
	{"many messages move without holding up others", func(s *subject) {
		s.deadLetter(make([]string, 700)...)
		s.equal(s.move("orders-dlq", "", 0).Moved, 700)
		s.equal(s.stats("orders").Visible, 700)
	}},
}
