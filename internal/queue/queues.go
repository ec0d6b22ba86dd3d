package queue

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// Ensure makes the queues that do not exist and gives the others the settings of
// their Spec, all of them or none. A new visibility timeout or delay holds for the
// receives and sends that come after, a new retention for all messages.
// Dead-letter queues have to exist, or to be among the specs, have to be of the same
// kind, and must not lead in a circle of two or more. A new delay of a FIFO queue holds for the
// messages that are delayed already, too.
func (s *Store) Ensure(ctx context.Context, specs ...Spec) error {
	for _, spec := range specs {
		if err := spec.validate(); err != nil {
			return err
		}
	}
	return s.do(ctx, func(w *writer) error { return w.ensure(specs) })
}

func (w *writer) ensure(specs []Spec) error {
	all := make(map[string]Spec, len(w.queues)+len(specs))
	for name, q := range w.queues {
		all[name] = q.spec
	}
	for _, spec := range specs {
		all[spec.Name] = spec
	}
	for _, spec := range specs {
		if err := spec.validateDeadLetters(all); err != nil {
			return err
		}
	}
	for _, spec := range specs {
		q, ok := w.queues[spec.Name]
		switch {
		case !ok:
			w.create(spec)
		default:
			w.update(q, spec)
		}
	}
	return nil
}

func (w *writer) update(q *queueState, spec Spec) {
	if spec.Settings == "" {
		spec.Settings = q.spec.Settings
	}
	if q.spec == spec {
		return
	}
	before := q.spec
	q.spec, q.modified, w.changed = spec, w.now, true
	w.db.writeQueue(w.db.updateQueue, q)
	if spec.FIFO && spec.Delay != before.Delay {
		w.delayAnew(q)
	}
	q.expires = 0 // to be found anew in this round
	w.touch(q)
}

func (w *writer) create(spec Spec) {
	var token [8]byte
	rand.Read(token[:]) // never fails
	q := &queueState{
		spec: spec, token: binary.BigEndian.Uint64(token[:]), expires: never,
		created: w.now, modified: w.now,
	}
	s := w.db.insertQueue
	w.db.check(s.BindInt64(10, int64(q.token)))
	w.db.check(s.BindBool(11, spec.FIFO))
	w.db.check(s.BindInt64(12, q.created))
	w.db.writeQueue(s, q)
	q.id = w.db.conn.LastInsertRowID()
	w.add(q)
	w.changed = true
}

// writeQueue runs insertQueue or updateQueue.
func (d *database) writeQueue(s *sqlite3.Stmt, q *queueState) {
	spec := q.spec
	d.check(s.BindBool(5, spec.DeduplicateByGroup))
	d.check(s.BindInt64(6, q.modified))
	d.bindTexts(s, 7, spec.DeadLetter, spec.Settings, spec.Name)
	d.exec(s, spec.Visibility.Milliseconds(), spec.Delay.Milliseconds(), spec.Retention.Milliseconds(), int64(spec.MaxReceives))
}

// Queue returns a queue as it is, without waiting for anything: what a call that
// has returned did to it is seen, and what one that runs is doing may be.
func (s *Store) Queue(name string) (Info, bool) {
	info, ok := (*s.infos.Load())[name]
	return info, ok
}

// Queues returns the queues in the order of their names.
func (s *Store) Queues(ctx context.Context) (specs []Spec, err error) {
	err = s.do(ctx, func(w *writer) error {
		for _, q := range w.list {
			specs = append(specs, q.spec)
		}
		return nil
	})
	slices.SortFunc(specs, func(a, b Spec) int { return strings.Compare(a.Name, b.Name) })
	return specs, err
}

// Purge deletes every message of a queue, in flight or not, that was in it when
// Purge was called, and what a FIFO queue knows of repeated sends. It works in small
// steps, so that nobody waits for it: where it is interrupted some are deleted and
// others are not.
func (s *Store) Purge(ctx context.Context, queue string) error {
	var last int64
	for more := true; more; {
		err := s.do(ctx, func(w *writer) error {
			q, err := w.queue(queue)
			if err != nil {
				return err
			}
			if last == 0 {
				last = w.seq
			}
			more = w.purge(q, last)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// purge deletes some of the messages up to the sequence number last, and tells
// whether there may be more.
func (w *writer) purge(q *queueState, last int64) (more bool) {
	found := w.db.numbers(w.db.first, q.id, last+1, maxSteps)
	for _, seq := range found {
		w.drop(q, seq)
	}
	w.forget(q, last)
	return len(found) == maxSteps
}

// DeleteQueue deletes a queue, its messages and its move tasks. Receives that wait
// for it return [ErrNoQueue]. A queue whose dead-letter queue it was keeps its messages from
// then on, however often they are received.
func (s *Store) DeleteQueue(ctx context.Context, queue string) error {
	if err := s.Purge(ctx, queue); err != nil {
		return err
	}
	return s.do(ctx, func(w *writer) error {
		q, err := w.queue(queue)
		if err != nil {
			return err
		}
		// What was sent since the purge is not much.
		for w.purge(q, w.seq) {
		}
		w.db.exec(w.db.deleteQueue, q.id)
		w.dropTasks(queue)
		delete(w.queues, queue)
		w.changed = true
		w.list = slices.DeleteFunc(w.list, func(other *queueState) bool { return other == q })
		for _, o := range q.waiters {
			if o.take() {
				_, err := w.queue(queue)
				w.answer(o, err)
			}
		}
		q.waiters = nil
		return nil
	})
}
