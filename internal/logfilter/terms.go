package logfilter

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A kind says what a term demands.
type kind int

const (
	required kind = iota
	excluded      // -term
	optional      // ?term
)

// A term is a word, a phrase or a regular expression.
type term struct {
	kind   kind
	text   string
	regexp *regexp.Regexp // nil for a text
}

// in says whether the message has the term. A word is found inside of a longer
// one too: ERROR in ERRORCODE.
func (t term) in(message string) bool {
	if t.regexp != nil {
		return t.regexp.MatchString(message)
	}
	return strings.Contains(message, t.text)
}

// matchTerms: all that is required, nothing that is excluded and, if there are
// any, one of the optional ones. AWS advises against optional terms beside others
// and says that they are ignored then, which this is, beside required ones.
func matchTerms(terms []term, message string) bool {
	var needed, found, sure bool
	for _, t := range terms {
		has := t.in(message)
		switch t.kind {
		case required:
			sure = true
			if !has {
				return false
			}
		case excluded:
			if has {
				return false
			}
		case optional:
			needed = true
			found = found || has
		}
	}
	return sure || !needed || found
}

func parseTerms(text string) ([]term, error) {
	s := scanner{rest: text}
	var terms []term
	for s.space(); s.rest != ""; s.space() {
		var t term
		switch {
		case s.skip("-"):
			t.kind = excluded
			s.space()
		case s.skip("?"):
			t.kind = optional
		}
		var err error
		switch {
		case strings.HasPrefix(s.rest, `"`):
			t.text, err = s.quoted()
		case strings.HasPrefix(s.rest, "%"):
			t.regexp, err = s.regexp()
		default:
			t.text, err = s.word(isWord)
		}
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
	}
	return terms, nil
}

// A scanner takes a pattern apart.
type scanner struct {
	rest    string
	regexps int
}

func (s *scanner) space() { s.rest = strings.TrimLeftFunc(s.rest, unicode.IsSpace) }

// skip takes prefix, if it is next.
func (s *scanner) skip(prefix string) (ok bool) {
	s.rest, ok = strings.CutPrefix(s.rest, prefix)
	return ok
}

// isWord says which characters a term may have without quotes. That letters of
// any script are letters was not seen on AWS.
func isWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// word takes characters up to one that ends a word, and refuses those that want
// quotes.
func (s *scanner) word(allowed func(rune) bool) (string, error) {
	end := strings.IndexFunc(s.rest, func(r rune) bool { return !allowed(r) })
	if end < 0 {
		end = len(s.rest)
	}
	word := s.rest[:end]
	if r, size := utf8.DecodeRuneInString(s.rest[end:]); size > 0 && !unicode.IsSpace(r) && !strings.ContainsRune(")}=!<>&|", r) {
		return "", invalidCharacter(s.rest[end : end+size])
	}
	if word == "" {
		if s.rest == "" {
			return "", errInvalid
		}
		_, size := utf8.DecodeRuneInString(s.rest)
		return "", invalidCharacter(s.rest[:size])
	}
	s.rest = s.rest[end:]
	return word, nil
}

// quoted takes a text in quotes, in which a backslash goes before a quote or
// another backslash.
func (s *scanner) quoted() (string, error) {
	var b strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			s.rest = s.rest[i+1:]
			return b.String(), nil
		case c == '\\' && i+1 < len(s.rest) && (s.rest[i+1] == '"' || s.rest[i+1] == '\\'):
			i++
			b.WriteByte(s.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", errInvalid
}

// maxRegexps is how many regular expressions a pattern may have.
const maxRegexps = 2

// regexp takes a regular expression between percent signs, which may have only a
// part of what others have.
func (s *scanner) regexp() (*regexp.Regexp, error) {
	text, rest, closed := strings.Cut(s.rest[1:], "%")
	s.regexps++
	if !closed || text == "" || s.regexps > maxRegexps {
		return nil, errInvalid
	}
	for _, r := range text {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune(`:_#=@/;,-^$?[]{}|\*+.`, r) {
			return nil, invalidCharacter(string(r))
		}
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return nil, errInvalid
	}
	s.rest = rest
	return compiled, nil
}
