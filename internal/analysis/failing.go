package analysis

import (
	"go/constant"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// A judge knows which errors are certainly some.
type judge struct {
	// changing are the package variables that are assigned to, which initialised
	// sentinels are not.
	changing map[*ssa.Global]bool
}

// onlyFails says whether every way from block ends in an error, in a panic, or in
// an HTTP answer that says that something is wrong, or leads through the block
// but, if that is not nil.
func (j judge) onlyFails(block, but *ssa.BasicBlock) bool {
	ended := false
	seen := map[*ssa.BasicBlock]bool{but: true}
	todo := []*ssa.BasicBlock{block}
	for len(todo) > 0 {
		b := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[b] {
			continue
		}
		seen[b] = true
		switch {
		case answersError(b):
			ended = true
			continue
		case len(b.Succs) > 0:
			todo = append(todo, b.Succs...)
			continue
		}
		switch end := b.Instrs[len(b.Instrs)-1].(type) {
		case *ssa.Panic:
		case *ssa.Return:
			i := errorResult(b.Parent().Signature)
			if i < 0 || i >= len(end.Results) || !j.certainError(end.Results[i], b) {
				return false
			}
		}
		ended = true
	}
	return ended
}

// answersError says whether a block of an http.Handler answers with an error.
func answersError(b *ssa.BasicBlock) bool {
	for _, instr := range b.Instrs {
		call, ok := instr.(*ssa.Call)
		if !ok {
			continue
		}
		if fn := call.Call.StaticCallee(); isFunc(fn, "net/http", "Error") || isFunc(fn, "net/http", "NotFound") {
			return true
		}
		if call.Call.IsInvoke() && call.Call.Method.Name() == "WriteHeader" && len(call.Call.Args) == 1 {
			if c, ok := call.Call.Args[0].(*ssa.Const); ok && c.Value != nil {
				if status, exact := constant.Int64Val(c.Value); exact && status >= 400 {
					return true
				}
			}
		}
	}
	return false
}

// certainError says whether v, in block, is an error and not nil.
func (j judge) certainError(v ssa.Value, block *ssa.BasicBlock) bool {
	return j.isCertain(v, block, map[ssa.Value]bool{})
}

func (j judge) isCertain(v ssa.Value, block *ssa.BasicBlock, seen map[ssa.Value]bool) bool {
	if seen[v] {
		return true
	}
	seen[v] = true
	switch v := v.(type) {
	case *ssa.MakeInterface:
		return true
	case *ssa.Const:
		return false
	case *ssa.ChangeInterface:
		return j.isCertain(v.X, block, seen)
	case *ssa.UnOp:
		if stored := storedIn(block, v); stored != nil {
			return j.isCertain(stored, block, seen)
		}
		if g, ok := v.X.(*ssa.Global); ok && v.Op == token.MUL && isError(v.Type()) && !j.changing[g] {
			return true // a sentinel
		}
	case *ssa.Call:
		fn := v.Call.StaticCallee()
		if isFunc(fn, "errors", "New") || isFunc(fn, "fmt", "Errorf") {
			return true
		}
		switch frameworkFunc(fn) {
		case "Errorf", "BadRequest", "Unauthorized", "Forbidden", "NotFound", "Conflict", "RetryAfter", "Discard":
			return true
		}
	case *ssa.Phi:
		certain := true
		for _, edge := range v.Edges {
			certain = certain && j.isCertain(edge, block, seen)
		}
		if certain {
			return true
		}
	}
	return j.testedBefore(v, block)
}

// storedIn is what block has stored in the variable before load reads it, as a
// return of a named result does; nil for nothing, or where a call may have stored
// something else since.
func storedIn(block *ssa.BasicBlock, load *ssa.UnOp) ssa.Value {
	variable, ok := load.X.(*ssa.Alloc)
	if !ok || load.Block() != block {
		return nil
	}
	for _, instr := range slices.Backward(block.Instrs[:slices.Index(block.Instrs, ssa.Instruction(load))]) {
		switch instr := instr.(type) {
		case *ssa.Store:
			if instr.Addr == variable {
				return instr.Val
			}
		case *ssa.Call:
			return nil
		}
	}
	return nil
}

// testedBefore says whether block runs only after v turned out to be an error.
func (j judge) testedBefore(v ssa.Value, block *ssa.BasicBlock) bool {
	for b := block; b != nil; b = b.Idom() {
		dom := b.Idom()
		if dom == nil || len(b.Preds) != 1 {
			continue
		}
		branch, ok := dom.Instrs[len(dom.Instrs)-1].(*ssa.If)
		if !ok || b.Preds[0] != dom {
			continue
		}
		if test := j.errorTest(branch.Cond, dom); test.err == v && dom.Succs[test.failing] == b {
			return true
		}
	}
	return false
}
