package template

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An Unknown is a value that is not known before a resource is made. What is made of it is unknown as well.
type Unknown struct{}

// A Scope is what a template cannot know.
type Scope struct {
	// Parameters are values by [Template.Values]: text, or a list of text.
	Parameters                          map[string]any
	Account, Region, StackName, StackID string
	NotificationARNs                    []string
	// Ref and GetAtt say what a resource of the template has become.
	Ref    func(logicalID string) (any, error)
	GetAtt func(logicalID, attribute string) (any, error)
	// Import finds what another stack exports.
	Import func(name string) (any, error)
}

// noValue takes away what it is the value of.
type noValue struct{}

// evaluate returns v without functions.
func (in *Instance) evaluate(v any) (any, error) {
	if c, is := callOf(v); is {
		return in.call(c)
	}
	switch v := v.(type) {
	case []any:
		list := make([]any, 0, len(v))
		for _, one := range v {
			value, err := in.evaluate(one)
			if err != nil {
				return nil, err
			}
			if value != (noValue{}) {
				list = append(list, value)
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, one := range ordered(v) {
			value, err := in.evaluate(one)
			if err != nil {
				return nil, err
			}
			if _, no := value.(noValue); !no {
				object[name] = value
			}
		}
		return object, nil
	}
	return v, nil
}

func (in *Instance) call(c call) (any, error) {
	switch c.name {
	case "Ref":
		name, _ := c.argument.(string)
		return in.ref(name)
	case "Fn::GetAtt":
		return in.getAtt(c)
	case "Fn::Sub":
		return in.sub(c)
	case "Fn::If":
		list, err := c.list(3, 3)
		if err != nil {
			return nil, err
		}
		name, _ := list[0].(string)
		if in.conditions[name] {
			return in.evaluate(list[1])
		}
		return in.evaluate(list[2])
	}
	// The others take values.
	argument, err := in.evaluate(c.argument)
	if err != nil {
		return nil, err
	}
	if unknown(argument) {
		return Unknown{}, nil
	}
	c.argument = argument
	switch c.name {
	case "Fn::Join":
		return in.join(c)
	case "Fn::Select":
		return selectOne(c)
	case "Fn::Split":
		return split(c)
	case "Fn::FindInMap":
		return in.findInMap(c)
	case "Fn::Base64":
		if text, ok := Text(argument); ok {
			return base64.StdEncoding.EncodeToString([]byte(text)), nil
		}
	case "Fn::GetAZs":
		if region, ok := argument.(string); ok {
			if region == "" {
				region = in.scope.Region
			}
			return []any{region + "a", region + "b", region + "c"}, nil
		}
	case "Fn::ImportValue":
		if name, ok := argument.(string); ok && name != "" && in.scope.Import != nil {
			return in.scope.Import(name)
		}
	default:
		return nil, fail("Less does not implement the function %s.", c.name)
	}
	return nil, c.malformed()
}

// unknown says that v, or an element of it, is unknown.
func unknown(v any) bool {
	switch v := v.(type) {
	case Unknown:
		return true
	case []any:
		return slices.ContainsFunc(v, unknown)
	}
	return false
}

func (in *Instance) ref(name string) (any, error) {
	s := &in.scope
	switch name {
	case "AWS::NoValue":
		return noValue{}, nil
	case "AWS::AccountId":
		return s.Account, nil
	case "AWS::Region":
		return s.Region, nil
	case "AWS::Partition":
		return "aws", nil
	case "AWS::URLSuffix":
		return "amazonaws.com", nil
	case "AWS::StackName":
		return s.StackName, nil
	case "AWS::StackId":
		return s.StackID, nil
	case "AWS::NotificationARNs":
		list := make([]any, len(s.NotificationARNs))
		for i, arn := range s.NotificationARNs {
			list[i] = arn
		}
		return list, nil
	}
	if value, found := s.Parameters[name]; found {
		return value, nil
	}
	if err := in.present(name); err != nil {
		return nil, err
	}
	return s.Ref(name)
}

func (in *Instance) getAtt(c call) (any, error) {
	resource, attribute, err := c.attribute()
	if err != nil {
		return nil, err
	}
	name, err := in.evaluate(attribute)
	if err != nil {
		return nil, err
	}
	text, ok := name.(string)
	if !ok {
		return nil, c.malformed()
	}
	if err := in.present(resource); err != nil {
		return nil, err
	}
	return in.scope.GetAtt(resource, text)
}

func (in *Instance) sub(c call) (any, error) {
	parts, variables, err := c.substitution()
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	hidden := false
	for _, p := range parts {
		if p.name == "" {
			out.WriteString(p.literal)
			continue
		}
		var value any
		if v, is := variables[p.name]; is {
			value, err = in.evaluate(v)
		} else {
			value, err = in.call(p.reference())
		}
		if err != nil {
			return nil, err
		}
		if unknown(value) {
			hidden = true
			continue
		}
		text, ok := Text(value)
		if !ok {
			return nil, fail("Template error: Fn::Sub needs a string for ${%s}, which is a list or an object", p.name)
		}
		out.WriteString(text)
	}
	if hidden {
		return Unknown{}, nil
	}
	return out.String(), nil
}

func (in *Instance) join(c call) (any, error) {
	list, err := c.list(2, 2)
	if err != nil {
		return nil, err
	}
	delimiter, ok := list[0].(string)
	elements, isList := list[1].([]any)
	if !ok || !isList {
		return nil, c.malformed()
	}
	texts := make([]string, len(elements))
	for i, e := range elements {
		if texts[i], ok = Text(e); !ok {
			return nil, c.malformed()
		}
	}
	return strings.Join(texts, delimiter), nil
}

func selectOne(c call) (any, error) {
	list, err := c.list(2, 2)
	if err != nil {
		return nil, err
	}
	text, _ := Text(list[0])
	index, err := strconv.Atoi(text)
	elements, ok := list[1].([]any)
	if err != nil || !ok {
		return nil, c.malformed()
	}
	if index < 0 || index >= len(elements) {
		return nil, fail("Template error: Fn::Select cannot select nonexistent value at index %d", index)
	}
	return elements[index], nil
}

func split(c call) (any, error) {
	list, err := c.list(2, 2)
	if err != nil {
		return nil, err
	}
	delimiter, ok := list[0].(string)
	text, isText := Text(list[1])
	if !ok || !isText || delimiter == "" {
		return nil, c.malformed()
	}
	pieces := strings.Split(text, delimiter)
	out := make([]any, len(pieces))
	for i, piece := range pieces {
		out[i] = piece
	}
	return out, nil
}

func (in *Instance) findInMap(c call) (any, error) {
	list, err := c.list(3, 3)
	if err != nil {
		return nil, err
	}
	var keys [3]string
	for i, key := range list {
		var ok bool
		if keys[i], ok = Text(key); !ok {
			return nil, c.malformed()
		}
	}
	value, found := in.t.Mappings[keys[0]][keys[1]][keys[2]]
	if !found {
		return nil, fail("Template error: Unable to get mapping for %s::%s::%s", keys[0], keys[1], keys[2])
	}
	return value, nil
}

// Text is the text of a value that is text, a number or a bool.
func Text(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case int:
		return strconv.Itoa(v), true
	}
	return "", false
}

// within says where in a template an error is.
func within(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
