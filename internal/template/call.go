package template

import (
	"strings"
)

// A call is a value that a function makes: {"Fn::Join": argument}.
type call struct {
	name     string
	argument any
}

// callOf returns the function that v is. Whether there is such a function is another question.
func callOf(v any) (call, bool) {
	object, ok := v.(map[string]any)
	if !ok || len(object) != 1 {
		return call{}, false
	}
	for name, argument := range object {
		if name == "Ref" || strings.HasPrefix(name, "Fn::") {
			return call{name, argument}, true
		}
	}
	return call{}, false
}

// conditionOf returns the condition that v names, which only a condition and a rule can do: elsewhere the
// same is a member of a policy's statement.
func conditionOf(v any) (name string, ok bool) {
	object, _ := v.(map[string]any)
	if len(object) != 1 {
		return "", false
	}
	name, ok = object["Condition"].(string)
	return name, ok
}

// list returns the argument as a list of least to most elements.
func (c call) list(least, most int) ([]any, error) {
	list, ok := c.argument.([]any)
	if !ok || len(list) < least || len(list) > most {
		return nil, c.malformed()
	}
	return list, nil
}

// malformed is the error of an argument that the function cannot have. AWS's words differ from function to function.
func (c call) malformed() error {
	return fail("Template error: every %s object requires %s", c.name, requirements[c.name])
}

// requirements are what functions require, as their errors say it.
var requirements = map[string]string{
	"Ref":                  "a String value",
	"Fn::And":              "a list of at least 2 and at most 10 boolean parameters",
	"Fn::Base64":           "one String parameter",
	"Fn::Contains":         "two parameters, a list of strings and a string",
	"Fn::EachMemberEquals": "two parameters, a list of strings and a string",
	"Fn::EachMemberIn":     "two parameters, both lists of strings",
	"Fn::Equals":           "a list of 2 string parameters",
	"Fn::FindInMap":        "three parameters, the map name, map key and the attribute for return value",
	"Fn::GetAtt":           "two non-empty parameters, the resource name and the resource attribute",
	"Fn::GetAZs":           "a String parameter, a region",
	"Fn::If":               "a list of 3 parameters, of which the first is the name of a condition",
	"Fn::ImportValue":      "a non-empty value",
	"Fn::Join":             "two parameters, (1) a string delimiter and (2) a list of strings to be joined",
	"Fn::Not":              "a list of 1 boolean parameter",
	"Fn::Or":               "a list of at least 2 and at most 10 boolean parameters",
	"Fn::Select":           "two non-empty parameters, an integer index and a list",
	"Fn::Split":            "two parameters, (1) a string delimiter and (2) a string to be split",
	"Fn::Sub":              "a string, or a list of a string and a map of its variables",
}

// attribute takes the argument of Fn::GetAtt apart.
func (c call) attribute() (resource string, attribute any, err error) {
	if text, ok := c.argument.(string); ok {
		resource, attribute, _ := strings.Cut(text, ".")
		return resource, attribute, nil
	}
	list, err := c.list(2, 2)
	if err != nil {
		return "", nil, err
	}
	resource, ok := list[0].(string)
	if !ok || resource == "" {
		return "", nil, c.malformed()
	}
	return resource, list[1], nil
}

// substitution takes the argument of Fn::Sub apart.
func (c call) substitution() (parts []subPart, variables map[string]any, err error) {
	text, ok := c.argument.(string)
	if !ok {
		list, err := c.list(2, 2)
		if err != nil {
			return nil, nil, err
		}
		if text, ok = list[0].(string); !ok {
			return nil, nil, c.malformed()
		}
		if variables, ok = list[1].(map[string]any); !ok {
			return nil, nil, c.malformed()
		}
	}
	parts, err = splitSub(text)
	return parts, variables, err
}

// A subPart is a piece of the text of Fn::Sub: as it is, or the name of a value.
type subPart struct {
	literal, name string
}

// reference is the function that the part stands for, where it is no variable.
func (p subPart) reference() call {
	if resource, attribute, is := strings.Cut(p.name, "."); is {
		return call{"Fn::GetAtt", []any{resource, attribute}}
	}
	return call{"Ref", p.name}
}

// splitSub takes "a ${B} c" apart. "${!B}" stands for itself, without the mark.
func splitSub(text string) ([]subPart, error) {
	var parts []subPart
	for text != "" {
		before, after, found := strings.Cut(text, "${")
		if before != "" {
			parts = append(parts, subPart{literal: before})
		}
		if !found {
			return parts, nil
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			return nil, fail("Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons")
		}
		if literal, is := strings.CutPrefix(name, "!"); is {
			parts = append(parts, subPart{literal: "${" + literal + "}"})
		} else if name = strings.TrimSpace(name); name == "" || strings.Trim(name, nameCharacters) != "" {
			return nil, fail("Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons")
		} else {
			parts = append(parts, subPart{name: name})
		}
		text = rest
	}
	return parts, nil
}

const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:"

// An Attribute is what Fn::GetAtt or Fn::Sub asks for.
type Attribute struct{ Resource, Name string }

// Attributes lists those that v asks for, except where their names are made by functions.
func Attributes(v any) []Attribute {
	c, is := callOf(v)
	if !is {
		var all []Attribute
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				all = append(all, Attributes(one)...)
			}
		case map[string]any:
			for _, one := range ordered(v) {
				all = append(all, Attributes(one)...)
			}
		}
		return all
	}
	switch c.name {
	case "Fn::GetAtt":
		if resource, name, err := c.attribute(); err == nil {
			if text, ok := name.(string); ok {
				return []Attribute{{resource, text}}
			}
		}
		return nil
	case "Fn::Sub":
		parts, variables, err := c.substitution()
		if err != nil {
			return nil
		}
		all := Attributes(any(variables))
		for _, p := range parts {
			if _, is := variables[p.name]; p.name != "" && !is {
				r := p.reference()
				all = append(all, Attributes(map[string]any{r.name: r.argument})...)
			}
		}
		return all
	}
	return Attributes(c.argument)
}
