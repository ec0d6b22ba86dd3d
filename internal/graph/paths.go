package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
)

// MaxEnds is how many good ends of one event are listed. There are as many as the
// product of what its subscribers can choose.
const MaxEnds = 50

// Paths are the ways that an event can take from one place.
type Paths struct {
	// From is the identity of a route or a topic, Label what people call it.
	From  string `json:"from"`
	Label string `json:"label"`
	// Ends are the end states: the good ones, most runs first, then dead letters and
	// errors.
	Ends []End `json:"ends"`
	// More says that there are more than MaxEnds good ends.
	More bool `json:"more,omitempty"`
}

// An EndKind says how an event ends.
type EndKind string

// The kinds of ends.
const (
	// Delivered: every subscriber has handled what reached it.
	Delivered EndKind = "delivered"
	// Endless: the event makes itself again.
	Endless EndKind = "endless"
	// Dead: a message is in a dead-letter queue; what others do is not undone.
	Dead EndKind = "dead_letter"
	// Refused: a route answers with an error, and publishes nothing.
	Refused EndKind = "refused"
)

// An End is one end state.
type End struct {
	Kind EndKind `json:"kind"`
	// Name is the last topics of a good end, the subscriber of a dead letter, or the
	// status of a refusal.
	Name string `json:"name"`
	// Runs is how many subscribers run, each once.
	Runs int `json:"runs"`
	// Subscribers are those that run at a good end, and Published the topics that
	// were published to, each as often as it was. A start that is a topic counts
	// as published, unless it is another application's.
	Subscribers []string `json:"-"`
	Published   []string `json:"-"`
	// Failure says that something was refused or went wrong on the way to a good end.
	Failure bool `json:"failure,omitempty"`
	// Attempts is how often a dead letter was tried.
	Attempts int `json:"attempts,omitempty"`
	// Chain leads there: identities, from the start to the last.
	Chain []string `json:"chain"`
	// Pos are the places that lead to a dead letter or a refusal.
	Pos []app.Pos `json:"pos,omitempty"`
}

// PathsFrom follows an event from the route, the topic or the subscriber with the
// identity id.
func (g Graph) PathsFrom(id string, f flow.Flow) Paths {
	n, _ := g.Node(id)
	p := Paths{From: id, Label: n.Label}
	w := &wayfinder{g: g, f: f}
	var ways []way
	if n.Kind.Carries() {
		ways = w.topic(id, nil)
	} else {
		ways = w.function(id, nil)
	}
	for _, way := range ways {
		if n.Kind == ExternalTopic {
			way.published = way.published[1:] // it is the other application that publishes
		}
		p.Ends = append(p.Ends, way.end(id))
	}
	slices.SortStableFunc(p.Ends, func(a, b End) int {
		return cmp.Or(cmp.Compare(b.Runs, a.Runs), strings.Compare(a.Name, b.Name), slices.Compare(a.Chain, b.Chain))
	})
	p.Ends = slices.CompactFunc(p.Ends, func(a, b End) bool {
		return a.Kind == b.Kind && a.Name == b.Name && a.Runs == b.Runs && slices.Equal(a.Chain, b.Chain)
	})
	p.More = w.more
	p.Ends = append(p.Ends, g.deadLetters(id)...)
	if n.Kind == Route {
		p.Ends = append(p.Ends, refusals(n)...)
	}
	return p
}

// Starts are where events begin: the routes, the crons, the topics of other
// applications, and those that nothing here publishes.
func (g Graph) Starts() []string {
	published := map[string]bool{}
	for _, e := range g.Edges {
		if e.Kind == Publishes {
			published[e.To] = true
		}
	}
	var out []string
	for _, n := range g.Nodes {
		if n.Kind == Route || n.Kind == Cron || n.Kind == ExternalTopic || n.Kind == Topic && !published[n.ID] {
			out = append(out, n.ID)
		}
	}
	return out
}

// A way is one choice of everything that is decided after a point.
type way struct {
	ran       []string // subscribers
	published []string // topics
	failure   bool
	endless   bool
	last      []string   // topics after which nothing is published
	chains    [][]string // identities up to each of them
}

// A wayfinder lists ways.
type wayfinder struct {
	g    Graph
	f    flow.Flow
	more bool
}

// function are the ways after a function has run: one for each of its outcomes,
// and all that follows from each.
func (w *wayfinder) function(id string, before []string) []way {
	fn, _ := w.f.Function(id)
	outcomes := fn.Outcomes
	if len(outcomes) == 0 && len(fn.Publishes) > 0 {
		outcomes = [][]string{fn.Topics()}
	}
	if len(outcomes) == 0 {
		outcomes = [][]string{{}}
	}
	var out []way
	for _, topics := range outcomes {
		ways := []way{{failure: w.failing(id, topics, len(outcomes))}}
		for _, topic := range topics {
			ways = w.product(ways, w.topic("topics/"+topic, append(slices.Clone(before), id)))
		}
		out = append(out, ways...)
	}
	return w.limited(out)
}

