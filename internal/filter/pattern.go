package filter

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A pattern is one of the values that a policy lists for a key. The value it is
// given is a string, a number or a literal of the message.
type pattern interface {
	matches(value *node) bool
}

// An exactly is a string, true, false or null.
type exactly struct {
	kind kind
	text string
}

func (p exactly) matches(value *node) bool { return value.kind == p.kind && value.text == p.text }

// An amount is a number, which matches another way to write it. A number that SNS
// cannot compare, such as an account id, matches what is written like it.
type amount struct {
	text  string
	value quantity
	ok    bool
}

func (p amount) matches(value *node) bool {
	if value.kind != number {
		return false
	}
	if q, ok := value.quantity.of(value.text, parseQuantity); ok && p.ok {
		return q == p.value
	}
	return value.text == p.text
}

func (p amount) float() float64 {
	f, _ := strconv.ParseFloat(p.text, 64) // ±Inf is what compares right
	return f
}

// An existence is {"exists": true} or {"exists": false}. The latter matches no
// value; that there is none is seen by the rule.
type existence bool

func (p existence) matches(value *node) bool { return bool(p) && value.exists() }

// A prefix is {"prefix": "a"}.
type prefix string

func (p prefix) matches(value *node) bool {
	return value.kind == str && strings.HasPrefix(value.text, string(p))
}

// A suffix is {"suffix": "a"}.
type suffix string

func (p suffix) matches(value *node) bool {
	return value.kind == str && strings.HasSuffix(value.text, string(p))
}

// A folded is {"equals-ignore-case": "a"}. It compares each character with the
// upper and the lower form of the policy's, as Event Ruler does.
type folded string

func (p folded) matches(value *node) bool {
	if value.kind != str {
		return false
	}
	rest := value.text
	for _, want := range string(p) {
		got, size := utf8.DecodeRuneInString(rest)
		if size == 0 || got != want && got != unicode.ToLower(want) && got != unicode.ToUpper(want) {
			return false
		}
		rest = rest[size:]
	}
	return rest == ""
}

// A between is {"numeric": [">", 1, "<=", 2]} or a part of it.
type between struct {
	bottom, top         quantity
	openBottom, openTop bool
}

func (p between) matches(value *node) bool {
	if value.kind != number {
		return false
	}
	q, ok := value.quantity.of(value.text, parseQuantity)
	return ok && (q > p.bottom || q == p.bottom && !p.openBottom) && (q < p.top || q == p.top && !p.openTop)
}

// A network is {"cidr": "10.0.0.0/24"}, or a string that is an address and so
// matches any way to write it. No address of four bytes is between two of sixteen.
type network struct {
	first, last netip.Addr
}

func (p network) matches(value *node) bool {
	if value.kind != str {
		return false
	}
	addr, ok := value.addr.of(value.text, parseAddr)
	return ok && p.first.Compare(addr) <= 0 && addr.Compare(p.last) <= 0
}

// A noneOf is {"anything-but": ["a", "b"]}: it matches every value but these, of
// whatever kind it is. The list can be long: SNS counts it as one value.
type noneOf struct {
	texts      map[string]bool
	quantities map[quantity]bool
}

func (p noneOf) matches(value *node) bool {
	switch value.kind {
	case str:
		return !p.texts[value.text]
	case number:
		q, ok := value.quantity.of(value.text, parseQuantity)
		return !ok || !p.quantities[q]
	}
	return true
}

// A not is {"anything-but": {"prefix": "a"}}, with a suffix, or with a wildcard.
type not struct{ pattern }

func (p not) matches(value *node) bool { return !p.pattern.matches(value) }
