package filter

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"
)

// A node is a JSON value, of a policy or of a message.
type node struct {
	kind  kind
	text  string   // of a string, a number or a literal
	keys  []string // of an object: the keys of its items, each once
	items []*node

	quantity measure[quantity]
	addr     measure[netip.Addr]

	// Where the node stands in the text that layOut has written, as columns from 0.
	start, end int
}

// A measure is what a text means, found out when it is needed first: a message can
// have many values, and a policy many patterns for each.
type measure[T any] struct {
	value T
	ok    bool
	done  bool
}

func (m *measure[T]) of(text string, parse func(string) (T, bool)) (T, bool) {
	if !m.done {
		m.value, m.ok = parse(text)
		m.done = true
	}
	return m.value, m.ok
}

type kind int

const (
	literal kind = iota // true, false, null
	number
	str
	array
	object
)

// exists reports whether "exists" takes the value for one. SNS documents that it
// must not be null, and not be empty. That {"exists": false} matches those, so that
// a message passes one of the two, was not seen on AWS.
func (n *node) exists() bool {
	return (n.kind != literal || n.text != "null") && (n.kind != str || n.text != "")
}

func (n *node) isScalar() bool { return n.kind != array && n.kind != object }

// opened is the column at which SNS stands when it has seen that the node is
// there, and of what kind it is: behind the bracket, behind the quotation mark, or
// behind all of a number or a literal. It is counted from 1.
func (n *node) opened() int {
	if n.isScalar() && n.kind != str {
		return n.closed()
	}
	return n.start + 2
}

// closed is the column at which SNS stands when it has read the node.
func (n *node) closed() int { return n.end + 1 }

// after is the column at which SNS stands when it has looked for the item i of an
// object or an array, be it there or not.
func (n *node) after(i int) int {
	if i < len(n.items) {
		return n.items[i].opened()
	}
	return n.closed()
}

// token is how SNS shows the node without reading it.
func (n *node) token() string {
	switch n.kind {
	case array:
		return "["
	case object:
		return "{"
	}
	return n.text
}

// layOut writes the node without white space and tells every node in it where it
// stands.
func (n *node) layOut() string {
	var w layout
	w.node(n)
	return w.text.String()
}

type layout struct {
	text   strings.Builder
	column int // in UTF-16 code units
}

func (w *layout) write(s string) {
	w.text.WriteString(s)
	for _, r := range s {
		w.column++
		if r > 0xffff {
			w.column++
		}
	}
}

func (w *layout) node(n *node) {
	n.start = w.column
	switch n.kind {
	case str:
		w.quote(n.text)
	case array:
		w.write("[")
		for i, item := range n.items {
			if i > 0 {
				w.write(",")
			}
			w.node(item)
		}
		w.write("]")
	case object:
		w.write("{")
		for i, item := range n.items {
			if i > 0 {
				w.write(",")
			}
			w.quote(n.keys[i])
			w.write(":")
			w.node(item)
		}
		w.write("}")
	default:
		w.write(n.text)
	}
	n.end = w.column
}

// escapes are the characters that have a short escape in JSON.
var escapes = strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\b", `\b`, "\f", `\f`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

func (w *layout) quote(s string) {
	w.write(`"`)
	s = escapes.Replace(s)
	for {
		i := strings.IndexFunc(s, func(r rune) bool { return r < ' ' })
		if i < 0 {
			break
		}
		w.write(s[:i])
		r, size := utf8.DecodeRuneInString(s[i:])
		w.write(fmt.Sprintf(`\u%04X`, r))
		s = s[i+size:]
	}
	w.write(s)
	w.write(`"`)
}
