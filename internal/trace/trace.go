// Package trace puts together what became of one order: the tree of what ran
// because of it, over all services. What happened is read from the functions' logs
// and the dead letters; who made whom run, and what should have run and did not,
// from the workflow that the code has.
package trace

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
)

// Facts are what is known of an order, in any order.
type Facts struct {
	CorrelationID string
	Runs          []Run
	DeadLetters   []DeadLetter
}

// A Run is one attempt of a function.
type Run struct {
	Function string
	// Event is the event's id, empty for a route.
	Event   string
	Attempt Attempt
}

// An Attempt is one try to handle an event, or a request.
type Attempt struct {
	// Number counts the attempts of a message from 1; it is 0 for a request.
	Number int       `json:"number,omitempty"`
	Time   time.Time `json:"time"`
	// Duration is the attempt's own, and the invocation's where only that is known.
	Duration  time.Duration `json:"duration_ns,omitempty"`
	RequestID string        `json:"request_id,omitempty"`
	// Running says that no end of the invocation is known.
	Running bool `json:"running,omitempty"`
	// Error is why it failed, Discarded why the message was given up at once.
	Error     string `json:"error,omitempty"`
	Discarded string `json:"discarded,omitempty"`
}

// A DeadLetter is a message of the order in a dead-letter queue.
type DeadLetter struct {
	Function, Event, Message string
	Sent                     time.Time
}

// A State is what became of an event at a subscriber, or of a request.
type State string

// The states.
const (
	Done      State = "done"
	Running   State = "running"
	Discarded State = "discarded"
	// Retrying: failed, and to be tried again.
	Retrying State = "retrying"
	// Failed: failed at the last attempt, a request at its only one.
	Failed State = "failed"
	Dead   State = "dead_letter"
	// Missing: expected, and nothing is known of it: it has not run yet, or not ended
	// and logged nothing so far.
	Missing State = "missing"
)

// A Trace is the tree of one order. Its JSON is the output of less-cli trace.
type Trace struct {
	CorrelationID string        `json:"correlation_id"`
	Start         time.Time     `json:"start"`
	Duration      time.Duration `json:"duration_ns"`
	// Runs counts the attempts, Failures those that failed; DeadLetters and Missing
	// count steps.
	Runs        int `json:"runs"`
	Failures    int `json:"failures"`
	DeadLetters int `json:"dead_letters"`
	Missing     int `json:"missing"`
	// Steps are the requests that the order began with; Events those that came from
	// nothing here.
	Steps  []*Step  `json:"steps,omitempty"`
	Events []*Event `json:"events,omitempty"`
}

// A Step is a function that had, or should have had, an event or a request.
type Step struct {
	Function string `json:"function"`
	// Label is what people call it: "POST /orders", "restaurant: confirm_order".
	Label    string    `json:"label"`
	State    State     `json:"state"`
	Attempts []Attempt `json:"attempts,omitempty"`
	// MaxAttempts is how many there can be.
	MaxAttempts int `json:"max_attempts,omitempty"`
	// DeadLetter is the id of the message in the dead-letter queue.
	DeadLetter string   `json:"dead_letter,omitempty"`
	Events     []*Event `json:"events,omitempty"`

	event string
}

// An Event is one event in a topic.
type Event struct {
	// Topics has the topic's name; a missing event can be one of several.
	Topics []string `json:"topics"`
	ID     string   `json:"id,omitempty"`
	// Missing says that it should be there, Possible that it may have been published.
	Missing  bool    `json:"missing,omitempty"`
	Possible bool    `json:"possible,omitempty"`
	Steps    []*Step `json:"steps,omitempty"`

	first time.Time
}

// New makes the tree of an order.
func New(facts Facts, g graph.Graph, f flow.Flow) *Trace {
	b := &builder{
		Trace: &Trace{CorrelationID: facts.CorrelationID},
		graph: g, flow: f, steps: map[stepKey]*Step{}, events: map[eventKey]*Event{},
	}
	for _, r := range facts.Runs {
		s := b.step(r.Function, r.Event)
		s.Attempts = append(s.Attempts, r.Attempt)
	}
	for _, d := range facts.DeadLetters {
		s := b.step(d.Function, d.Event)
		s.DeadLetter = d.Message
		if len(s.Attempts) == 0 {
			b.begin(s, d.Sent)
		}
	}
	b.judge()
	b.join()
	b.expect()
	b.sort()
	return b.Trace
}

