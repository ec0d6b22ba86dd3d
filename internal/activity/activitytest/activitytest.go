// Package activitytest keeps what happens for tests to look at.
package activitytest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/less-go/less/internal/activity"
)

// patience is how long a test waits for an event, which is long for any machine: without it a
// test that misses an event would say nothing until all tests of its package end.
const patience = time.Minute

// A Journal keeps the events it is given. The zero Journal is ready for use, and
// its methods may be called concurrently.
type Journal struct {
	mu     sync.Mutex
	events []activity.Event
	more   chan struct{} // closed at the next event; nil where nobody waits
}

// Record adds an event. It is an [activity.Sink].
func (j *Journal) Record(e activity.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, e)
	if j.more != nil {
		close(j.more)
		j.more = nil
	}
}

// Events returns what was recorded, in order.
func (j *Journal) Events() []activity.Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.events)
}

// Matching returns the events that match, in order.
func (j *Journal) Matching(match func(activity.Event) bool) []activity.Event {
	return slices.DeleteFunc(j.Events(), func(e activity.Event) bool { return !match(e) })
}

// Of returns the events of a kind, in order.
func (j *Journal) Of(kind activity.Kind) []activity.Event { return j.Matching(Kind(kind)) }

// Await waits for at least n events that match, and returns all there are then.
func (j *Journal) Await(tb testing.TB, n int, match func(activity.Event) bool) (found []activity.Event) {
	tb.Helper()
	j.Until(tb, func() string {
		if found = j.Matching(match); len(found) >= n {
			return ""
		}
		return fmt.Sprintf("%d of %d events: %+v", len(found), n, found)
	})
	return found
}

// Until asks what is missing, and again after each event, until that is nothing.
// It ends the test when a minute has passed.
func (j *Journal) Until(tb testing.TB, missing func() string) {
	tb.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		more := j.next()
		problem := missing()
		if problem == "" {
			return
		}
		select {
		case <-more:
		case <-deadline.C:
			tb.Fatalf("after %v: %s", patience, problem)
		}
	}
}

// next returns what the next event closes.
func (j *Journal) next() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.more == nil {
		j.more = make(chan struct{})
	}
	return j.more
}

// Kind matches the events of a kind.
func Kind(kind activity.Kind) func(activity.Event) bool {
	return func(e activity.Event) bool { return e.Kind == kind }
}
