package analysis

import (
	"cmp"
	"go/token"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// An ending is how a call may end.
type ending struct {
	topics string // those published to, joined by commas, in order of names
	failed truth  // whether it returns an error
	// late is where it returns an error that comes after a publish and is not that
	// publish's own.
	late token.Pos
}

// truth is what is known of an error.
type truth int8

const (
	unknown truth = iota
	isFailure
	isNoError
	panicked // it does not return
)

// endings runs through a function on every way, following what is known of
// errors, and lists how it may end. effects are what its calls may do; rescue is
// what each of its deferred calls may do when it fails; panicking says that fn is
// such a call and that something has panicked.
func (w *walker) endings(fn *ssa.Function, effects map[ssa.Instruction][]ending, rescue []*summary, panicking bool) (list []ending, complete bool) {
	hides, answers := w.changed(fn)
	r := &runner{
		judge: w.conditions.judge, effects: effects, rescue: rescue, recovers: recovers(fn), hides: hides, answers: answers, panicking: panicking,
		result: errorResult(fn.Signature), seen: map[string]bool{}, found: map[ending]bool{},
	}
	if len(rescue) > 0 {
		r.rescued(ending{failed: panicked}) // at once
	}
	r.push(fn.Blocks[0], -1, state{})
	for len(r.todo) > 0 {
		if len(r.seen) > maxStates {
			return nil, false
		}
		next := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		r.block(next)
	}
	return slices.SortedFunc(maps.Keys(r.found), compareEndings), true
}

func compareEndings(a, b ending) int {
	return cmp.Or(strings.Compare(a.topics, b.topics), cmp.Compare(a.failed, b.failed), cmp.Compare(a.late, b.late))
}

// join is the union of two lists of topics.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	all := append(strings.Split(a, ","), strings.Split(b, ",")...)
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}
