package compat

import (
	"strconv"
	"strings"

	"github.com/less-go/less/internal/schema"
)

// relation compares the types of two schemas, without what they contain: narrowed
// says that something was allowed and is not any more, widened the opposite.
func relation(o, n schema.Schema) (narrowed, widened bool) {
	switch {
	case o.Type == "" && n.Type == "":
		return false, false
	case o.Type == "":
		return true, false
	case n.Type == "":
		return false, true
	case o.Type == "integer" && n.Type == "number":
		return false, true
	case o.Type == "number" && n.Type == "integer":
		return true, false
	case o.Type != n.Type:
		return true, true
	}
	switch o.Type {
	case "string":
		return forms(o, n)
	case "integer":
		return !contains(n.Format, o.Format), !contains(o.Format, n.Format)
	case "number":
		rank := map[string]int{"float": 1, "double": 2, "": 3}
		return rank[n.Format] < rank[o.Format], rank[n.Format] > rank[o.Format]
	case "array":
		return lengths(o, n)
	case "object":
		different := (o.Values == nil) != (n.Values == nil) // a struct and a map
		return different, different
	}
	return false, false
}

// forms compares what a string must look like.
func forms(o, n schema.Schema) (narrowed, widened bool) {
	before, after := o.Format+o.Pattern+o.ContentEncoding, n.Format+n.Pattern+n.ContentEncoding
	switch {
	case before == after:
		return false, false
	case before == "":
		return true, false
	case after == "":
		return false, true
	}
	return true, true
}

// contains says whether each integer of format b is one of format a.
func contains(a, b string) bool {
	if a == "" || a == b { // any integer
		return true
	}
	if b == "" {
		return false
	}
	aBits, aSigned := integer(a)
	bBits, bSigned := integer(b)
	switch {
	case aSigned == bSigned:
		return aBits >= bBits
	case aSigned:
		return aBits > bBits
	}
	return false
}

func integer(format string) (bits int, signed bool) {
	digits, unsigned := strings.CutPrefix(format, "uint")
	if !unsigned {
		digits = strings.TrimPrefix(format, "int")
	}
	bits, _ = strconv.Atoi(digits)
	return bits, !unsigned
}

// lengths compares how long a list must and may be.
func lengths(o, n schema.Schema) (narrowed, widened bool) {
	const endless = 1 << 30
	low := func(s schema.Schema) int {
		if s.MinItems == nil {
			return 0
		}
		return *s.MinItems
	}
	high := func(s schema.Schema) int {
		if s.MaxItems == nil {
			return endless
		}
		return *s.MaxItems
	}
	return low(n) > low(o) || high(n) < high(o), low(n) < low(o) || high(n) > high(o)
}

// text says in words what a schema is.
func text(s *schema.Schema) string {
	k := s.Of()
	switch {
	case k.Type == "":
		return "anything"
	case len(k.Enum) > 0:
		return "one of " + values(k.Enum)
	case k.Type == "array" && k.MaxItems != nil:
		return "a list of at most " + strconv.Itoa(*k.MaxItems) + ": " + text(k.Items)
	case k.Type == "array":
		return "a list, each " + text(k.Items)
	case k.Type == "object" && k.Values != nil:
		return "a map, each " + text(k.Values)
	case k.Type == "object":
		return "an object"
	case k.ContentEncoding != "":
		return "base64 text"
	case k.Type == "string" && k.Pattern != "":
		return "text like " + k.Pattern
	}
	article := "a "
	if k.Type == "integer" {
		article = "an "
	}
	if k.Format != "" {
		return article + k.Type + " (" + k.Format + ")"
	}
	return article + k.Type
}
