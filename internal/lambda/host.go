package lambda

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/less-go/less/internal/activity"
)

// MaxPayload is the largest payload, in bytes, of an invocation.
const MaxPayload = 6 << 20

var (
	// ErrStopped says that an invocation was not run, or not to its end, because
	// the host is stopping.
	ErrStopped = errors.New("the functions are being stopped")
	// ErrNoFunction says that no function has the identity asked for.
	ErrNoFunction = errors.New("no such function")
	// ErrPayloadTooLarge says that a payload exceeds [MaxPayload].
	ErrPayloadTooLarge = fmt.Errorf("the payload is longer than the %d bytes that a function can be given", MaxPayload)
)

// Options are the settings of a [Host].
type Options struct {
	// Sink takes the Log, Start, End and Notice events; nil discards them.
	Sink activity.Sink
	// Region and Account are what functions are told; us-east-1 and
	// 000000000000 where they are empty.
	Region, Account string
	// Scratch is an existing folder below which the functions' temporary folders
	// are made, and removed by Stop; the system's own where it is empty.
	Scratch string
	// IdleTimeout is how long an idle process is kept, 5 minutes where it is 0.
	IdleTimeout time.Duration
	// InitTimeout is how long a process may take to its first poll, 10 seconds
	// where it is 0, as on AWS. After it, initialisation runs once more as a part
	// of the invocation, under the function's own timeout.
	InitTimeout time.Duration
}

// A Host runs functions. Its methods may be called from many goroutines.
type Host struct {
	opts    Options
	forker  *forker
	scratch func() (string, error)

	running sync.WaitGroup // one for each environment
	release sync.Once

	// mu guards everything below, and the state of every pool, environment and
	// invocation. Nothing is emitted, read or written while it is held.
	mu       sync.Mutex
	pools    map[string]*pool
	all      map[*environment]struct{} // of removed functions too
	stopping bool
	killing  bool
	watching bool // memory will be looked at
}

// New returns a host without functions. End it with [Host.Stop].
func New(opts Options) *Host {
	if opts.Sink == nil {
		opts.Sink = func(activity.Event) {}
	}
	opts.Region = or(opts.Region, "us-east-1")
	opts.Account = or(opts.Account, "000000000000")
	opts.IdleTimeout = or(opts.IdleTimeout, 5*time.Minute)
	opts.InitTimeout = or(opts.InitTimeout, 10*time.Second)
	return &Host{
		opts:   opts,
		forker: newForker(),
		scratch: sync.OnceValues(func() (string, error) {
			return os.MkdirTemp(opts.Scratch, "less-functions-")
		}),
		pools: map[string]*pool{},
		all:   map[*environment]struct{}{},
	}
}

// Set adds the function, or swaps the one of the same identity: whatever begins
// from now on runs the new binary, what runs ends in its old process, and idle
// old processes end at once.
func (h *Host) Set(f Function) {
	f.Timeout = or(f.Timeout, 3*time.Second)
	f.MemoryMB = or(f.MemoryMB, 128)
	f.MaxConcurrency = or(f.MaxConcurrency, 10)

	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.pools[f.ID]
	if p == nil {
		p = newPool(h)
		h.pools[f.ID] = p
	}
	p.function = &f
	p.endUnused()
	p.dispatch()
}

// Remove forgets the function: invocations that wait fail with [ErrNoFunction],
// what runs may end.
func (h *Host) Remove(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.pools[id]
	if p == nil {
		return
	}
	delete(h.pools, id)
	p.function = nil
	p.failLine(fmt.Errorf("invoke %s: %w", id, ErrNoFunction))
	p.endUnused()
}

// Invoke runs the function once and returns its answer. An error means that it
// could not be run at all; a function that fails is told by the Result.
//
// When ctx ends, an invocation that waits leaves the line; one that runs goes
// on, as it does on AWS when a client hangs up, and its answer is dropped. The
// payload must not be changed afterwards.
func (h *Host) Invoke(ctx context.Context, id string, payload []byte) (Result, error) {
	if len(payload) > MaxPayload {
		return Result{}, fmt.Errorf("invoke %s: %w", id, ErrPayloadTooLarge)
	}
	if ctx.Err() != nil {
		return Result{}, fmt.Errorf("invoke %s: %w", id, context.Cause(ctx))
	}
	inv := newInvocation(ctx, payload)
	if err := h.enter(id, inv); err != nil {
		return Result{}, fmt.Errorf("invoke %s: %w", id, err)
	}
	select {
	case <-inv.done:
		return inv.result, inv.err
	case <-ctx.Done():
		h.mu.Lock()
		inv.pool.leave(inv)
		h.mu.Unlock()
		return Result{}, fmt.Errorf("invoke %s: %w", id, context.Cause(ctx))
	}
}

func (h *Host) enter(id string, inv *invocation) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping {
		return ErrStopped
	}
	p := h.pools[id]
	if p == nil {
		return ErrNoFunction
	}
	inv.pool = p
	p.line = append(p.line, inv)
	p.dispatch()
	return nil
}

// Stop ends every process. Invocations that wait fail with [ErrStopped], those
// that run may end until ctx does, and are killed then. Stop returns when no
// process is left; its error says that something had to be killed.
func (h *Host) Stop(ctx context.Context) error {
	h.mu.Lock()
	h.stopping = true
	for id, p := range h.pools {
		p.failLine(fmt.Errorf("invoke %s: %w", id, ErrStopped))
		p.endUnused()
	}
	h.mu.Unlock()

	ended := make(chan struct{})
	go func() {
		h.running.Wait()
		close(ended)
	}()
	var err error
	select {
	case <-ended:
	case <-ctx.Done():
		h.mu.Lock()
		if len(h.all) > 0 {
			err = fmt.Errorf("stop the functions: %d were still running and have been killed: %w", len(h.all), context.Cause(ctx))
		}
		h.killing = true
		for e := range h.all {
			e.kill()
		}
		h.mu.Unlock()
		<-ended
	}
	h.release.Do(func() {
		h.forker.stop()
		if dir, dirErr := h.scratch(); dirErr == nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	})
	return err
}

// Stats are the numbers of one function at one moment.
type Stats struct {
	// Processes that are alive, of which Busy have an invocation.
	Processes, Busy int
	// Waiting is how many invocations wait for a process.
	Waiting int
}

// Stats returns the function's numbers, zero for one that is unknown.
func (h *Host) Stats(id string) Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.pools[id]
	if p == nil {
		return Stats{}
	}
	s := Stats{Processes: len(p.environments), Waiting: len(p.line)}
	for e := range p.environments {
		if e.invocation != nil {
			s.Busy++
		}
	}
	return s
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
