package sqs

import (
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

func (r *recently) add(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for other, at := range r.done {
		if now.Sub(at) >= pause {
			delete(r.done, other)
		}
	}
	if r.done == nil {
		r.done = map[string]time.Time{}
	}
	r.done[name] = now
}

func (r *recently) has(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, found := r.done[name]
	return found && time.Since(at) < pause
}
