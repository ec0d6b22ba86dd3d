package crash

import (
	"fmt"
	"sync"
	"time"
)

// A record is what the test has seen: what it has begun, what was acknowledged, and
// what came back. It says at once what must not be.
type record struct {
	mu         sync.Mutex
	life       int
	events     map[string]*seen
	ordered    map[string]*sequence // by group
	violations []string

	acknowledged, handled, deleted, buried, again int
}

// seen is what is known of one event, which goes to three queues.
type seen struct {
	acknowledged bool
	whole        bool // it was found in all queues after a crash
	fails        int  // attempts that the handler is told to fail

	// Of the queue of the function.
	attempts int
	started  moment
	done     bool

	// Of the queue that clients consume.
	receives          int
	received          moment
	deleting, deleted bool
	spared            bool // not to be deleted before it was a dead letter
	oldReceipt        string
}

// A moment is when something was seen last, and in which life.
type moment struct {
	life int
	at   time.Time
}

// A sequence is the events of one group of the FIFO queue, which are numbered from 1.
type sequence struct {
	sending, sent     int // the last
	deleting, deleted int
}

func newRecord() *record {
	return &record{events: map[string]*seen{}, ordered: map[string]*sequence{}}
}

func (r *record) wrong(format string, args ...any) {
	r.violations = append(r.violations, fmt.Sprintf("life %d: ", r.life)+fmt.Sprintf(format, args...))
}

// change runs f, which may write to the record.
func (r *record) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// again says whether something may be seen once more: after another life, or when
// its visibility timeout has ended, at the earliest a bit before it is seen to.
func (m *moment) again(now moment) bool {
	before := *m
	*m = now
	return before.life != now.life || now.at.Sub(before.at) >= visibility-200*time.Millisecond
}

// attempt notes an attempt of the function.
func (r *record) attempt(name string, attempt int, handled bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.events[name]
	switch {
	case e == nil:
		r.wrong("%s: handled, and was never sent, or was done with", name)
	case handled:
		if e.done {
			r.again++
		}
		e.done = true
		r.handled++
	default:
		if attempt <= e.attempts {
			r.wrong("%s: attempt %d after attempt %d", name, attempt, e.attempts)
		}
		if !e.started.again(moment{r.life, time.Now()}) {
			r.wrong("%s: attempt %d while another one was in flight", name, attempt)
		}
		e.attempts = attempt
	}
}

// receive notes that a client has received an event, and says whether to delete it.
// Of one that is not to be deleted yet it returns an earlier receipt, which by now
// must not delete it either.
func (r *record) receive(name string, receives int, receipt string) (remove bool, old string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.events[name]
	if e == nil {
		r.wrong("%s: received, and was never sent, or was done with", name)
		return false, ""
	}
	moved := receives <= e.receives // back from the dead-letter queue its count began anew
	if moved && !r.redriving() {
		r.wrong("%s: receive %d after receive %d", name, receives, e.receives)
	}
	if e.deleted {
		r.wrong("%s: received after its deletion was acknowledged", name)
	}
	if !e.received.again(moment{r.life, time.Now()}) && !r.redriving() {
		r.wrong("%s: received while it was in flight", name)
	}
	e.receives = receives
	e.spared = e.spared && !moved
	e.deleting = !e.spared
	old, e.oldReceipt = e.oldReceipt, receipt
	return e.deleting, old
}

// redriving says whether dead letters are being moved back in this life.
func (r *record) redriving() bool { return r.life%3 == 0 }

// receiveInOrder notes that a client has received an event of a FIFO queue.
func (r *record) receiveInOrder(group string, number int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.ordered[group]
	if number <= s.deleted || number > s.deleting+1 {
		r.wrong("%s: received %d, when %d were deleted and %d perhaps", group, number, s.deleted, s.deleting)
	}
	s.deleting = max(s.deleting, number)
}

// unfinished is how many events are on their way.
func (r *record) unfinished() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}
