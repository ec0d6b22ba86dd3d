package queue

import (
	"fmt"
	"time"
)

// A queueState is what the writer remembers of a queue, never its messages.
type queueState struct {
	id    int64
	token uint64
	spec  Spec

	// waiters are the receives not answered yet, in the order they came.
	waiters []*op
	// due is when the next hidden message becomes visible, while somebody waits for
	// it; never otherwise.
	due int64
	// expires is a time before which no message expires.
	expires int64
	backlog bool // more has expired than one round removes
	touched bool // it is in writer.touched

	// messages counts all of the queue's, if somebody has asked for it.
	messages int64
	counted  bool
}

func newWriter(db *database, checkpointPages int) (*writer, error) {
	w := &writer{db: db, queues: make(map[string]*queueState), checkpointPages: checkpointPages}
	for _, seq := range db.numbers(db.lastSeq) {
		w.seq = seq
	}
	db.query(db.queues, func() {
		ms := func(col int) time.Duration { return time.Duration(db.queues.ColumnInt64(col)) * time.Millisecond }
		w.add(&queueState{
			id:    db.queues.ColumnInt64(0),
			token: uint64(db.queues.ColumnInt64(2)),
			spec: Spec{
				Name:        db.queues.ColumnText(1),
				Visibility:  ms(3),
				Delay:       ms(4),
				Retention:   ms(5),
				DeadLetter:  db.queues.ColumnText(6),
				MaxReceives: db.queues.ColumnInt(7),
			},
		})
	})
	// The stored messages bound the time from below, as newClock explains.
	w.clock = newClock(time.Duration(sentAt(w.seq)) * time.Millisecond)
	return w, db.err
}

func (w *writer) add(q *queueState) {
	q.due = never
	w.queues[q.spec.Name] = q
	w.list = append(w.list, q)
}

func (w *writer) queue(name string) (*queueState, error) {
	if q, ok := w.queues[name]; ok {
		return q, nil
	}
	return nil, fmt.Errorf("queue %s: %w", name, ErrNoQueue)
}

// touch has a queue's waiters served in this round.
func (w *writer) touch(q *queueState) {
	if !q.touched && len(q.waiters) > 0 {
		q.touched = true
		w.touched = append(w.touched, q)
	}
}

// firstLive is the lowest sequence number a message of the queue can have that
// has not expired.
func (w *writer) firstLive(q *queueState) int64 {
	return firstSeq(w.now - q.spec.Retention.Milliseconds() + 1)
}

// arrived notes that the queue has a message with that sequence number.
func (q *queueState) arrived(seq int64) {
	q.expires = min(q.expires, sentAt(seq)+q.spec.Retention.Milliseconds())
}

func (w *writer) insert(q *queueState, visibleAt int64, p *payload) {
	w.seq = max(w.seq+1, firstSeq(w.now))
	w.db.insert(q.id, w.seq, visibleAt, p)
	q.messages++
	q.arrived(w.seq)
	w.touch(q)
}

func (w *writer) remove(q *queueState, seq int64) {
	w.db.remove(q.id, seq)
	q.messages--
}

// after is when something ends that begins now and takes d.
func (w *writer) after(d time.Duration) int64 {
	if d == 0 {
		return w.now
	}
	return millisUp(w.time + d)
}
