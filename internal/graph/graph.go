// Package graph is the picture of an application's workflow: nodes and edges,
// made of what the tree declares, what the plan decides and what the code
// publishes, and the ways that an event can take through them.
package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/plan"
)

// A Graph is a workflow. Its JSON is the stable output of less-cli graph.
type Graph struct {
	// Name is the application's name.
	Name string `json:"name"`
	// Nodes are sorted by identity, Edges by From, To, Kind and Condition.
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
}

// A Kind says what a node is.
type Kind string

// The kinds of nodes.
const (
	Route      Kind = "route"
	Topic      Kind = "topic"
	Subscriber Kind = "subscriber"
	DeadLetter Kind = "dead_letter"
	Cron       Kind = "cron"
	// ExternalTopic is a topic that another application publishes to.
	ExternalTopic Kind = "external_topic"
)

// Carries says whether events go from a node of kind k to subscribers.
func (k Kind) Carries() bool { return k == Topic || k == ExternalTopic }

// A Node is a route, a cron, a topic of one's own or another application's, a
// subscriber or a dead-letter queue.
type Node struct {
	// ID is the resource's identity: "topics/payment_success" is a topic,
	// "dead_letters/payment_success/restaurant_service_confirm_order" a subscriber's
	// dead-letter queue.
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// Service is the service of a subscriber and of its dead-letter queue, where the
	// name has one, and the API of a route.
	Service string  `json:"service,omitempty"`
	Pos     app.Pos `json:"pos,omitempty"`
	// Label is what people read: "POST /orders", "payment_success", "confirm_order",
	// "send_report, rate(1 day)", "chat: message_sent".
	Label string `json:"label"`
	// Attempts is how often a subscriber gets a message before it is a dead letter.
	Attempts int `json:"attempts,omitempty"`
	// Failures are the places where a handler returns an error or panics; a timeout
	// is possible everywhere.
	Failures []flow.Failure `json:"failures,omitempty"`
	// Answers are what a route answers besides 500, which any can.
	Answers []flow.Answer `json:"answers,omitempty"`
}

// An EdgeKind says what an edge does.
type EdgeKind string

// The kinds of edges.
const (
	// Publishes: from a function to a topic.
	Publishes EdgeKind = "publish"
	// Subscribes: from a topic to a subscriber.
	Subscribes EdgeKind = "subscribe"
	// GivesUp: from a subscriber to its dead-letter queue.
	GivesUp EdgeKind = "dead_letter"
)

// An Edge is a way that an event can take.
type Edge struct {
	From string   `json:"from"`
	To   string   `json:"to"`
	Kind EdgeKind `json:"kind"`
	// Condition is when: always for a subscription, failure for a dead letter.
	Condition flow.Condition `json:"condition"`
	// Pos is the first place that says so: a call of Publish, or a handler.
	Pos app.Pos `json:"pos,omitempty"`
}

// New makes the graph of an application from what its code publishes.
func New(a app.App, p plan.Plan, f flow.Flow) Graph {
	g := Graph{Name: a.Name()}
	for _, api := range a.APIs {
		for _, r := range api.Routes {
			g.function(f, Node{
				ID: r.ID(), Kind: Route, Service: api.Name, Pos: r.Pos,
				Label: r.Method + " " + r.Path,
			})
		}
	}
	for _, c := range a.Crons {
		g.function(f, Node{ID: c.ID(), Kind: Cron, Pos: c.Pos, Label: c.Name + ", " + c.Schedule})
	}
	attempts := map[string]int{}
	for _, s := range p.Subscriptions() {
		attempts[s.Function] = s.Queue.MaxReceives
	}
	for _, t := range a.Topics {
		topic := "topics/" + t.Name
		g.Nodes = append(g.Nodes, Node{ID: topic, Kind: Topic, Pos: t.Pos, Label: t.Name})
		g.subscribers(f, topic, t.Name, t.Subscribers, attempts)
	}
	for _, t := range a.External {
		g.Nodes = append(g.Nodes, Node{ID: t.ID(), Kind: ExternalTopic, Pos: t.Pos, Label: t.App + ": " + t.Name})
		g.subscribers(f, t.ID(), t.Label(), t.Subscribers, attempts)
	}
	g.sort()
	return g
}

// subscribers adds those of the topic with the identity topic, each with its
// dead-letter queue, below name.
func (g *Graph) subscribers(f flow.Flow, topic, name string, all []app.Subscriber, attempts map[string]int) {
	for _, s := range all {
		id := s.ID()
		dead := "dead_letters/" + name + "/" + s.Name
		g.function(f, Node{
			ID: id, Kind: Subscriber, Service: s.Service(), Pos: s.Pos,
			Label: label(s), Attempts: attempts[id],
		})
		g.Nodes = append(g.Nodes, Node{ID: dead, Kind: DeadLetter, Service: s.Service(), Pos: s.Pos, Label: "dead letters"})
		g.Edges = append(g.Edges,
			Edge{From: topic, To: id, Kind: Subscribes, Condition: flow.Always, Pos: s.Pos},
			Edge{From: id, To: dead, Kind: GivesUp, Condition: flow.OnFailure, Pos: s.Pos},
		)
	}
}

// function adds a route or a subscriber with what it publishes.
func (g *Graph) function(f flow.Flow, n Node) {
	fn, _ := f.Function(n.ID)
	n.Failures, n.Answers = fn.Failures, fn.Answers
	g.Nodes = append(g.Nodes, n)
	for _, p := range fn.Publishes {
		g.Edges = append(g.Edges, Edge{
			From: n.ID, To: "topics/" + p.Topic, Kind: Publishes, Condition: p.Condition, Pos: p.Pos,
		})
	}
}

// sort brings the graph into its order, and keeps one edge of each condition.
func (g *Graph) sort() {
	slices.SortFunc(g.Nodes, func(a, b Node) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(g.Edges, compareEdges)
	g.Edges = slices.CompactFunc(g.Edges, func(a, b Edge) bool { return compareEdges(a, b) == 0 })
}

func compareEdges(a, b Edge) int {
	return cmp.Or(
		strings.Compare(a.From, b.From),
		strings.Compare(a.To, b.To),
		strings.Compare(string(a.Kind), string(b.Kind)),
		strings.Compare(string(a.Condition), string(b.Condition)),
	)
}

// label is a subscriber's name without its service.
func label(s app.Subscriber) string {
	if _, rest, found := strings.Cut(s.Name, "_service_"); found && rest != "" {
		return rest
	}
	return s.Name
}

// Node returns the node with the identity id.
func (g Graph) Node(id string) (Node, bool) {
	i, found := slices.BinarySearchFunc(g.Nodes, id, func(n Node, id string) int { return strings.Compare(n.ID, id) })
	if !found {
		return Node{}, false
	}
	return g.Nodes[i], true
}

// From returns the edges that begin at the node with the identity id.
func (g Graph) From(id string) []Edge {
	i, _ := slices.BinarySearchFunc(g.Edges, id, func(e Edge, id string) int { return strings.Compare(e.From, id) })
	n := i
	for n < len(g.Edges) && g.Edges[n].From == id {
		n++
	}
	return g.Edges[i:n]
}
