package filter_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/less-go/less/internal/filter"
)

// naive is a second implementation of MatchBody, for policies that Parse accepts.
// It takes a body apart into all its values and tries each for each field of a
// policy. What a single value matches it asks the first implementation. It reports
// false for what it cannot do, or only in ages.
func naive(policy, body string) (match, ok bool) {
	var root map[string]any
	if policy == "" || json.Unmarshal([]byte(policy), &root) == nil && len(root) == 0 {
		return true, true
	}
	var document any
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if !json.Valid([]byte(body)) || !utf8.ValidString(body) || nesting(body) > 1000 || d.Decode(&document) != nil {
		return false, nesting(body) <= 1000
	}
	object, isObject := document.(map[string]any)
	if !isObject {
		return false, true
	}
	var all occurrences
	all.object(object, "", map[int]int{})
	alternatives, ok := naiveRules(root, "")
	if !ok || len(all.list) > 50 {
		return false, false
	}
	return slices.ContainsFunc(alternatives, func(fields map[string]json.RawMessage) bool {
		paths := make([]string, 0, len(fields))
		for path := range fields {
			paths = append(paths, path)
		}
		return all.choose(paths, fields, map[int]int{})
	}), true
}

// An occurrence is a value of a body, with the elements of arrays that lead to it.
type occurrence struct {
	path  string
	value any
	in    map[int]int // array: element
}

type occurrences struct {
	list   []occurrence
	arrays int
}

func (o *occurrences) object(object map[string]any, path string, in map[int]int) {
	for key, value := range object {
		o.value(value, path+"."+key, in)
	}
}

func (o *occurrences) value(value any, path string, in map[int]int) {
	switch value := value.(type) {
	case map[string]any:
		o.object(value, path, in)
	case []any:
		o.arrays++
		array := o.arrays
		for i, element := range value {
			with := maps.Clone(in)
			with[array] = i
			o.value(element, path, with)
		}
	default:
		o.list = append(o.list, occurrence{path, value, in})
	}
}

// choose reports whether there is a value for each of the paths, such that no two
// are in different elements of one array.
func (o *occurrences) choose(paths []string, fields map[string]json.RawMessage, chosen map[int]int) bool {
	if len(paths) == 0 {
		return true
	}
	path, found := paths[0], false
	for _, candidate := range o.list {
		if candidate.path != path {
			continue
		}
		found = found || candidate.value != nil && candidate.value != ""
		with, fits := merge(chosen, candidate.in)
		if fits && matchesOne(fields[path], candidate.value) && o.choose(paths[1:], fields, with) {
			return true
		}
	}
	return !found && mayBeAbsent(fields[path]) && o.choose(paths[1:], fields, chosen)
}

func merge(a, b map[int]int) (map[int]int, bool) {
	out := maps.Clone(a)
	for k, v := range b {
		if other, found := out[k]; found && other != v {
			return nil, false
		}
		out[k] = v
	}
	return out, true
}

// matchesOne asks the first implementation, but not whether the value is absent.
func matchesOne(patterns json.RawMessage, value any) bool {
	var list []json.RawMessage
	json.Unmarshal(patterns, &list)
	list = slices.DeleteFunc(list, isAbsence)
	if len(list) == 0 {
		return false
	}
	policy, _ := json.Marshal(map[string]any{"k": list})
	body, _ := json.Marshal(map[string]any{"k": value})
	p, err := filter.Parse(policy, filter.MessageBody)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", policy, err))
	}
	return p.MatchBody(body)
}

func mayBeAbsent(patterns json.RawMessage) bool {
	var list []json.RawMessage
	json.Unmarshal(patterns, &list)
	return slices.ContainsFunc(list, isAbsence)
}

func isAbsence(pattern json.RawMessage) bool {
	var expression struct {
		Exists *bool `json:"exists"`
	}
	return json.Unmarshal(pattern, &expression) == nil && expression.Exists != nil && !*expression.Exists
}

// naiveRules multiplies the alternatives of a policy out. It reports false if two
// fields have one path: which of them counts is a question of their order.
func naiveRules(object map[string]any, path string) (rules []map[string]json.RawMessage, ok bool) {
	rules = []map[string]json.RawMessage{{}}
	for key, value := range object {
		var factors []map[string]json.RawMessage
		switch value := value.(type) {
		case map[string]any:
			factors, ok = naiveRules(value, path+"."+key)
			if !ok {
				return nil, false
			}
		case []any:
			if key != "$or" || !isChoice(value) {
				var text bytes.Buffer
				e := json.NewEncoder(&text)
				e.SetEscapeHTML(false)
				e.Encode(value)
				factors = []map[string]json.RawMessage{{path + "." + key: text.Bytes()}}
				break
			}
			for _, alternative := range value {
				more, ok := naiveRules(alternative.(map[string]any), path)
				if !ok {
					return nil, false
				}
				factors = append(factors, more...)
			}
		}
		var product []map[string]json.RawMessage
		for _, a := range rules {
			for _, b := range factors {
				both := maps.Clone(a)
				for k, v := range b {
					if _, twice := both[k]; twice {
						return nil, false
					}
					both[k] = v
				}
				product = append(product, both)
			}
		}
		rules = product
	}
	return rules, true
}

func isChoice(list []any) bool {
	operators := []string{
		"exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr",
		"=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-on-or-after",
		"date-before", "date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range",
	}
	for _, item := range list {
		object, ok := item.(map[string]any)
		if !ok {
			return false
		}
		for key := range object {
			if slices.Contains(operators, key) {
				return false
			}
		}
	}
	return len(list) > 1
}
