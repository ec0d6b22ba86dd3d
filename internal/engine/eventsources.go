package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/lambdaapi"
	"github.com/less-go/less/internal/mapping"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

// eventSources are the event source mappings that clients have made, beside those
// of the plan. They are kept in the store as documents, and run as long as their
// function has a binary.
type eventSources struct {
	store *queue.Store
	host  *lambda.Host
	sink  activity.Sink
	since time.Time

	// byQueue has the running *mapping.Mapping of a queue's name, apart from what mu
	// guards: who holds that may wait for functions, which may be asking for it.
	byQueue sync.Map

	mu       sync.Mutex
	planned  []lambdaapi.Mapping
	kept     map[string]lambdaapi.Mapping // by id
	running  map[string]*mapping.Mapping  // by id
	runnable map[string]bool              // by function identity
	stopped  bool
}

// eventSourceKind is the kind of the documents.
const eventSourceKind = "event source mapping"

func openEventSources(ctx context.Context, store *queue.Store, host *lambda.Host, sink activity.Sink) (*eventSources, error) {
	documents, err := store.Documents(ctx, eventSourceKind)
	if err != nil {
		return nil, fmt.Errorf("read the event source mappings: %w", err)
	}
	s := &eventSources{
		store: store, host: host, sink: sink, since: time.Now(),
		kept: map[string]lambdaapi.Mapping{}, running: map[string]*mapping.Mapping{},
	}
	for _, d := range documents {
		var m lambdaapi.Mapping
		if err := json.Unmarshal(d.Value, &m); err != nil {
			return nil, fmt.Errorf("read the event source mapping %s: %w", d.Name, err)
		}
		s.kept[m.ID] = m
	}
	return s, nil
}

// apply runs the mappings of the functions that have a binary, and has what those
// have failed whose code has changed received again at once.
func (s *eventSources) apply(ctx context.Context, p plan.Plan, binaries, swapped map[string]bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.planned, s.runnable = nil, binaries
	for _, sub := range p.Subscriptions() {
		s.planned = append(s.planned, lambdaapi.Mapping{
			ID:       uuid.NewSHA1(uuid.NameSpaceURL, []byte(eventSourceKind+"/"+sub.Function)).String(),
			Function: sub.Function, Queue: sub.Queue.Name, Planned: true, ReportFailures: true,
			BatchSize: sub.Mapping.BatchSize, Window: sub.Mapping.Window, Concurrency: sub.Mapping.Concurrency, Modified: s.since,
		})
	}
	var errs []error
	for id, m := range s.kept {
		if running := s.running[id]; running != nil && swapped[m.Function] {
			errs = append(errs, running.ReleaseFailed(ctx))
		}
		errs = append(errs, s.settle(ctx, id))
	}
	return errors.Join(errs...)
}

// settle runs a mapping that is to run, and ends one that is not.
func (s *eventSources) settle(ctx context.Context, id string) error {
	m, found := s.kept[id]
	wanted := found && !m.Disabled && s.runnable[m.Function] && !s.stopped
	running := s.running[id]
	switch {
	case wanted && running == nil:
		s.running[id] = s.start(m)
	case !wanted && running != nil:
		delete(s.running, id)
		s.byQueue.CompareAndDelete(running.Queue(), running)
		return running.Stop(ctx)
	}
	return nil
}

// eventSourceConcurrency is how many batches run at a time where a mapping does
// not say it. AWS begins with five and adds more; this is what a laptop can bear.
const eventSourceConcurrency = 10

func (s *eventSources) start(m lambdaapi.Mapping) *mapping.Mapping {
	if m.Concurrency == 0 {
		m.Concurrency = eventSourceConcurrency
	}
	info, _ := s.store.Queue(m.Queue)
	running := mapping.New(mapping.Options{
		Subscription: plan.Subscription{
			Function: m.Function,
			Queue:    plan.Queue{Name: m.Queue, MaxReceives: info.MaxReceives},
			Mapping:  plan.Mapping{BatchSize: m.BatchSize, Window: m.Window, Concurrency: m.Concurrency},
		},
		Store: s.store, Invoker: s.host, Sink: s.sink, WholeBatches: !m.ReportFailures,
	})
	s.byQueue.Store(m.Queue, running)
	running.Start()
	return running
}

// Queue returns a queue that a mapping can be of.
func (s *eventSources) Queue(name string) (queue.Info, bool) {
	info, exists := s.store.Queue(name)
	return info, exists && !info.Internal()
}

// Mappings returns all mappings in the order of their ids.
func (s *eventSources) Mappings() []lambdaapi.Mapping {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.AppendSeq(slices.Clone(s.planned), maps.Values(s.kept))
	slices.SortFunc(all, func(a, b lambdaapi.Mapping) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// SetMapping keeps a mapping and runs it as it is now.
func (s *eventSources) SetMapping(ctx context.Context, m lambdaapi.Mapping) error {
	value, err := json.Marshal(m)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.store.Keep(ctx, queue.Document{Kind: eventSourceKind, Name: m.ID, Value: value}); err != nil {
		return err
	}
	err = s.forget(ctx, m.ID) // it runs with the settings that it was started with
	s.kept[m.ID] = m
	return errors.Join(err, s.settle(ctx, m.ID))
}

// DeleteMapping ends a mapping for good.
func (s *eventSources) DeleteMapping(ctx context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.store.Keep(ctx, queue.Document{Kind: eventSourceKind, Name: id}); err != nil {
		return err
	}
	return s.forget(ctx, id)
}

func (s *eventSources) forget(ctx context.Context, id string) error {
	delete(s.kept, id)
	return s.settle(ctx, id)
}

// visibilityChanged tells the mapping of a queue, if there is one, that a function
// has changed when a message is visible again.
func (s *eventSources) visibilityChanged(queueName, receipt string, visible time.Time) {
	if running, found := s.byQueue.Load(queueName); found {
		running.(*mapping.Mapping).VisibilityChanged(receipt, visible)
	}
}

// stop lets what runs end, until ctx does.
func (s *eventSources) stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	var stopping sync.WaitGroup
	errs := make([]error, len(s.running))
	for i, running := range slices.Collect(maps.Values(s.running)) {
		stopping.Go(func() { errs[i] = running.Stop(ctx) })
	}
	stopping.Wait()
	clear(s.running)
	return errors.Join(errs...)
}
