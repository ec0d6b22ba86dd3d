package analysis

import (
	"go/token"
	"go/types"
	"maps"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/less-go/less/internal/flow"
)

// An effect is a publish that a function may lead to.
type effect struct {
	topic     string
	condition flow.Condition
	pos       token.Pos
	steps     []flow.Step // from what the function calls
	declared  bool
}

// A summary is what a function does, if it is called in a frame.
type summary struct {
	effects []effect
	endings []ending
	// panicking are the endings where it was deferred and runs because of a panic.
	panicking []ending
	// cut says that it does not come back, or is a turn of a recursion that is not
	// followed: what it does, an earlier turn does.
	cut bool
}

func (s *summary) empty() bool { return len(s.effects) == 0 && !s.cut }

// onFailure says whether s publishes only when something went wrong.
func (s *summary) onFailure() bool {
	return len(s.effects) > 0 && !slices.ContainsFunc(s.effects, func(e effect) bool { return e.condition != flow.OnFailure })
}

// merge keeps one effect of each topic, condition and place: the one with the
// shortest way.
func merge(effects []effect) []effect {
	type key struct {
		topic     string
		condition flow.Condition
		pos       token.Pos
	}
	at := map[key]int{}
	var out []effect
	for _, e := range effects {
		k := key{e.topic, e.condition, e.pos}
		i, found := at[k]
		switch {
		case !found:
			at[k] = len(out)
			out = append(out, e)
		case len(e.steps) < len(out[i].steps):
			out[i] = e
		}
	}
	return out
}

func topicsOf(effects []effect) string {
	all := ""
	for _, e := range effects {
		all = join(all, e.topic)
	}
	return all
}

// alternatives is what one of several callees does.
func alternatives(all []*summary, callees int) *summary {
	out := &summary{}
	for _, s := range all {
		out.cut = out.cut || s.cut
		for _, e := range s.effects {
			if callees > 1 {
				e.condition = both(flow.Conditional, e.condition)
			}
			out.effects = append(out.effects, e)
		}
		out.endings = append(out.endings, s.endings...)
		out.panicking = append(out.panicking, s.panicking...)
	}
	if len(all) < callees {
		out.endings = append(out.endings, ending{})
		out.panicking = append(out.panicking, ending{})
	}
	return out
}

// sequence is what foreign code does that calls the functions it was handed: each
// of them once, if surely, and else in any order, any number of times.
func sequence(all []*summary, surely bool) (out *summary, complete bool) {
	out = &summary{endings: []ending{{}}}
	for _, s := range all {
		if s.empty() {
			continue
		}
		for _, e := range s.effects {
			if !surely {
				e.condition = both(flow.Conditional, e.condition)
			}
			out.effects = append(out.effects, e)
		}
		var may []ending
		for _, e := range s.endings {
			switch {
			case e.failed == panicked:
				may = append(may, ending{topics: e.topics, failed: panicked})
			case surely && e.failed == isFailure: // which who waits for it gets
				may = append(may, ending{topics: e.topics, failed: isFailure})
			default:
				may = append(may, ending{topics: e.topics})
			}
		}
		if !surely {
			var complete bool
			if may, complete = repeated(append(may, ending{})); !complete {
				return out, false
			}
		}
		seen := map[ending]bool{}
		for _, before := range out.endings {
			for _, e := range may {
				next := ending{topics: join(before.topics, e.topics), failed: e.failed}
				switch {
				case before.failed == panicked:
					next = before
				case before.failed == isFailure && e.failed == unknown:
					next.failed = isFailure
				}
				seen[next] = true
			}
		}
		out.endings = slices.Collect(maps.Keys(seen))
	}
	slices.SortFunc(out.endings, compareEndings)
	return out, true
}

// repeated are the endings of what may run again and again: any of them together.
func repeated(ends []ending) (list []ending, complete bool) {
	seen := map[ending]bool{}
	for _, e := range ends {
		seen[e] = true
	}
	for list := ends; len(list) > 0; {
		var next []ending
		for _, a := range list {
			for _, b := range ends {
				both := a
				both.topics = join(a.topics, b.topics)
				if !seen[both] {
					seen[both] = true
					next = append(next, both)
				}
			}
		}
		if len(seen) > maxStates {
			return nil, false
		}
		list = next
	}
	return slices.SortedFunc(maps.Keys(seen), compareEndings), true
}

// callsOnce says whether a call of foreign code surely runs the function that it
// gets, and once.
func callsOnce(fn *ssa.Function) bool {
	if fn == nil || fn.Name() != "Go" || fn.Signature.Recv() == nil {
		return false
	}
	recv, ok := types.Unalias(deref(fn.Signature.Recv().Type())).(*types.Named)
	if !ok || recv.Obj().Pkg() == nil {
		return false
	}
	p := recv.Obj().Pkg().Path()
	return recv.Obj().Name() == "WaitGroup" && p == "sync" || recv.Obj().Name() == "Group" && p == "golang.org/x/sync/errgroup"
}
