package policy

import (
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// An operator is how a condition compares.
type operator struct {
	family  family
	negated bool
	// how is the comparison within the family.
	how comparison
}

type family int

const (
	stringFamily family = iota
	arnFamily
	boolFamily
	numericFamily
	dateFamily
	addressFamily
	binaryFamily
	nullFamily
)

type comparison int

const (
	equal comparison = iota
	equalFold
	like
	less
	lessOrEqual
	greater
	greaterOrEqual
)

// operators has them by their names in lower case, without IfExists.
var operators = map[string]operator{
	"stringequals":              {stringFamily, false, equal},
	"stringnotequals":           {stringFamily, true, equal},
	"stringequalsignorecase":    {stringFamily, false, equalFold},
	"stringnotequalsignorecase": {stringFamily, true, equalFold},
	"stringlike":                {stringFamily, false, like},
	"stringnotlike":             {stringFamily, true, like},
	"arnequals":                 {arnFamily, false, like}, // which is the same as ArnLike
	"arnlike":                   {arnFamily, false, like},
	"arnnotequals":              {arnFamily, true, like},
	"arnnotlike":                {arnFamily, true, like},
	"bool":                      {boolFamily, false, equal},
	"numericequals":             {numericFamily, false, equal},
	"numericnotequals":          {numericFamily, true, equal},
	"numericlessthan":           {numericFamily, false, less},
	"numericlessthanequals":     {numericFamily, false, lessOrEqual},
	"numericgreaterthan":        {numericFamily, false, greater},
	"numericgreaterthanequals":  {numericFamily, false, greaterOrEqual},
	"dateequals":                {dateFamily, false, equal},
	"datenotequals":             {dateFamily, true, equal},
	"datelessthan":              {dateFamily, false, less},
	"datelessthanequals":        {dateFamily, false, lessOrEqual},
	"dategreaterthan":           {dateFamily, false, greater},
	"dategreaterthanequals":     {dateFamily, false, greaterOrEqual},
	"ipaddress":                 {addressFamily, false, equal},
	"notipaddress":              {addressFamily, true, equal},
	"binaryequals":              {binaryFamily, false, equal},
	"null":                      {nullFamily, false, equal},
}

// An operand is a value that a condition wants, as its operator needs it.
type operand struct {
	text   pattern
	number *big.Rat
	date   time.Time
	prefix netip.Prefix
	null   bool
}

func newOperand(o operator, text string, vars bool) (operand, error) {
	var ok bool
	v := operand{}
	switch o.family {
	case stringFamily:
		v.text = newPattern(text, vars)
		if o.how != like && !v.text.vars {
			v.text.tokens = literal(nil, text)
		}
		return v, nil
	case arnFamily:
		v.text = newPattern(text, vars)
		return v, nil
	case boolFamily, binaryFamily:
		v.text = pattern{text: text, tokens: literal(nil, text)}
		return v, nil
	case numericFamily:
		v.number, ok = number(text)
	case dateFamily:
		v.date, ok = date(text)
	case addressFamily:
		v.prefix, ok = prefix(text)
	case nullFamily:
		ok = strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
		v.null = strings.EqualFold(text, "true")
	}
	if !ok {
		return v, malformed("Invalid value %s in a condition", text) // AWS's words for it were not seen
	}
	return v, nil
}

// equals compares the value of a request with v, by o without its negation.
func (v *operand) equals(o operator, r *Request, value string) bool {
	switch o.family {
	case numericFamily:
		n, ok := number(value)
		return ok && compares(n.Cmp(v.number), o.how)
	case dateFamily:
		t, ok := date(value)
		return ok && compares(t.Compare(v.date), o.how)
	case addressFamily:
		a, err := netip.ParseAddr(value)
		return err == nil && v.prefix.Contains(a.Unmap())
	case nullFamily:
		return false // it asks for no value
	}
	tokens, known := v.text.resolve(r)
	if !known {
		return false
	}
	if o.family == arnFamily {
		return matchARN(tokens, value)
	}
	if v.text.vars && o.how != like {
		tokens = plain(tokens)
	}
	return match(tokens, value, o.how == equalFold || o.family == boolFamily)
}

// plain takes their meaning from wildcards, which only Like knows.
func plain(tokens []token) []token {
	for i, t := range tokens {
		switch t {
		case anyText:
			tokens[i] = '*'
		case anyByte:
			tokens[i] = '?'
		}
	}
	return tokens
}

func compares(order int, how comparison) bool {
	switch how {
	case less:
		return order < 0
	case lessOrEqual:
		return order <= 0
	case greater:
		return order > 0
	case greaterOrEqual:
		return order >= 0
	}
	return order == 0
}

// maxNumber is how long a number may be: one with an exponent could fill the memory.
const maxNumber = 40

func number(text string) (*big.Rat, bool) {
	if len(text) > maxNumber || strings.ContainsAny(text, "eEpPxX_/") {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// date reads the forms of ISO 8601 that AWS shows, and seconds since 1970.
func date(text string) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) > len("2006") {
		return time.Unix(seconds, 0), true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", time.DateOnly, "2006-01", "2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// prefix reads an address, or a range of them.
func prefix(text string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	p, err := a.Unmap().Prefix(a.Unmap().BitLen())
	return p, err == nil
}
