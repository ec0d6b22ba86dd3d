package queue

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A receive is what a receiving operation wants, and what it gets.
type receive struct {
	queue string
	Receive

	token    uint64
	received int64
	messages []stored // as they are after the receive
}

// Receive takes up to r.Max visible messages and hides each for its visibility
// timeout. Where there is none it waits up to r.Wait for the first, and returns no
// message and no error if none came. It may return fewer messages than there are.
//
// From a FIFO queue it takes at most 10, of as few groups as possible, each in the
// order of its sending. What was sent to a group after a message that is in flight
// waits, however many visibility timeouts that takes. A receive with the Attempt of an earlier one
// has that one's messages and receipts again, and their visibility timeouts begin
// anew, for five minutes and as long as nothing has happened to any of them.
//
// While a queue has 120,000 messages in flight nothing is received from it. A
// standard queue says so to a receive that does not wait, with [ErrOverLimit].
//
// A message whose stored content is damaged is counted and hidden like any other,
// but its receive returns a [*CorruptError] and no message; the messages beside it
// are for the next receive.
func (s *Store) Receive(ctx context.Context, queue string, r Receive) ([]Message, error) {
	if r.Max < 1 {
		return nil, fmt.Errorf("receive from %s: Max is %d, want at least 1", queue, r.Max)
	}
	if v := r.Visibility; v != nil && (*v < 0 || *v > maxVisibility) {
		return nil, fmt.Errorf("receive from %s: visibility is %v, want 0s to %v", queue, *v, maxVisibility)
	}
	o := newOp(nil)
	o.receive = &receive{queue: queue, Receive: r}
	if r.Wait > 0 {
		// The end of the wait withdraws the receive. If the writer was first, the
		// messages are its answer, late by one commit.
		defer time.AfterFunc(r.Wait, func() {
			if o.withdraw() {
				close(o.done)
			}
		}).Stop()
	}
	if err := s.submit(ctx, o); err != nil {
		return nil, err
	}
	return o.receive.result()
}

// result makes what the caller sees of the messages received.
func (r *receive) result() ([]Message, error) {
	var list []Message
	for i := range r.messages {
		m, err := r.messages[i].message()
		if err != nil {
			return nil, fmt.Errorf("receive from %s: message %s: %w", r.queue, m.ID, err)
		}
		m.Receipt = receipt{
			token: r.token, seq: r.messages[i].seq, receives: r.messages[i].receives, received: r.received,
		}.String()
		list = append(list, m)
	}
	return list, nil
}

// message decodes a stored message.
func (m *stored) message() (Message, error) {
	out := Message{
		ID:               m.id,
		Body:             m.body,
		Sent:             timeOf(sentAt(m.seq)),
		Receives:         int(m.receives),
		VisibleAt:        timeOf(m.visibleAt),
		Sequence:         m.seq,
		DeadLetterSource: m.source,
	}
	if m.firstReceived != 0 {
		out.FirstReceived = timeOf(m.firstReceived)
	}
	carried, err := decodeMeta(m.meta)
	out.TraceHeader, out.GroupID, out.DeduplicationID = carried.trace, carried.group, carried.deduplicationID
	out.Attributes = carried.attributes
	return out, err
}

// serve gives a queue's visible messages to those who wait for them, first come
// first served. It returns false where it had to stop before all was done.
func (w *writer) serve(q *queueState) (done bool) {
	q.waiters = slices.DeleteFunc(q.waiters, (*op).gone)
	for steps := maxSteps; len(q.waiters) > 0; {
		o := q.waiters[0]
		if w.repeat(q, o) {
			q.waiters = q.waiters[1:]
			continue
		}
		if w.full(q) {
			break
		}
		found, moved := w.visible(q, o.receive.Max)
		if steps -= moved; len(found) == 0 {
			if moved == 0 {
				break
			}
			if steps <= 0 {
				return false
			}
			continue
		}
		q.waiters = q.waiters[1:]
		// One that gave up in this moment leaves the messages to the next.
		if !o.take() {
			continue
		}
		w.answer(o, w.receive(q, o.receive, found))
		if !q.spec.FIFO && len(found)+moved < o.receive.Max && len(o.receive.messages) == len(found) && q.visibility(o.receive.Receive) > 0 {
			break // that was all
		}
	}
	q.waiters = slices.DeleteFunc(q.waiters, func(o *op) bool {
		atOnce := o.receive.Wait <= 0
		if atOnce && o.take() {
			w.answer(o, w.overLimit(q))
		}
		return atOnce
	})
	q.due = w.nextServing(q)
	return true
}

// nextServing is when a queue that nobody touches has something to serve.
func (w *writer) nextServing(q *queueState) int64 {
	if len(q.waiters) == 0 {
		return never
	}
	if q.flight >= w.maxInFlight {
		return q.countAgain
	}
	next := w.db.nextVisible
	if q.spec.FIFO {
		next = w.db.nextReady
	}
	for _, at := range w.db.numbers(next, q.id, w.now) {
		return at
	}
	return never
}

// visible finds up to limit messages that can be received, and moves those among
// them that were received too often to the dead-letter queue.
func (w *writer) visible(q *queueState, limit int) (found []stored, moved int) {
	if q.spec.FIFO {
		return w.ready(q, limit)
	}
	for _, m := range w.db.messages(w.db.visible, q.id, w.now, int64(limit)) {
		if w.spent(q, &m) {
			moved++
			continue
		}
		found = append(found, m)
	}
	return found, moved
}

// receive counts and hides messages for one receiver.
func (w *writer) receive(q *queueState, r *receive, found []stored) error {
	visibility := q.visibility(r.Receive)
	var lease int64
	if r.Lease {
		lease = 1
	}
	r.token, r.received = q.token, w.now
	for i := range found {
		m := &found[i]
		intact := m.intact()
		if !intact && i > 0 {
			break // for the next receive, which will fail and say so
		}
		m.receives++
		m.visibleAt = w.after(visibility)
		if m.firstReceived == 0 {
			m.firstReceived = w.now
		}
		w.db.exec(w.db.receive, m.visibleAt, m.receives, m.firstReceived, lease, q.id, m.seq)
		q.flight++
		if !intact {
			w.regroup(q, m.group)
			return &CorruptError{Queue: q.spec.Name, ID: m.id}
		}
		r.messages = append(r.messages, *m)
	}
	w.regroupAll(q, r.messages)
	w.remember(q, r)
	return nil
}

// visibility is how long a receive hides what it takes.
func (q *queueState) visibility(r Receive) time.Duration {
	if r.Visibility != nil {
		return *r.Visibility
	}
	return q.spec.Visibility
}
