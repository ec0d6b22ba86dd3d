package conformance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A value is nil, a bool, a json.Number, a string, a list, an object, or one of
// the following, as far as they are allowed where it stands.
type (
	list struct {
		elements []any
		open     bool // others may follow
	}
	object struct {
		members map[string]any
		open    bool // others may be there
	}
	// jsonText is a string with JSON in it.
	jsonText struct{ value any }
	// expression is a string that matches.
	expression struct{ *regexp.Regexp }
	// unordered is a list in any order.
	unordered struct{ elements []any }
)

// Limits on what a file can make of a few characters.
const (
	maxString   = 8 << 20
	maxElements = 1000
	maxDepth    = 40
)

// A parser reads values from a line.
type parser struct {
	text  string // what is left
	depth int
	size  int // bytes and elements made by repetition
}

// parseValue reads one value that is all of text.
func parseValue(text string) (any, error) {
	p := &parser{text: text}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.space(); p.text != "" {
		return nil, fmt.Errorf("%.20q follows the value", p.text)
	}
	return v, nil
}

func (p *parser) space() { p.text = strings.TrimLeft(p.text, " \t\n") }

// next removes prefix, and reports whether it was there.
func (p *parser) next(prefix string) bool {
	p.space()
	rest, found := strings.CutPrefix(p.text, prefix)
	if found {
		p.text = rest
	}
	return found
}

// word removes a name and returns it, or "".
func (p *parser) word() string {
	p.space()
	n := 0
	for n < len(p.text) && (p.text[n] == '_' || p.text[n] >= 'a' && p.text[n] <= 'z' || p.text[n] >= 'A' && p.text[n] <= 'Z') {
		n++
	}
	w := p.text[:n]
	p.text = p.text[n:]
	return w
}

var errValue = errors.New("a value is missing")

