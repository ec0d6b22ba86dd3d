package queue

import (
	"context"
	"fmt"
)

// Replace ends the message of a receipt and sends e to the same queue in its
// place: both happen or none. It is how a message is put off with something
// noted on it, as what a message carries never changes. It fails with
// [ErrInvalidReceipt] where the message is gone, or was received again since:
// then it is somebody else's, and nothing is sent. In a FIFO queue nothing can be
// replaced: what is sent there has another place in its group, or none as a duplicate.
func (s *Store) Replace(ctx context.Context, queue, receipt string, e Entry) error {
	e.Queue = queue
	m, err := newOutgoing(e)
	if err != nil {
		return err
	}
	r, err := parseReceipt(receipt)
	if err != nil {
		return fmt.Errorf("replace in %s: %w", queue, err)
	}
	return s.do(ctx, func(w *writer) error {
		q, err := w.queue(queue)
		if err != nil {
			return err
		}
		if err := w.sendable([]outgoing{m}); err != nil {
			return err
		}
		if q.spec.FIFO {
			return fmt.Errorf("replace in %s: it is a FIFO queue", queue)
		}
		at, ok := w.db.state(q.id, r.seq)
		if !ok || r.token != q.token || at.receives != r.receives {
			return fmt.Errorf("replace in %s: %w", queue, ErrInvalidReceipt)
		}
		if err := w.delete(q, r); err != nil {
			return fmt.Errorf("replace in %s: %w", queue, err)
		}
		w.send(&m)
		return nil
	})
}
