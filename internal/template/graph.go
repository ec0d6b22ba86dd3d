package template

import (
	"slices"
	"strings"
)

// needs lists the resources that v refers to, each once and sorted. What a condition rules out is not needed.
func (in *Instance) needs(v any) []string {
	found := map[string]bool{}
	in.collect(v, found)
	return sorted(found)
}

func (in *Instance) collect(v any, found map[string]bool) {
	c, is := callOf(v)
	if !is {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				in.collect(one, found)
			}
		case map[string]any:
			for _, one := range v {
				in.collect(one, found)
			}
		}
		return
	}
	switch c.name {
	case "Ref":
		if name, _ := c.argument.(string); in.isResource(name) {
			found[name] = true
		}
	case "Fn::GetAtt":
		if name, attribute, err := c.attribute(); err == nil {
			found[name] = true
			in.collect(attribute, found)
		}
	case "Fn::Sub":
		parts, variables, err := c.substitution()
		if err != nil {
			return
		}
		for _, p := range parts {
			if _, is := variables[p.name]; p.name != "" && !is {
				r := p.reference()
				in.collect(map[string]any{r.name: r.argument}, found)
			}
		}
		in.collect(variables, found)
	case "Fn::If":
		list, err := c.list(3, 3)
		if err != nil {
			return
		}
		if name, _ := list[0].(string); in.conditions[name] {
			in.collect(list[1], found)
		} else {
			in.collect(list[2], found)
		}
	default:
		in.collect(c.argument, found)
	}
}

func (in *Instance) isResource(name string) bool {
	_, found := in.t.Resources[name]
	return found
}

// Dependencies returns for each resource those that must be made before it, sorted.
func (in *Instance) Dependencies() (map[string][]string, error) {
	all := map[string][]string{}
	for _, id := range in.Resources() {
		r := in.t.Resources[id]
		on := in.needs(r.Properties)
		for _, other := range r.DependsOn {
			if in.Has(other) {
				on = append(on, other)
			}
		}
		slices.Sort(on)
		all[id] = slices.Compact(on)
	}
	if ring := cycle(all); len(ring) > 0 {
		return nil, fail("Circular dependency between resources: [%s]", strings.Join(ring, ", "))
	}
	return all, nil
}

// cycle returns the resources that wait for each other, sorted.
func cycle(dependencies map[string][]string) []string {
	rest := map[string]int{}
	after := map[string][]string{}
	var ready []string
	for id, on := range dependencies {
		rest[id] = len(on)
		for _, other := range on {
			after[other] = append(after[other], id)
		}
		if len(on) == 0 {
			ready = append(ready, id)
		}
	}
	for len(ready) > 0 {
		id := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		delete(rest, id)
		for _, next := range after[id] {
			if rest[next]--; rest[next] == 0 {
				ready = append(ready, next)
			}
		}
	}
	// What only waits for a ring is none of it.
	for changed := true; changed; {
		changed = false
		for id := range rest {
			if !slices.ContainsFunc(after[id], func(next string) bool { _, in := rest[next]; return in }) {
				delete(rest, id)
				changed = true
			}
		}
	}
	return sorted(rest)
}
