package queue_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/less-go/less/internal/queue"
)

// A model is what the store should be, in memory and without any care for speed:
// a queue and its dead-letter queue. Its time is what now says.
type model struct {
	now         *time.Time
	queue, dead *modelQueue
	seq         int // rises with each message
}

type modelQueue struct {
	now      *time.Time // the model's
	spec     queue.Spec
	messages []*modelMessage      // by sequence
	sent     map[string]modelSent // what a FIFO queue knows as sent, by deduplication key
}

type modelSent struct {
	id    string
	until time.Time
}

type modelMessage struct {
	seq           int
	id            string // "" until it is seen: the store has made it
	body          string // no two messages have the same
	group, dedup  string
	source        string
	sent, visible time.Time
	first         time.Time
	receives      int
	receipt       string // of the latest receive
}

func newModel(main, dead queue.Spec) *model {
	now := new(time.Time)
	return &model{
		now:   now,
		queue: &modelQueue{now: now, spec: main, sent: map[string]modelSent{}},
		dead:  &modelQueue{now: now, spec: dead, sent: map[string]modelSent{}},
	}
}

func (m *model) named(name string) *modelQueue {
	if name == m.dead.spec.Name {
		return m.dead
	}
	return m.queue
}

// expire drops what is older than its queue's retention.
func (m *model) expire() {
	for _, q := range []*modelQueue{m.queue, m.dead} {
		q.messages = slices.DeleteFunc(q.messages, func(msg *modelMessage) bool {
			return !msg.sent.Add(q.spec.Retention).After(*m.now)
		})
	}
}

func (q *modelQueue) add(msg *modelMessage) {
	q.messages = append(q.messages, msg)
	slices.SortFunc(q.messages, func(a, b *modelMessage) int { return cmp.Compare(a.seq, b.seq) })
}

func (q *modelQueue) remove(msg *modelMessage) {
	q.messages = slices.DeleteFunc(q.messages, func(other *modelMessage) bool { return other == msg })
}

func (q *modelQueue) find(body string) *modelMessage {
	i := slices.IndexFunc(q.messages, func(msg *modelMessage) bool { return msg.body == body })
	if i < 0 {
		return nil
	}
	return q.messages[i]
}

// send adds a message, and returns the id of the one that it repeats, if any.
func (m *model) send(e queue.Entry) (duplicate string) {
	q, now := m.named(e.Queue), *m.now
	delay := q.spec.Delay
	if e.Delay != nil && !q.spec.FIFO {
		delay = *e.Delay
	}
	if q.spec.FIFO {
		key := q.key(e)
		for _, key := range []string{e.DeduplicationID, key} {
			if known, is := q.sent[key]; is && now.Before(known.until) {
				return known.id
			}
		}
		q.sent[key] = modelSent{e.ID, now.Add(5 * time.Minute)}
	}
	m.seq++
	q.add(&modelMessage{
		seq: m.seq, id: e.ID, body: string(e.Body), group: e.GroupID, dedup: e.DeduplicationID,
		sent: now, visible: now.Add(delay),
	})
	return ""
}

func (q *modelQueue) key(e queue.Entry) string {
	if q.spec.DeduplicateByGroup {
		return e.GroupID + "/" + e.DeduplicationID
	}
	return e.DeduplicationID
}

// spent says that a message may not be received once more.
func (q *modelQueue) spent(msg *modelMessage) bool {
	return q.spec.DeadLetter != "" && msg.receives >= q.spec.MaxReceives
}

// bury moves a message to the dead-letter queue.
func (m *model) bury(msg *modelMessage) {
	m.queue.remove(msg)
	msg.source, msg.visible, msg.receipt = m.queue.spec.Name, *m.now, ""
	if m.queue.spec.FIFO { // it goes to the end, and its age begins anew
		m.seq++
		msg.seq, msg.sent, msg.dedup = m.seq, *m.now, msg.id
	}
	m.dead.add(msg)
}

// take receives a message.
func (q *modelQueue) take(msg *modelMessage, r queue.Receive, receipt string) {
	visibility := q.spec.Visibility
	if r.Visibility != nil {
		visibility = *r.Visibility
	}
	if msg.receives == 0 {
		msg.first = *q.now
	}
	msg.receives++
	msg.visible = (*q.now).Add(visibility)
	msg.receipt = receipt
}

