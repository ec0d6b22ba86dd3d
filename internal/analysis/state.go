package analysis

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// A state is what is known on one way through a function.
type state struct {
	topics string
	errs   map[ssa.Value]knowledge
	// held is what becomes of the error of a publish that failed and that was put
	// where the analysis does not follow it, as into a group or a slice.
	held keeping
}

type keeping int8

const (
	nothing  keeping = iota
	untested         // and no error was looked at since
	missed           // and one was looked at that may have been it, and was none
)

// A knowledge is what is known of an error: whether it is one, and, where it is
// that of a call that publishes, what this call has published all the same.
type knowledge struct {
	truth     truth
	published string
	ours      bool
}

func (s state) with(v ssa.Value, k knowledge) state {
	errs := maps.Clone(s.errs)
	if errs == nil {
		errs = map[ssa.Value]knowledge{}
	}
	if k == (knowledge{}) {
		delete(errs, v)
	} else {
		errs[v] = k
	}
	return state{s.topics, errs, s.held}
}

func (s state) key() string {
	var b strings.Builder
	fmt.Fprint(&b, s.topics, s.held)
	var known []string
	for v, k := range s.errs {
		known = append(known, fmt.Sprintf("%p %v", v, k))
	}
	slices.Sort(known)
	for _, k := range known {
		b.WriteString(" " + k)
	}
	return b.String()
}
