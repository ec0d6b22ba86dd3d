// Package blueprint reads a plan from what the CDK has synthesized: it is the way back
// from the templates, as they go to CloudFormation, to what they are to make. Where it
// arrives at the plan that the less/ tree has, nothing was lost or added on the way.
//
// A template can say more than a plan. What a plan has no place for, and what AWS would
// need and is not there, such as a grant, is refused with its stack and its logical id:
// a plan that left it out would be of something else. Log groups, alarms and dashboards
// are watchers, and what becomes of resources that leave a stack is CloudFormation's:
// neither changes what runs.
package blueprint

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/plan"
)

// A Blueprint is what a synthesized deployment is.
type Blueprint struct {
	Plan  plan.Plan
	Stage string
	// Architecture is what the functions are built for.
	Architecture plan.Architecture
	Tracing      bool
	// OpsTopic is the name of the topic that is made for alarms; "" for none.
	OpsTopic string
	// LogRetention is the functions'; 0 is for ever.
	LogRetention time.Duration
	// ThrottleRate and ThrottleBurst are requests to an API in a second.
	ThrottleRate, ThrottleBurst int
	// Programs are the folders or zip files that functions are made of, by identity.
	Programs map[string]string
}

// Read reads the deployment in dir, the folder that the CDK calls cdk.out. The error has
// all that cannot be read, as a [problem.List].
func Read(dir string) (Blueprint, error) {
	a, err := openAssembly(dir)
	if err != nil {
		return Blueprint{}, err
	}
	r := newReader(a)
	r.stacks()
	if len(r.problems) > 0 {
		return Blueprint{}, r.problems.Sorted() // what follows would be about what is missing only
	}
	r.watchers()
	r.key()
	r.policies()
	r.functions()
	r.topics()
	r.subscriptions()
	r.crons()
	r.apis()
	r.grants()
	r.leftovers()
	if len(r.problems) > 0 {
		return Blueprint{}, r.problems.Sorted()
	}
	r.sort()
	return r.out, nil
}

// sort puts everything in the order of identities, as plans have it.
func (r *reader) sort() {
	p := &r.out.Plan
	slices.SortFunc(p.APIs, func(a, b plan.API) int { return cmp.Compare(a.ID, b.ID) })
	for _, a := range p.APIs {
		slices.SortFunc(a.Routes, func(a, b plan.Route) int { return cmp.Compare(a.Function, b.Function) })
	}
	bySubscriber := func(a, b plan.Subscription) int { return cmp.Compare(a.Function, b.Function) }
	slices.SortFunc(p.Topics, func(a, b plan.Topic) int { return cmp.Compare(a.ID, b.ID) })
	for _, t := range p.Topics {
		slices.SortFunc(t.Subscriptions, bySubscriber)
	}
	slices.SortFunc(p.External, func(a, b plan.ExternalTopic) int { return cmp.Compare(a.ID, b.ID) })
	for _, t := range p.External {
		slices.SortFunc(t.Subscriptions, bySubscriber)
	}
	slices.SortFunc(p.Crons, func(a, b plan.Cron) int { return cmp.Compare(a.Function, b.Function) })
	slices.SortFunc(p.Functions, func(a, b plan.Function) int { return strings.Compare(a.ID, b.ID) })
}