// ready are the messages of a standard queue that can be received, in their order.
func (q *modelQueue) ready() []*modelMessage {
	ready := slices.DeleteFunc(slices.Clone(q.messages), func(msg *modelMessage) bool { return msg.visible.After(*q.now) })
	slices.SortStableFunc(ready, func(a, b *modelMessage) int { return a.visible.Compare(b.visible) })
	return ready
}

// receive says what a receive from a standard queue returns now. It looks at as
// many messages as it may return; those that were received too often go to the
// dead-letter queue, and if all of them did it looks again.
func (m *model) receive(q *modelQueue, r queue.Receive) (found []*modelMessage) {
	for len(found) == 0 {
		ready := q.ready()
		if len(ready) == 0 {
			return nil
		}
		for _, msg := range ready[:min(r.Max, len(ready))] {
			if q.spent(msg) {
				m.bury(msg)
			} else {
				found = append(found, msg)
			}
		}
	}
	return found
}

// receiveWaiting is a receive that may wait. When it returns, now is the time at
// which the receive should.
func (m *model) receiveWaiting(q *modelQueue, r queue.Receive) []*modelMessage {
	for end := m.now.Add(r.Wait); ; {
		m.expire()
		if found := m.receive(q, r); len(found) > 0 {
			return found
		}
		next := q.nextVisible(end)
		if next.After(end) {
			*m.now = end
			return nil
		}
		*m.now = next
	}
}

// nextVisible is when the next hidden message becomes visible, or later than end.
func (q *modelQueue) nextVisible(end time.Time) time.Time {
	next := end.Add(time.Nanosecond)
	for _, msg := range q.messages {
		if msg.visible.After(*q.now) && msg.visible.Before(next) {
			next = msg.visible
		}
	}
	return next
}

// deliverable are the messages of a group that can be received: from the first
// one on, until one that is hidden.
func (q *modelQueue) deliverable(group string) (list []*modelMessage) {
	for _, msg := range q.messages {
		if msg.group != group {
			continue
		}
		if msg.visible.After(*q.now) {
			break
		}
		list = append(list, msg)
	}
	return list
}

func (q *modelQueue) groups() (names []string) {
	for _, msg := range q.messages {
		if !slices.Contains(names, msg.group) {
			names = append(names, msg.group)
		}
	}
	return names
}

// receiveInOrder says whether a FIFO queue may have answered a receive with these
// bodies, and which messages they are. The order of groups is the store's to
// choose, and so is which spent messages it came across: buried tells of those. A
// group is received as far as it can be before another one is.
func (m *model) receiveInOrder(q *modelQueue, r queue.Receive, bodies []string, buried func(*modelMessage) bool) ([]*modelMessage, error) {
	if len(bodies) > r.Max {
		return nil, fmt.Errorf("%d messages, more than %d", len(bodies), r.Max)
	}
	var found []*modelMessage
	var given []string // the groups, in their order
	left := map[string][]*modelMessage{}
	passed := map[string]bool{} // groups with dead letters, which count as received
	for _, group := range q.groups() {
		left[group] = q.deliverable(group)
	}
	for _, body := range bodies {
		msg := q.find(body)
		if msg == nil {
			return nil, fmt.Errorf("%s is not in the queue", body)
		}
		if last := len(given) - 1; last < 0 || given[last] != msg.group {
			if last >= 0 && len(left[given[last]]) > 0 && !passed[given[last]] {
				return nil, fmt.Errorf("%s was received before all that can be of the group %s", body, given[last])
			}
			given = append(given, msg.group)
		}
		for { // what is spent before it must be buried
			if len(left[msg.group]) == 0 {
				return nil, fmt.Errorf("%s was received, but its group is not ready for it", body)
			}
			first := left[msg.group][0]
			left[msg.group] = left[msg.group][1:]
			if first == msg && !q.spent(msg) {
				break
			}
			if !q.spent(first) {
				return nil, fmt.Errorf("%s was received before %s", body, first.body)
			}
			if !buried(first) {
				return nil, fmt.Errorf("%s was passed over and is not dead", first.body)
			}
			passed[msg.group] = true
		}
		found = append(found, msg)
	}
	for group, rest := range left {
		for _, msg := range rest {
			if len(bodies) == 0 && (!q.spent(msg) || !buried(msg)) {
				return nil, fmt.Errorf("nothing was received, but %s of the group %s can be", msg.body, group)
			}
		}
	}
	return found, nil
}

// delete ends a message by a receipt.
func (m *model) delete(name, receipt string, known modelReceipt) (want error) {
	if known.queue != name {
		return queue.ErrInvalidReceipt
	}
	q := m.named(name)
	msg := q.byReceipt(known)
	latest := msg != nil && msg.receipt == receipt
	switch {
	case msg != nil && q.spec.FIFO && (!latest || !msg.visible.After(*m.now)):
		return queue.ErrReceiptExpired
	case latest:
		q.remove(msg)
	}
	return nil
}

