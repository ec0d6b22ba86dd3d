package filter

import (
	"fmt"
	"strings"
)

// A wildcard is {"wildcard": "a*b"}: the texts before, between and behind the
// asterisks, each of which stands for any characters or none.
type wildcard []string

// The most that SNS documents for wildcards: in a pattern, and the points of all
// fields.
const (
	maxWildcards      = 3
	maxWildcardPoints = 100
)

// parseWildcard reads a pattern, in which a backslash makes an asterisk or another
// backslash an ordinary character. What is wrong with it is said in Event Ruler's
// words, which counts bytes and a quotation mark before the first.
func parseWildcard(text string) (p wildcard, problem string) {
	var part strings.Builder
	for i := 0; i < len(text); i++ {
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch c := text[i]; {
		case c == '*' && next == '*':
			return nil, fmt.Sprintf("Consecutive wildcard characters at pos %d", i+1)
		case c == '*':
			p = append(p, part.String())
			part.Reset()
		case c == '\\' && (next == '*' || next == '\\'):
			part.WriteByte(next)
			i++
		case c == '\\':
			return nil, fmt.Sprintf("Invalid escape character at pos %d", i+1)
		default:
			part.WriteByte(c)
		}
	}
	return append(p, part.String()), ""
}

func (p wildcard) count() int { return len(p) - 1 }

// points is what the pattern adds to those of its field. The guide says "3 points
// each" of several wildcards; that they cost three together is its milder reading.
func (p wildcard) points() int {
	if p.count() > 1 {
		return 3
	}
	return 1
}

func (p wildcard) matches(value *node) bool {
	if value.kind != str {
		return false
	}
	first, last := p[0], p[len(p)-1]
	if p.count() == 0 {
		return value.text == first
	}
	rest, found := strings.CutPrefix(value.text, first)
	if !found {
		return false
	}
	rest, found = strings.CutSuffix(rest, last)
	for _, part := range p[1 : len(p)-1] {
		if found {
			_, rest, found = strings.Cut(rest, part)
		}
	}
	return found
}
