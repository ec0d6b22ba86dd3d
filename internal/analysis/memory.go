package analysis

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// global goes on with what is stored in a package variable.
func (t *tracer) global(g *ssa.Global, p path) {
	if name, found := t.topics[g]; found && len(p) == 1 && p[0] == pointee {
		t.add(origin{topic: name})
		return
	}
	if len(p) == 0 {
		t.add(origin{concrete: operand{g, nil}})
		return
	}
	if p[0] != pointee {
		t.lose()
		return
	}
	if t.pkgs[g.Pkg] == nil {
		t.add(origin{outside: true})
		return
	}
	for _, use := range t.globals[g] {
		t.use(use, g, &frame{fn: use.Parent()}, p[1:])
	}
}

// contents goes on with what is stored, at the end of p, in the variable that
// addr is the address of. It looks at each use of addr.
func (t *tracer) contents(addr ssa.Value, fr *frame, p path) {
	if t.visited(operand{addr, fr}, p, "m") {
		return
	}
	if refs := addr.Referrers(); refs != nil {
		for _, use := range *refs {
			t.use(use, addr, fr, p)
		}
	}
}

func (t *tracer) use(use ssa.Instruction, addr ssa.Value, fr *frame, p path) {
	switch use := use.(type) {
	case *ssa.Store:
		if use.Addr == addr {
			t.trace(operand{use.Val, fr}, p)
		} else {
			t.escaped(addr, p) // its address is in memory, and there are other ways to it
		}
	case *ssa.FieldAddr:
		if len(p) > 0 && p[0] == selector(use.Field) {
			t.contents(use, fr, p[1:])
		}
	case *ssa.IndexAddr:
		if len(p) > 0 && p[0] == element {
			t.contents(use, fr, p[1:])
		}
	case *ssa.Slice:
		if len(p) > 0 && p[0] == element {
			t.elements(use, fr, p[1:])
		}
	case *ssa.UnOp: // a read: of a map, a slice or a pointer that is filled elsewhere
		if len(p) > 0 {
			t.filled(use, fr, p)
		}
	case *ssa.Phi, *ssa.ChangeType, *ssa.MakeInterface, *ssa.ChangeInterface:
		t.contents(use.(ssa.Value), fr, p)
	case *ssa.MakeClosure:
		fn := use.Fn.(*ssa.Function)
		for i, binding := range use.Bindings {
			if binding == addr {
				t.contents(fn.FreeVars[i], &frame{fn: fn, closure: use, made: fr, caller: fr, depth: fr.depth + 1}, p)
			}
		}
	case ssa.CallInstruction:
		t.handed(use, addr, fr, p)
	}
}

// filled looks at what is done with a container or a pointer after it was read
// from a variable.
func (t *tracer) filled(v ssa.Value, fr *frame, p path) {
	switch v.Type().Underlying().(type) {
	case *types.Map, *types.Slice, *types.Chan:
		if p[0] == element {
			t.elements(v, fr, p[1:])
		}
	case *types.Pointer:
		if p[0] == pointee {
			t.contents(v, fr, p[1:])
		}
	}
}

// elements goes on with what is put into a map, a channel or a slice.
func (t *tracer) elements(v ssa.Value, fr *frame, p path) {
	if t.visited(operand{v, fr}, p, "e") {
		return
	}
	refs := v.Referrers()
	if refs == nil {
		return
	}
	for _, use := range *refs {
		switch use := use.(type) {
		case *ssa.MapUpdate:
			if use.Map == v {
				t.trace(operand{use.Value, fr}, p)
			}
		case *ssa.Send:
			if use.Chan == v {
				t.trace(operand{use.X, fr}, p)
			}
		case *ssa.Select:
			for _, state := range use.States {
				if state.Chan == v && state.Send != nil {
					t.trace(operand{state.Send, fr}, p)
				}
			}
		case *ssa.IndexAddr:
			if use.X == v {
				t.contents(use, fr, p)
			}
		case *ssa.Phi, *ssa.ChangeType, *ssa.Slice:
			t.elements(use.(ssa.Value), fr, p)
		case *ssa.Store:
			if use.Val == v {
				t.stored(use, fr, path{element}.then(p))
			}
		case *ssa.MakeClosure:
			fn := use.Fn.(*ssa.Function)
			for i, binding := range use.Bindings {
				if binding == v {
					t.elements(fn.FreeVars[i], &frame{fn: fn, closure: use, made: fr, caller: fr, depth: fr.depth + 1}, p)
				}
			}
		case ssa.CallInstruction:
			t.handed(use, v, fr, path{element}.then(p))
		}
	}
}

// stored looks at the other readers of a variable that a container was stored in.
func (t *tracer) stored(store *ssa.Store, fr *frame, p path) {
	switch addr := store.Addr.(type) {
	case *ssa.Alloc, *ssa.FreeVar:
		if refs := addr.Referrers(); refs != nil {
			for _, use := range *refs {
				if read, ok := use.(*ssa.UnOp); ok {
					t.filled(read, fr, p)
				}
			}
		}
	case *ssa.Global:
		for _, use := range t.globals[addr] {
			if read, ok := use.(*ssa.UnOp); ok {
				t.filled(read, &frame{fn: read.Parent()}, p)
			}
		}
	}
}

// handed looks at what a called function does with the variable behind addr, or
// with the container that addr is.
func (t *tracer) handed(site ssa.CallInstruction, addr ssa.Value, fr *frame, p path) {
	common := site.Common()
	if _, builtin := common.Value.(*ssa.Builtin); builtin {
		return
	}
	callees, complete := t.callees(site, fr)
	if !complete {
		t.lose()
	}
	args := callArgs(common)
	for _, callee := range callees {
		if callee.fn.Blocks == nil {
			continue // what it puts there, it got from us: see outside
		}
		next := t.enter(site, fr, callee)
		if next == nil {
			continue
		}
		for i, arg := range args {
			if arg != addr || i >= len(callee.fn.Params) {
				continue
			}
			param := callee.fn.Params[i]
			switch param.Type().Underlying().(type) {
			case *types.Map, *types.Slice, *types.Chan:
				if len(p) > 0 && p[0] == element {
					t.elements(param, next, p[1:])
				}
			default:
				t.contents(param, next, p)
			}
		}
	}
}

// escaped goes on with what is stored anywhere in that field of that type.
func (t *tracer) escaped(addr ssa.Value, p path) {
	if len(p) == 0 || p[0] < 0 {
		return
	}
	key := fieldKey{deref(addr.Type()).String(), int(p[0])}
	for _, store := range t.fields[key] {
		op := operand{store.Val, &frame{fn: store.Parent()}}
		if !t.visited(op, p, "f") {
			t.trace(op, p[1:])
		}
	}
}
