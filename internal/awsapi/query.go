package awsapi

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth is how many dots a field's name may have. AWS's deepest is
// PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue.
const maxDepth = 12

// A queryCodec is the query protocol: a form in, XML out.
type queryCodec struct {
	service   *Service
	action    string
	requestID string
	form      url.Values
}

func (c *queryCodec) decode(input any) *Error {
	root := &node{}
	for name, values := range c.form {
		if !utf8.ValidString(values[0]) {
			return Errorf("MalformedQueryString", "The value of %s is not valid UTF-8.", name)
		}
		if strings.Count(name, ".") > maxDepth {
			return Errorf("MalformedQueryString", "The field name %s is too deep.", name)
		}
		root.set(name, values[0])
	}
	return root.fill("", reflect.ValueOf(input).Elem())
}

// A node is a field of the form, or what the names of several have in common.
type node struct {
	value string
	below map[string]*node
}

func (n *node) set(path, value string) {
	name, rest, deeper := strings.Cut(path, ".")
	if n.below == nil {
		n.below = map[string]*node{}
	}
	child := n.below[name]
	if child == nil {
		child = &node{}
		n.below[name] = child
	}
	if deeper {
		child.set(rest, value)
	} else {
		child.value = value
	}
}

// get returns the first of the named children that there is, or nil.
func (n *node) get(names ...string) *node {
	for _, name := range names {
		if child := n.below[name]; child != nil {
			return child
		}
	}
	return nil
}

// elements returns the children numbered 1, 2, ... in their order, whether they
// are called X.1 or, as in SNS, X.member.1 or X.entry.1.
func (n *node) elements() []*node {
	if wrapper := n.get("member", "entry"); wrapper != nil {
		n = wrapper
	}
	type element struct {
		number int
		node   *node
	}
	var elements []element
	for name, child := range n.below {
		if number, err := strconv.Atoi(name); err == nil {
			elements = append(elements, element{number, child})
		}
	}
	slices.SortFunc(elements, func(a, b element) int { return a.number - b.number })
	nodes := make([]*node, len(elements))
	for i, e := range elements {
		nodes[i] = e.node
	}
	return nodes
}

// fill sets v, which the form knows as name, to what n says.
func (n *node) fill(name string, v reflect.Value) *Error {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return n.fill(name, v.Elem())
	case reflect.Struct:
		for f := range fieldsOf(v) {
			if child := n.get(f.name); child != nil {
				if e := child.fill(f.name, f.value); e != nil {
					return e
				}
			}
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, entry := range n.elements() {
			key, value := entry.get("Name", "Key", "key"), entry.get("Value", "value")
			if key == nil {
				return Errorf("MissingParameter", "The request must contain the name of every entry of %s.", name)
			}
			element := reflect.New(v.Type().Elem()).Elem()
			if value != nil {
				if e := value.fill(name, element); e != nil {
					return e
				}
			}
			v.SetMapIndex(reflect.ValueOf(key.value), element)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			decoded, err := base64.StdEncoding.DecodeString(n.value)
			if err != nil {
				return invalidField(name, n.value, "Must be Base64")
			}
			v.SetBytes(decoded)
			return nil
		}
		elements := n.elements()
		v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
		for i, element := range elements {
			if e := element.fill(name, v.Index(i)); e != nil {
				return e
			}
		}
	default:
		return n.fillScalar(name, v)
	}
	return nil
}

func (n *node) fillScalar(name string, v reflect.Value) *Error {
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.value)
	case reflect.Int:
		i, err := strconv.ParseInt(n.value, 10, 32)
		if err != nil {
			return invalidField(name, n.value, "Must be an integer")
		}
		v.SetInt(i)
	case reflect.Bool:
		b, err := strconv.ParseBool(n.value)
		if err != nil {
			return invalidField(name, n.value, "Must be true or false")
		}
		v.SetBool(b)
	default:
		panic("awsapi: the query protocol has no " + v.Type().String() + " for " + name)
	}
	return nil
}

func invalidField(name, value, reason string) *Error {
	return Errorf("InvalidParameterValue", "Value %s for parameter %s is invalid. Reason: %s.", value, name, reason)
}
