package queue

import "time"

// attemptTime is how long a named receive can be repeated.
const attemptTime = 5 * time.Minute

// An attempt is a named receive from a FIFO queue. It is remembered while the
// store is open: after a restart its messages wait for their visibility timeouts.
type attempt struct {
	expires  int64
	received int64
	messages []counted
}

type counted struct{ seq, receives int64 }

// remember keeps a receive that has a name.
func (w *writer) remember(q *queueState, r *receive) {
	if r.Attempt == "" || !q.spec.FIFO {
		return
	}
	for name, a := range q.attempts {
		if a.expires <= w.now {
			delete(q.attempts, name)
		}
	}
	a := attempt{expires: w.after(attemptTime), received: r.received}
	for i := range r.messages {
		a.messages = append(a.messages, counted{r.messages[i].seq, r.messages[i].receives})
	}
	if q.attempts == nil {
		q.attempts = make(map[string]attempt)
	}
	q.attempts[r.Attempt] = a
}

// repeat answers a receive that was made before under the same name, if all that
// it got is in flight by it still.
func (w *writer) repeat(q *queueState, o *op) bool {
	r := o.receive
	a, known := q.attempts[r.Attempt]
	if !known || a.expires <= w.now {
		return false
	}
	var again []stored
	for _, c := range a.messages {
		for _, m := range w.db.messages(w.db.one, q.id, c.seq) {
			if m.receives == c.receives && m.visibleAt > w.now && m.intact() {
				again = append(again, m)
			}
		}
	}
	if len(again) != len(a.messages) {
		delete(q.attempts, r.Attempt)
		return false
	}
	if !o.take() {
		return true // gave up in this moment; the messages stay as they are
	}
	r.token, r.received = q.token, a.received
	for i := range again {
		m := &again[i]
		m.visibleAt = w.after(q.visibility(r.Receive))
		w.db.exec(w.db.hide, m.visibleAt, q.id, m.seq)
	}
	w.regroupAll(q, again)
	r.messages = again
	w.answer(o, nil)
	return true
}
