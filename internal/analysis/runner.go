package analysis

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// maxStates is how many states of one function are looked at. One that has more
// is taken to end in any way.
const maxStates = 3000

// A visit is a block about to run.
type visit struct {
	block *ssa.BasicBlock
	from  int // the index among its predecessors, -1 at the start
	state state
}

type runner struct {
	judge
	rescue    []*summary
	recovers  bool
	hides     bool // that there was an error, a deferred call may
	answers   bool // with its own error, a deferred call may
	panicking bool
	effects   map[ssa.Instruction][]ending
	result    int
	todo      []visit
	seen      map[string]bool
	found     map[ending]bool
}

func (r *runner) push(b *ssa.BasicBlock, from int, s state) {
	key := b.String() + "/" + string('a'+rune(from+1)) + "/" + s.key()
	if !r.seen[key] {
		r.seen[key] = true
		r.todo = append(r.todo, visit{b, from, s})
	}
}

func (r *runner) goTo(from *ssa.BasicBlock, side int, s state) {
	to := from.Succs[side]
	for i, pred := range to.Preds {
		if pred == from && (side == 0 || len(from.Succs) < 2 || from.Succs[0] != to) {
			r.push(to, i, s)
			return
		}
	}
	r.push(to, slices.Index(to.Preds, from), s)
}

func (r *runner) block(v visit) {
	states := []state{r.phis(v)}
	for _, instr := range v.block.Instrs {
		if r.recovers && mayPanic(instr) {
			for _, s := range states {
				r.rescued(ending{topics: s.topics, failed: panicked})
			}
		}
		if does, found := r.effects[instr]; found {
			states = r.after(states, instr, does)
			continue
		}
		value, ok := instr.(ssa.Value)
		if _, phi := instr.(*ssa.Phi); !ok || phi {
			continue
		}
		for i, s := range states {
			var k knowledge // that of the turn before, in a loop, is over
			if extract, ok := instr.(*ssa.Extract); ok && isError(extract.Type()) {
				k = s.errs[extract.Tuple]
			}
			if s.errs[value] != k {
				states[i] = s.with(value, k)
			}
		}
	}
	last := v.block.Instrs[len(v.block.Instrs)-1]
	for _, s := range states {
		switch last := last.(type) {
		case *ssa.If:
			r.branch(last, v.from, s)
		case *ssa.Jump:
			r.goTo(v.block, 0, s)
		case *ssa.Return:
			r.end(last, s)
		case *ssa.Panic:
			r.rescued(ending{topics: s.topics, failed: panicked})
		}
	}
}

// end notes a return.
func (r *runner) end(ret *ssa.Return, s state) {
	if r.result < 0 || r.result >= len(ret.Results) {
		switch s.held {
		case nothing:
			r.rescued(ending{topics: s.topics, failed: isNoError})
		case untested: // by who called this
			r.rescued(ending{topics: s.topics, failed: isFailure})
		}
		return
	}
	v := ret.Results[r.result]
	if load, ok := v.(*ssa.UnOp); ok {
		if stored := storedIn(ret.Block(), load); stored != nil {
			v = stored
		}
	}
	k := r.known(s, v, ret.Block())
	e := ending{topics: s.topics, failed: k.truth}
	switch {
	case s.held != nothing && k.truth == unknown && mayHold(v):
		e.failed = isFailure
	case s.held == missed && k.truth != isFailure:
		return // it was not missed, then
	}
	if k.truth != isNoError && s.topics != "" && (!k.ours || k.published != s.topics) && ownError(v, k) {
		e.late = ret.Pos()
	}
	if r.hides {
		e.failed = unknown
	}
	r.rescued(e)
}

// ownError says whether v is certainly an error of something else than what was
// published before: one that is known, or that of another call.
func ownError(v ssa.Value, k knowledge) bool {
	if k.truth == isFailure {
		return true
	}
	if extract, ok := v.(*ssa.Extract); ok {
		v = extract.Tuple
	}
	call, ok := v.(*ssa.Call)
	return ok && !waiting(call.Common())
}

// rescued notes an ending, and what the deferred calls make of it.
func (r *runner) rescued(e ending) {
	ends := []ending{e}
	if e.failed != isNoError {
		for _, deferred := range r.rescue {
			var next []ending
			for _, e := range ends {
				does := deferred.endings
				if e.failed == panicked {
					does = deferred.panicking
				}
				if len(does) == 0 {
					next = append(next, e)
				}
				for _, d := range does {
					if d.failed == isFailure && r.answers {
						next = append(next, ending{topics: join(e.topics, d.topics), failed: isFailure})
					} else if d.topics == "" {
						next = append(next, e)
					} else {
						next = append(next, ending{topics: join(e.topics, d.topics)})
					}
				}
			}
			ends = next
		}
	}
	for _, e := range ends {
		r.found[e] = true
		if e.failed == panicked && r.recovers {
			r.found[ending{topics: e.topics}] = true
		}
	}
}

