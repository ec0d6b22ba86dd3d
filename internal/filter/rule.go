package filter

import "slices"

// A rule matches a message in which every field matches.
type rule []field

// A field matches a message that has at its path a value that one of the patterns
// matches.
type field struct {
	// path is the keys that lead to the value, each with a dot behind it. SNS makes
	// no difference between {"a.b": 1} and {"a": {"b": 1}}, in a policy or in a
	// message.
	path     string
	patterns []pattern
	absent   bool // a pattern is {"exists": false}
}

func (f field) matches(value *node) bool {
	return slices.ContainsFunc(f.patterns, func(p pattern) bool { return p.matches(value) })
}

// A conjunction is an object of a policy: all of its terms must match.
type conjunction []term

// A term is a field, or the objects of an "$or" of which one must match.
type term struct {
	field        field
	alternatives []conjunction
}

// rules multiplies the alternatives out. There are no more rules than
// combinations. Of two fields with one path in a rule the last one counts.
func (c conjunction) rules() []rule {
	rules := []rule{nil}
	for _, t := range c {
		if t.alternatives == nil {
			for i := range rules {
				rules[i] = rules[i].with(t.field)
			}
			continue
		}
		var forked []rule
		for _, alternative := range t.alternatives {
			for _, tail := range alternative.rules() {
				for _, r := range rules {
					for _, f := range tail {
						r = r.with(f)
					}
					forked = append(forked, r)
				}
			}
		}
		rules = forked
	}
	return rules
}

// with returns a new rule that has the field too.
func (r rule) with(f field) rule {
	out := slices.Clone(r)
	if i := slices.IndexFunc(out, func(g field) bool { return g.path == f.path }); i >= 0 {
		out[i] = f
		return out
	}
	return append(out, f)
}
