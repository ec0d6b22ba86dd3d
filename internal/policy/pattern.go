package policy

import (
	"encoding/json"
	"strings"
)

// A pattern is a text with the wildcards * and ?, and with variables where the
// document's version has them.
type pattern struct {
	text   string
	tokens []token
	vars   bool // variables are in it
}

// A token is a byte of a pattern that stands for itself, or one of those below.
type token int16

const (
	anyText token = -1 - iota // *
	anyByte                   // ?
)

func newPattern(text string, vars bool) pattern {
	if vars && strings.Contains(text, "${") {
		return pattern{text: text, vars: true}
	}
	return pattern{text: text, tokens: tokensOf(nil, text)}
}

func tokensOf(tokens []token, text string) []token {
	for i := range len(text) {
		switch c := text[i]; c {
		case '*':
			tokens = append(tokens, anyText)
		case '?':
			tokens = append(tokens, anyByte)
		default:
			tokens = append(tokens, token(c))
		}
	}
	return tokens
}

// literal adds text whose wildcards mean nothing.
func literal(tokens []token, text string) []token {
	for i := range len(text) {
		tokens = append(tokens, token(text[i]))
	}
	return tokens
}

// resolve returns the tokens of p for a request, or false where p has a variable that
// the request has no value for.
func (p pattern) resolve(r *Request) ([]token, bool) {
	if !p.vars {
		return p.tokens, true
	}
	var tokens []token
	rest := p.text
	for {
		before, after, found := strings.Cut(rest, "${")
		tokens = tokensOf(tokens, before)
		if !found {
			return tokens, true
		}
		name, after, closed := strings.Cut(after, "}")
		if !closed {
			return tokensOf(literal(tokens, "${"), name), true
		}
		value, known := r.variable(name)
		if !known {
			return nil, false
		}
		tokens, rest = literal(tokens, value), after
	}
}

// variable is the value of ${name} or ${name, 'default'}.
func (r *Request) variable(name string) (string, bool) {
	switch name {
	case "*", "?", "$":
		return name, true
	}
	name, fallback, hasFallback := strings.Cut(name, ",")
	// A key of several values has none that could stand in a text.
	if values := r.Context[strings.ToLower(strings.TrimSpace(name))]; len(values) == 1 {
		return values[0], true
	}
	fallback = strings.TrimSpace(fallback)
	if hasFallback && len(fallback) >= 2 && fallback[0] == '\'' && fallback[len(fallback)-1] == '\'' {
		return fallback[1 : len(fallback)-1], true
	}
	return "", false
}

// match says whether tokens match all of s. fold ignores case, of ASCII as in names.
func match(tokens []token, s string, fold bool) bool {
	at, star, tried := 0, -1, 0
	for i := 0; i < len(s); {
		switch {
		case at < len(tokens) && tokens[at] == anyText:
			star, tried = at, i
			at++
		case at < len(tokens) && (tokens[at] == anyByte || same(tokens[at], s[i], fold)):
			at++
			i++
		case star >= 0: // let the last * take one more
			tried++
			at, i = star+1, tried
		default:
			return false
		}
	}
	for at < len(tokens) && tokens[at] == anyText {
		at++
	}
	return at == len(tokens)
}

func same(t token, c byte, fold bool) bool {
	return t == token(c) || fold && t >= 0 && lower(byte(t)) == lower(c)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// matchARN says whether tokens match an ARN: each of its first five parts for itself,
// since a wildcard in one part does not reach into the next.
func matchARN(tokens []token, arn string) bool {
	if len(tokens) == 1 && tokens[0] == anyText {
		return true
	}
	for range 5 {
		end := -1
		for i, t := range tokens {
			if t == ':' {
				end = i
				break
			}
		}
		part, rest, found := strings.Cut(arn, ":")
		if end < 0 || !found {
			return match(tokens, arn, false)
		}
		if !match(tokens[:end], part, false) {
			return false
		}
		tokens, arn = tokens[end+1:], rest
	}
	return match(tokens, arn, false)
}

// patterns are the actions or the resources of a statement.
type patterns struct {
	list []pattern
	// except says that the statement is about all others.
	except bool
}

func (p *patterns) set(raw json.RawMessage, except, vars bool) error {
	if p.list != nil {
		return syntax() // Action and NotAction, or Resource and NotResource
	}
	values, err := texts(raw)
	if err != nil {
		return err
	}
	p.list, p.except = []pattern{}, except
	for _, v := range values {
		p.list = append(p.list, newPattern(v, vars))
	}
	return nil
}

// matches says whether the statement is about what matches says of each pattern. A
// variable without a value matches nothing, not even in the form of an exception.
func (p *patterns) matches(r *Request, matches func([]token) bool) bool {
	for _, one := range p.list {
		tokens, known := one.resolve(r)
		if !known {
			if p.except {
				return false
			}
			continue
		}
		if matches(tokens) {
			return !p.except
		}
	}
	return p.except
}
