package conformance_test

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strconv"
)

var versions = map[string]string{"sqs": "2012-11-05", "sns": "2010-03-31"}

// formNames are the names of SQS's lists and maps in a form.
var formNames = map[string]string{
	"AttributeNames":              "AttributeName",
	"MessageSystemAttributeNames": "MessageSystemAttributeName",
	"MessageAttributeNames":       "MessageAttributeName",
	"Attributes":                  "Attribute",
	"MessageAttributes":           "MessageAttribute",
	"MessageSystemAttributes":     "MessageSystemAttribute",
	"StringListValues":            "StringListValue",
	"BinaryListValues":            "BinaryListValue",
	"tags":                        "Tag",
	"Tags":                        "Tag",
	"TagKeys":                     "TagKey",
	"AWSAccountIds":               "AWSAccountId",
	"Actions":                     "ActionName",
}

// formOf translates parameters to the query protocol.
func formOf(service, action string, input map[string]any) (url.Values, error) {
	f := form{url.Values{"Action": {action}, "Version": {versions[service]}}, service, action}
	for name, value := range input {
		if err := f.field("", name, value); err != nil {
			return nil, err
		}
	}
	return f.values, nil
}

type form struct {
	values          url.Values
	service, action string
}

func (f form) field(prefix, name string, value any) error {
	path := prefix + name
	if f.service == "sqs" {
		if short := formNames[name]; short != "" {
			path = prefix + short
		} else if name == "Entries" {
			path = prefix + f.action + "RequestEntry"
		}
	}
	switch value := value.(type) {
	case []any:
		if f.service == "sns" {
			path += ".member"
		}
		for i, e := range value {
			if err := f.element(path+"."+strconv.Itoa(i+1), e); err != nil {
				return err
			}
		}
	case map[string]any:
		if !mapNames[name] {
			return f.element(path, value)
		}
		key, content := f.entryNames(name)
		if f.service == "sns" {
			path += ".entry"
		}
		n := 0
		for k, v := range value {
			n++
			at := path + "." + strconv.Itoa(n)
			f.values.Set(at+"."+key, k)
			if err := f.element(at+"."+content, v); err != nil {
				return err
			}
		}
	default:
		return f.element(path, value)
	}
	return nil
}

// mapNames are the parameters that are maps; other objects are structures.
var mapNames = map[string]bool{"Attributes": true, "MessageAttributes": true, "MessageSystemAttributes": true, "Tags": true, "tags": true}

// entryNames are the names of key and value in an entry of a map.
func (f form) entryNames(name string) (key, value string) {
	switch {
	case name == "Tags" || name == "tags":
		return "Key", "Value"
	case f.service == "sns" && name == "Attributes":
		return "key", "value"
	}
	return "Name", "Value"
}

func (f form) element(path string, value any) error {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if err := f.field(path+".", name, member); err != nil {
				return err
			}
		}
	case []any:
		return fmt.Errorf("%s is a list in a list, which a form cannot say", path)
	case nil: // as if it were not there
	default:
		text, _ := scalar(value)
		f.values.Set(path, text)
	}
	return nil
}

// An element is an element of an XML answer.
type element struct {
	XMLName  xml.Name
	Children []element `xml:",any"`
	Text     string    `xml:",chardata"`
}

func (e *element) child(name string) *element {
	for i := range e.Children {
		if e.Children[i].XMLName.Local == name {
			return &e.Children[i]
		}
	}
	return nil
}

func (e *element) text(names ...string) string {
	for _, name := range names {
		if c := e.child(name); c != nil {
			return c.Text
		}
	}
	return ""
}

// A shape is what an element that may be repeated is in JSON.
type shape struct {
	name  string
	isMap bool
}

// flat are SQS's elements that stand side by side.
func flat(action, name string) shape {
	switch name {
	case "Message":
		if action == "ReceiveMessage" {
			return shape{name: "Messages"}
		}
	case "QueueUrl":
		switch action {
		case "ListQueues":
			return shape{name: "QueueUrls"}
		case "ListDeadLetterSourceQueues":
			return shape{name: "queueUrls"}
		}
	case action + "ResultEntry":
		if action == "ListMessageMoveTasks" {
			return shape{name: "Results"}
		}
		return shape{name: "Successful"}
	case "BatchResultErrorEntry":
		return shape{name: "Failed"}
	case "Attribute":
		return shape{"Attributes", true}
	case "MessageAttribute":
		return shape{"MessageAttributes", true}
	case "Tag":
		return shape{"Tags", true}
	}
	return shape{}
}

// snsLists are SNS's elements that are lists even where they are empty.
var snsLists = map[string]bool{"Topics": true, "Subscriptions": true, "Successful": true, "Failed": true, "Tags": true}

// decode translates an element that has members to what JSON would have.
func (e *element) decode(service, action string) any {
	switch {
	case len(e.Children) > 0:
	case service == "sns" && snsLists[e.XMLName.Local]:
		return []any{}
	case service == "sns" && e.XMLName.Local == "Attributes", e.XMLName.Local == action+"Result":
		return map[string]any{}
	default:
		return e.Text
	}
	switch e.Children[0].XMLName.Local {
	case "member":
		var out []any
		for i := range e.Children {
			out = append(out, e.Children[i].decode(service, action))
		}
		return out
	case "entry":
		out := map[string]any{}
		for i := range e.Children {
			out[e.Children[i].text("key")] = e.Children[i].text("value")
		}
		return out
	}
	out := map[string]any{}
	for i := range e.Children {
		c := &e.Children[i]
		s := shape{}
		if service == "sqs" {
			s = flat(action, c.XMLName.Local)
		}
		switch {
		case s.isMap:
			members, _ := out[s.name].(map[string]any)
			if members == nil {
				members = map[string]any{}
				out[s.name] = members
			}
			value := c.child("Value")
			if value == nil {
				value = &element{}
			}
			members[c.text("Name", "Key")] = value.decode(service, action)
		case s.name != "":
			elements, _ := out[s.name].([]any)
			out[s.name] = append(elements, c.decode(service, action))
		default:
			out[c.XMLName.Local] = c.decode(service, action)
		}
	}
	return out
}
