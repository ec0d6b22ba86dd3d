package filter

import (
	"math/bits"
	"slices"
	"strings"
)

// An Attribute is an attribute of a message, of which the language knows four
// types: String, Number, String.Array and, documented only by an example,
// Number.Array. An attribute of any other type is as good as absent.
type Attribute struct {
	Type  string
	Value string
}

// MatchAttributes reports whether a message with the attributes passes a policy of
// scope [MessageAttributes]. A message without attributes passes none, not even one
// of {"exists": false}, as documented.
func (p *Policy) MatchAttributes(attributes map[string]Attribute) bool {
	if p == nil || p.rules == nil {
		return true
	}
	if len(attributes) == 0 {
		return false
	}
	root := &node{kind: object}
	for name, attribute := range attributes {
		if value := attribute.node(); value != nil {
			root.keys = append(root.keys, name)
			root.items = append(root.items, value)
		}
	}
	return p.match(root)
}

// escaped is how SNS compares strings of attributes: documented is that a policy
// must escape quotation marks and backslashes twice to match them.
var escaped = strings.NewReplacer(`"`, `\"`, `\`, `\\`)

// node returns what the language sees of an attribute, or nil.
func (a Attribute) node() *node {
	switch a.Type {
	case "String":
		return &node{kind: str, text: escaped.Replace(a.Value)}
	case "Number":
		return &node{kind: number, text: a.Value}
	case "String.Array", "Number.Array":
		// What SNS makes of a list that is none, or of lists in it, was not seen.
		list, err := read([]byte(a.Value), want{all: true})
		if err != nil || list.kind != array {
			return nil
		}
		for _, item := range list.items {
			switch item.kind {
			case str:
				item.text = escaped.Replace(item.text)
			case array, object:
				return nil
			}
		}
		return list
	}
	return nil
}

// MatchBody reports whether a message with the body passes a policy of scope
// [MessageBody]. A body that is not a JSON object passes no policy.
func (p *Policy) MatchBody(body []byte) bool {
	if p == nil || p.rules == nil {
		return true
	}
	root, err := read(body, want{rests: p.paths})
	return err == nil && root != nil && root.kind == object && p.match(root)
}

func (p *Policy) match(root *node) bool {
	return slices.ContainsFunc(p.rules, func(r rule) bool {
		e := evaluation{rule: r}
		found := e.sets(root, 1<<len(r)-1, 0)
		needed := e.needed()
		return slices.ContainsFunc(found, func(s set) bool { return needed&^s == 0 })
	})
}

// A set is some of the fields of a rule, a bit for each. There are at most maxKeys.
type set uint8

// An evaluation looks for values that match all fields of a rule.
//
// Fields that lead through one array must match in one and the same element of it:
// {"a": [{"b": 1, "c": 2}, {"b": 3, "c": 4}]} matches b and c with 1 and 2, or with
// 3 and 4, but not with 1 and 4. That is how Event Ruler takes arrays.
type evaluation struct {
	rule rule
	seen set // the fields that exist
}

// needed is the fields that a value must match: not those that the message does not
// have and need not have.
func (e *evaluation) needed() set {
	var needed set
	for i, f := range e.rule {
		if !f.absent || e.seen&(1<<i) != 0 {
			needed |= 1 << i
		}
	}
	return needed
}

// sets returns which of the fields can match together in the node, to which the
// first offset bytes of their paths have led. Only the largest sets are there.
func (e *evaluation) sets(n *node, fields set, offset int) family {
	switch n.kind {
	case array:
		found := family{0}
		for _, item := range n.items {
			if item.isScalar() {
				found = found.add(e.scalar(item, fields, offset))
				continue
			}
			for _, s := range e.sets(item, fields, offset) {
				found = found.add(s)
			}
		}
		return found
	case object:
		found := family{0}
		for i, item := range n.items {
			if item == nil {
				continue
			}
			if through := e.through(fields, offset, n.keys[i]); through != 0 {
				found = found.and(e.sets(item, through, offset+len(n.keys[i])+1))
			}
		}
		return found
	}
	return family{e.scalar(n, fields, offset)}
}

func (e *evaluation) scalar(n *node, fields set, offset int) set {
	var matched set
	for rest := fields; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros8(uint8(rest))
		if f := e.rule[i]; len(f.path) == offset {
			if n.exists() {
				e.seen |= 1 << i
			}
			if f.matches(n) {
				matched |= 1 << i
			}
		}
	}
	return matched
}

// through returns the fields that lead on through a key.
func (e *evaluation) through(fields set, offset int, key string) set {
	var through set
	for rest := fields; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros8(uint8(rest))
		if under(e.rule[i].path[offset:], key) {
			through |= 1 << i
		}
	}
	return through
}

// A family is sets of which none contains another.
type family []set

// and returns what can be taken from both families at once: the fields of an
// object.
func (f family) and(g family) family {
	var out family
	for _, s := range f {
		for _, t := range g {
			out = out.add(s | t)
		}
	}
	return out
}

func (f family) add(s set) family {
	if slices.ContainsFunc(f, func(t set) bool { return s&^t == 0 }) {
		return f
	}
	return append(slices.DeleteFunc(f, func(t set) bool { return t&^s == 0 }), s)
}
