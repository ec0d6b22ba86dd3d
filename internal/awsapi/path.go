package awsapi

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// The names of a form are paths, and its fields a tree that nobody has to build:
// those below one path are a part of the form, once they stand together, and are
// looked at from where the rest of their names begins. Clients send them so that
// they do; what they send in another order is sorted.

// part returns the part of the pair's name that begins at start, and where the
// next one begins: past the end where there is none.
func (p *pair) part(start int) (part string, next int) {
	if p.ends(start) {
		return "", start
	}
	rest := p.name[start:]
	if dot := strings.IndexByte(rest, '.'); dot >= 0 {
		return rest[:dot], start + dot + 1
	}
	return rest, len(p.name) + 1
}

// ends says that the pair's name is over before start.
func (p *pair) ends(start int) bool { return start > len(p.name) }

// run returns the fields that f begins with that have the same part at start.
func (f form) run(start int) (run form, part string, next int) {
	part, next = f[0].part(start)
	n := 1
	for ; n < len(f); n++ {
		if other, _ := f[n].part(start); other != part {
			break
		}
	}
	return f[:n], part, next
}

// group sorts f where fields with the same part at start do not stand together.
func (f form) group(start int) {
	var seen [32]string
	n := 0
	for rest := f; len(rest) > 0; n++ {
		run, part, _ := rest.run(start)
		if n == len(seen) || slices.Contains(seen[:n], part) {
			slices.SortStableFunc(f, func(a, b pair) int {
				x, _ := a.part(start)
				y, _ := b.part(start)
				return cmp.Compare(x, y)
			})
			return
		}
		seen[n] = part
		rest = rest[len(run):]
	}
}

// below returns the fields whose part at start is the first of names that there
// is, and where their next part begins. f is grouped.
func (f form) below(start int, names ...string) (below form, next int) {
	for _, name := range names {
		for rest := f; len(rest) > 0; {
			run, part, next := rest.run(start)
			if part == name && !run[0].ends(start) {
				return run, next
			}
			rest = rest[len(run):]
		}
	}
	return nil, start
}

// value returns the value of the field that ends before start, or "".
func (f form) value(start int) string {
	for i := range f {
		if f[i].ends(start) {
			return f[i].value
		}
	}
	return ""
}

// elements returns the fields of a list's or map's elements, which are numbered
// 1, 2, ... in their order, whether they are called X.1 or, as in SNS, X.member.1
// or X.entry.1. It sets their numbers and counts the elements.
func (f form) elements(start int) (elements form, next, count int) {
	f.group(start)
	if wrapped, next := f.below(start, "member", "entry"); wrapped != nil {
		f, start = wrapped, next
	}
	sorted := true
	for i := range f {
		part, _ := f[i].part(start)
		f[i].number = number(part)
		sorted = sorted && (i == 0 || f[i-1].number <= f[i].number)
	}
	if !sorted {
		slices.SortStableFunc(f, func(a, b pair) int { return cmp.Compare(a.number, b.number) })
	}
	for len(f) > 0 && f[0].number < 0 {
		f = f[1:]
	}
	for i := range f {
		if i == 0 || f[i-1].number != f[i].number {
			count++
		}
	}
	return f, start, count
}

// element splits f into the fields of its first element and the rest.
func (f form) element() (element, rest form) {
	n := 1
	for n < len(f) && f[n].number == f[0].number {
		n++
	}
	return f[:n], f[n:]
}

// number returns the number that part is, or -1.
func number(part string) int {
	n, err := strconv.ParseUint(part, 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}