func (p *parser) value() (any, error) {
	p.space()
	if p.text == "" {
		return nil, errValue
	}
	if p.depth++; p.depth > maxDepth {
		return nil, errors.New("the value is too deep")
	}
	defer func() { p.depth-- }()
	switch c := p.text[0]; {
	case c == '"' || c == '`':
		return p.repeatedString()
	case c == '{':
		return p.object()
	case c == '[':
		return p.list()
	case c == '/':
		return p.expression()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	switch w := p.word(); w {
	case "true", "false":
		return w == "true", nil
	case "null":
		return nil, nil
	case "json":
		v, err := p.value()
		return jsonText{v}, err
	case "unordered":
		if p.space(); !strings.HasPrefix(p.text, "[") {
			return nil, errors.New("a list must follow unordered")
		}
		v, err := p.list()
		if err != nil {
			return nil, err
		}
		if v.open {
			return nil, errors.New("an unordered list cannot be open")
		}
		return unordered{v.elements}, nil
	default:
		return nil, fmt.Errorf("%.20q is no value", w+p.text)
	}
}

func (p *parser) number() (any, error) {
	n := 1
	for n < len(p.text) && strings.IndexByte("0123456789.eE+-", p.text[n]) >= 0 {
		n++
	}
	number := p.text[:n]
	if !json.Valid([]byte(number)) {
		return nil, fmt.Errorf("%q is no number", number)
	}
	p.text = p.text[n:]
	return json.Number(number), nil
}

// times reads "* 11", and is 1 where there is none.
func (p *parser) times(size, limit int) (int, error) {
	if !p.next("*") {
		return 1, nil
	}
	p.space()
	n := 0
	for n < len(p.text) && n < 8 && p.text[n] >= '0' && p.text[n] <= '9' {
		n++
	}
	times, err := strconv.Atoi(p.text[:n])
	if err != nil {
		return 0, errors.New("a number must follow *")
	}
	if p.size += times * size; p.size > limit {
		return 0, errors.New("the value is too large")
	}
	p.text = p.text[n:]
	return times, nil
}

func (p *parser) repeatedString() (any, error) {
	s, err := p.string()
	if err != nil {
		return nil, err
	}
	times, err := p.times(len(s), maxString)
	if err != nil {
		return nil, err
	}
	return strings.Repeat(s, times), nil
}

func (p *parser) string() (string, error) {
	if p.text == "" || p.text[0] != '"' && p.text[0] != '`' {
		return "", errors.New("a string is missing")
	}
	quote := p.text[0]
	n := 1
	for n < len(p.text) && p.text[n] != quote {
		if quote == '"' && p.text[n] == '\\' {
			n++
		}
		n++
	}
	if n >= len(p.text) {
		return "", errors.New("a string does not end")
	}
	literal := p.text[:n+1]
	p.text = p.text[n+1:]
	if !utf8.ValidString(literal) {
		return "", errors.New("a string is not UTF-8")
	}
	if quote == '`' {
		return literal[1:n], nil
	}
	var s string
	if err := json.Unmarshal([]byte(literal), &s); err != nil {
		return "", fmt.Errorf("the string %.20s: %w", literal, err)
	}
	return s, nil
}

// expression reads /regexp/, in which \/ is a slash.
func (p *parser) expression() (any, error) {
	n := 1
	for n < len(p.text) && p.text[n] != '/' {
		if p.text[n] == '\\' {
			n++
		}
		n++
	}
	if n >= len(p.text) {
		return nil, errors.New("a regular expression does not end")
	}
	re, err := regexp.Compile(strings.ReplaceAll(p.text[1:n], `\/`, "/"))
	if err != nil {
		return nil, err
	}
	p.text = p.text[n+1:]
	return expression{re}, nil
}

// separator reads the comma before another element, or the end.
func (p *parser) separator(end string) (ended bool, err error) {
	if p.next(end) {
		return true, nil
	}
	if !p.next(",") {
		return false, fmt.Errorf("a comma or %s is missing before %.20q", end, p.text)
	}
	return false, nil
}

func (p *parser) list() (list, error) {
	p.next("[")
	l := list{elements: []any{}}
	for ended := p.next("]"); !ended; {
		if p.next("...") {
			l.open = true
			if !p.next("]") {
				return l, errors.New("the list must end after ...")
			}
			return l, nil
		}
		v, err := p.value()
		if err != nil {
			return l, err
		}
		times, err := p.times(1, maxElements)
		if err != nil {
			return l, err
		}
		if times == 1 {
			l.elements = append(l.elements, v)
		} else {
			for i := range times {
				l.elements = append(l.elements, numbered(v, strconv.Itoa(i+1)))
			}
		}
		if ended, err = p.separator("]"); err != nil {
			return l, err
		}
	}
	return l, nil
}

func (p *parser) object() (object, error) {
	p.next("{")
	o := object{members: map[string]any{}}
	for ended := p.next("}"); !ended; {
		if p.next("...") {
			o.open = true
			if !p.next("}") {
				return o, errors.New("the object must end after ...")
			}
			return o, nil
		}
		p.space()
		key, err := p.string()
		if err != nil {
			return o, err
		}
		if _, twice := o.members[key]; twice {
			return o, fmt.Errorf("the key %q is there twice", key)
		}
		if !p.next(":") {
			return o, fmt.Errorf("a colon is missing after %q", key)
		}
		if o.members[key], err = p.value(); err != nil {
			return o, err
		}
		if ended, err = p.separator("}"); err != nil {
			return o, err
		}
	}
	return o, nil
}

// numbered returns a copy of v with number for every # in its strings.
func numbered(v any, number string) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, "#", number)
	case list:
		return list{numberedAll(v.elements, number), v.open}
	case unordered:
		return unordered{numberedAll(v.elements, number)}
	case jsonText:
		return jsonText{numbered(v.value, number)}
	case object:
		o := object{make(map[string]any, len(v.members)), v.open}
		for key, member := range v.members {
			o.members[strings.ReplaceAll(key, "#", number)] = numbered(member, number)
		}
		return o
	}
	return v
}

func numberedAll(values []any, number string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = numbered(v, number)
	}
	return out
}
