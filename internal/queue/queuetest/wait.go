package queuetest

import (
	"context"
	"fmt"
	"testing/synctest"
	"time"

	"github.com/less-go/less/internal/queue"
)

// A waiter is a receive that runs beside the test.
type waiter struct {
	done     chan struct{}
	took     time.Duration
	messages []queue.Message
	err      error
}

// wait starts a receive and returns when it waits.
func (s *subject) wait(ctx context.Context, name string, r queue.Receive) *waiter {
	w := &waiter{done: make(chan struct{})}
	start := time.Now()
	go func() {
		defer close(w.done)
		w.messages, w.err = s.Receive(ctx, name, r)
		w.took = time.Since(start)
	}()
	synctest.Wait()
	return w
}

// got checks what a waiter received, and after how long.
func (s *subject) got(w *waiter, took time.Duration, want ...string) {
	s.Helper()
	<-w.done
	s.ok(w.err)
	s.equal(bodies(w.messages), want)
	s.equal(w.took, took)
}

var longPoll = queue.Receive{Max: 10, Wait: 20 * time.Second}

var waits = []test{
	{"a receive that waits returns at once what is there", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		s.got(s.wait(s.Context(), "orders", longPoll), 0, "x")
	}},
	{"a receive that waits returns nothing when its wait ends", func(s *subject) {
		s.ensure(plain("orders"))
		s.got(s.wait(s.Context(), "orders", longPoll), 20*time.Second)
	}},
	{"a send wakes a receive that waits, in the same moment", func(s *subject) {
		s.ensure(plain("orders"))
		w := s.wait(s.Context(), "orders", longPoll)
		time.Sleep(7 * time.Second)
		s.send("orders", "x")
		s.got(w, 7*time.Second, "x")
	}},
	{"the end of a visibility timeout wakes a receive that waits", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		s.one("orders")
		time.Sleep(20 * time.Second)
		s.got(s.wait(s.Context(), "orders", longPoll), 10*time.Second, "x")
	}},
	{"the end of a delay wakes a receive that waits", func(s *subject) {
		s.ensure(plain("orders"))
		w := s.wait(s.Context(), "orders", longPoll)
		_, err := s.Send(s.Context(), queue.Entry{Queue: "orders", Body: []byte("x"), Delay: new(5 * time.Second)})
		s.ok(err)
		s.got(w, 5*time.Second, "x")
	}},
	{"a release wakes a receive that waits", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.one("orders")
		w := s.wait(s.Context(), "orders", longPoll)
		time.Sleep(time.Second)
		s.ok(s.ChangeVisibility(s.Context(), "orders", m.Receipt, 0))
		s.got(w, time.Second, "x")
	}},
	{"a shortened visibility wakes a receive that waits when it ends", func(s *subject) {
		s.ensure(plain("orders"))
		s.send("orders", "x")
		m := s.one("orders")
		w := s.wait(s.Context(), "orders", longPoll)
		s.ok(s.ChangeVisibility(s.Context(), "orders", m.Receipt, 2*time.Second))
		s.got(w, 2*time.Second, "x")
	}},
	{"a dead-letter move wakes a receive that waits for the dead-letter queue", func(s *subject) {
		s.ensure(withDeadLetter("orders", "orders-dlq", 1), plain("orders-dlq"))
		s.send("orders", "x")
		s.one("orders")
		time.Sleep(25 * time.Second)
		w := s.wait(s.Context(), "orders-dlq", longPoll)
		s.got(s.wait(s.Context(), "orders", longPoll), 20*time.Second)
		s.got(w, 5*time.Second, "x")
	}},
	{"a move task wakes a receive that waits for the destination", func(s *subject) {
		s.deadLetter("x")
		w := s.wait(s.Context(), "orders", longPoll)
		s.move("orders-dlq", "", 0)
		s.got(w, 0, "x")
	}},
	{"receives that wait are served in the order in which they came", func(s *subject) {
		s.ensure(plain("orders"))
		var waiters []*waiter
		for range 5 {
			waiters = append(waiters, s.wait(s.Context(), "orders", queue.Receive{Max: 1, Wait: 20 * time.Second}))
		}
		for i, w := range waiters {
			s.send("orders", fmt.Sprint(i))
			s.got(w, 0, fmt.Sprint(i))
		}
	}},
	{"a send of several messages wakes several receives", func(s *subject) {
		s.ensure(plain("orders"))
		one := queue.Receive{Max: 1, Wait: 20 * time.Second}
		first, second := s.wait(s.Context(), "orders", one), s.wait(s.Context(), "orders", one)
		s.send("orders", "1", "2")
		s.got(first, 0, "1")
		s.got(second, 0, "2")
	}},
	{"a receive that does not wait comes after those that do", func(s *subject) {
		spec := plain("orders")
		spec.Delay = time.Second
		s.ensure(spec)
		w := s.wait(s.Context(), "orders", queue.Receive{Max: 1, Wait: 20 * time.Second})
		s.send("orders", "x")
		time.Sleep(time.Second)
		s.none("orders")
		s.got(w, time.Second, "x")
	}},
	{"a receive that waits does not hear of other queues", func(s *subject) {
		s.ensure(plain("a"), plain("b"))
		w := s.wait(s.Context(), "a", longPoll)
		s.send("b", "x")
		s.got(w, 20*time.Second)
	}},
	{"a cancelled receive returns the context's error at once", func(s *subject) {
		s.ensure(plain("orders"))
		ctx, cancel := context.WithCancel(s.Context())
		w := s.wait(ctx, "orders", longPoll)
		time.Sleep(time.Second)
		cancel()
		<-w.done
		s.fails(w.err, context.Canceled)
		s.equal(w.took, time.Second)
	}},
	{"a deadline ends a receive with the context's error", func(s *subject) {
		s.ensure(plain("orders"))
		ctx, cancel := context.WithTimeout(s.Context(), time.Second)
		defer cancel()
		w := s.wait(ctx, "orders", longPoll)
		<-w.done
		s.fails(w.err, context.DeadlineExceeded)
		s.equal(w.took, time.Second)
	}},
	{"a receive that went away does not take a message with it", func(s *subject) {
		s.ensure(plain("orders"))
		ctx, cancel := context.WithCancel(s.Context())
		gone := s.wait(ctx, "orders", longPoll)
		ended := s.wait(s.Context(), "orders", queue.Receive{Max: 10, Wait: time.Second})
		stays := s.wait(s.Context(), "orders", longPoll)
		cancel()
		<-gone.done
		s.got(ended, time.Second)
		s.send("orders", "x")
		s.got(stays, time.Second, "x")
		s.equal(stays.messages[0].Receives, 1)
	}},
	{"nothing is done for a context that has ended", func(s *subject) {
		s.ensure(plain("orders"))
		ctx, cancel := context.WithCancel(s.Context())
		cancel()
		_, err := s.Send(ctx, queue.Entry{Queue: "orders"})
		s.fails(err, context.Canceled)
		s.none("orders")
		s.send("orders", "x")
		_, err = s.Receive(ctx, "orders", queue.Receive{Max: 1})
		s.fails(err, context.Canceled)
		s.equal(s.one("orders").Receives, 1)
	}},
	{"deleting a queue ends the receives that wait for it", func(s *subject) {
		s.ensure(plain("orders"))
		w := s.wait(s.Context(), "orders", longPoll)
		s.ok(s.DeleteQueue(s.Context(), "orders"))
		<-w.done
		s.fails(w.err, queue.ErrNoQueue)
		s.equal(w.took, time.Duration(0))
	}},
	{"closing the store ends the receives that wait, and nothing works after", func(s *subject) {
		s.ensure(plain("orders"))
		w := s.wait(s.Context(), "orders", longPoll)
		s.ok(s.Close())
		<-w.done
		s.fails(w.err, queue.ErrClosed)
		_, err := s.Send(s.Context(), queue.Entry{Queue: "orders"})
		s.fails(err, queue.ErrClosed)
	}},
}
