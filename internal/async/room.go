package async

import (
	"context"
	"sync"
)

// A room has places for those that run, and is closed while somebody is blocked.
type room struct {
	mu      sync.Mutex
	free    int
	blocked int
	changed *signal
}

func newRoom(places int) *room { return &room{free: places, changed: newSignal()} }

// take waits for places and returns how many it has taken, at most limit; none
// where ctx has ended.
func (r *room) take(ctx context.Context, limit int) int {
	for {
		changed := r.changed.wait()
		r.mu.Lock()
		if n := min(r.free, limit); n > 0 && r.blocked == 0 && ctx.Err() == nil {
			r.free -= n
			r.mu.Unlock()
			return n
		}
		r.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return 0
		}
	}
}

// give gives places back.
func (r *room) give(n int) {
	r.mu.Lock()
	r.free += n
	r.mu.Unlock()
	r.changed.rouse()
}

// block closes the room until the function that it returns is called.
func (r *room) block() (unblock func()) {
	add := func(n int) {
		r.mu.Lock()
		r.blocked += n
		r.mu.Unlock()
		r.changed.rouse()
	}
	add(1)
	return func() { add(-1) }
}

// A signal wakes all who wait for it.
type signal struct {
	mu sync.Mutex
	c  chan struct{}
}

func newSignal() *signal { return &signal{c: make(chan struct{})} }

// wait returns what the next rouse closes.
func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.c
}

func (s *signal) rouse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.c)
	s.c = make(chan struct{})
}
