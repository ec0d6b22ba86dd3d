package queue

import (
	"cmp"
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

	// flight is at least the number of messages in flight, and countAgain when it
	// may be found out anew.
	flight     int
	countAgain int64
	// attempts are the named receives that may be repeated, by name.
	attempts map[string]attempt

	created, modified int64
}

func (q *queueState) info() Info {
	return Info{Spec: q.spec, Created: timeOf(q.created), Modified: timeOf(q.modified)}
}

func newWriter(db *database, opts Options) (*writer, error) {
	w := &writer{
		db: db, queues: make(map[string]*queueState), changed: true,
		checkpointPages: cmp.Or(opts.checkpointPages, checkpointPages),
		maxInFlight:     cmp.Or(opts.maxInFlight, maxInFlight),
	}
	for _, seq := range db.numbers(db.lastSeq) {
		w.seq = seq
	}
	db.query(db.queues, func() {
		s := db.queues
		ms := func(col int) time.Duration { return time.Duration(s.ColumnInt64(col)) * time.Millisecond }
		w.add(&queueState{
			id:    s.ColumnInt64(0),
			token: uint64(s.ColumnInt64(2)),
			spec: Spec{
				Name:               s.ColumnText(1),
				Visibility:         ms(3),
				Delay:              ms(4),
				Retention:          ms(5),
				DeadLetter:         s.ColumnText(6),
				MaxReceives:        s.ColumnInt(7),
				FIFO:               s.ColumnBool(8),
				DeduplicateByGroup: s.ColumnBool(9),
				Settings:           s.ColumnText(10),
			},
			created:  s.ColumnInt64(11),
			modified: s.ColumnInt64(12),
			flight:   w.maxInFlight, // not known: to be counted when it matters
		})
	})
	// The stored messages bound the time from below, as newClock explains.
	w.clock = newClock(time.Duration(sentAt(w.seq)) * time.Millisecond)
	w.tasks = db.moveTasks(db.runningTasks)
	for _, t := range w.tasks {
		t.pace(millis(w.clock.now()))
	}
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

// nextSeq is a sequence number that nothing has.
func (w *writer) nextSeq() int64 {
	w.seq = max(w.seq+1, firstSeq(w.now))
	return w.seq
}

// insert writes a new message; group says whose turn it waits for in a FIFO queue.
func (w *writer) insert(q *queueState, visibleAt int64, group string, p *payload) {
	seq := w.nextSeq()
	w.db.insert(q.id, seq, visibleAt, w.groupFor(q, group, visibleAt), p)
	q.messages++
	q.arrived(seq)
	w.touch(q)
}

// drop deletes a message of which nothing is known.
func (w *writer) drop(q *queueState, seq int64) {
	var m messageState
	if q.spec.FIFO {
		m, _ = w.db.state(q.id, seq)
	}
	w.remove(q, seq, m.group)
}

// remove deletes a message; group is its group in a FIFO queue, else 0.
func (w *writer) remove(q *queueState, seq, group int64) {
	w.db.remove(q.id, seq)
	q.messages--
	w.regroup(q, group)
}

// after is when something ends that begins now and takes d.
func (w *writer) after(d time.Duration) int64 {
	if d == 0 {
		return w.now
	}
	return millisUp(w.time + d)
}
