// Package flow is the workflow of an application as its code has it: which
// function publishes to which topic, where, under which condition, and what
// could not be seen. It is plain data, which package analysis fills; package
// graph draws the picture from it, and the plan takes its grants.
package flow

import (
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
)

// A Flow is what was read from the handlers of an application, sorted by the
// functions' identities.
type Flow struct {
	Functions []Function
}

// Function returns what was read from the handler of the function with the
// identity id.
func (f Flow) Function(id string) (Function, bool) {
	i, found := slices.BinarySearchFunc(f.Functions, id, func(f Function, id string) int {
		return strings.Compare(f.ID, id)
	})
	if !found {
		return Function{}, false
	}
	return f.Functions[i], true
}

// Publishers lists the functions that may publish to topic, by identity.
func (f Flow) Publishers(topic string) []string {
	var out []string
	for _, fn := range f.Functions {
		if slices.Contains(fn.Topics(), topic) {
			out = append(out, fn.ID)
		}
	}
	return out
}

// Refusals lists what could not be followed, by place.
func (f Flow) Refusals() []Refusal {
	var out []Refusal
	for _, fn := range f.Functions {
		out = append(out, fn.Refusals...)
	}
	slices.SortFunc(out, func(a, b Refusal) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(out)
}

// A Function is what the code of one handler, and all that it calls, does.
type Function struct {
	// ID is the function's identity: "topics/order_placed/payment_service_process_payment".
	ID string `json:"id"`
	// Publishes are the places where it publishes, by topic, condition and place.
	Publishes []Publish `json:"publishes,omitempty"`
	// Outcomes are the sets of topics that one invocation may publish to and then
	// end well, each sorted; the empty set is one that publishes nothing. Where
	// there are more than MaxOutcomes, Outcomes has one with every topic, and
	// ManyOutcomes is true.
	Outcomes     [][]string `json:"outcomes,omitempty"`
	ManyOutcomes bool       `json:"many_outcomes,omitempty"`
	// Failures are the places where the handler itself returns an error, or panics.
	Failures []Failure `json:"failures,omitempty"`
	// Answers are what a typed route answers besides 500, which any can: by status.
	Answers []Answer `json:"answers,omitempty"`
	// Refusals are what cannot be followed. The function may then publish more than
	// Publishes says.
	Refusals []Refusal `json:"refusals,omitempty"`
	// Findings are mistakes in the code.
	Findings []Finding `json:"findings,omitempty"`
}

// MaxOutcomes is how many outcomes of one function are told apart.
const MaxOutcomes = 32

// Topics lists the topics that f publishes to, sorted.
func (f Function) Topics() []string {
	var out []string
	for _, p := range f.Publishes {
		out = append(out, p.Topic)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// A Condition is when a publish happens.
type Condition string

// The conditions, from the one that decides most to the one that decides least:
// a publish in an error branch of an optional step is one on failure.
const (
	// OnFailure: only after something went wrong, or was refused.
	OnFailure Condition = "failure"
	// Conditional: depending on something else, or any number of times.
	Conditional Condition = "conditional"
	// OnSuccess: whenever nothing before it went wrong.
	OnSuccess Condition = "success"
	// Always: whenever the handler runs.
	Always Condition = "always"
)

// A Publish is a place where a function publishes to a topic.
type Publish struct {
	// Topic is the topic's folder name.
	Topic     string    `json:"topic"`
	Condition Condition `json:"condition"`
	// Pos is the call of Publish, or the //less:publishes line that declares it.
	Pos app.Pos `json:"pos"`
	// Path leads there from the handler: each step's function is called by the one
	// before it. The first is the handler, without a place.
	Path []Step `json:"path"`
	// Declared says that a //less:publishes line says so, not the code.
	Declared bool `json:"declared,omitempty"`
}

// A Step is a function on the way to a publish.
type Step struct {
	// Function is its name as people read it: "orders.Post", "order.Save", "orders.Post.func1".
	Function string `json:"function"`
	// Pos is the call that leads to it, "" for the handler.
	Pos app.Pos `json:"pos,omitempty"`
}

// A Failure is a place where a handler gives up: the message comes back, and
// after its last attempt is a dead letter.
type Failure struct {
	Pos app.Pos `json:"pos"`
	// What is "returns an error" or "panics".
	What string `json:"what"`
}

// An Answer is what a route answers.
type Answer struct {
	Status int     `json:"status"`
	Pos    app.Pos `json:"pos"`
}

// A Refusal is something that the analysis cannot follow.
type Refusal struct {
	Pos app.Pos `json:"pos"`
	// Message says what is wrong and what to do, in sentences.
	Message string `json:"message"`
}

// String is the refusal on one line.
func (r Refusal) String() string { return string(r.Pos) + ": " + r.Message }

// A Rule is one kind of mistake. Its name is what a //less:allow line gives.
type Rule string

// The rules of less-cli check.
const (
	NoSubscriber    Rule = "no-subscriber"      // published, but nobody subscribes
	NoPublisher     Rule = "no-publisher"       // subscribed, but nobody publishes
	EndlessCycle    Rule = "endless-cycle"      // events that make themselves again, without a way out
	NotAwaited      Rule = "not-awaited"        // a publish in a goroutine the handler does not wait for
	IgnoredError    Rule = "ignored-error"      // an error of Publish that nobody looks at
	FailAfterEvent  Rule = "fail-after-publish" // an error returned after a successful publish
	HandlerImported Rule = "handler-imported"   // a handler that imports another handler
	IgnoredContext  Rule = "ignored-context"    // a subscriber that ignores its context
	NotFollowed     Rule = "not-followed"       // what the analysis cannot follow
)

// A Finding is a mistake at a place.
type Finding struct {
	Rule Rule    `json:"rule"`
	Pos  app.Pos `json:"pos"`
	// Message says what is there, why it hurts, and what the right form is.
	Message string `json:"message"`
}
