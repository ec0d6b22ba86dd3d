package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/eventbridge"
	"github.com/less-go/less/internal/eventsapi"
	"github.com/less-go/less/internal/lambdaapi"
	"github.com/less-go/less/internal/plan"
)

// rules are those of the plan's crons, and those that clients have made.
type rules struct {
	scheduler *eventbridge.Scheduler
	async     *async.Invoker
	functions *lambdaapi.Service

	mu    sync.Mutex
	crons []eventbridge.Rule
	made  []eventbridge.Rule
}

func newRules(invoker *async.Invoker, functions *lambdaapi.Service, sink activity.Sink) *rules {
	r := &rules{async: invoker, functions: functions}
	r.scheduler = eventbridge.New(r.invoke, sink)
	return r
}

// invoke accepts an invocation of a rule's function.
func (r *rules) invoke(ctx context.Context, rule eventbridge.Rule, payload []byte) error {
	function := rule.Function
	if rule.Made {
		id, found := r.functions.Identity(function)
		switch {
		case !found:
			return fmt.Errorf("the rule %s: there is no function %s", rule.Name, function)
		case !r.functions.MayInvoke(function, "events.amazonaws.com", rule.ARN):
			return fmt.Errorf("the function %s does not let the rule %s invoke it: it has no permission for events.amazonaws.com and %s", function, rule.Name, rule.ARN)
		}
		function = id
	}
	return r.async.Enqueue(ctx, async.Event{Function: function, Payload: payload})
}

// apply makes the crons those of p.
func (r *rules) apply(p plan.Plan) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.crons = nil
	for _, c := range p.Crons {
		r.crons = append(r.crons, eventbridge.Rule{
			Name: c.Rule, ARN: awsapi.LocalARN("events", Region, "rule/"+c.Rule), Function: c.Function, Schedule: c.Schedule,
		})
	}
	return r.settle()
}

// set makes the others those that clients have made. A rule with nothing but a pattern
// is never due.
func (r *rules) set(all []*eventsapi.Rule) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made = nil
	for _, rule := range all {
		if rule.Disabled || rule.Schedule == "" {
			continue
		}
		for _, t := range rule.Targets {
			r.made = append(r.made, eventbridge.Rule{
				Made: true, Name: rule.Name, ARN: rule.ARN(), Function: t.Function(), Schedule: rule.Schedule, Input: t.Input,
			})
		}
	}
	return r.settle()
}

func (r *rules) settle() error { return r.scheduler.Set(slices.Concat(r.crons, r.made)) }

// planned says that a rule is a cron of the plan.
func (r *rules) planned(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.crons, func(c eventbridge.Rule) bool { return c.Name == name })
}
