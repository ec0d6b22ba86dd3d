package crash

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/less-go/less/internal/queue"
)

// verify compares what a dead engine has left on disk with what it has acknowledged.
// Of what is done with it forgets: should it appear again, it is unknown.
func (r *record) verify(t *testing.T, store string) {
	t.Helper()
	s, err := queue.Open(t.Context(), store, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	r.mu.Lock()
	defer r.mu.Unlock()
	found := map[string]map[string]queue.Message{}
	for _, name := range []string{handledQueue, handledDead, consumedQueue, consumedDead, ledgerQueue} {
		found[name] = r.peek(t, s, name)
	}
	for name, e := range r.events {
		if r.verifyEvent(name, e, found) {
			delete(r.events, name)
		}
	}
	r.verifyOrder(t, s)
	for _, name := range []string{ledgerQueue, handledDead} { // what they were for is done
		if err := s.Purge(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
}

// peek returns the events of a queue, each of which must be known and there once.
func (r *record) peek(t *testing.T, s *queue.Store, name string) map[string]queue.Message {
	t.Helper()
	messages, err := s.Peek(t.Context(), name, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]queue.Message{}
	for _, m := range messages {
		var body struct{ Name string }
		if err := json.Unmarshal(m.Body, &body); err != nil {
			r.wrong("%s holds %q", name, m.Body)
		}
		if r.events[body.Name] == nil {
			r.wrong("%s: in %s, and was never sent, or was done with", body.Name, name)
		}
		if _, twice := out[body.Name]; twice {
			r.wrong("%s: twice in %s", body.Name, name)
		}
		out[body.Name] = m
	}
	return out
}

// verifyEvent says whether nothing more can happen to an event.
func (r *record) verifyEvent(name string, e *seen, found map[string]map[string]queue.Message) (finished bool) {
	in := func(queues ...string) (n int) {
		for _, q := range queues {
			if _, is := found[q][name]; is {
				n++
			}
		}
		return n
	}
	if in(ledgerQueue) == 1 {
		e.whole = true
	}
	handled, consumed := in(handledQueue, handledDead), in(consumedQueue, consumedDead)
	if !e.whole {
		switch {
		case e.acknowledged:
			r.wrong("%s: acknowledged, and lost from the ledger", name)
		case handled+consumed > 0 || e.attempts > 0 || e.receives > 0:
			r.wrong("%s: in some queues only", name)
		}
		return true // it was not sent
	}
	switch {
	case handled > 1:
		r.wrong("%s: twice in the function's queues", name)
	case handled == 0 && !e.done:
		r.wrong("%s: lost from the function's queue after %d attempts", name, e.attempts)
	case consumed > 1:
		r.wrong("%s: twice in the consumed queues", name)
	case consumed == 0 && !e.deleting:
		r.wrong("%s: lost from the consumed queue after %d receives", name, e.receives)
	case consumed > 0 && e.deleted:
		r.wrong("%s: its deletion was acknowledged, and it is back", name)
	}
	if m, is := found[handledQueue][name]; is && m.Receives < e.attempts {
		r.wrong("%s: it has had %d attempts, and the store says %d", name, e.attempts, m.Receives)
	}
	if m, is := found[handledDead][name]; is {
		r.buried++
		if m.Receives != maxReceives || m.DeadLetterSource != handledQueue {
			r.wrong("%s: a dead letter after %d receives", name, m.Receives)
		}
		// An attempt that was cut off counts, so a death can be anybody's.
		e.done = true
		handled = 0
	}
	if m, is := found[consumedQueue][name]; is {
		if m.Receives < e.receives && !r.redriving() {
			r.wrong("%s: it was received %d times, and the store says %d", name, e.receives, m.Receives)
		}
		e.spared = e.spared && m.Receives >= e.receives
		e.receives = m.Receives // those included whose answer was cut off
	}
	if m, is := found[consumedDead][name]; is {
		if m.Receives != maxReceives || m.DeadLetterSource != consumedQueue {
			r.wrong("%s: a dead letter after %d receives", name, m.Receives)
		}
		e.receives = m.Receives
	}
	return handled == 0 && consumed == 0
}

// verifyOrder finds the events of the FIFO queue: all that were sent, each once, but
// for those that were deleted.
func (r *record) verifyOrder(t *testing.T, s *queue.Store) {
	t.Helper()
	messages, err := s.Peek(t.Context(), orderedQueue, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]int{}
	for _, m := range messages {
		var number int
		if _, err := fmt.Sscan(string(m.Body), &number); err != nil {
			r.wrong("%s holds %q", orderedQueue, m.Body)
		}
		found[m.GroupID] = append(found[m.GroupID], number)
	}
	for group, q := range r.ordered {
		numbers := found[group]
		first, last := q.deleted+1, q.sent
		if len(numbers) > 0 {
			first, last = numbers[0], numbers[len(numbers)-1]
		} else if q.deleting >= q.sent {
			first = q.sent + 1 // all may have been deleted
		}
		if first <= q.deleted || first > q.deleting+1 || last < q.sent || last > q.sending || len(numbers) != max(0, last-first+1) {
			r.wrong("%s holds %v, where %d were sent, %d perhaps, %d deleted, %d perhaps", group, numbers, q.sent, q.sending, q.deleted, q.deleting)
		}
		for i, number := range numbers {
			if number != first+i {
				r.wrong("%s holds %v", group, numbers)
				break
			}
		}
	}
}
