package queue

import "github.com/less-go/less/internal/failpoint"

// spent moves a message to the queue's dead-letter queue if it may not be received
// once more, and says whether it did.
func (w *writer) spent(q *queueState, m *stored) bool {
	deadLetter := w.queues[q.spec.DeadLetter] // nil for none
	if deadLetter == nil || deadLetter == q || m.receives < int64(q.spec.MaxReceives) {
		return false
	}
	failpoint.Hit(failpoint.Bury)
	if q.spec.FIFO {
		w.appendToDeadLetter(q, deadLetter, m)
	} else {
		w.moveToDeadLetter(q, deadLetter, m)
	}
	told := moved{Moved: Moved{ID: m.id, From: q.spec.Name, To: deadLetter.spec.Name, Receives: int(m.receives)}}
	if m.intact() {
		told.meta = m.meta
	}
	w.moves = append(w.moves, told)
	return true
}

// moveToDeadLetter changes where a message is. All that it is stays: the sequence
// number with the sent time in it, the count and the payload.
func (w *writer) moveToDeadLetter(from, to *queueState, m *stored) {
	d := w.db
	if d.err != nil {
		return
	}
	d.bindTexts(d.deadLetter, 3, from.spec.Name)
	d.check(d.deadLetter.BindInt64(4, from.id))
	d.check(d.deadLetter.BindInt64(5, m.seq))
	d.exec(d.deadLetter, to.id, w.now)
	from.messages--
	to.messages++
	to.arrived(m.seq)
	w.touch(to)
}

// appendToDeadLetter moves a message of a FIFO queue to the end of another one: it
// is the last of its group there, and its sent time, from which retention counts,
// begins anew. Its id takes the place of its deduplication id.
func (w *writer) appendToDeadLetter(from, to *queueState, m *stored) {
	w.remove(from, m.seq, m.group)
	p := m.payload
	carried, err := decodeMeta(p.meta)
	if err == nil && p.intact() {
		carried.deduplicationID = p.id
		p.meta = carried.encode()
		p.sum = p.checksum()
	}
	w.insert(to, w.now, carried.group, &p)
	w.db.check(w.db.setHistory.BindInt64(4, to.id))
	w.db.check(w.db.setHistory.BindInt64(5, w.seq))
	w.db.bindTexts(w.db.setHistory, 3, from.spec.Name)
	w.db.exec(w.db.setHistory, m.receives, m.firstReceived)
}
