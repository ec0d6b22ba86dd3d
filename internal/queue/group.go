package queue

// maxOrdered is how many messages one receive from a FIFO queue takes.
const maxOrdered = 10

// groupFor returns the number of the group of a FIFO queue's new message, and 0 in
// a standard queue.
func (w *writer) groupFor(q *queueState, name string, visibleAt int64) (group int64) {
	if !q.spec.FIFO {
		return 0
	}
	w.db.bindTexts(w.db.groupNamed, 2, name)
	for _, group := range w.db.numbers(w.db.groupNamed, q.id) {
		return group
	}
	w.db.bindTexts(w.db.insertGroup, 3, name)
	w.db.exec(w.db.insertGroup, q.id, visibleAt)
	return w.db.conn.LastInsertRowID()
}

// regroup finds out anew when a group's first message can be received, after
// something has happened to its messages. Nothing else decides whether the group
// can: while its first message is hidden so is the group. A group without
// messages is no more.
func (w *writer) regroup(q *queueState, group int64) {
	if group == 0 {
		return
	}
	for _, visibleAt := range w.db.numbers(w.db.headOfGroup, q.id, group) {
		w.db.exec(w.db.setReady, visibleAt, group)
		w.touch(q)
		return
	}
	w.db.exec(w.db.deleteGroup, group)
}

// regroupAll does so for the groups of messages of which those of one group stand together.
func (w *writer) regroupAll(q *queueState, messages []stored) {
	for i := range messages {
		if group := messages[i].group; i == 0 || messages[i-1].group != group {
			w.regroup(q, group)
		}
	}
}

// ready finds up to limit messages that can be received from a FIFO queue, of as
// few groups as possible and of each none behind one that is hidden, and moves
// those among them that were received too often.
func (w *writer) ready(q *queueState, limit int) (found []stored, moved int) {
	limit = min(limit, maxOrdered)
	for _, group := range w.db.numbers(w.db.readyGroups, q.id, w.now, int64(limit)) {
		for _, m := range w.db.messages(w.db.ofGroup, q.id, group, int64(limit-len(found))) {
			if m.visibleAt > w.now {
				break
			}
			if w.spent(q, &m) {
				moved++
				continue
			}
			found = append(found, m)
		}
		if len(found) == limit {
			break
		}
	}
	return found, moved
}

// delayAnew gives the delayed messages of a FIFO queue the delay that it now has.
func (w *writer) delayAnew(q *queueState) {
	w.db.exec(w.db.redelay, q.spec.Delay.Milliseconds(), q.id, w.now)
	for _, group := range w.db.numbers(w.db.groups, q.id) {
		w.regroup(q, group)
	}
}
