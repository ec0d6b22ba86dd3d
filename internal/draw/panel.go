package draw

import (
	"slices"

	"github.com/less-go/less/internal/graph"
)

// onePanel is how many functions a reader can follow in one drawing.
const onePanel = 40

// A panel is a drawing of its own within an SVG.
type panel struct {
	title string // empty where there is only one
	nodes []string
}

// panels divides a large workflow into drawings that can be read one by one:
// one for each API with the topics nearest to its routes, or for each route of
// an API that has a great many; and those of the topics that come from outside.
func (p *picture) panels() []panel {
	parts := p.parts()
	whole := panel{nodes: p.members(parts...)}
	if p.functions(whole) <= onePanel {
		return []panel{whole}
	}
	var out []panel
	for len(parts) > 0 {
		begin := p.node[parts[0].begin]
		n := 1
		if begin.Kind == graph.Route {
			for n < len(parts) && p.node[parts[n].begin].Kind == graph.Route && p.node[parts[n].begin].Service == begin.Service {
				n++
			}
		}
		out = append(out, p.split(begin, parts[:n])...)
		parts = parts[n:]
	}
	return out
}

// split makes one panel of parts that begin in the same API, or several.
func (p *picture) split(begin graph.Node, parts []part) []panel {
	title := begin.Label
	if begin.Kind == graph.Route && begin.Service != "" {
		title = "API " + begin.Service
	}
	together := panel{title: title, nodes: p.members(parts...)}
	if p.functions(together) <= onePanel || len(parts) == 1 {
		return []panel{together}
	}
	var out []panel
	rest := panel{title: title} // routes that lead to nothing of their own
	for _, part := range parts {
		if len(part.topics) == 0 {
			rest.nodes = append(rest.nodes, part.begin)
			continue
		}
		out = append(out, panel{title: p.node[part.begin].Label, nodes: p.members(part)})
	}
	if len(rest.nodes) > 0 {
		out = append(out, rest)
	}
	return out
}

// members lists the nodes of parts, but for dead letters, which are drawn in
// their subscribers.
func (p *picture) members(parts ...part) []string {
	var out []string
	for _, part := range parts {
		if !p.node[part.begin].Kind.Carries() {
			out = append(out, part.begin)
		}
		for _, topic := range part.topics {
			out = append(out, topic)
			out = append(out, p.subscribers[topic]...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (p *picture) functions(panel panel) int {
	n := 0
	for _, id := range panel.nodes {
		if !p.node[id].Kind.Carries() {
			n++
		}
	}
	return n
}
