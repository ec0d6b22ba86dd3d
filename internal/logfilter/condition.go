package logfilter

import (
	"strconv"
	"strings"
)

// A condition is true or false for a JSON object.
type condition interface{ holds(object any) bool }

type (
	allOf []condition // &&
	anyOf []condition // ||
)

func (c allOf) holds(object any) bool {
	for _, part := range c {
		if !part.holds(object) {
			return false
		}
	}
	return true
}

func (c anyOf) holds(object any) bool {
	for _, part := range c {
		if part.holds(object) {
			return true
		}
	}
	return false
}

// parseJSON reads a pattern in braces. && binds closer than ||.
func parseJSON(text string) (condition, error) {
	s := &scanner{rest: text[1:]}
	c, err := s.either()
	if err != nil {
		return nil, err
	}
	s.space()
	if s.rest != "}" {
		return nil, errInvalid
	}
	return c, nil
}

func (s *scanner) either() (condition, error) {
	var parts anyOf
	for {
		part, err := s.both()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		if s.space(); !s.skip("||") {
			return parts, nil
		}
	}
}

func (s *scanner) both() (condition, error) {
	var parts allOf
	for {
		part, err := s.single()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		if s.space(); !s.skip("&&") {
			return parts, nil
		}
	}
}

// single reads a comparison, or a condition in parentheses.
func (s *scanner) single() (condition, error) {
	s.space()
	if !s.skip("(") {
		return s.comparison()
	}
	c, err := s.either()
	if err != nil {
		return nil, err
	}
	if s.space(); !s.skip(")") {
		return nil, errInvalid
	}
	return c, nil
}

func (s *scanner) comparison() (condition, error) {
	at, err := s.selector()
	if err != nil {
		return nil, err
	}
	s.space()
	for _, op := range []string{"!=", "<=", ">=", "=", "<", ">"} {
		if s.skip(op) {
			s.space()
			return s.operand(at, op)
		}
	}
	word, err := s.word(isWord)
	if err != nil {
		return nil, err
	}
	s.space()
	switch strings.ToUpper(word) {
	case "EXISTS":
		return exists{at, true}, nil
	case "NOT":
		if word, err = s.word(isWord); err == nil && strings.EqualFold(word, "EXISTS") {
			return exists{at, false}, nil
		}
	case "IS":
		if word, err = s.word(isWord); err != nil {
			break
		}
		switch strings.ToUpper(word) {
		case "NULL":
			return is{at, nil}, nil
		case "TRUE":
			return is{at, true}, nil
		case "FALSE":
			return is{at, false}, nil
		}
	}
	if err == nil {
		err = errInvalid
	}
	return nil, err
}

// operand reads what a property is compared with.
func (s *scanner) operand(at selector, op string) (condition, error) {
	ordered := op != "=" && op != "!="
	switch {
	case strings.HasPrefix(s.rest, `"`) && !ordered:
		text, err := s.quoted()
		return textual{at, op == "=", wildcard(text)}, err
	case strings.HasPrefix(s.rest, "%") && !ordered:
		re, err := s.regexp()
		if err != nil {
			return nil, err
		}
		return textual{at, op == "=", re.MatchString}, nil
	}
	word, err := s.word(isValue)
	if err != nil {
		return nil, err
	}
	if number, ok := parseNumber(word); ok {
		return numeric{at, op, number, word}, nil
	}
	if ordered {
		return nil, errInvalid
	}
	return textual{at, op == "=", wildcard(word)}, nil
}

// isValue says which characters a value may have without quotes: those of words,
// of numbers, of addresses, and the wildcard.
func isValue(r rune) bool { return isWord(r) || strings.ContainsRune("+-.*", r) }

// parseNumber reads an integer, a decimal, or one of these with an exponent.
func parseNumber(s string) (float64, bool) {
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false // Go knows more numbers: 0x1p-2, Inf, 1_000
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// A selector is the way to a property: names, indexes, and "*" for any.
type selector []step

type step struct {
	name  string
	index int // of an array's element, where name is ""
}

const anyStep = "*"

// selector reads $.name[0].name.
func (s *scanner) selector() (selector, error) {
	if !s.skip("$") {
		_, err := s.word(func(rune) bool { return false })
		return nil, err
	}
	var steps selector
	for {
		switch {
		case s.skip(".*"), s.skip("[*]"), s.skip(".[*]"):
			steps = append(steps, step{name: anyStep})
		case s.skip("."):
			end := strings.IndexFunc(s.rest, func(r rune) bool { return !isWord(r) && r != '-' })
			if end <= 0 {
				return nil, invalidCharacter("$.")
			}
			steps = append(steps, step{name: s.rest[:end]})
			s.rest = s.rest[end:]
		case s.skip("["):
			digits, rest, closed := strings.Cut(s.rest, "]")
			index, err := strconv.Atoi(digits)
			if !closed || err != nil || index < 0 {
				return nil, errInvalid
			}
			steps = append(steps, step{index: index})
			s.rest = rest
		case len(steps) == 0:
			return nil, errInvalid
		default:
			return steps, nil
		}
	}
}
