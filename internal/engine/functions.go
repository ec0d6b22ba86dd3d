package engine

import (
	"context"
	"errors"
	"reflect"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cwlogs"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/lambdaapi"
	"github.com/less-go/less/internal/plan"
)

// A function is one of the plan, or one that a client has made. One of the plan
// may have no binary yet, and no credentials has any before [keyring.set].
type function struct {
	lambda.Function
	// deployed is what a client has made; nil for a function of the plan.
	deployed *lambdaapi.Function
}

// allFunctions are those of p, which have binaries, and those of clients.
func (e *Engine) allFunctions(p plan.Plan, binaries map[string]string) []function {
	all := make([]function, len(p.Functions))
	for i, f := range p.Functions {
		all[i] = function{Function: e.plannedFunction(p, f, binaries[f.ID])}
	}
	return append(all, e.deployedFunctions(all)...)
}

func (e *Engine) plannedFunction(p plan.Plan, f plan.Function, binary string) lambda.Function {
	return lambda.Function{
		ID: f.ID, Name: f.Name, Binary: binary,
		Timeout: f.Timeout, MemoryMB: f.Memory,
		MaxConcurrency: concurrency(p, f.ID),
		Env: map[string]string{
			event.EnvFunction:    f.Identity(),
			event.EnvTopicPrefix: awsapi.LocalARN("sns", Region, p.TopicPrefixOf(f)),
			"AWS_ENDPOINT_URL":   e.aws.url("127.0.0.1"),
		},
		Secrets: f.Env,
	}
}

// routeConcurrency is how many processes a route may have, or a function that a
// client has made. AWS's limit is the account's, 1,000 invocations of all
// functions; this is what a laptop can bear.
const routeConcurrency = 50

// concurrency is how many processes a function may have: a subscriber's what
// its mapping can use, a route's routeConcurrency.
func concurrency(p plan.Plan, function string) int {
	for _, s := range p.Subscriptions() {
		if s.Function == function {
			return s.Mapping.Concurrency
		}
	}
	return routeConcurrency
}

// serve has the functions run, and whatever invokes them because of p or of a client
// but for topics, APIs and rules.
func (e *Engine) serve(ctx context.Context, p plan.Plan, all []function) error {
	e.keys.set(p, all)
	e.opts.Deployed(identities(all))
	swapped := e.applyFunctions(all)
	e.describe(all)
	if err := e.async.Set(ctx, asyncFunctions(all)); err != nil {
		return err
	}
	err := errors.Join(e.applyMappings(ctx, p, swapped), e.eventSources.apply(ctx, p, e.runnable(), swapped))
	select {
	case <-e.applied:
	default:
		close(e.applied)
	}
	return err
}

// applyFunctions hands the functions to the host and returns those that serve
// another binary than before. One that is to lose its binary keeps the last.
func (e *Engine) applyFunctions(all []function) map[string]bool {
	swapped, there := map[string]bool{}, map[string]bool{}
	for _, f := range all {
		there[f.ID] = true
		if f.Binary == "" {
			continue
		}
		before := e.functions[f.ID]
		f.Credentials = e.keys.credentials(f.ID)
		if reflect.DeepEqual(before, f.Function) {
			continue
		}
		e.host.Set(f.Function)
		e.functions[f.ID] = f.Function
		if before.Binary != "" && before.Binary != f.Binary {
			swapped[f.ID] = true
			e.emit(activity.Event{Kind: activity.Swap, Function: f.ID})
		}
	}
	for id := range e.functions {
		if !there[id] {
			e.host.Remove(id)
			delete(e.functions, id)
		}
	}
	return swapped
}

// asyncFunctions are all functions: an event for one that has no binary yet waits.
func asyncFunctions(all []function) []async.Function {
	out := make([]async.Function, len(all))
	for i, f := range all {
		out[i] = async.Function{ID: f.ID, Name: f.Name, Concurrency: f.MaxConcurrency}
	}
	return out
}

// describe has Lambda and CloudWatch Logs know the functions.
func (e *Engine) describe(all []function) {
	functions := make([]lambdaapi.Function, len(all))
	groups := make([]cwlogs.Function, len(all))
	for i, f := range all {
		groups[i] = cwlogs.Function{ID: f.ID, Name: f.Name}
		if f.deployed != nil {
			functions[i] = *f.deployed
			continue
		}
		fn := e.functions[f.ID]
		functions[i] = lambdaapi.Function{
			ID: f.ID, Name: f.Name, Binary: fn.Binary, Timeout: f.Timeout, MemoryMB: f.MemoryMB, Env: fn.Env,
		}
	}
	e.lambda.SetFunctions(functions)
	e.cwlogs.SetFunctions(groups)
}

// runnable are the functions that have a binary.
func (e *Engine) runnable() map[string]bool {
	out := make(map[string]bool, len(e.functions))
	for id := range e.functions {
		out[id] = true
	}
	return out
}
