package conformance_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// variables are the values that have a name.
type variables map[string]string

var reference = regexp.MustCompile(`\$(\$|[a-zA-Z_][a-zA-Z0-9_]*|\{[a-zA-Z_][a-zA-Z0-9_]*\})`)

// name returns the variable that s is a reference to and nothing else, or "".
func name(s string) string {
	if m := reference.FindString(s); m != s || m == "$$" {
		return ""
	}
	return strings.Trim(s, "${}")
}

// expand replaces the references in s.
func (v variables) expand(s string) (string, error) {
	var err error
	out := reference.ReplaceAllStringFunc(s, func(ref string) string {
		if ref == "$$" {
			return "$"
		}
		text, known := v[strings.Trim(ref, "${}")]
		if !known {
			err = fmt.Errorf("nothing was captured as %s", ref)
		}
		return text
	})
	return out, err
}

// input makes what can be encoded of a value, which is no pattern.
func (v variables) input(value any) (any, error) {
	switch value := value.(type) {
	case string:
		return v.expand(value)
	case list:
		if value.open {
			return nil, fmt.Errorf("... is for patterns")
		}
		out := make([]any, len(value.elements))
		for i, e := range value.elements {
			var err error
			if out[i], err = v.input(e); err != nil {
				return nil, err
			}
		}
		return out, nil
	case object:
		if value.open {
			return nil, fmt.Errorf("... is for patterns")
		}
		out := make(map[string]any, len(value.members))
		for key, member := range value.members {
			var err error
			if out[key], err = v.input(member); err != nil {
				return nil, err
			}
		}
		return out, nil
	case jsonText:
		in, err := v.input(value.value)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(in)
		return string(text), err
	case expression, unordered:
		return nil, fmt.Errorf("only a pattern can have this")
	}
	return value, nil
}

// A matcher compares patterns with decoded JSON, and captures.
type matcher struct {
	vars variables
	// texts says that numbers and booleans are strings in the answer, as in XML.
	texts bool
}

// match says at which place, below path, got does not match.
func (m matcher) match(path string, pattern, got any) error {
	mismatch := func(want any) error { return fmt.Errorf("%s is %s, want %s", path, show(got), show(want)) }
	switch pattern := pattern.(type) {
	case string:
		if n := name(pattern); n == "_" {
			return nil
		} else if _, bound := m.vars[n]; n != "" && !bound {
			text, ok := scalar(got)
			if !ok {
				return fmt.Errorf("%s is %s, which cannot be captured", path, show(got))
			}
			m.vars[n] = text
			return nil
		}
		want, err := m.vars.expand(pattern)
		if err != nil {
			return err
		}
		if text, ok := got.(string); !ok || text != want {
			return mismatch(want)
		}
	case expression:
		if text, ok := got.(string); !ok || !pattern.MatchString(text) {
			return mismatch("a match of /" + pattern.String() + "/")
		}
	case jsonText:
		text, _ := got.(string)
		decoded, err := decodeJSON([]byte(text))
		if err != nil {
			return mismatch("JSON")
		}
		return matcher{vars: m.vars}.match(path+" as JSON", pattern.value, decoded)
	case list:
		elements, ok := got.([]any)
		if !ok {
			return mismatch(pattern)
		}
		if len(elements) < len(pattern.elements) || len(elements) > len(pattern.elements) && !pattern.open {
			return fmt.Errorf("%s has %d elements, want %d: %s", path, len(elements), len(pattern.elements), show(got))
		}
		for i, want := range pattern.elements {
			if err := m.match(path+"["+strconv.Itoa(i)+"]", want, elements[i]); err != nil {
				return err
			}
		}
	case unordered:
		return m.unordered(path, pattern.elements, got)
	case object:
		return m.object(path, pattern, got)
	case nil:
		if got != nil {
			return mismatch(nil)
		}
	default: // a number or a boolean
		want, _ := scalar(pattern)
		text, _ := scalar(got)
		if _, isText := got.(string); text != want || isText != m.texts {
			return mismatch(pattern)
		}
	}
	return nil
}

func (m matcher) object(path string, pattern object, got any) error {
	members, ok := got.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is %s, want an object", path, show(got))
	}
	for _, key := range slices.Sorted(maps.Keys(pattern.members)) {
		member, found := members[key]
		if !found {
			return fmt.Errorf("%s has no %s: %s", path, key, show(got))
		}
		if err := m.match(path+"."+key, pattern.members[key], member); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if _, wanted := pattern.members[key]; !wanted && !pattern.open {
			return fmt.Errorf("%s has a %s, which AWS's has not: %s", path, key, show(members[key]))
		}
	}
	return nil
}

// unordered gives each pattern the first element that matches it and is left.
func (m matcher) unordered(path string, patterns []any, got any) error {
	elements, ok := got.([]any)
	if !ok || len(elements) != len(patterns) {
		return fmt.Errorf("%s is %s, want %d elements", path, show(got), len(patterns))
	}
	left := slices.Clone(elements)
	for i, pattern := range patterns {
		at := slices.IndexFunc(left, func(e any) bool {
			attempt := matcher{maps.Clone(m.vars), m.texts}
			if attempt.match(path, pattern, e) != nil {
				return false
			}
			maps.Copy(m.vars, attempt.vars)
			return true
		})
		if at < 0 {
			return fmt.Errorf("%s has nothing that matches the pattern %d, %s: %s", path, i+1, show(pattern), show(got))
		}
		left = slices.Delete(left, at, at+1)
	}
	return nil
}

// scalar returns v as text, if it is a string, a number or a boolean.
func scalar(v any) (string, bool) {
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

// MarshalJSON is for messages.
func (o object) MarshalJSON() ([]byte, error) { return json.Marshal(o.members) }

// MarshalJSON is for messages.
func (l list) MarshalJSON() ([]byte, error) { return json.Marshal(l.elements) }

// MarshalJSON is for messages.
func (t jsonText) MarshalJSON() ([]byte, error) { return json.Marshal(t.value) }

// MarshalJSON is for messages.
func (e expression) MarshalJSON() ([]byte, error) { return json.Marshal("/" + e.String() + "/") }

// show returns v for a message, not too long.
func show(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		text = fmt.Appendf(nil, "%v", v)
	}
	if len(text) > 600 {
		text = append(text[:600:600], "..."...)
	}
	return string(text)
}

// decodeJSON keeps numbers as they are written.
func decodeJSON(text []byte) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, fmt.Errorf("more than one JSON value")
	}
	return v, nil
}
