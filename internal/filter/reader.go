package filter

import (
	"slices"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects may stand in each other: what Jackson,
// which SNS reads JSON with, allows by default.
const maxDepth = 1000

// A want says which values of a document are worth keeping. The others are read
// only to see that they are JSON.
type want struct {
	all bool
	// rests are the ends of the wanted paths, from here on: "" is this value
	// itself, "a.b." its field a.b, or the field b of its field a.
	rests []string
}

func (w want) nothing() bool { return !w.all && len(w.rests) == 0 }

func (w want) scalar() bool { return w.all || slices.Contains(w.rests, "") }

func (w want) child(key string) want {
	if w.all {
		return w
	}
	var rests []string
	for _, rest := range w.rests {
		if under(rest, key) {
			rests = append(rests, rest[len(key)+1:])
		}
	}
	return want{rests: rests}
}

// under reports whether the path leads through the key.
func under(path, key string) bool {
	return len(path) > len(key) && path[len(key)] == '.' && path[:len(key)] == key
}

// A reader reads one JSON document. encoding/json would lose the order of keys
// and the way numbers are written, and says what is wrong in other words.
type reader struct {
	data  []byte
	pos   int
	depth int
}

// read returns what is wanted of a document, or nil if nothing is. The error is a
// *syntaxError.
func read(data []byte, w want) (*node, error) {
	r := &reader{data: data}
	if !utf8.Valid(data) {
		return nil, r.fail("Invalid UTF-8")
	}
	n, err := r.value(w)
	if err != nil {
		return nil, err
	}
	// Jackson would not look at what follows. Refusing it was not seen on AWS.
	if c, ok := r.next(); ok {
		return nil, r.unexpected(c, "was expecting end-of-input")
	}
	return n, nil
}

// next returns the byte that is next behind white space, without taking it.
func (r *reader) next() (byte, bool) {
	for ; r.pos < len(r.data); r.pos++ {
		switch c := r.data[r.pos]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c, true
		}
	}
	return 0, false
}

const expectedValue = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

func (r *reader) value(w want) (*node, error) {
	c, ok := r.next()
	switch {
	case !ok:
		return nil, r.fail("Unexpected end-of-input")
	case c == '{' || c == '[':
		r.depth++
		if r.depth > maxDepth {
			return nil, r.fail("Document nesting depth (%d) exceeds the maximum allowed (%d)", r.depth, maxDepth)
		}
		defer func() { r.depth-- }()
		if c == '{' {
			return r.object(w)
		}
		return r.array(w)
	case c == '"':
		text, err := r.string(w.scalar())
		return w.leaf(str, text, err)
	case c == '-' || isDigit(c):
		text, err := r.number()
		return w.leaf(number, text, err)
	case isWord(c):
		text, err := r.literal()
		return w.leaf(literal, text, err)
	}
	return nil, r.unexpected(c, "expected a valid value "+expectedValue)
}

func (w want) leaf(k kind, text string, err error) (*node, error) {
	if err != nil || !w.scalar() {
		return nil, err
	}
	return &node{kind: k, text: text}, nil
}

func (r *reader) object(w want) (*node, error) {
	start := r.pos
	r.pos++
	n := &node{kind: object}
	var places map[string]int
	for first := true; ; first = false {
		c, ok := r.next()
		switch {
		case !ok:
			return nil, r.unclosed("Object", start)
		case c == '}' && first:
			r.pos++
			return n.ifWanted(w), nil
		case c != '"':
			return nil, r.unexpected(c, "was expecting double-quote to start field name")
		}
		key, err := r.string(!w.nothing())
		if err != nil {
			return nil, err
		}
		if c, ok := r.next(); !ok || c != ':' {
			return nil, r.expected("was expecting a colon to separate field name and value", "Object", start)
		}
		r.pos++
		child := w
		if !w.nothing() {
			child = w.child(key)
		}
		item, err := r.value(child)
		if err != nil {
			return nil, err
		}
		if !child.nothing() {
			n.put(&places, key, item)
		}
		c, ok = r.next()
		switch {
		case ok && c == '}':
			r.pos++
			return n.ifWanted(w), nil
		case !ok || c != ',':
			return nil, r.expected("was expecting comma to separate Object entries", "Object", start)
		}
		r.pos++
	}
}

// put sets a field. Of two with the same key the last one counts, in the place of
// the first: a reader of the message sees no other either. It was not seen on AWS.
func (n *node) put(places *map[string]int, key string, item *node) {
	if i, found := (*places)[key]; found {
		n.items[i] = item
		return
	}
	if *places == nil {
		*places = map[string]int{}
	}
	(*places)[key] = len(n.items)
	n.keys = append(n.keys, key)
	n.items = append(n.items, item)
}

func (n *node) ifWanted(w want) *node {
	if w.nothing() {
		return nil
	}
	return n
}

func (r *reader) array(w want) (*node, error) {
	start := r.pos
	r.pos++
	n := &node{kind: array}
	if c, ok := r.next(); ok && c == ']' {
		r.pos++
		return n.ifWanted(w), nil
	}
	for {
		if _, ok := r.next(); !ok {
			return nil, r.unclosed("Array", start)
		}
		item, err := r.value(w)
		if err != nil {
			return nil, err
		}
		if item != nil {
			n.items = append(n.items, item)
		}
		c, ok := r.next()
		switch {
		case ok && c == ']':
			r.pos++
			return n.ifWanted(w), nil
		case !ok || c != ',':
			return nil, r.expected("was expecting comma to separate Array entries", "Array", start)
		}
		r.pos++
	}
}
