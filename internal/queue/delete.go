package queue

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Delete ends messages by their receipts, and returns for each receipt nil or
// [ErrInvalidReceipt]. Only the receipt of a message's latest receive deletes it,
// also after its visibility timeout; an older one does nothing and is no error, nor
// is that of a message which is gone. In a FIFO queue a receipt is good only while
// the message is in flight by it, and the error of another is [ErrReceiptExpired].
func (s *Store) Delete(ctx context.Context, queue string, receipts ...string) ([]error, error) {
	outcomes := make([]error, len(receipts))
	parsed := make([]receipt, len(receipts))
	for i, text := range receipts {
		parsed[i], outcomes[i] = parseReceipt(text)
	}
	err := s.do(ctx, func(w *writer) error {
		q, err := w.queue(queue)
		if err != nil {
			return err
		}
		for i, r := range parsed {
			switch {
			case outcomes[i] != nil:
			case r.token != q.token:
				outcomes[i] = ErrInvalidReceipt
			default:
				outcomes[i] = w.delete(q, r)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

func (w *writer) delete(q *queueState, r receipt) error {
	if !q.spec.FIFO {
		// One statement asks for the receive and deletes the message of it.
		for _, visibleAt := range w.db.numbers(w.db.deleteReceived, q.id, r.seq, r.receives) {
			w.landed(q, r.receives, visibleAt)
			w.db.exec(w.db.deletePayload, r.seq)
			q.messages--
		}
		return nil
	}
	m, ok := w.db.state(q.id, r.seq)
	latest := ok && m.receives == r.receives
	switch {
	case ok && (!latest || m.visibleAt <= w.now):
		return ErrReceiptExpired
	case latest:
		w.landed(q, m.receives, m.visibleAt)
		w.remove(q, r.seq, m.group)
	}
	return nil
}

// messageState is where a message stands.
type messageState struct{ receives, visibleAt, group int64 }

func (d *database) state(queue, seq int64) (m messageState, ok bool) {
	d.query(d.latest, func() {
		m = messageState{d.latest.ColumnInt64(0), d.latest.ColumnInt64(1), d.latest.ColumnInt64(2)}
		ok = true
	}, queue, seq)
	return m, ok
}

// ChangeVisibility has a message that is in flight become visible d from now, at
// once with 0. As on AWS the receipt of any of its receives will do. When it is
// visible, the latest is no error and changes nothing; another one fails with
// [ErrNotInFlight]. In a FIFO queue a receipt is good only while the message is in
// flight by it, else the error is [ErrReceiptExpired]. It is [ErrGone] where the
// message is gone, and [ErrVisibilityTooLong] past 12 hours from the receive.
func (s *Store) ChangeVisibility(ctx context.Context, queue, receipt string, d time.Duration) error {
	if d < 0 || d > maxVisibility {
		return fmt.Errorf("change visibility in %s: %v, want 0s to %v", queue, d, maxVisibility)
	}
	r, err := parseReceipt(receipt)
	return s.do(ctx, func(w *writer) error {
		// An unknown queue is the greater mistake.
		q, noQueue := w.queue(queue)
		if noQueue != nil {
			return noQueue
		}
		if err == nil {
			err = w.changeVisibility(q, r, d)
		}
		if err != nil {
			return fmt.Errorf("change visibility in %s: %w", queue, err)
		}
		return nil
	})
}

func (w *writer) changeVisibility(q *queueState, r receipt, d time.Duration) error {
	m, ok := w.db.state(q.id, r.seq)
	switch {
	case r.token != q.token:
		return ErrInvalidReceipt
	case !ok, r.seq < w.firstLive(q):
		return ErrGone
	case q.spec.FIFO && (m.receives != r.receives || m.visibleAt <= w.now):
		return ErrReceiptExpired
	case m.visibleAt <= w.now && m.receives == r.receives:
		return nil
	case m.visibleAt <= w.now:
		return ErrNotInFlight
	case d > 0 && w.after(d) > r.received+maxVisibility.Milliseconds():
		return ErrVisibilityTooLong
	}
	if d == 0 {
		w.landed(q, m.receives, m.visibleAt)
	}
	w.db.exec(w.db.hide, w.after(d), q.id, r.seq)
	w.regroup(q, m.group)
	w.touch(q)
	return nil
}

// EndLeases makes every message visible that is in flight by a receive with Lease,
// ahead of those that were visible before. Receive counts stay. It is for the
// start of the engine, when the invocations that worked on them are gone.
func (s *Store) EndLeases(ctx context.Context) error {
	return s.do(ctx, func(w *writer) error {
		for _, q := range w.list {
			groups := w.db.numbers(w.db.leasedGroups, q.id, w.now)
			w.db.exec(w.db.endLeases, q.id, w.now)
			slices.Sort(groups)
			for _, group := range slices.Compact(groups) {
				w.regroup(q, group)
			}
			w.touch(q)
		}
		return nil
	})
}
