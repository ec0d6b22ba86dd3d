package logfilter

import (
	"encoding/json"
	"strconv"
	"strings"
)

// matchJSON says whether the message is a JSON object for which c is true.
func matchJSON(c condition, message string) bool {
	message = strings.TrimSpace(message)
	if !strings.HasPrefix(message, "{") || !json.Valid([]byte(message)) {
		return false
	}
	decoder := json.NewDecoder(strings.NewReader(message))
	decoder.UseNumber()
	var object map[string]any
	return decoder.Decode(&object) == nil && c.holds(object)
}

// find calls yield for each value that the selector means in v, as long as that
// returns false, and reports whether it has returned true.
func (s selector) find(v any, yield func(v any) bool) bool {
	if len(s) == 0 {
		return yield(v)
	}
	first, rest := s[0], s[1:]
	switch v := v.(type) {
	case map[string]any:
		if first.name == anyStep {
			for _, value := range v {
				if rest.find(value, yield) {
					return true
				}
			}
			return false
		}
		value, found := v[first.name]
		return first.name != "" && found && rest.find(value, yield)
	case []any:
		if first.name == anyStep {
			for _, value := range v {
				if rest.find(value, yield) {
					return true
				}
			}
			return false
		}
		return first.name == "" && first.index < len(v) && rest.find(v[first.index], yield)
	}
	return false
}

// exists says that there is such a property, or is none. null is a value too.
type exists struct {
	at   selector
	want bool
}

func (c exists) holds(object any) bool {
	return c.at.find(object, func(any) bool { return true }) == c.want
}

// is compares with null, true or false.
type is struct {
	at    selector
	value any
}

func (c is) holds(object any) bool {
	return c.at.find(object, func(v any) bool {
		switch v.(type) {
		case nil, bool:
			return v == c.value
		}
		return false
	})
}

// textual compares the text of a value. Like every comparison it is false where
// the property is not there, or is null, an object or an array.
type textual struct {
	at    selector
	equal bool // or not
	match func(string) bool
}

func (c textual) holds(object any) bool {
	return c.at.find(object, func(v any) bool {
		text, ok := textOf(v)
		return ok && c.match(text) == c.equal
	})
}

func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// wildcard returns what matches text, in which an asterisk at the beginning or
// the end stands for anything.
func wildcard(text string) func(string) bool {
	middle, before := strings.CutPrefix(text, "*")
	middle, after := strings.CutSuffix(middle, "*")
	switch {
	case before && after:
		return func(s string) bool { return strings.Contains(s, middle) }
	case before:
		return func(s string) bool { return strings.HasSuffix(s, middle) }
	case after:
		return func(s string) bool { return strings.HasPrefix(s, middle) }
	}
	return func(s string) bool { return s == text }
}

// numeric compares a number. A text is equal to it when it is written like it,
// and neither less nor greater.
type numeric struct {
	at     selector
	op     string
	number float64
	text   string
}

func (c numeric) holds(object any) bool {
	return c.at.find(object, func(v any) bool {
		number, ok := v.(json.Number)
		if !ok {
			text, ok := textOf(v)
			return ok && (c.op == "=" && text == c.text || c.op == "!=" && text != c.text)
		}
		f, err := number.Float64()
		if err != nil {
			return false // beyond what a float can be
		}
		switch c.op {
		case "=":
			return f == c.number
		case "!=":
			return f != c.number
		case "<":
			return f < c.number
		case "<=":
			return f <= c.number
		case ">":
			return f > c.number
		}
		return f >= c.number
	})
}
