package queue

import (
	"strconv"
	"time"
)

// deduplicationTime is how long a send is remembered, counted from when it happened.
const deduplicationTime = 5 * time.Minute

// Once names what is to be sent one time only: within Scope, a name that the
// caller chooses, by Key. ID is the id that all who send it are told.
type Once struct {
	Scope, Key, ID string
}

// The scopes of what is remembered: a queue's, by its number, and those of callers.
const (
	queueScope  = "queue "
	callerScope = "caller "
)

func (q *queueState) scope() string { return queueScope + strconv.FormatInt(q.id, 10) }

// recall tells of a send that is remembered.
func (w *writer) recall(scope, key string) (sent Sent, remembered bool) {
	s := w.db.sentOnce
	w.db.bindTexts(s, 2, scope, key)
	w.db.query(s, func() {
		sent = Sent{ID: s.ColumnText(0), Sequence: s.ColumnInt64(1), Duplicate: true}
	}, w.now)
	return sent, sent.Duplicate
}

// memorize remembers a send, in its transaction and as durably.
func (w *writer) memorize(scope, key string, sent Sent) {
	expires := w.after(deduplicationTime)
	w.db.bindTexts(w.db.insertOnce, 3, scope, key, sent.ID)
	w.db.exec(w.db.insertOnce, expires, sent.Sequence)
	w.onceExpires = min(w.onceExpires, expires)
}

// forget drops what is remembered of a queue's sends up to the sequence number last.
func (w *writer) forget(q *queueState, last int64) {
	w.db.bindTexts(w.db.forgetOnce, 2, q.scope())
	w.db.exec(w.db.forgetOnce, last)
}

// expireOnce drops some of what is remembered for no reason any more. Nothing
// waits for it, so it is done when the writer is at work anyway.
func (w *writer) expireOnce() {
	if w.onceExpires > w.now {
		return
	}
	w.db.exec(w.db.expireOnce, w.now, maxSteps)
	w.onceExpires = never
	for _, at := range w.db.numbers(w.db.nextOnce, 0) {
		w.onceExpires = at
	}
}
