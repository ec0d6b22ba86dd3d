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
// Dead-letter queues have to exist, or to be among the specs, and must not lead
// in a circle.
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
		case q.spec != spec:
			w.db.writeQueue(w.db.updateQueue, spec)
			q.spec = spec
			q.expires = 0 // to be found anew in this round
			w.touch(q)
		}
	}
	return nil
}

func (w *writer) create(spec Spec) {
	var token [8]byte
	rand.Read(token[:]) // never fails
	q := &queueState{spec: spec, token: binary.BigEndian.Uint64(token[:]), expires: never}
	w.db.check(w.db.insertQueue.BindInt64(7, int64(q.token)))
	w.db.writeQueue(w.db.insertQueue, spec)
	q.id = w.db.conn.LastInsertRowID()
	w.add(q)
}

// writeQueue runs insertQueue or updateQueue.
func (d *database) writeQueue(s *sqlite3.Stmt, spec Spec) {
	d.check(s.BindText(4, spec.DeadLetter))
	d.check(s.BindText(6, spec.Name))
	d.check(s.BindInt(5, spec.MaxReceives))
	d.exec(s, spec.Visibility.Milliseconds(), spec.Delay.Milliseconds(), spec.Retention.Milliseconds())
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
// Purge was called. It works in small steps, so that nobody waits for it: where it
// is interrupted some are deleted and others are not.
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
		w.remove(q, seq)
	}
	return len(found) == maxSteps
}

// DeleteQueue deletes a queue and its messages. Receives that wait for it return
// [ErrNoQueue]. A queue whose dead-letter queue it was keeps its messages from
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
		delete(w.queues, queue)
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
