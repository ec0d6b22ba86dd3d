package draw

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/plural"
)

// A picture is a graph made easy to draw: what belongs to a node is found by
// the node's identity.
type picture struct {
	graph.Graph
	node map[string]graph.Node
	// publishes has the topics of a function, one way for each, in the order of Condition.
	publishes map[string][]way
	// publishers has the functions of a topic.
	publishers map[string][]string
	// subscribers has those of a topic, the services one after the other.
	subscribers map[string][]string
	// dead has the dead-letter queue of a subscriber.
	dead map[string]string
}

// A way leads from a function to a topic.
type way struct {
	topic string
	// conditions are all under which it is taken, at least one.
	conditions []flow.Condition
}

func newPicture(g graph.Graph) *picture {
	p := &picture{
		Graph:       g,
		node:        map[string]graph.Node{},
		publishes:   map[string][]way{},
		publishers:  map[string][]string{},
		subscribers: map[string][]string{},
		dead:        map[string]string{},
	}
	for _, n := range g.Nodes {
		p.node[n.ID] = n
	}
	for _, e := range g.Edges {
		switch e.Kind {
		case graph.Publishes:
			p.publish(e)
		case graph.Subscribes:
			p.subscribers[e.From] = append(p.subscribers[e.From], e.To)
		case graph.GivesUp:
			p.dead[e.From] = e.To
		}
	}
	for _, subscribers := range p.subscribers {
		slices.SortStableFunc(subscribers, func(a, b string) int {
			return strings.Compare(p.node[a].Service, p.node[b].Service)
		})
	}
	for _, ways := range p.publishes {
		for i := range ways {
			slices.SortFunc(ways[i].conditions, func(a, b flow.Condition) int { return rank(a) - rank(b) })
		}
		slices.SortStableFunc(ways, func(a, b way) int { return rank(a.conditions[0]) - rank(b.conditions[0]) })
	}
	return p
}

func (p *picture) publish(e graph.Edge) {
	ways := p.publishes[e.From]
	i := slices.IndexFunc(ways, func(w way) bool { return w.topic == e.To })
	if i < 0 {
		p.publishes[e.From] = append(ways, way{topic: e.To, conditions: []flow.Condition{e.Condition}})
		p.publishers[e.To] = append(p.publishers[e.To], e.From)
		return
	}
	ways[i].conditions = append(ways[i].conditions, e.Condition)
}

// of lists the identities of the nodes of a kind.
func (p *picture) of(k graph.Kind) []string {
	var out []string
	for _, n := range p.Nodes {
		if n.Kind == k {
			out = append(out, n.ID)
		}
	}
	return out
}

// services lists the services that have subscribers among ids, each with them.
// Those without a service are not there.
func (p *picture) services(ids []string) []service {
	var out []service
	for _, id := range ids {
		n := p.node[id]
		if n.Kind != graph.Subscriber || n.Service == "" {
			continue
		}
		i, found := slices.BinarySearchFunc(out, n.Service, func(s service, name string) int {
			return strings.Compare(s.name, name)
		})
		if !found {
			out = slices.Insert(out, i, service{name: n.Service})
		}
		out[i].subscribers = append(out[i].subscribers, id)
	}
	return out
}

// A service is a name and the subscribers that have it.
type service struct {
	name        string
	subscribers []string
}

// deadLetter is what becomes of a message that a subscriber fails on each time.
func deadLetter(n graph.Node) string {
	switch n.Attempts {
	case 0:
		return "dead letter"
	case 1:
		return "dead letter after 1 attempt"
	}
	return fmt.Sprintf("dead letter after %d attempts", n.Attempts)
}

// rank is the place of a condition among others: what a reader looks for first.
func rank(c flow.Condition) int {
	switch c {
	case flow.Always:
		return 0
	case flow.OnSuccess:
		return 1
	case flow.Conditional:
		return 2
	case flow.OnFailure:
		return 3
	}
	return 4
}

// words says a condition in the words of all the pictures.
func words(c flow.Condition) string {
	switch c {
	case flow.Always:
		return "always"
	case flow.OnSuccess:
		return "on success"
	case flow.Conditional:
		return "sometimes"
	case flow.OnFailure:
		return "on failure"
	}
	return string(c)
}

// contents says what the picture has.
func (p *picture) contents() string {
	some := func(k graph.Kind, name string) string { // what few applications have
		if n := len(p.of(k)); n > 0 {
			return plural.Count(n, name) + ", "
		}
		return ""
	}
	return plural.Count(len(p.of(graph.Route)), "route") + ", " + some(graph.Cron, "cron") +
		plural.Count(len(p.of(graph.Topic)), "topic") + ", " + some(graph.ExternalTopic, "external topic") +
		plural.Count(len(p.of(graph.Subscriber)), "subscriber")
}

// visible is text of which everything is seen: what could move a cursor, break
// a line or turn the direction of writing is spelled out, and bytes that are no
// UTF-8 are replaced.
func visible(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			out.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		out.WriteString(quoted[1 : len(quoted)-1])
	}
	return out.String()
}
