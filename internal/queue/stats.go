package queue

import (
	"context"
	"errors"
	"fmt"
)

// Stats counts a queue's messages. The first time after Open it counts all of
// them, later only those that are hidden.
func (s *Store) Stats(ctx context.Context, queue string) (stats Stats, err error) {
	err = s.do(ctx, func(w *writer) error {
		q, err := w.queue(queue)
		if err != nil {
			return err
		}
		stats = w.stats(q)
		return nil
	})
	return stats, err
}

func (w *writer) stats(q *queueState) Stats {
	if !q.counted {
		for _, n := range w.db.numbers(w.db.count, q.id) {
			q.messages, q.counted = n, true
		}
	}
	var stats Stats
	live := w.firstLive(q)
	all := q.messages
	for _, expired := range w.db.numbers(w.db.countOld, q.id, live) {
		all -= expired
	}
	w.db.query(w.db.countHidden, func() {
		hidden := w.db.countHidden.ColumnInt(0)
		stats.Delayed = w.db.countHidden.ColumnInt(1)
		stats.InFlight = hidden - stats.Delayed
		stats.Visible = int(all) - hidden
	}, q.id, w.now, live)
	for _, seq := range w.db.numbers(w.db.oldest, q.id, live) {
		stats.Oldest = timeOf(sentAt(seq))
	}
	return stats
}

// Peek returns up to limit messages of a queue, the longest sent first, whether
// they are visible or not, and receives none of them: they come without a receipt.
// Where some are damaged it returns the others together with a [*CorruptError] for each
// that is not.
func (s *Store) Peek(ctx context.Context, queue string, limit int) ([]Message, error) {
	var found []stored
	err := s.do(ctx, func(w *writer) error {
		q, err := w.queue(queue)
		if err != nil {
			return err
		}
		found = w.db.messages(w.db.peek, q.id, w.firstLive(q), int64(max(limit, 0)))
		return nil
	})
	if err != nil {
		return nil, err
	}
	var list []Message
	var damaged []error
	for i := range found {
		if !found[i].intact() {
			damaged = append(damaged, &CorruptError{Queue: queue, ID: found[i].id})
			continue
		}
		m, err := found[i].message()
		if err != nil {
			damaged = append(damaged, fmt.Errorf("queue %s: message %s: %w", queue, m.ID, err))
			continue
		}
		list = append(list, m)
	}
	return list, errors.Join(damaged...)
}
