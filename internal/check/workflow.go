package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
)

// topics finds those that nobody publishes, or nobody subscribes to.
func topics(a app.App, f flow.Flow) []flow.Finding {
	var out []flow.Finding
	for _, t := range a.Topics {
		publishers := f.Publishers(t.Name)
		switch {
		case len(publishers) > 0 && len(t.Subscribers) == 0:
			out = append(out, flow.Finding{
				Rule: flow.NoSubscriber, Pos: firstPublish(f, t.Name),
				Message: fmt.Sprintf("%s is published, but nobody subscribes to it: the event is thrown away. "+
					"Add a subscriber, less/topics/%s/<subscriber>/process.go, or do not publish it.", t.Name, t.Name),
			})
		case len(publishers) == 0 && len(t.Subscribers) > 0:
			out = append(out, flow.Finding{
				Rule: flow.NoPublisher, Pos: t.Pos,
				Message: fmt.Sprintf("nobody publishes %s: its %s never run. Publish it, topics.%s.Publish(ctx, m), or remove the folder.",
					t.Name, subscribers(len(t.Subscribers)), t.GoName),
			})
		}
	}
	for _, t := range a.External {
		if len(t.Subscribers) == 0 {
			out = append(out, flow.Finding{
				Rule: flow.NoSubscriber, Pos: t.Pos,
				Message: fmt.Sprintf("nobody here subscribes to %s of %s, so its folder does nothing. "+
					"Add a subscriber, less/%s/<subscriber>/process.go, or remove the folder.", t.Name, t.App, t.ID()),
			})
		}
	}
	return out
}

func subscribers(n int) string {
	if n == 1 {
		return "subscriber will"
	}
	return fmt.Sprintf("%d subscribers will", n)
}

// firstPublish is the first place that publishes to topic.
func firstPublish(f flow.Flow, topic string) app.Pos {
	for _, fn := range f.Functions {
		for _, p := range fn.Publishes {
			if p.Topic == topic {
				return p.Pos
			}
		}
	}
	return ""
}

// cycles finds events that always make themselves again: a cycle of which every
// step happens unless something fails.
func cycles(g graph.Graph) []flow.Finding {
	w := &walk{g: g, state: map[string]int{}}
	for _, n := range g.Nodes {
		if n.Kind == graph.Topic {
			w.visit(n.ID)
		}
	}
	return w.found
}

// A walk is a depth-first search for cycles.
type walk struct {
	g     graph.Graph
	state map[string]int // 1 on the way, 2 done
	way   []graph.Edge
	found []flow.Finding
}

func (w *walk) visit(id string) {
	w.state[id] = 1
	for _, e := range w.g.From(id) {
		if e.Kind == graph.GivesUp || e.Condition != flow.Always && e.Condition != flow.OnSuccess {
			continue
		}
		w.way = append(w.way, e)
		switch w.state[e.To] {
		case 0:
			w.visit(e.To)
		case 1:
			w.report(e)
		}
		w.way = w.way[:len(w.way)-1]
	}
	w.state[id] = 2
}

// report notes the cycle that the last edge closes.
func (w *walk) report(last graph.Edge) {
	i := slices.IndexFunc(w.way, func(e graph.Edge) bool { return e.From == last.To })
	var names []string
	pos := last.Pos
	for _, e := range w.way[i:] {
		if e.Kind == graph.Publishes {
			pos = e.Pos
		}
		names = append(names, strings.TrimPrefix(e.From, "topics/"))
	}
	names = append(names, names[0])
	w.found = append(w.found, flow.Finding{
		Rule: flow.EndlessCycle, Pos: pos,
		Message: "an event makes itself again without an end, and costs money until somebody stops it: " + strings.Join(names, " -> ") +
			". Publish on a condition that is false one day, such as a counter in the message.",
	})
}
