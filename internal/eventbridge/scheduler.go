// Package eventbridge invokes functions by schedule, as EventBridge's rules do: on
// the clock, in UTC, asynchronously, so that a run which fails is tried again. A
// time at which nothing ran, because the engine did not, is not made up for; nor
// does EventBridge promise to.
package eventbridge

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/schedule"
)

// A Rule invokes a function when its schedule is due.
type Rule struct {
	// Made says that a client has made it. Its function, which is then given by name,
	// has to let it.
	Made bool
	// Name is the rule's resource name, ARN its identity for the function.
	Name string
	ARN  string
	// Function is the identity of the function.
	Function string
	Schedule string
	// Input is what the function is given, "" for an event.
	Input string
}

// Invoke accepts an asynchronous invocation of a rule's function: when it returns nil,
// the event is kept.
type Invoke func(ctx context.Context, r Rule, payload []byte) error

// A Scheduler carries out rules. Its methods may be called concurrently.
type Scheduler struct {
	invoke Invoke
	sink   activity.Sink

	mu      sync.Mutex
	stopped bool
	running map[Rule]*running
}

type running struct {
	cancel   context.CancelFunc
	finished chan struct{}
}

// New returns a scheduler without rules. sink is told what goes wrong.
func New(invoke Invoke, sink activity.Sink) *Scheduler {
	return &Scheduler{invoke: invoke, sink: sink, running: map[Rule]*running{}}
}

// Set replaces all rules. One that stays as it is goes on; a rate counts from when
// its rule was first set. The error names every schedule that cannot be read, and
// then nothing is changed.
func (s *Scheduler) Set(rules []Rule) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil
	}
	parsed := map[Rule]schedule.Schedule{}
	for _, r := range rules {
		p, err := schedule.Parse(r.Schedule)
		if err != nil {
			return fmt.Errorf("%s: %w", r.Function, err)
		}
		parsed[r] = p
	}
	for r, run := range s.running {
		if _, stays := parsed[r]; !stays {
			run.end()
			delete(s.running, r)
		}
	}
	for r, p := range parsed {
		if s.running[r] != nil {
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		run := &running{cancel, make(chan struct{})}
		s.running[r] = run
		go func() {
			defer close(run.finished)
			s.follow(ctx, r, p)
		}()
	}
	return nil
}

// Stop ends all rules, for ever. What was invoked goes on.
func (s *Scheduler) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	for r, run := range s.running {
		run.end()
		delete(s.running, r)
	}
}

func (r *running) end() {
	r.cancel()
	<-r.finished
}

// longest is how long a timer is set for: a clock that is put forward, or a
// machine that sleeps, is noticed after it.
const longest = time.Minute

func (s *Scheduler) follow(ctx context.Context, r Rule, p schedule.Schedule) {
	since := time.Now()
	next, ok := p.Next(since, since)
	for ok {
		timer := time.NewTimer(min(longest, time.Until(next)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		now := time.Now()
		if now.Before(next) {
			continue
		}
		s.fire(ctx, r, next)
		next, ok = p.Next(since, now)
	}
}

func (s *Scheduler) fire(ctx context.Context, r Rule, at time.Time) {
	payload := []byte(r.Input)
	if r.Input == "" {
		payload = Event(r.ARN, at)
	}
	if err := s.invoke(ctx, r, payload); err != nil && ctx.Err() == nil {
		s.sink(activity.Event{
			Time: time.Now(), Kind: activity.Notice, Function: r.Function,
			Line: fmt.Sprintf("the run that was due at %s could not be started: %v", at.UTC().Format(time.RFC3339), err),
		})
	}
}
