package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
)

// Redrive sends a dead-letter queue's visible messages to the queue destination,
// or each to the queue it came from where destination is empty: up to limit of
// them, or all that are there where limit is below 1. It returns how many it moved.
// A redriven message is new: its id, sent time and receive count begin again, what
// it carries stays.
//
// Each message moves in a transaction of its own, so whatever ends Redrive early,
// every message is in exactly one of the two queues. Messages that cannot move stay,
// and the error then says how many and why.
func (s *Store) Redrive(ctx context.Context, dlq, destination string, limit int) (int, error) {
	r := redrive{from: dlq, to: destination}
	for !r.done && (limit < 1 || r.moved < limit) {
		if err := s.do(ctx, r.step); err != nil {
			return r.moved, err
		}
	}
	return r.moved, r.left()
}

// A redrive is one call of Redrive, at some message of the dead-letter queue.
type redrive struct {
	from, to string
	at, last int64 // sequence numbers: the message before, and the last there was at the start
	done     bool

	moved    int
	noSource int
	noQueue  map[string]int // by name of the queue that does not exist
	corrupt  []error
}

// step moves one message.
func (r *redrive) step(w *writer) error {
	q, err := w.queue(r.from)
	if err != nil {
		return err
	}
	if r.to != "" {
		if _, err := w.queue(r.to); err != nil {
			return err
		}
	}
	if r.to == r.from {
		return fmt.Errorf("redrive %s: the destination is the queue itself", r.from)
	}
	if r.last == 0 {
		// Messages that fail once more while we are at it are not moved again.
		r.at, r.last = w.firstLive(q)-1, w.seq
	}
	found := w.db.messages(w.db.redrivable, q.id, r.at, r.last, w.now)
	if len(found) == 0 {
		r.done = true
		return nil
	}
	m := found[0]
	r.at = m.seq
	name := r.to
	if name == "" {
		name = m.source
	}
	destination, exists := w.queues[name]
	switch {
	case name == "":
		r.noSource++
	case !exists:
		if r.noQueue == nil {
			r.noQueue = make(map[string]int)
		}
		r.noQueue[name]++
	case !m.intact():
		r.corrupt = append(r.corrupt, &CorruptError{Queue: r.from, ID: m.id})
	default:
		m.id = uuid.NewString()
		m.sum = m.checksum()
		w.insert(destination, w.now, &m.payload)
		w.remove(q, m.seq)
		r.moved++
	}
	return nil
}

// left is the error for the messages that stayed where they are.
func (r *redrive) left() error {
	var errs []error
	if r.noSource > 0 {
		errs = append(errs, fmt.Errorf("redrive %s: messages left: %d, which did not come from a queue; "+
			"name a destination for them", r.from, r.noSource))
	}
	for _, name := range slices.Sorted(maps.Keys(r.noQueue)) {
		errs = append(errs, fmt.Errorf("redrive %s: messages left: %d, which came from %s: %w; "+
			"name a destination for them", r.from, r.noQueue[name], name, ErrNoQueue))
	}
	return errors.Join(append(errs, r.corrupt...)...)
}
