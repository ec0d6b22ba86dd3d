// Package queuetest says what a queue store must do, as tests that every store
// has to pass. They run in virtual time: a visibility timeout takes no time at all.
package queuetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/queue"
)

// A Store is what is tested.
type Store interface {
	Ensure(ctx context.Context, specs ...queue.Spec) error
	Queues(ctx context.Context) ([]queue.Spec, error)
	Queue(name string) (queue.Info, bool)
	Send(ctx context.Context, entries ...queue.Entry) ([]queue.Sent, error)
	SendOnce(ctx context.Context, once queue.Once, entries ...queue.Entry) (queue.Sent, error)
	Receive(ctx context.Context, queue string, r queue.Receive) ([]queue.Message, error)
	Delete(ctx context.Context, queue string, receipts ...string) ([]error, error)
	ChangeVisibility(ctx context.Context, queue, receipt string, d time.Duration) error
	Replace(ctx context.Context, queue, receipt string, e queue.Entry) error
	EndLeases(ctx context.Context) error
	StartMove(ctx context.Context, source, destination string, rate int) (queue.MoveTask, error)
	MoveTasks(ctx context.Context, source string) ([]queue.MoveTask, error)
	CancelMove(ctx context.Context, handle string) (queue.MoveTask, error)
	Peek(ctx context.Context, queue string, limit int) ([]queue.Message, error)
	Stats(ctx context.Context, queue string) (queue.Stats, error)
	Purge(ctx context.Context, queue string) error
	DeleteQueue(ctx context.Context, queue string) error
	Keep(ctx context.Context, documents ...queue.Document) error
	Documents(ctx context.Context, kind string) ([]queue.Document, error)
	Close() error
}

// An Open opens the store that is kept in the folder dir, an empty one the first
// time. It fails the test where it cannot.
type Open func(t *testing.T, dir string, options queue.Options) Store

// Run tests how a store behaves while it is open.
func Run(t *testing.T, open Open) {
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"send", sending},
		{"receive", receiving},
		{"visibility", visibility},
		{"delete", deleting},
		{"retention", retention},
		{"wait", waits},
		{"dead letter", deadLetters},
		{"lease", leases},
		{"replace", replacing},
		{"fifo", fifo},
		{"once", onces},
		{"move", moves},
		{"document", documents},
		{"manage", management},
	} {
		t.Run(group.name, func(t *testing.T) { run(t, open, group.tests) })
	}
}

// RunDurable tests what a store still knows when it is opened again.
func RunDurable(t *testing.T, open Open) { run(t, open, durability) }

// A test is named by the sentence that it proves.
type test struct {
	name string
	run  func(s *subject)
}

func run(t *testing.T, open Open, tests []test) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &subject{T: t, open: open, dir: t.TempDir()}
				s.start()
				defer s.stop()
				test.run(s)
			})
		})
	}
}

// A subject is the store under test. Its methods fail the test on an error that it
// does not expect.
type subject struct {
	*testing.T
	Store
	open  Open
	dir   string
	moved []queue.Moved // what OnDeadLetter was told; read it after stop or synctest.Wait
}

func (s *subject) start() {
	s.Store = s.open(s.T, s.dir, queue.Options{
		OnDeadLetter: func(m queue.Moved) { s.moved = append(s.moved, m) },
	})
}

func (s *subject) stop() {
	s.Helper()
	s.ok(s.Close())
}

// reopen ends the store and opens what it has kept.
func (s *subject) reopen() {
	s.Helper()
	s.stop()
	s.start()
}

func (s *subject) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *subject) fails(err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Fatalf("error is %v, want %v", err, want)
	}
}

func (s *subject) equal(got, want any) {
	s.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Fatalf("differs (-want +got):\n%s", diff)
	}
}

// plain is a queue with a visibility timeout of 30 s.
func plain(name string) queue.Spec {
	return queue.Spec{Name: name, Visibility: 30 * time.Second, Retention: 4 * 24 * time.Hour}
}

// withDeadLetter is a plain queue whose messages go to the queue dlq after so many receives.
func withDeadLetter(name, dlq string, receives int) queue.Spec {
	spec := plain(name)
	spec.DeadLetter, spec.MaxReceives = dlq, receives
	return spec
}

func (s *subject) ensure(specs ...queue.Spec) {
	s.Helper()
	s.ok(s.Ensure(s.Context(), specs...))
}

// send sends a message for each body and returns their ids.
func (s *subject) send(name string, bodies ...string) (ids []string) {
	s.Helper()
	var entries []queue.Entry
	for _, body := range bodies {
		entries = append(entries, queue.Entry{Queue: name, Body: []byte(body)})
	}
	sent, err := s.Send(s.Context(), entries...)
	s.ok(err)
	for _, m := range sent {
		ids = append(ids, m.ID)
	}
	return ids
}

func (s *subject) receive(name string, r queue.Receive) []queue.Message {
	s.Helper()
	messages, err := s.Receive(s.Context(), name, r)
	s.ok(err)
	return messages
}

// one receives a message that must be there.
func (s *subject) one(name string) queue.Message {
	s.Helper()
	messages := s.receive(name, queue.Receive{Max: 1})
	if len(messages) != 1 {
		s.Fatalf("received %d messages from %s, want 1", len(messages), name)
	}
	return messages[0]
}

// none checks that the queue has nothing to receive.
func (s *subject) none(name string) {
	s.Helper()
	s.equal(bodies(s.receive(name, queue.Receive{Max: 10})), []string(nil))
}

// delete deletes by a receipt that must be good.
func (s *subject) delete(name string, receipts ...string) {
	s.Helper()
	outcomes, err := s.Delete(s.Context(), name, receipts...)
	s.ok(err)
	s.ok(errors.Join(outcomes...))
}

func (s *subject) stats(name string) queue.Stats {
	s.Helper()
	stats, err := s.Stats(s.Context(), name)
	s.ok(err)
	return stats
}

func (s *subject) peek(name string) []queue.Message {
	s.Helper()
	messages, err := s.Peek(s.Context(), name, 100)
	s.ok(err)
	return messages
}

// deadLetter makes the queues orders and orders-dlq and sends messages that end in
// the second after one receive.
func (s *subject) deadLetter(messages ...string) {
	s.Helper()
	s.ensure(withDeadLetter("orders", "orders-dlq", 1), plain("orders-dlq"))
	s.send("orders", messages...)
	for len(s.receive("orders", queue.Receive{Max: 10})) > 0 {
	}
	time.Sleep(30 * time.Second)
	s.none("orders")
}

// move starts a move task and returns what it has come to when it has nothing to
// do any more for now.
func (s *subject) move(source, destination string, rate int) queue.MoveTask {
	s.Helper()
	_, err := s.StartMove(s.Context(), source, destination, rate)
	s.ok(err)
	return s.task(source)
}

// task returns the latest move task of a queue, when it has nothing to do for now.
func (s *subject) task(source string) queue.MoveTask {
	s.Helper()
	synctest.Wait()
	tasks, err := s.MoveTasks(s.Context(), source)
	s.ok(err)
	return tasks[0]
}

func bodies(messages []queue.Message) (list []string) {
	for _, m := range messages {
		list = append(list, string(m.Body))
	}
	return list
}

// sorted are bodies without their order.
func sorted(messages []queue.Message) []string {
	list := bodies(messages)
	slices.Sort(list)
	return list
}
