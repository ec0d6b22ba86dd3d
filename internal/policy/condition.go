package policy

import (
	"encoding/json"
	"strings"
)

// A condition compares the values that a request has for a key with those that the
// statement wants.
type condition struct {
	operator operator
	// over is what holds for the values of a key that may have several.
	over     quantifier
	ifExists bool
	key      string // in lower case
	values   []operand
}

// A quantifier says how many of a key's values must fit.
type quantifier int

const (
	single quantifier = iota
	forAll
	forAny
)

// parseConditions reads {operator: {key: values}}.
func parseConditions(raw json.RawMessage, vars bool) ([]condition, error) {
	byOperator, err := object(raw)
	if err != nil {
		return nil, syntax()
	}
	var out []condition
	for name, raw := range byOperator {
		template, err := parseOperator(name)
		if err != nil {
			return nil, err
		}
		byKey, err := object(raw)
		if err != nil {
			return nil, syntax()
		}
		for key, raw := range byKey {
			c := template
			c.key = strings.ToLower(key)
			values, err := texts(raw)
			if err != nil {
				return nil, err
			}
			for _, v := range values {
				o, err := newOperand(c.operator, v, vars)
				if err != nil {
					return nil, err
				}
				c.values = append(c.values, o)
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// parseOperator reads the name of an operator: ForAllValues:StringLikeIfExists.
func parseOperator(name string) (condition, error) {
	var c condition
	rest := name
	if set, after, found := strings.Cut(name, ":"); found {
		switch {
		case strings.EqualFold(set, "ForAllValues"):
			c.over = forAll
		case strings.EqualFold(set, "ForAnyValue"):
			c.over = forAny
		default:
			return c, malformed("Invalid Condition type : %s", name)
		}
		rest = after
	}
	rest = strings.ToLower(rest)
	rest, c.ifExists = strings.CutSuffix(rest, "ifexists")
	o, found := operators[rest]
	if !found || o.family == nullFamily && (c.ifExists || c.over != single) {
		return c, malformed("Invalid Condition type : %s", name)
	}
	c.operator = o
	return c, nil
}

// holds says whether the request meets the condition.
func (c *condition) holds(r *Request) bool {
	values := r.Context[c.key]
	if c.operator.family == nullFamily {
		for i := range c.values {
			if c.values[i].null == (len(values) == 0) {
				return true
			}
		}
		return false
	}
	if len(values) == 0 {
		// A key that is not there equals nothing, which is what a negated operator asks
		// for. All of no values fit, and none of them does.
		return c.ifExists || c.over == forAll || c.over == single && c.operator.negated
	}
	for _, v := range values {
		fits := c.fits(r, v)
		switch {
		case c.over == forAll && !fits:
			return false
		case c.over == forAny && fits:
			return true
		// Without a quantifier a key has one value. Of more, one must equal, and none may.
		case c.over == single && fits != c.operator.negated:
			return fits
		}
	}
	return c.over == forAll || c.over == single && c.operator.negated
}

// fits says whether one value of the request equals one of those wanted, or none of
// them where the operator is negated.
func (c *condition) fits(r *Request, value string) bool {
	for i := range c.values {
		if c.values[i].equals(c.operator, r, value) {
			return !c.operator.negated
		}
	}
	return c.operator.negated
}
