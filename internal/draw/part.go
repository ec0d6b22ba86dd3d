package draw

import (
	"slices"

	"github.com/less-go/less/internal/graph"
)

// A part is a piece of the workflow to read on its own: where it begins, and
// the topics that come from there.
type part struct {
	// begin is a route or a cron; a topic that nobody here publishes; or, in a cycle that nothing
	// leads into, any of its topics.
	begin string
	// topics are those nearest to this beginning, the nearest first.
	topics []string
}

// parts divides the workflow. Each topic is in the part from whose beginning it
// is reached in the fewest steps, so that what a route does stays with the route
// and not with another one far before it.
func (p *picture) parts() []part {
	var out []part
	owned := map[string]bool{}
	for _, id := range slices.Concat(p.of(graph.Route), p.of(graph.Cron)) {
		out = append(out, part{begin: id})
	}
	for _, id := range slices.Concat(p.of(graph.ExternalTopic), p.of(graph.Topic)) {
		if len(p.publishers[id]) == 0 {
			out = append(out, part{begin: id})
		}
	}
	p.spread(out, owned)
	for _, id := range p.of(graph.Topic) {
		if !owned[id] { // a cycle
			cycle := []part{{begin: id}}
			p.spread(cycle, owned)
			out = append(out, cycle...)
		}
	}
	return out
}

// spread gives the topics that nobody owns yet to the parts, step by step.
func (p *picture) spread(parts []part, owned map[string]bool) {
	edge := make([][]string, len(parts)) // where each part has come to
	for i, part := range parts {
		edge[i] = p.next(part.begin)
		if p.node[part.begin].Kind.Carries() {
			edge[i] = []string{part.begin}
		}
	}
	for slices.ContainsFunc(edge, func(e []string) bool { return len(e) > 0 }) {
		for i := range parts {
			var next []string
			for _, topic := range edge[i] {
				if owned[topic] {
					continue
				}
				owned[topic] = true
				parts[i].topics = append(parts[i].topics, topic)
				for _, s := range p.subscribers[topic] {
					next = append(next, p.next(s)...)
				}
			}
			edge[i] = next
		}
	}
}

// next lists the topics that a function publishes to.
func (p *picture) next(function string) []string {
	var out []string
	for _, w := range p.publishes[function] {
		out = append(out, w.topic)
	}
	return out
}