// phis gives the values that begin a block what is known of those they come from.
func (r *runner) phis(v visit) state {
	s := v.state
	for _, instr := range v.block.Instrs {
		phi, ok := instr.(*ssa.Phi)
		if !ok {
			break
		}
		if isError(phi.Type()) && v.from >= 0 {
			s = s.with(phi, r.known(v.state, phi.Edges[v.from], v.block.Preds[v.from]))
		}
	}
	return s
}

// after are the states when a call has done one of the things it may do.
func (r *runner) after(states []state, instr ssa.Instruction, does []ending) []state {
	var out []state
	seen := map[string]bool{}
	call, _ := instr.(*ssa.Call)
	looked := call != nil && examined(call)
	result := errorResult(instr.(ssa.CallInstruction).Common().Signature())
	kept := result < 0 || call != nil && used(call, result)
	for _, s := range states {
		for _, e := range does {
			if e.failed == panicked {
				r.rescued(ending{topics: join(s.topics, e.topics), failed: panicked})
				continue
			}
			next := state{join(s.topics, e.topics), s.errs, s.held}
			switch {
			case !looked && kept && e.failed == isFailure:
				next.held = untested
			case looked:
				next = next.with(call, knowledge{e.failed, e.topics, true})
			}
			if key := next.key(); !seen[key] {
				seen[key] = true
				out = append(out, next)
			}
		}
	}
	return out
}

// examined says whether a function looks at the error of a call: tests it, or
// returns it.
func examined(call *ssa.Call) bool {
	i := errorResult(call.Call.Signature())
	if i < 0 {
		return false
	}
	var err ssa.Value = call
	if call.Call.Signature().Results().Len() > 1 {
		err = nil
		for _, ref := range *call.Referrers() {
			switch ref := ref.(type) {
			case *ssa.Extract:
				if ref.Index == i {
					err = ref
				}
			case *ssa.Return:
				return true
			}
		}
	}
	if err == nil {
		return false
	}
	for _, ref := range *err.Referrers() {
		switch ref := ref.(type) {
		case *ssa.Return, *ssa.BinOp, *ssa.Phi, *ssa.Call:
			return true
		case *ssa.Store:
			if _, ok := ref.Addr.(*ssa.Alloc); ok {
				return true
			}
		}
	}
	return false
}

func (r *runner) branch(branch *ssa.If, from int, s state) {
	if side, known := firstTurn(branch); known && from >= 0 && !branch.Block().Dominates(branch.Block().Preds[from]) {
		r.goTo(branch.Block(), side, s)
		return
	}
	cond, flipped := branch.Cond, 0
	if not, ok := cond.(*ssa.UnOp); ok && not.Op == token.NOT {
		cond, flipped = not.X, 1
	}
	test := r.errorTest(cond, branch.Block())
	if test.err != nil && recovered(test.err) {
		if !r.panicking {
			r.goTo(branch.Block(), 1-test.failing^flipped, s)
		} else {
			r.goTo(branch.Block(), test.failing^flipped, s)
		}
		return
	}
	if test.err == nil {
		r.goTo(branch.Block(), 0, s)
		r.goTo(branch.Block(), 1, s)
		return
	}
	failing, fine := test.failing^flipped, 1-test.failing^flipped
	k := r.known(s, test.err, branch.Block())
	held := s
	if s.held != nothing && k.truth == unknown && mayHold(test.err) {
		s.held, held.held = nothing, missed
	}
	if k.truth != isNoError {
		r.goTo(branch.Block(), failing, s.with(test.err, knowledge{isFailure, k.published, k.ours}))
	}
	switch {
	case !test.exact:
		r.goTo(branch.Block(), fine, s)
		r.goTo(branch.Block(), fine, held)
	case k.truth != isFailure:
		r.goTo(branch.Block(), fine, held.with(test.err, knowledge{isNoError, k.published, k.ours}))
	}
}

// mayHold says whether v may be an error that was put somewhere before: one that
// is read from a variable or a channel, waited for, or joined.
func mayHold(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.UnOp, *ssa.Lookup, *ssa.Select:
		return true
	case *ssa.Extract:
		return mayHold(v.Tuple)
	case *ssa.Call:
		return waiting(&v.Call) || isFunc(v.Call.StaticCallee(), "errors", "Join")
	case *ssa.Phi:
		for _, edge := range v.Edges {
			if _, phi := edge.(*ssa.Phi); !phi && mayHold(edge) {
				return true
			}
		}
	}
	return false
}

func (r *runner) known(s state, v ssa.Value, block *ssa.BasicBlock) knowledge {
	if k, found := s.errs[v]; found {
		return k
	}
	if load, ok := v.(*ssa.UnOp); ok {
		if stored := storedIn(load.Block(), load); stored != nil {
			return r.known(s, stored, block)
		}
	}
	switch {
	case isNil(v):
		return knowledge{truth: isNoError}
	case r.certainError(v, block):
		return knowledge{truth: isFailure}
	}
	return knowledge{}
}
