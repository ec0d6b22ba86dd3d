// Package logfilter reads the filter patterns of CloudWatch Logs and matches log
// messages with them.
//
// A pattern of terms matches a message that contains them all:
//
//	ERROR "no money" -retry      both, but not retry
//	?ERROR ?WARN                 one of them
//	%[Tt]imeout%                 a regular expression
//
// A pattern in braces matches a message that is a JSON object for which it is true:
//
//	{ $.level = "ERR*" && ($.latency > 1.5e3 || $.items[0].id NOT EXISTS) }
//
// Patterns of space-delimited fields, in brackets, are not known here.
package logfilter

import (
	"errors"
	"fmt"
	"strings"
)

// ErrFields is returned for a pattern of space-delimited fields.
var ErrFields = errors.New("filter patterns of space-delimited fields, in brackets")

// errInvalid is what AWS says of what it cannot make sense of.
var errInvalid = errors.New("Invalid filter pattern") //nolint:staticcheck // AWS's own words, shown as they are

// invalidCharacter is what AWS says of a character that wants quotes around it.
func invalidCharacter(c string) error {
	return fmt.Errorf("Invalid character(s) in term '%s'", c) //nolint:staticcheck // AWS's own words, shown as they are
}

// A Pattern is a filter pattern. The zero Pattern matches everything.
type Pattern struct {
	terms []term
	json  condition // nil for a pattern of terms
}

// Parse reads a pattern. Its errors but for [ErrFields] are in AWS's words.
func Parse(text string) (Pattern, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return Pattern{}, nil
	case text[0] == '[':
		return Pattern{}, ErrFields
	case text[0] == '{':
		c, err := parseJSON(text)
		return Pattern{json: c}, err
	}
	terms, err := parseTerms(text)
	return Pattern{terms: terms}, err
}

// Match says whether a log message is one that the pattern is for.
func (p Pattern) Match(message string) bool {
	if p.json != nil {
		return matchJSON(p.json, message)
	}
	return matchTerms(p.terms, message)
}
