package console

import (
	"path"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/scan"
)

// A name is what a person calls a function: its service or API, and its part in it.
type name struct {
	group string // "delivery partner", "orders"
	short string // "assign_delivery_partner", "POST /orders"
	route bool
	color style
}

// engineName stands in the first column of what no function said.
var engineName = name{group: "less"}

// names has every function's name by identity, and how wide their columns are.
type names struct {
	of           map[string]name
	group, short int
}

// Columns are as wide as their longest name, and never wider than this.
const (
	maxGroup     = 17
	maxShort     = 26
	narrow       = 120 // a terminal below this width gets
	narrowShort  = 20  // short names of at most this
	timeTemplate = "15:04:05.000"
)

// newNames has those of p, and those of deployed, as [Console.Deployed] has it. Which
// deployment a function is of is said where there are others.
func newNames(p plan.Plan, deployed map[string]string, width int) names {
	n := names{of: map[string]name{}}
	deployments := map[string]bool{}
	for _, identity := range deployed {
		deployment, _, _ := strings.Cut(identity, ":")
		deployments[deployment] = true
	}
	for id, identity := range deployed {
		deployment, identity, _ := strings.Cut(identity, ":")
		f := called(identity)
		if len(deployments) > 1 || len(p.Functions) > 0 {
			f.group = deployment + ":" + f.group
		}
		n.of[id] = f
	}
	for _, api := range p.APIs {
		for _, r := range api.Routes {
			n.of[r.Function] = name{group: api.Name, short: r.Method + " " + r.Path, route: true}
		}
	}
	for _, t := range p.Topics {
		for _, s := range t.Subscriptions {
			n.of[s.Function] = subscriber(t.Name, path.Base(s.Function))
		}
	}
	for _, t := range p.External {
		for _, s := range t.Subscriptions {
			n.of[s.Function] = subscriber(t.Label(), path.Base(s.Function))
		}
	}
	groups := []string{engineName.group}
	for id, f := range n.of {
		if beside, _, found := strings.Cut(id, ":"); found && !strings.HasPrefix(f.group, beside+":") {
			f.group = beside + ":" + f.group // of an application that runs beside the first
		}
		f.group, f.short = clean(f.group), clean(f.short)
		n.of[id] = f
		groups = append(groups, f.group)
		n.short = max(n.short, columns(f.short))
	}
	slices.Sort(groups)
	groups = slices.Compact(groups)
	for _, group := range groups {
		n.group = max(n.group, columns(group))
	}
	for id, f := range n.of {
		i, _ := slices.BinarySearch(groups, f.group)
		f.color = palette[i%len(palette)]
		n.of[id] = f
	}
	n.group = min(n.group, maxGroup)
	n.short = min(n.short, maxShort)
	if width < narrow {
		n.short = min(n.short, narrowShort)
	}
	return n
}

func subscriber(topic, folder string) name {
	if service := app.ServiceOf(folder); service != "" {
		_, short, _ := strings.Cut(folder, "_service_")
		return name{group: service, short: short}
	}
	return name{group: topic, short: folder}
}

// called is the name for an identity alone.
func called(identity string) name {
	parts := strings.Split(identity, "/")
	switch last := len(parts) - 1; {
	case last == 2 && parts[0] == "topics":
		return subscriber(parts[1], parts[2])
	case last == 3 && parts[0] == "external_topics":
		return subscriber(parts[1]+"/"+parts[2], parts[3])
	case last >= 2 && parts[0] == "apis":
		method, path := strings.ToUpper(parts[last]), scan.RoutePath(strings.Join(parts[2:last], "/"))
		return name{group: parts[1], short: method + " " + path, route: true}
	}
	return name{group: engineName.group, short: identity}
}

// get returns the name for a function's identity. One that is not in the plan,
// because it has just been removed, goes by its identity alone.
func (n names) get(id string) name {
	if id == "" {
		return engineName
	}
	if found, ok := n.of[id]; ok {
		return found
	}
	f := called(id)
	f.group, f.short = clean(f.group), clean(f.short)
	return f
}