type stepKey struct{ function, event string }

type eventKey struct{ topic, id string }

type builder struct {
	*Trace
	graph  graph.Graph
	flow   flow.Flow
	steps  map[stepKey]*Step
	events map[eventKey]*Event
	order  []*Step // in the order of their first attempts
	end    time.Time
}

// step returns the step of a function and an event, and makes both.
func (b *builder) step(function, event string) *Step {
	key := stepKey{function, event}
	if s := b.steps[key]; s != nil {
		return s
	}
	s := b.newStep(function)
	s.event = event
	b.steps[key] = s
	b.order = append(b.order, s)
	topic := topicOf(function)
	if topic == "" {
		b.Steps = append(b.Steps, s)
		return s
	}
	e := b.events[eventKey{topic, event}]
	if e == nil {
		e = &Event{Topics: []string{topic}, ID: event}
		b.events[eventKey{topic, event}] = e
	}
	e.Steps = append(e.Steps, s)
	return s
}

func (b *builder) newStep(function string) *Step {
	s := &Step{Function: function, Label: function, State: Missing}
	if n, found := b.graph.Node(function); found {
		s.Label, s.MaxAttempts = n.Label, n.Attempts
		if n.Service != "" && n.Kind == graph.Subscriber {
			s.Label = n.Service + ": " + n.Label
		}
	}
	return s
}

// topicOf is the topic that a subscriber belongs to, as people call it: "order_placed", or
// "chat/message_sent" for another application's; "" for any other function. The name of an
// application that runs beside, and its colon, stay before it.
func topicOf(function string) string {
	id, beside := function, ""
	if app, own, found := strings.Cut(function, ":"); found {
		id, beside = own, app+":"
	}
	for _, kind := range []string{"topics/", "external_topics/"} {
		if rest, found := strings.CutPrefix(id, kind); found {
			return beside + path.Dir(rest)
		}
	}
	return ""
}

// nodeOf is the identity of a topic that people call so.
func nodeOf(topic string) string {
	id, beside := topic, ""
	if app, own, found := strings.Cut(topic, ":"); found {
		id, beside = own, app+":"
	}
	if strings.Contains(id, "/") {
		return beside + "external_topics/" + id
	}
	return beside + "topics/" + id
}

// begin notes when a step, and its event, were first seen.
func (b *builder) begin(s *Step, at time.Time) {
	if e := b.events[eventKey{topicOf(s.Function), s.event}]; e != nil && (e.first.IsZero() || at.Before(e.first)) {
		e.first = at
	}
	if b.Start.IsZero() || at.Before(b.Start) {
		b.Start = at
	}
}

// judge says what became of each step, and counts.
func (b *builder) judge() {
	for _, s := range b.order {
		slices.SortStableFunc(s.Attempts, func(x, y Attempt) int { return x.Time.Compare(y.Time) })
		for _, a := range s.Attempts {
			b.begin(s, a.Time)
			b.Runs++
			if a.Error != "" {
				b.Failures++
			}
			if end := a.Time.Add(a.Duration); end.After(b.end) {
				b.end = end
			}
		}
		if s.DeadLetter != "" {
			s.State = Dead
			b.DeadLetters++
			continue
		}
		switch last := s.Attempts[len(s.Attempts)-1]; {
		case last.Error != "" && last.Number > 0 && last.Number < s.MaxAttempts:
			s.State = Retrying
		case last.Error != "":
			s.State = Failed
		case last.Discarded != "":
			s.State = Discarded
		case last.Running:
			s.State = Running
		default:
			s.State = Done
		}
	}
	if b.end.After(b.Start) {
		b.Duration = b.end.Sub(b.Start)
	}
	slices.SortStableFunc(b.order, func(x, y *Step) int { return x.first().Compare(y.first()) })
}

// first is when a step was first tried.
func (s *Step) first() time.Time {
	if len(s.Attempts) == 0 {
		return time.Time{}
	}
	return s.Attempts[0].Time
}

