package sqs

import (
	"maps"
	"sync"
	"time"
)

// pause is how long a queue cannot be purged after a purge, and a name cannot be
// used again after its queue was deleted.
const pause = time.Minute

// recently remembers for that long what was done to queues, by their names. Its
// zero value is ready for use; a restart forgets, which lets a client do something
// a little earlier than AWS would.
type recently struct {
	mu   sync.Mutex
	done map[string]time.Time
}

// claim notes that it is done to a queue now, unless it was recently.
func (r *recently) claim(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(r.done, func(_ string, at time.Time) bool { return now.Sub(at) >= pause })
	if _, found := r.done[name]; found {
		return false
	}
	if r.done == nil {
		r.done = map[string]time.Time{}
	}
	r.done[name] = now
	return true
}

func (r *recently) has(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, found := r.done[name]
	return found && time.Since(at) < pause
}
