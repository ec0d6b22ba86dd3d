package console

import (
	"path"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/plan"
)

// A name is what a person calls a function: its service or API, and its part in it.
type name struct {
	group string // "delivery partner", "orders"
	short string // "assign_delivery_partner", "POST /orders"
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

func newNames(p plan.Plan, width int) names {
	n := names{of: map[string]name{}}
	for _, api := range p.APIs {
		for _, r := range api.Routes {
			n.of[r.Function] = name{group: api.Name, short: r.Method + " " + r.Path}
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

// get returns the name for a function's identity. One that is not in the plan,
// because it has just been removed, goes by the end of its identity.
func (n names) get(id string) name {
	if id == "" {
		return engineName
	}
	if found, ok := n.of[id]; ok {
		return found
	}
	parts := strings.Split(id, "/")
	if len(parts) == 3 && parts[0] == "topics" {
		return subscriber(clean(parts[1]), clean(parts[2]))
	}
	return name{group: engineName.group, short: clean(id)}
}
