package template

import (
	"slices"
	"strings"
)

// conditionNamed returns whether a condition holds. path are those that ask for it.
func (in *Instance) conditionNamed(name string, path []string) (bool, error) {
	if holds, known := in.conditions[name]; known {
		return holds, nil
	}
	if slices.Contains(path, name) {
		return false, fail("Template format error: Circular dependency between conditions: [%s]", strings.Join(append(path, name), ", "))
	}
	holds, err := in.boolean(in.t.Conditions[name], append(path, name))
	if err == nil {
		in.conditions[name] = holds
	}
	return holds, err
}

// boolean returns what a function of conditions says.
func (in *Instance) boolean(v any, path []string) (bool, error) {
	if name, is := conditionOf(v); is {
		return in.conditionNamed(name, path)
	}
	c, is := callOf(v)
	if !is {
		text, _ := Text(v)
		switch text {
		case "true", "false":
			return text == "true", nil
		}
		return false, fail("Template format error: Conditions can only be boolean operations on parameters and other conditions")
	}
	switch c.name {
	case "Fn::And", "Fn::Or":
		list, err := c.list(2, 10)
		if err != nil {
			return false, err
		}
		out := c.name == "Fn::And"
		for _, one := range list {
			holds, err := in.boolean(one, path)
			if err != nil {
				return false, err
			}
			if holds != (c.name == "Fn::And") {
				out = holds
			}
		}
		return out, nil
	case "Fn::Not":
		list, err := c.list(1, 1)
		if err != nil {
			return false, err
		}
		holds, err := in.boolean(list[0], path)
		return !holds, err
	case "Fn::Equals":
		list, err := in.values(c, 2)
		if err != nil {
			return false, err
		}
		return sameText(list[0], list[1]), nil
	case "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn":
		return in.member(c)
	}
	// A parameter, or an element of a map.
	value, err := in.evaluate(v)
	if err != nil {
		return false, err
	}
	if _, again := callOf(value); again {
		return false, c.malformed()
	}
	return in.boolean(value, path)
}

// values returns the n arguments of c, without functions.
func (in *Instance) values(c call, n int) ([]any, error) {
	list, err := c.list(n, n)
	if err != nil {
		return nil, err
	}
	v, err := in.evaluate(list)
	if err != nil {
		return nil, err
	}
	if list = v.([]any); len(list) != n {
		return nil, c.malformed()
	}
	return list, nil
}

// member says what a function of rules says.
func (in *Instance) member(c call) (bool, error) {
	list, err := in.values(c, 2)
	if err != nil {
		return false, err
	}
	first, ok := list[0].([]any)
	second, isList := list[1].([]any)
	if !ok || isList != (c.name == "Fn::EachMemberIn") {
		return false, c.malformed()
	}
	equals := func(v any) func(any) bool { return func(other any) bool { return sameText(v, other) } }
	switch c.name {
	case "Fn::Contains":
		return slices.ContainsFunc(first, equals(list[1])), nil
	case "Fn::EachMemberEquals":
		return !slices.ContainsFunc(first, func(v any) bool { return !sameText(v, list[1]) }), nil
	}
	return !slices.ContainsFunc(first, func(v any) bool { return !slices.ContainsFunc(second, equals(v)) }), nil
}

// sameText says that two values are the same: all are text in the end.
func sameText(a, b any) bool {
	if list, is := a.([]any); is {
		other, both := b.([]any)
		return both && slices.EqualFunc(list, other, sameText)
	}
	x, ok := Text(a)
	y, both := Text(b)
	return ok && both && x == y
}
