package filter

import "slices"

// A compiler turns the tree of a policy into conjunctions of patterns, or says what
// is wrong with it and where.
type compiler struct {
	source    string // the policy without white space, in which SNS counts the columns
	nested    bool   // a key has an object for its value
	excessive bool   // the policy is beyond a limit
	points    int    // what the wildcards of the policy cost
	crowded   bool   // a pattern has too many wildcards
}

// reserved are the words that Event Ruler keeps for itself: an object that has one
// of them for a key is a match expression, not an alternative of an "$or".
var reserved = map[string]bool{
	"exactly": true, "equals-ignore-case": true, "prefix": true, "suffix": true, "anything-but": true,
	"exists": true, "wildcard": true, "numeric": true, "cidr": true, "=": true, "<": true, "<=": true,
	">": true, ">=": true, "regex": true, "not-wildcard": true, "not-equals-ignore-case": true,
	"date-after": true, "date-on-or-after": true, "date-before": true, "date-on-or-before": true,
	"in-date-range": true, "ip-address-in-range": true, "ip-address-not-in-range": true,
}

// isOr reports whether an entry is a choice. Any other "$or" is an ordinary key.
func isOr(key string, value *node) bool {
	if key != "$or" || value.kind != array || len(value.items) < 2 {
		return false
	}
	for _, item := range value.items {
		if item.kind != object || slices.ContainsFunc(item.keys, func(key string) bool { return reserved[key] }) {
			return false
		}
	}
	return true
}

// object compiles an object of a policy to which the path leads.
func (c *compiler) object(n *node, path string) (conjunction, error) {
	if len(n.items) == 0 {
		return nil, c.fail(n.closed(), "Empty objects are not allowed")
	}
	var all conjunction
	for i, item := range n.items {
		key := n.keys[i]
		switch {
		case isOr(key, item):
			alternatives, err := c.or(item, path)
			if err != nil {
				return nil, err
			}
			all = append(all, term{alternatives: alternatives})
		case item.kind == object:
			c.nested = true
			inner, err := c.object(item, c.path(path, key))
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
		case item.kind == array:
			f, err := c.field(item, c.path(path, key))
			if err != nil {
				return nil, err
			}
			all = append(all, term{field: f})
		default:
			return nil, c.fail(item.opened(), `"%s" must be an object or an array`, key)
		}
	}
	return all, nil
}

func (c *compiler) or(list *node, path string) ([]conjunction, error) {
	var alternatives []conjunction
	for _, item := range list.items {
		alternative, err := c.object(item, path)
		if err != nil {
			return nil, err
		}
		alternatives = append(alternatives, alternative)
	}
	return alternatives, nil
}

func (c *compiler) field(list *node, path string) (field, error) {
	if len(list.items) == 0 {
		return field{}, c.fail(list.closed(), "Empty arrays are not allowed")
	}
	f := field{path: path}
	for _, item := range list.items {
		p, err := c.pattern(item)
		if err != nil {
			return field{}, err
		}
		if exists, ok := p.(existence); ok && !bool(exists) {
			f.absent = true
		}
		f.patterns = append(f.patterns, p)
	}
	c.count(f.patterns)
	return f, nil
}

// count adds what a field with wildcards costs: the points of its patterns times
// their number. That values without a point do not multiply was not seen on AWS.
func (c *compiler) count(patterns []pattern) {
	points, scored, stars := 0, 0, 0
	for _, p := range patterns {
		cost := 0
		inner, negated := p.(not)
		if negated {
			p, cost = inner.pattern, 1
		}
		switch p := p.(type) {
		case wildcard:
			cost = p.points()
			stars = max(stars, p.count(), 1)
		case noneOf:
			cost = 1
		}
		if cost > 0 {
			points, scored = points+cost, scored+1
		}
	}
	if stars > 0 {
		c.points += points * scored
	}
	c.crowded = c.crowded || stars > maxWildcards
}

// path is a path that leads on by a key. The paths of a policy that will be refused
// would be many and long, and nobody reads them.
func (c *compiler) path(path, key string) string {
	if c.excessive {
		return ""
	}
	return path + key + "."
}