// failing says whether an outcome is one that a function has only after something
// went wrong.
func (w *wayfinder) failing(id string, topics []string, outcomes int) bool {
	if len(topics) == 0 || outcomes == 1 {
		return false
	}
	for _, e := range w.g.From(id) {
		if e.Kind == Publishes && e.Condition != flow.OnFailure && slices.Contains(topics, strings.TrimPrefix(e.To, "topics/")) {
			return false
		}
	}
	return true
}

// topic are the ways after an event is in a topic: each subscriber goes its own.
func (w *wayfinder) topic(id string, before []string) []way {
	chain := append(slices.Clone(before), id)
	if slices.Contains(before, id) {
		return []way{{endless: true, last: []string{id}, chains: [][]string{chain}}}
	}
	ways := []way{{}}
	for _, e := range w.g.From(id) {
		if e.Kind != Subscribes {
			continue
		}
		subscriber := w.function(e.To, chain)
		for i := range subscriber {
			subscriber[i].ran = append([]string{e.To}, subscriber[i].ran...)
		}
		ways = w.product(ways, subscriber)
	}
	for i := range ways {
		ways[i].published = append([]string{id}, ways[i].published...)
		if len(ways[i].last) == 0 {
			ways[i].last, ways[i].chains = []string{id}, [][]string{chain}
		}
	}
	return ways
}

// product combines what is decided in two places independently of each other.
func (w *wayfinder) product(a, b []way) []way {
	var out []way
	for _, x := range a {
		for _, y := range b {
			out = append(out, way{
				ran:       append(slices.Clone(x.ran), y.ran...),
				published: append(slices.Clone(x.published), y.published...),
				failure:   x.failure || y.failure, endless: x.endless || y.endless,
				last:   append(slices.Clone(x.last), y.last...),
				chains: append(slices.Clone(x.chains), y.chains...),
			})
			if len(out) > MaxEnds {
				return w.limited(out)
			}
		}
	}
	return out
}

func (w *wayfinder) limited(ways []way) []way {
	if len(ways) > MaxEnds {
		w.more = true
		return ways[:MaxEnds]
	}
	return ways
}

// end is a way as an end state: its chain is the longest of those it has.
func (w way) end(start string) End {
	e := End{
		Kind: Delivered, Runs: len(w.ran), Subscribers: w.ran, Published: w.published,
		Failure: w.failure, Chain: []string{start},
	}
	if w.endless {
		e.Kind = Endless
	}
	var names []string
	for i, chain := range w.chains {
		names = append(names, strings.TrimPrefix(strings.TrimPrefix(w.last[i], "external_topics/"), "topics/"))
		if len(chain) > len(e.Chain) {
			e.Chain = chain
		}
	}
	slices.Sort(names)
	e.Name = strings.Join(slices.Compact(names), ", ")
	if e.Name == "" {
		e.Name = "nothing published"
	}
	return e
}

// deadLetters are the subscribers that an event from start can reach, each with
// the shortest chain to it.
func (g Graph) deadLetters(start string) []End {
	var out []End
	chains := map[string][]string{start: {start}}
	for todo := []string{start}; len(todo) > 0; todo = todo[1:] {
		for _, e := range g.From(todo[0]) {
			if e.Kind == GivesUp {
				n, _ := g.Node(todo[0])
				end := End{Kind: Dead, Name: n.ID, Attempts: n.Attempts, Chain: chains[todo[0]]}
				for _, failure := range n.Failures {
					end.Pos = append(end.Pos, failure.Pos)
				}
				out = append(out, end)
				continue
			}
			if chains[e.To] == nil {
				chains[e.To] = append(slices.Clone(chains[todo[0]]), e.To)
				todo = append(todo, e.To)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b End) int { return cmp.Compare(len(a.Chain), len(b.Chain)) })
	return out
}

// refusals are the errors that a route answers with.
func refusals(n Node) []End {
	var out []End
	for _, a := range n.Answers {
		if a.Status < 400 {
			continue
		}
		name := fmt.Sprint(a.Status)
		if i := slices.IndexFunc(out, func(e End) bool { return e.Name == name }); i >= 0 {
			out[i].Pos = append(out[i].Pos, a.Pos)
			continue
		}
		out = append(out, End{Kind: Refused, Name: name, Chain: []string{n.ID}, Pos: []app.Pos{a.Pos}})
	}
	return append(out, End{Kind: Refused, Name: "500", Chain: []string{n.ID}})
}
