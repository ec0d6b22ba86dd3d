package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/gateway"
	"github.com/less-go/less/internal/mapping"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/wiring"
)

// An api is a running HTTP API.
type api struct {
	name    string
	gateway *gateway.Gateway
	server  *server
}

// A mapped subscription is one whose event source mapping runs.
type mapped struct {
	subscription plan.Subscription
	mapping      *mapping.Mapping
}

// Apply makes the engine carry out p with the given binaries, one per function
// identity. The first call starts the listeners of the APIs; each later one
// changes what is different, and loses no message doing it: a changed function
// finishes its running invocations in its old process, and the messages that it
// had failed are received again at once. A function without a binary waits for
// one: its messages stay in their queue, its routes answer 503.
func (e *Engine) Apply(ctx context.Context, p plan.Plan, binaries map[string]string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return errors.New("the engine has stopped")
	}
	all := e.allFunctions(p, binaries)
	// What is sent to must be there before what sends, and before anybody is told of
	// it: queues, topics, functions, and only then what invokes functions.
	if err := e.store.Ensure(ctx, slices.Concat(wiring.Queues(p), async.Queues(asyncFunctions(all)))...); err != nil {
		return fmt.Errorf("create the queues: %w", err)
	}
	e.sources.set(p)
	e.callees.set(all)
	e.sns.SetTopics(wiring.Topics(p))
	e.plan, e.binaries = p, maps.Clone(binaries)
	e.tellHidden(p)
	if err := e.serve(ctx, p, all); err != nil {
		return err
	}
	if err := errors.Join(e.rules.apply(p), e.applyAPIs(ctx, p), e.applyTopicsAPI(ctx, p)); err != nil {
		return err
	}
	return e.state.announce(Listening{AWS: e.AWS(), APIs: e.endpoints(), TopicsAPI: e.topicsURL()})
}

// applyMappings starts, stops and restarts event source mappings.
func (e *Engine) applyMappings(ctx context.Context, p plan.Plan, swapped map[string]bool) error {
	wanted := map[string]plan.Subscription{}
	for _, s := range p.Subscriptions() {
		if e.functions[s.Function].Binary != "" {
			wanted[s.Function] = s
		}
	}
	var errs []error
	for id, m := range e.mapped {
		if s, found := wanted[id]; !found || s != m.subscription {
			errs = append(errs, m.mapping.Stop(ctx))
			delete(e.mapped, id)
			e.byQueue.Delete(m.subscription.Queue.Name)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(wanted)) {
		s := wanted[id]
		if m, running := e.mapped[id]; running {
			if swapped[id] {
				errs = append(errs, m.mapping.ReleaseFailed(ctx))
			}
			continue
		}
		m := mapping.New(mapping.Options{Topic: s.Topic, Subscription: s, Store: e.store, Invoker: e.host, Sink: e.emit})
		e.byQueue.Store(s.Queue.Name, m)
		m.Start()
		e.mapped[id] = &mapped{subscription: s, mapping: m}
	}
	return errors.Join(errs...)
}

// applyAPIs starts and stops APIs, and changes the routes of those that stay. A
// running API keeps its port; the first call hands the ports out in
// alphabetical order, a later API gets the next one that no other API has.
func (e *Engine) applyAPIs(ctx context.Context, p plan.Plan) error {
	wanted := map[string]bool{}
	for _, a := range p.APIs {
		wanted[a.ID] = true
	}
	for id, a := range e.apis {
		if !wanted[id] {
			a.server.stop(ctx)
			delete(e.apis, id)
		}
	}
	for _, a := range p.APIs {
		if running := e.apis[a.ID]; running != nil {
			running.gateway.Set(a)
			continue
		}
		started, err := e.startAPI(a)
		if err != nil {
			return err
		}
		e.apis[a.ID] = started
	}
	return nil
}

func (e *Engine) startAPI(a plan.API) (*api, error) {
	g := gateway.New(gateway.Options{API: a, Invoker: e.host, Sink: e.emit})
	s, err := listenAndServe(gateway.NewServer(g), e.freePort(), "the API "+a.Name, e.failed)
	if err != nil {
		return nil, err
	}
	return &api{name: a.Name, gateway: g, server: s}, nil
}

// APIs lists the running APIs in the order of the plan, by name.
func (e *Engine) APIs() []Endpoint {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.endpoints()
}

// endpoints is APIs for those who hold the lock.
func (e *Engine) endpoints() []Endpoint {
	var out []Endpoint
	for _, a := range e.plan.APIs {
		if running := e.apis[a.ID]; running != nil {
			out = append(out, Endpoint{Name: running.name, URL: running.server.url("localhost")})
		}
	}
	return out
}

// deadLetter tells of a message that the store has moved.
func (e *Engine) deadLetter(m queue.Moved) {
	from := e.sources.of(m.From)
	e.emit(activity.Event{
		Time: time.Now(), Kind: activity.DeadLetter,
		Function: from.Function, Topic: from.Topic, Queue: m.To,
		MessageID: m.ID, CorrelationID: m.Attributes[event.CorrelationID].String, Attempt: m.Receives,
	})
}
