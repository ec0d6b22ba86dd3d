package analysis

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// recovers says whether fn goes on after a panic.
func recovers(fn *ssa.Function) bool {
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			d, ok := instr.(*ssa.Defer)
			if !ok {
				continue
			}
			callee := d.Call.StaticCallee()
			if callee != nil && recovering(callee) {
				return true
			}
		}
	}
	return false
}

// recovering says whether fn calls recover.
func recovering(fn *ssa.Function) bool {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(*ssa.Call); ok && recovered(call) {
				return true
			}
		}
	}
	return false
}

// changed says what deferred calls of fn may make of its error: none, otherwise
// than by publishing instead, or the error of what they do.
func (w *walker) changed(fn *ssa.Function) (none, other bool) {
	look := func(addr ssa.Value) {
		clears, stores := w.clears(addr)
		none, other = none || clears, other || stores
	}
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			d, ok := instr.(*ssa.Defer)
			if !ok || d.Call.StaticCallee() == nil {
				continue
			}
			callee := d.Call.StaticCallee()
			if made, ok := d.Call.Value.(*ssa.MakeClosure); ok {
				for i, b := range made.Bindings {
					if isErrorVariable(b) {
						look(callee.FreeVars[i])
					}
				}
			}
			for i, arg := range d.Call.Args {
				switch {
				case !isErrorVariable(arg):
				case i < len(callee.Params):
					look(callee.Params[i])
				default:
					none = true
				}
			}
		}
	}
	return none, other
}

func isErrorVariable(v ssa.Value) bool {
	p, ok := v.Type().Underlying().(*types.Pointer)
	return ok && isError(p.Elem())
}

// clears says whether what has the address of an error may store no error there
// that is not the answer of something that publishes, and whether it stores any.
func (w *walker) clears(addr ssa.Value) (clears, stores bool) {
	for _, use := range *addr.Referrers() {
		switch use := use.(type) {
		case *ssa.DebugRef, *ssa.UnOp:
		case *ssa.Store:
			stores = true
			v := use.Val
			if extract, ok := v.(*ssa.Extract); ok {
				v = extract.Tuple
			}
			call, ok := v.(*ssa.Call)
			fine := w.conditions.certainError(use.Val, use.Block())
			if ok && !fine {
				callee := call.Call.StaticCallee()
				fine = topicMethod(callee, "Publish") || w.relevant[callee] || isFunc(callee, "errors", "Join")
			}
			clears = clears || !fine
		default:
			clears = true
		}
	}
	return clears, stores
}

// mayPanic says whether an instruction may end in a panic.
func mayPanic(instr ssa.Instruction) bool {
	switch instr := instr.(type) {
	case *ssa.Call:
		_, builtin := instr.Call.Value.(*ssa.Builtin)
		return !builtin && !topicMethod(instr.Call.StaticCallee(), "Publish")
	case *ssa.TypeAssert:
		return !instr.CommaOk
	case *ssa.IndexAddr, *ssa.Index, *ssa.MapUpdate, *ssa.SliceToArrayPointer, *ssa.Slice:
		return true
	case *ssa.BinOp:
		return instr.Op == token.QUO || instr.Op == token.REM
	}
	return false
}
