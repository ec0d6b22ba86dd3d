package bind

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// maxProblems bounds the answer to a body in which everything is wrong.
const maxProblems = 20

// bodyProblems decodes data into dst and returns what is wrong with it. Fields
// that are params are not the body's: what it says of them is no problem.
func bodyProblems(data []byte, dst reflect.Value, params []param) []Problem {
	t := dst.Type()
	isStruct := t.Kind() == reflect.Struct
	if isStruct && string(bytes.TrimSpace(data)) == "null" { // encoding/json would let it pass
		return []Problem{{Message: "the body is null, expected " + describe(t, true)}}
	}
	err := json.Unmarshal(data, dst.Addr().Interface())
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && !json.Valid(data) {
		return []Problem{{Message: "the body is not valid JSON at " + position(data, syntax.Offset) + ": " + syntax.Error()}}
	}
	var members map[string]json.RawMessage
	if !isStruct || reflect.PointerTo(t).Implements(unmarshalerType) || json.Unmarshal(data, &members) != nil {
		return []Problem{problem("", err)}
	}
	// encoding/json reports only the first value of a wrong type, though it
	// decodes the rest. So each member is tried by itself.
	var problems []Problem
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if len(problems) == maxProblems || slices.ContainsFunc(params, func(p param) bool { return strings.EqualFold(p.field, name) }) {
			continue
		}
		one, err := json.Marshal(map[string]json.RawMessage{name: members[name]})
		if err == nil {
			err = json.Unmarshal(one, reflect.New(t).Interface())
		}
		if err != nil {
			problems = append(problems, problem(name, err))
		}
	}
	return problems
}

// problem says in plain words what encoding/json found wrong with the member
// name, or with the whole body where name is empty.
func problem(name string, err error) Problem {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		if name == "" {
			return Problem{Message: "the body cannot be read: " + err.Error()}
		}
		return Problem{Field: name, Message: err.Error()}
	}
	found := wrong.Value
	if number, isNumber := strings.CutPrefix(found, "number "); isNumber {
		found = number
	} else if said, known := kinds[found]; known {
		found = said
	}
	expected := "expected " + describe(wrong.Type, true) + ", got " + found
	if name == "" && wrong.Field == "" {
		return Problem{Message: "the body: " + expected}
	}
	return Problem{Field: fieldPath(name, wrong.Field), Message: expected}
}

// kinds are the words for what encoding/json calls a value.
var kinds = map[string]string{
	"string": "a string",
	"number": "a number",
	"bool":   "true or false",
	"object": "an object",
	"array":  "a list",
}

// fieldPath returns path from the member name on. encoding/json begins with the
// structs that name is embedded in, which are no business of the sender.
func fieldPath(name, path string) string {
	if name == "" {
		return path
	}
	parts := strings.Split(path, ".")
	for i, part := range parts {
		if strings.EqualFold(part, name) {
			return strings.Join(append([]string{name}, parts[i+1:]...), ".")
		}
	}
	return name
}

// position says where the byte before offset is, which is the one encoding/json
// stumbled over, in lines and columns as an editor counts them.
func position(data []byte, offset int64) string {
	before := data[:max(0, min(int(offset)-1, len(data)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:]))) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}

// describe says what JSON or text a value of type t is made from: one, "a whole
// number", or several, "whole numbers".
func describe(t reflect.Type, one bool) string {
	say := func(singular, plural string) string {
		if one {
			return singular
		}
		return plural
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(unmarshalerType) || reflect.PointerTo(t).Implements(textUnmarshalerType) {
		if t.Kind() == reflect.Struct && t.PkgPath() == "time" && t.Name() == "Time" {
			return say("a time such as 2006-01-02T15:04:05Z", "times")
		}
		return say("a valid "+t.String(), "valid "+t.String()+"s")
	}
	switch t.Kind() {
	case reflect.String:
		return say("a string", "strings")
	case reflect.Bool:
		return say("true or false", "true or false")
	case reflect.Int8, reflect.Int16, reflect.Int32:
		limit := int64(1) << (t.Bits() - 1)
		return say(fmt.Sprintf("a whole number from %d to %d", -limit, limit-1), "whole numbers")
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return say(fmt.Sprintf("a whole number from 0 to %d", uint64(1)<<t.Bits()-1), "whole numbers")
	case reflect.Int, reflect.Int64:
		return say("a whole number", "whole numbers")
	case reflect.Uint, reflect.Uint64:
		return say("a whole number from 0 up", "whole numbers")
	case reflect.Float32, reflect.Float64:
		return say("a number", "numbers")
	case reflect.Slice, reflect.Array:
		if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
			return say("base64 text", "base64 texts")
		}
		return say("a list of "+describe(t.Elem(), false), "lists")
	case reflect.Struct, reflect.Map:
		return say("a JSON object", "objects")
	}
	return say("a "+t.String(), t.String()+"s")
}