// join gives each event to the step that published it: by the workflow, one that
// publishes to its topic, and of those the one that ran last before it.
func (b *builder) join() {
	events := make([]*Event, 0, len(b.events))
	for _, e := range b.events {
		events = append(events, e)
	}
	slices.SortFunc(events, compareEvents)
	for _, e := range events {
		if parent := b.publisher(e); parent != nil {
			parent.Events = append(parent.Events, e)
		} else {
			b.Events = append(b.Events, e)
		}
	}
}

func compareEvents(x, y *Event) int {
	return cmp.Or(x.first.Compare(y.first), slices.Compare(x.Topics, y.Topics), strings.Compare(x.ID, y.ID))
}

func (b *builder) publisher(e *Event) *Step {
	// A step that has no such event yet is the better one: most publish once.
	var with, without *Step
	for _, s := range b.order {
		if len(s.Attempts) == 0 || s.first().After(e.first) || s.event == e.ID && e.ID != "" || !b.publishes(s.Function, e.Topics[0]) {
			continue
		}
		if slices.ContainsFunc(s.Events, func(other *Event) bool { return other.Topics[0] == e.Topics[0] }) {
			with = s
		} else {
			without = s
		}
	}
	return cmp.Or(without, with)
}

func (b *builder) publishes(function, topic string) bool {
	return slices.ContainsFunc(b.graph.From(function), func(e graph.Edge) bool {
		return e.Kind == graph.Publishes && e.To == nodeOf(topic)
	})
}

// expect adds what the workflow has and nothing is known of.
func (b *builder) expect() {
	for _, e := range b.events {
		for _, function := range b.subscribers(e.Topics[0]) {
			if !slices.ContainsFunc(e.Steps, func(s *Step) bool { return s.Function == function }) {
				e.Steps = append(e.Steps, b.newStep(function))
				b.Missing++
			}
		}
	}
	for _, s := range b.order {
		if s.State == Done {
			b.expectEvents(s)
		}
	}
}

// subscribers are the functions that get what is in a topic.
func (b *builder) subscribers(topic string) []string {
	var out []string
	for _, e := range b.graph.From(nodeOf(topic)) {
		if e.Kind == graph.Subscribes {
			out = append(out, e.To)
		}
	}
	return out
}

// expectEvents adds the events that a function which ended well should have published.
func (b *builder) expectEvents(s *Step) {
	fn, _ := b.flow.Function(s.Function)
	if fn.ManyOutcomes {
		return
	}
	seen := map[string]bool{}
	for _, e := range s.Events {
		seen[e.Topics[0]] = true
	}
	var missing [][]string // what each outcome that agrees with what is seen has besides
	for _, outcome := range fn.Outcomes {
		agreeing, rest := 0, []string{}
		for _, topic := range outcome {
			if seen[topic] {
				agreeing++
			} else if len(b.subscribers(topic)) > 0 { // others leave no sign
				rest = append(rest, topic)
			}
		}
		if agreeing == len(seen) {
			missing = append(missing, rest)
		}
	}
	if len(missing) == 0 {
		return
	}
	// With one event seen, the outcome with the least besides it is the likely one.
	// With none, all are.
	if len(seen) > 0 {
		least := slices.MinFunc(missing, func(x, y []string) int { return cmp.Compare(len(x), len(y)) })
		missing = [][]string{least}
	}
	possible := slices.ContainsFunc(missing, func(rest []string) bool { return len(rest) == 0 })
	missing = slices.DeleteFunc(missing, func(rest []string) bool { return len(rest) == 0 })
	switch {
	case len(missing) == 1:
		for _, topic := range missing[0] {
			b.add(s, &Event{Topics: []string{topic}, Missing: !possible, Possible: possible})
		}
	case len(missing) > 1:
		all := slices.Concat(missing...)
		slices.Sort(all)
		b.add(s, &Event{Topics: slices.Compact(all), Missing: !possible, Possible: possible})
	}
}

func (b *builder) add(s *Step, e *Event) {
	if e.Missing {
		b.Missing++
	}
	s.Events = append(s.Events, e)
}

// sort brings steps into the order of their times, and what is missing behind them.
func (b *builder) sort() {
	steps := func(list []*Step) {
		slices.SortStableFunc(list, func(x, y *Step) int {
			return cmp.Or(compareBool(x.first().IsZero(), y.first().IsZero()), x.first().Compare(y.first()), strings.Compare(x.Function, y.Function))
		})
	}
	steps(b.Steps)
	for _, e := range b.events {
		steps(e.Steps)
	}
}

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}
