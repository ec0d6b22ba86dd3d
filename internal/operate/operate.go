// Package operate does what an operator does with a deployment, by AWS's own
// interfaces, and so the same with the local engine and with AWS: publish an
// event, invoke a function, read logs, and look after dead letters.
package operate

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/less-go/less/internal/near"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/target"
)

// A Deployment is a project under a name, at a place.
type Deployment struct {
	Plan   plan.Plan
	Target *target.Target
}

// absent is a resource that a deployment does not have.
func (d Deployment) absent(what, name string) error {
	way := "Deploy it"
	if d.Target.Local {
		way = "Run the project as it is now with 'less-cli run'"
	}
	return fmt.Errorf("%s has no %s %s: the deployment %s is not there, or is older than this tree. %s, or name another deployment with --project",
		d.Target.Name, what, name, d.Plan.Name, way)
}

// Topic finds the topic that people mean by a name: order_placed,
// topics/order_placed or its folder; one of another application with that one's name
// before it, as less/external_topics has it: external_topics/chat/message_sent.
func Topic(p plan.Plan, name string) (plan.Topic, error) {
	clean := strings.TrimPrefix(tidy(name), "topics/")
	clean = strings.TrimSuffix(clean, "/message.go")
	var names []string
	for _, t := range p.Topics {
		if t.Name == clean {
			return t, nil
		}
		names = append(names, t.Name)
	}
	for _, t := range p.External {
		if t.ID == clean || t.Label() == clean {
			return t.Topic, nil
		}
		names = append(names, t.ID)
	}
	return plan.Topic{}, fmt.Errorf("there is no topic %q. %s'less-cli graph' shows them all", name, hint(clean, names))
}

// Function finds the function that people mean by a name: its identity, its
// folder, a file in it, its name on AWS, "POST /orders", or as much of its end as
// is the only one's.
func Function(p plan.Plan, name string) (plan.Function, error) {
	return find(p.Functions, p, name, "function")
}

// Subscriber is [Function] for those that have a queue.
func Subscriber(p plan.Plan, name string) (plan.Subscription, error) {
	var functions []plan.Function
	for _, s := range p.Subscriptions() {
		f, _ := p.Function(s.Function)
		functions = append(functions, f)
	}
	found, err := find(functions, p, name, "subscriber")
	if err != nil {
		return plan.Subscription{}, err
	}
	all := p.Subscriptions()
	return all[slices.IndexFunc(all, func(s plan.Subscription) bool { return s.Function == found.ID })], nil
}

// CronFunction is [Function] for those that run by schedule.
func CronFunction(p plan.Plan, name string) (plan.Function, error) {
	if len(p.Crons) == 0 {
		return plan.Function{}, fmt.Errorf("there is no cron %q, nor any other: less-cli create cron --name %s", name, path.Base(tidy(name)))
	}
	var functions []plan.Function
	for _, c := range p.Crons {
		f, _ := p.Function(c.Function)
		functions = append(functions, f)
	}
	return find(functions, p, name, "cron")
}

func find(functions []plan.Function, p plan.Plan, name, what string) (plan.Function, error) {
	clean := tidy(name)
	var matches []plan.Function
	for _, f := range functions {
		switch {
		case f.ID == clean, f.ID == path.Dir(clean), f.ID == strings.TrimSuffix(clean, ".go"),
			f.Name == clean, clean != "" && strings.EqualFold(routeOf(p, f), strings.TrimSpace(name)):
			return f, nil
		case clean != "" && endsIn(f.ID, clean):
			matches = append(matches, f)
		}
	}
	switch {
	case len(matches) == 1:
		return matches[0], nil
	case len(matches) > 1:
		ids := make([]string, len(matches))
		for i, f := range matches {
			ids[i] = f.ID
		}
		return plan.Function{}, fmt.Errorf("%q can be any of %d functions. Name one: %s", name, len(ids), strings.Join(ids, ", "))
	}
	return plan.Function{}, fmt.Errorf("there is no %s %q. %s'less-cli graph' shows them all", what, name, hint(clean, spellings(functions)))
}

// tidy leaves of a path what could be an identity.
func tidy(name string) string {
	clean := path.Clean(strings.ReplaceAll(strings.TrimSpace(name), `\`, "/"))
	if clean == "." {
		return ""
	}
	for _, root := range []string{"less/", "functions/"} {
		if i := strings.LastIndex("/"+clean, "/"+root); i >= 0 {
			clean = clean[i+len(root):]
		}
	}
	return strings.Trim(clean, "/")
}

// endsIn says whether an identity ends in name, from the beginning of a folder or
// of what follows a service's name.
func endsIn(id, name string) bool {
	rest, ok := strings.CutSuffix(id, name)
	return ok && (strings.HasSuffix(rest, "/") || strings.HasSuffix(rest, "_service_"))
}

// routeOf is "POST /orders" for a route's function.
func routeOf(p plan.Plan, f plan.Function) string {
	_, r := Route(p, f)
	if r.Function == "" {
		return ""
	}
	return r.Method + " " + r.Path
}

// Route is the route that a function serves, and its API; both are zero for a
// subscriber.
func Route(p plan.Plan, f plan.Function) (plan.API, plan.Route) {
	for _, api := range p.APIs {
		for _, r := range api.Routes {
			if r.Function == f.ID {
				return api, r
			}
		}
	}
	return plan.API{}, plan.Route{}
}

// Cron returns the rule that invokes a function, if it is a cron's.
func Cron(p plan.Plan, f plan.Function) (c plan.Cron, found bool) {
	i := slices.IndexFunc(p.Crons, func(c plan.Cron) bool { return c.Function == f.ID })
	if i < 0 {
		return plan.Cron{}, false
	}
	return p.Crons[i], true
}

// hint guesses what was meant, or gives an example.
func hint(name string, candidates []string) string {
	if near := near.Hint(name, candidates); near != "" || len(candidates) == 0 {
		return near
	}
	return "There is " + candidates[0] + ", for example. "
}

// spellings are the identities, and after them the ends of each that could be meant.
func spellings(functions []plan.Function) []string {
	var ids, ends []string
	for _, f := range functions {
		ids = append(ids, f.ID)
		last := path.Base(f.ID)
		ends = append(ends, last)
		if _, short, found := strings.Cut(last, "_service_"); found {
			ends = append(ends, short)
		}
	}
	return append(ids, ends...)
}
