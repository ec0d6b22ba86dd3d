package queue

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/less-go/less/internal/failpoint"
)

// The writer owns the database. It repeats rounds, and a round is one transaction:
// it applies the operations that wait, removes some expired messages, serves the
// receives that can be served, commits, and only then answers.
type writer struct {
	db       *database
	ops      <-chan *op
	stopping <-chan struct{}
	notifier *notifier
	clock    *clock

	queues map[string]*queueState
	list   []*queueState // the same, to walk over
	seq    int64         // the last one handed out
	tasks  []*moveTask   // that run

	infos   *atomic.Pointer[map[string]Info] // for those who need not wait for the writer
	changed bool                             // the queues are not as infos has them

	onceExpires     int64 // a time before which no remembered send expires
	checkpointPages int
	maxInFlight     int

	// The state of one round.
	time     time.Duration // since 1970, the same for all of the round
	now      int64         // the same, in milliseconds
	group    []*op
	answers  []*op
	touched  []*queueState
	deferred []*queueState // they have more work than one round may take
	moves    []moved

	quiet int64 // when the store will have been idle long enough to tidy up
}

// A round's share of the work that has no bound of its own: messages that have
// expired, and messages that go to a dead-letter queue.
const maxSteps = 256

// run repeats rounds until the store is closed.
func (w *writer) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for w.gather(timer) {
		w.round()
		if w.db.err != nil {
			w.fail(failure(w.db.err))
			break
		}
		if next := w.next(); next != never {
			timer.Reset(time.Duration(next)*time.Millisecond - w.clock.now())
		} else {
			timer.Stop()
		}
	}
	w.refuse(ErrClosed)
}

// gather takes the operations that wait, and waits where there are none until
// there is one or the timer says that something is due. It returns false when the
// store is being closed.
func (w *writer) gather(timer *time.Timer) bool {
	w.group = w.group[:0]
	select {
	case <-w.stopping:
		return false
	default:
	}
	if len(w.deferred) == 0 {
		select {
		case o := <-w.ops:
			w.group = append(w.group, o)
		case <-timer.C:
		case <-w.stopping:
			return false
		}
	}
	// Who is about to ask joins the group: on busy processors the first to ask wakes
	// the writer before the others have had their turn.
	runtime.Gosched()
	for len(w.group) < maxGroup {
		select {
		case o := <-w.ops:
			w.group = append(w.group, o)
		default:
			return true
		}
	}
	return true
}

// round is one transaction.
func (w *writer) round() {
	w.time = w.clock.now()
	w.now = millis(w.time)
	w.db.exec(w.db.begin)
	for _, o := range w.group {
		w.apply(o)
	}
	w.expireOnce()
	for _, q := range w.deferred {
		w.touch(q)
	}
	w.deferred = w.deferred[:0]
	for _, q := range w.list {
		if q.expires <= w.now {
			w.expire(q)
		}
		if q.due <= w.now {
			w.touch(q)
		}
	}
	w.moveMessages()
	// Serving one queue can bring messages to another one, its dead-letter queue.
	for len(w.touched) > 0 {
		q := w.touched[len(w.touched)-1]
		w.touched = w.touched[:len(w.touched)-1]
		q.touched = false
		if q.backlog || !w.serve(q) {
			w.deferred = append(w.deferred, q)
		}
	}
	failpoint.Hit(failpoint.Commit)
	if w.db.commit() != nil {
		return
	}
	failpoint.Hit(failpoint.Committed)
	w.publish()
	w.notifier.add(w.moves)
	w.moves = w.moves[:0]
	w.release()
	failpoint.Hit(failpoint.Answered)
	w.tidy()
}

// publish lets everybody see the queues as they are after this round.
func (w *writer) publish() {
	if !w.changed {
		return
	}
	infos := make(map[string]Info, len(w.queues))
	for name, q := range w.queues {
		infos[name] = q.info()
	}
	w.infos.Store(&infos)
	w.changed = false
}

// apply does an operation. A receive joins those that wait for its queue.
func (w *writer) apply(o *op) {
	if o.receive == nil {
		if o.take() {
			w.answer(o, o.run(w))
		}
		return
	}
	q, err := w.queue(o.receive.queue)
	if err != nil {
		if o.take() {
			w.answer(o, err)
		}
		return
	}
	q.waiters = append(q.waiters, o)
	w.touch(q)
}

// answer notes the outcome of an operation that was taken. Its caller learns it
// after the commit.
func (w *writer) answer(o *op, err error) {
	o.err = err
	w.answers = append(w.answers, o)
}

func (w *writer) release() {
	for _, o := range w.answers {
		close(o.done)
	}
	// Several callers who were answered together will mostly come again together.
	// Letting them run now makes their next operations one group, where the first of
	// them would otherwise have a sync of its own and the others wait for it.
	if len(w.answers) > 1 {
		runtime.Gosched()
	}
	clear(w.answers)
	w.answers = w.answers[:0]
}

// expire removes messages whose retention has ended.
func (w *writer) expire(q *queueState) {
	live := w.firstLive(q)
	expired := w.db.numbers(w.db.first, q.id, live, maxSteps)
	for _, seq := range expired {
		w.drop(q, seq)
	}
	q.backlog = len(expired) == maxSteps
	if q.backlog {
		return
	}
	q.expires = never
	for _, seq := range w.db.numbers(w.db.oldest, q.id, live) {
		q.arrived(seq)
	}
}

// quietTime is how long nobody may have asked for anything before the writer uses
// the moment to checkpoint a short log.
const quietTime = 500 * time.Millisecond

// tidy checkpoints where it is time to.
func (w *writer) tidy() {
	if len(w.group) > 0 {
		w.quiet = w.after(quietTime)
	}
	pages := w.db.logPages
	if pages >= w.checkpointPages || pages >= quietCheckpointPages && w.now >= w.quiet {
		w.db.checkpoint()
	}
}

// next is when there will be something to do, if nobody comes before.
func (w *writer) next() int64 {
	next := never
	if w.db.logPages >= quietCheckpointPages {
		next = w.quiet
	}
	for _, q := range w.list {
		next = min(next, q.due, q.expires)
	}
	for _, t := range w.tasks {
		next = min(next, t.due)
	}
	return next
}

// fail answers everybody with the error that ended the store until it is closed.
func (w *writer) fail(err error) {
	for _, o := range w.answers {
		o.err = err
	}
	w.release()
	w.refuseWaiters(err)
	for {
		select {
		case o := <-w.ops:
			w.refuseOne(o, err)
		case <-w.stopping:
			return
		}
	}
}

// refuse answers everybody who is still there.
func (w *writer) refuse(err error) {
	w.refuseWaiters(err)
	for {
		select {
		case o := <-w.ops:
			w.refuseOne(o, err)
		default:
			return
		}
	}
}

func (w *writer) refuseWaiters(err error) {
	for _, q := range w.list {
		for _, o := range q.waiters {
			w.refuseOne(o, err)
		}
		q.waiters = nil
	}
}

func (w *writer) refuseOne(o *op, err error) {
	if o.take() {
		o.err = err
		close(o.done)
	}
}