// A modelReceipt is what the model knows of a receipt.
type modelReceipt struct {
	queue, body string
	seq         int
	received    time.Time
}

// byReceipt finds the message of a receipt, where it is in the queue still and is
// the same one: a message that was moved is another.
func (q *modelQueue) byReceipt(known modelReceipt) *modelMessage {
	if msg := q.find(known.body); msg != nil && msg.seq == known.seq {
		return msg
	}
	return nil
}

func (m *model) changeVisibility(name, receipt string, known modelReceipt, d time.Duration) (want error) {
	q := m.named(name)
	msg := q.byReceipt(known)
	switch {
	case known.queue != name:
		return queue.ErrInvalidReceipt
	case msg == nil:
		return queue.ErrGone
	case q.spec.FIFO && (msg.receipt != receipt || !msg.visible.After(*m.now)):
		return queue.ErrReceiptExpired
	case msg.receipt == receipt && !msg.visible.After(*m.now):
		return nil
	case !msg.visible.After(*m.now):
		return queue.ErrNotInFlight
	case d > 0 && (*m.now).Add(d).After(known.received.Add(12*time.Hour)):
		return queue.ErrVisibilityTooLong
	}
	msg.visible = (*m.now).Add(d)
	return nil
}

func (q *modelQueue) purge() {
	q.messages = nil
	clear(q.sent)
}

// redrive moves the visible messages of the dead-letter queue as new ones, and
// says how many, and whether some could not go anywhere.
func (m *model) redrive(destination string) (moved int, stuck bool) {
	for _, msg := range slices.Clone(m.dead.messages) {
		switch {
		case msg.visible.After(*m.now):
		case destination == "" && msg.source == "":
			stuck = true
		default:
			m.dead.remove(msg)
			m.seq++
			m.queue.add(&modelMessage{
				seq: m.seq, body: msg.body, group: msg.group, dedup: msg.dedup,
				sent: *m.now, visible: *m.now,
			})
			moved++
		}
	}
	return moved, stuck
}

// configure gives the queue other settings.
func (m *model) configure(spec queue.Spec) {
	before := m.queue.spec
	m.queue.spec = spec
	if !spec.FIFO || spec.Delay == before.Delay {
		return
	}
	for _, msg := range m.queue.messages {
		if msg.receives == 0 && msg.visible.After(*m.now) {
			msg.visible = msg.sent.Add(spec.Delay)
		}
	}
}

func (q *modelQueue) stats() queue.Stats {
	var s queue.Stats
	for _, msg := range q.messages {
		switch {
		case !msg.visible.After(*q.now):
			s.Visible++
		case msg.receives > 0:
			s.InFlight++
		default:
			s.Delayed++
		}
	}
	if len(q.messages) > 0 {
		s.Oldest = q.messages[0].sent
	}
	return s
}

// compare says how the queue differs from what the store shows of it.
func (q *modelQueue) compare(stats queue.Stats, messages []queue.Message) error {
	want := q.stats()
	if !stats.Oldest.Equal(want.Oldest) {
		return fmt.Errorf("%s: the oldest is of %v, want %v", q.spec.Name, stats.Oldest, want.Oldest)
	}
	if stats.Oldest = want.Oldest; stats != want {
		return fmt.Errorf("%s: %+v, want %+v", q.spec.Name, stats, want)
	}
	if len(messages) != len(q.messages) {
		return fmt.Errorf("%s: it has %d messages, want %d", q.spec.Name, len(messages), len(q.messages))
	}
	var errs []error
	for i, got := range messages {
		msg := q.messages[i]
		if msg.id == "" {
			msg.id = got.ID
		}
		dedup := msg.dedup
		if !q.spec.FIFO {
			dedup = ""
		}
		if got.ID != msg.id || string(got.Body) != msg.body || got.Receives != msg.receives || got.GroupID != msg.group ||
			got.DeduplicationID != dedup || got.DeadLetterSource != msg.source ||
			!got.Sent.Equal(msg.sent) || !got.VisibleAt.Equal(msg.visible) || !got.FirstReceived.Equal(msg.first) {
			errs = append(errs, fmt.Errorf("%s: message %d is %+v, want %+v", q.spec.Name, i, got, *msg))
		}
	}
	return errors.Join(errs...)
}
