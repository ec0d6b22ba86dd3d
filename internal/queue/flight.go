package queue

// maxInFlight is how many messages of one queue can be in flight, in AWS's words
// about 120,000.
const maxInFlight = 120_000

// countingPause is between two counts of a queue that is full: a count takes some
// milliseconds.
const countingPause = 100 // ms

// full says whether as many of a queue's messages are in flight as can be. It
// counts only where there might be.
func (w *writer) full(q *queueState) bool {
	if q.flight >= w.maxInFlight && w.now >= q.countAgain {
		q.countAgain = w.now + countingPause
		for _, n := range w.db.numbers(w.db.countFlight, q.id, w.now) {
			q.flight = int(n)
		}
	}
	return q.flight >= w.maxInFlight
}

// overLimit is the answer to a receive that does not wait and gets nothing.
func (w *writer) overLimit(q *queueState) error {
	if q.flight >= w.maxInFlight && !q.spec.FIFO {
		return ErrOverLimit
	}
	return nil
}

// landed notes that a message which was in flight until visibleAt is not any more.
func (w *writer) landed(q *queueState, receives, visibleAt int64) {
	if receives > 0 && visibleAt > w.now {
		q.flight--
	}
}
