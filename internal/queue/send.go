package queue

import (
	"context"
	"fmt"
)

// Send puts messages into queues, each a copy of its own, and tells of each in the
// order of the entries. It happens for all entries or, with an error, for none; one
// that a FIFO queue knows as a duplicate has happened before.
func (s *Store) Send(ctx context.Context, entries ...Entry) ([]Sent, error) {
	sent, _, err := s.send(ctx, nil, entries)
	return sent, err
}

// SendOnce is Send for a set of messages that are one to the caller: where the
// same once was sent within the last five minutes, nothing is, and the answer
// tells of that time. The id it tells of is once's own.
func (s *Store) SendOnce(ctx context.Context, once Once, entries ...Entry) (Sent, error) {
	_, sent, err := s.send(ctx, &once, entries)
	return sent, err
}

func (s *Store) send(ctx context.Context, once *Once, entries []Entry) (sent []Sent, whole Sent, err error) {
	if len(entries) == 0 && once == nil {
		return nil, whole, nil
	}
	// Encoding is done here, by the callers in parallel, and not by the one writer.
	messages := make([]outgoing, len(entries))
	for i, e := range entries {
		if messages[i], err = newOutgoing(e); err != nil {
			return nil, whole, err
		}
	}
	sent = make([]Sent, len(entries))
	err = s.do(ctx, func(w *writer) error {
		if err := w.sendable(messages); err != nil {
			return err
		}
		if once != nil {
			known := false
			if whole, known = w.recall(callerScope+once.Scope, once.Key); known {
				return nil
			}
			whole = Sent{ID: once.ID, Sequence: w.nextSeq()}
			w.memorize(callerScope+once.Scope, once.Key, whole)
		}
		for i := range messages {
			sent[i] = w.send(&messages[i])
		}
		return nil
	})
	if err != nil {
		return nil, Sent{}, err
	}
	return sent, whole, nil
}

// sendable checks all messages before the first row is written.
func (w *writer) sendable(messages []outgoing) error {
	for i := range messages {
		m := &messages[i]
		q, err := w.queue(m.queue)
		if err != nil {
			return err
		}
		if q.spec.FIFO && (m.group == "" || m.deduplicationID == "") {
			return fmt.Errorf("send to %s: a FIFO queue needs a group id and a deduplication id", m.queue)
		}
	}
	return nil
}

func (w *writer) send(m *outgoing) Sent {
	q := w.queues[m.queue]
	if q.spec.FIFO {
		return w.sendInOrder(q, m)
	}
	delay := q.spec.Delay
	if m.delay != nil {
		delay = *m.delay
	}
	w.insert(q, w.after(delay), "", &m.payload)
	return Sent{ID: m.id, Sequence: w.seq}
}

// sendInOrder puts a message into a FIFO queue, unless it was sent before. The
// queue's delay is that of all its messages, or they would overtake each other.
//
// A queue that deduplicates by group still knows what it was sent when it did not,
// but not the other way round: so it was recorded on AWS.
func (w *writer) sendInOrder(q *queueState, m *outgoing) Sent {
	scope, key := q.scope(), m.deduplicationID
	if sent, known := w.recall(scope, key); known {
		return sent
	}
	if q.spec.DeduplicateByGroup {
		key = m.group + "\x00" + key
		if sent, known := w.recall(scope, key); known {
			return sent
		}
	}
	w.insert(q, w.after(q.spec.Delay), m.group, &m.payload)
	sent := Sent{ID: m.id, Sequence: w.seq}
	w.memorize(scope, key, sent)
	return sent
}
