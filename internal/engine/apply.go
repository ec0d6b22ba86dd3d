package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cwlogs"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/eventbridge"
	"github.com/less-go/less/internal/gateway"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/lambdaapi"
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
	// What is sent to must be there before what sends, and before anybody is told of
	// it: queues, topics, functions, and only then what invokes functions.
	if err := e.store.Ensure(ctx, slices.Concat(wiring.Queues(p), async.Queues(e.asyncFunctions(p)))...); err != nil {
		return fmt.Errorf("create the queues: %w", err)
	}
	e.sources.set(p)
	e.callees.set(p)
	e.sns.SetTopics(wiring.Topics(p))
	e.keys.set(p)
	swapped := e.applyFunctions(p, binaries)
	e.describe(p)
	if err := e.async.Set(ctx, e.asyncFunctions(p)); err != nil {
		return err
	}
	if err := errors.Join(e.applyMappings(ctx, p, swapped), e.eventSources.apply(ctx, p, e.runnable(), swapped)); err != nil {
		return err
	}
	return errors.Join(e.applyCrons(p), e.applyAPIs(ctx, p))
}

// applyCrons makes the rules those of p.
func (e *Engine) applyCrons(p plan.Plan) error {
	var rules []eventbridge.Rule
	for _, c := range p.Crons {
		rules = append(rules, eventbridge.Rule{
			Name: c.Rule, ARN: awsapi.LocalARN("events", Region, "rule/"+c.Rule), Function: c.Function, Schedule: c.Schedule,
		})
	}
	return e.crons.Set(rules)
}

// applyFunctions hands the functions to the host and returns those that serve
// another binary than before.
func (e *Engine) applyFunctions(p plan.Plan, binaries map[string]string) map[string]bool {
	swapped := map[string]bool{}
	for _, f := range p.Functions {
		binary := binaries[f.ID]
		if binary == "" {
			continue
		}
		before := e.functions[f.ID]
		fn := e.function(p, f, binary)
		if reflect.DeepEqual(before, fn) {
			continue
		}
		e.host.Set(fn)
		e.functions[f.ID] = fn
		if before.Binary != "" && before.Binary != binary {
			swapped[f.ID] = true
			e.emit(activity.Event{Kind: activity.Swap, Function: f.ID})
		}
	}
	for id := range e.functions {
		if _, found := p.Function(id); !found {
			e.host.Remove(id)
			delete(e.functions, id)
		}
	}
	return swapped
}

// asyncFunctions are all functions of p: an event for one that has no binary yet waits.
func (e *Engine) asyncFunctions(p plan.Plan) []async.Function {
	out := make([]async.Function, len(p.Functions))
	for i, f := range p.Functions {
		out[i] = async.Function{ID: f.ID, Name: f.Name, Concurrency: e.concurrency(p, f.ID)}
	}
	return out
}

// describe has Lambda and CloudWatch Logs know the functions of p.
func (e *Engine) describe(p plan.Plan) {
	functions := make([]lambdaapi.Function, len(p.Functions))
	groups := make([]cwlogs.Function, len(p.Functions))
	for i, f := range p.Functions {
		fn := e.functions[f.ID]
		functions[i] = lambdaapi.Function{
			ID: f.ID, Name: f.Name, Binary: fn.Binary, Timeout: f.Timeout, MemoryMB: f.Memory, Env: fn.Env,
		}
		groups[i] = cwlogs.Function{ID: f.ID, Name: f.Name}
	}
	e.lambda.SetFunctions(functions)
	e.cwlogs.SetFunctions(groups)
}

func (e *Engine) function(p plan.Plan, f plan.Function, binary string) lambda.Function {
	return lambda.Function{
		ID: f.ID, Name: f.Name, Binary: binary,
		Timeout: f.Timeout, MemoryMB: f.Memory,
		MaxConcurrency: e.concurrency(p, f.ID),
		Credentials:    e.keys.credentials(f.ID),
		Env: map[string]string{
			event.EnvFunction:    f.ID,
			event.EnvTopicPrefix: awsapi.LocalARN("sns", Region, p.TopicPrefix),
			"AWS_ENDPOINT_URL":   e.aws.url("127.0.0.1"),
		},
	}
}

// routeConcurrency is how many processes a route may have. AWS's limit is the
// account's, 1,000 invocations of all functions; this is what a laptop can bear.
const routeConcurrency = 50

// concurrency is how many processes a function may have: a subscriber's what
// its mapping can use, a route's routeConcurrency.
func (e *Engine) concurrency(p plan.Plan, function string) int {
	for _, s := range p.Subscriptions() {
		if s.Function == function {
			return s.Mapping.Concurrency
		}
	}
	return routeConcurrency
}

// runnable are the functions that have a binary.
func (e *Engine) runnable() map[string]bool {
	out := make(map[string]bool, len(e.functions))
	for id := range e.functions {
		out[id] = true
	}
	return out
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
	port := e.opts.Port
	for port != 0 && slices.ContainsFunc(slices.Collect(maps.Values(e.apis)), func(other *api) bool {
		return portOf(other.server.listeners[0]) == port
	}) {
		port++
	}
	g := gateway.New(gateway.Options{API: a, Invoker: e.host, Sink: e.emit})
	s, err := listenAndServe(gateway.NewServer(g), port, "the API "+a.Name, e.failed)
	if err != nil {
		return nil, err
	}
	return &api{name: a.Name, gateway: g, server: s}, nil
}

// APIs lists the running APIs by name.
func (e *Engine) APIs() []Endpoint {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Endpoint
	for _, id := range slices.Sorted(maps.Keys(e.apis)) {
		out = append(out, Endpoint{Name: e.apis[id].name, URL: e.apis[id].server.url("localhost")})
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
