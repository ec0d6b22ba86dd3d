// Package filter is the language of SNS subscription filter policies: it refuses
// what SNS refuses, in SNS's words, and decides whether a message passes.
//
// A policy is compiled into rules. A rule is a list of fields that must all match,
// a policy matches by any of its rules, and only "$or" makes more than one of
// them. SNS limits how much a policy can multiply and how many fields a rule has, so
// that matching takes time in proportion to the message: nothing in the language
// backtracks.
//
// The facts come from Amazon's developer guide, from answers of AWS that others
// recorded and published, and from Event Ruler, the open source library whose
// words those answers are. Comments say where a fact was not seen on AWS.
package filter

import "fmt"

// A Scope is the part of a message that a policy looks at, as the subscription
// attribute FilterPolicyScope names it.
type Scope string

// The scopes. MessageAttributes is the default of a subscription.
const (
	MessageAttributes Scope = "MessageAttributes"
	MessageBody       Scope = "MessageBody"
)

// ParseScope reads the subscription attribute FilterPolicyScope. The error is an
// *[Error].
func ParseScope(text string) (Scope, error) {
	switch scope := Scope(text); scope {
	case MessageAttributes, MessageBody:
		return scope, nil
	}
	return "", &Error{fmt.Sprintf("FilterPolicyScope: Invalid value [%s]. Please use either MessageBody or MessageAttributes", text)}
}

// maxSize is how many bytes a policy may have.
const maxSize = 256 << 10

// A Policy is a filter policy that SNS would accept. The nil Policy, and the one
// of an empty object, let every message pass. A Policy does not change: it can be
// used by many goroutines.
type Policy struct {
	rules []rule
	paths []string // of all rules, each once
}

// Parse reads the subscription attribute FilterPolicy. An empty policy and {} are
// how a subscriber removes its filter, so both let every message pass. The error
// is an *[Error].
func Parse(policy []byte, scope Scope) (*Policy, error) {
	if len(policy) == 0 {
		return &Policy{}, nil
	}
	if len(policy) > maxSize {
		// The limit is documented, its words were not seen on AWS.
		return nil, refuse("Filter policy is too long")
	}
	root, err := read(policy, want{all: true})
	if err != nil {
		return nil, refuse("failed to parse JSON. " + err.Error())
	}
	c := compiler{source: root.layOut()}
	if root.kind != object {
		return nil, c.fail(root.opened(), "Filter is not an object")
	}
	if len(root.items) == 0 {
		return &Policy{}, nil
	}
	limit := overLimit(root)
	c.excessive = limit != nil
	all, err := c.object(root, "")
	switch {
	// SNS tells what is wrong in a policy before it counts.
	case err != nil:
		return nil, err
	case scope == MessageAttributes && c.nested:
		return nil, &Error{"Filter policy scope MessageAttributes does not support nested filter policy"}
	case limit != nil:
		return nil, limit
	case c.crowded || c.points > maxWildcardPoints:
		// The limits are documented, the words for them were not seen on AWS.
		return nil, refuse("Filter policy is too complex")
	}
	return newPolicy(all.rules()), nil
}

func newPolicy(rules []rule) *Policy {
	p := &Policy{rules: rules}
	seen := map[string]bool{}
	for _, r := range rules {
		for _, f := range r {
			if !seen[f.path] {
				seen[f.path] = true
				p.paths = append(p.paths, f.path)
			}
		}
	}
	return p
}
