package analysis

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"
)

// Memory is followed forwards. What a variable, a map, a slice or a channel holds
// is all that is ever put there, through any reference to it. References are
// followed from where the object is made, through variables, calls and results;
// where one gets out of sight, as into a map, every write counts that is made by
// a reference of the same type.

// An object is a piece of memory as a reference to it sees it: typ is the type of
// the reference, a pointer, a map, a slice or a channel, and path is what is asked
// for, from the reference.
type object struct {
	typ  types.Type
	path path
}

// contents goes on with what is put where p leads from v, which makes the object
// that p begins with.
func (t *tracer) contents(v ssa.Value, fr *frame, p path) {
	t.aliases(v, fr, nil, object{v.Type(), p})
}

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
		t.foreign(g.Type(), p)
		return
	}
	for _, use := range t.globals[g] {
		t.alias(use, g, t.loose(use.Parent()), nil, object{g.Type(), p})
	}
}

// aliases looks at all that is done with v, where at leads to a reference to o.
func (t *tracer) aliases(v ssa.Value, fr *frame, at path, o object) {
	if t.visited(operand{v, fr}, at, "a"+o.path.String()) {
		return
	}
	if refs := v.Referrers(); refs != nil {
		for _, use := range *refs {
			t.alias(use, v, fr, at, o)
		}
	}
}

func (t *tracer) alias(use ssa.Instruction, v ssa.Value, fr *frame, at path, o object) {
	here := len(at) == 0 // v itself is the reference
	switch use := use.(type) {
	case *ssa.DebugRef, *ssa.UnOp, *ssa.BinOp, *ssa.Range, *ssa.If, *ssa.Next, *ssa.Lookup: // it is only read
	case *ssa.Store:
		if use.Addr == v && here {
			t.trace(operand{use.Val, fr}, o.path[1:])
		}
		if use.Val == v {
			t.kept(use.Addr, fr, at, o)
		}
	case *ssa.FieldAddr:
		if here && len(o.path) > 1 && o.path[1] == selector(use.Field) {
			t.aliases(use, fr, nil, object{use.Type(), path{pointee}.then(o.path[2:])})
		}
	case *ssa.IndexAddr:
		if way := len(elementOf(v.Type())); here && use.X == v && len(o.path) >= way && o.path[way-1] == element {
			t.aliases(use, fr, nil, object{use.Type(), path{pointee}.then(o.path[way:])})
		}
	case *ssa.Slice:
		if way := len(elementOf(v.Type())); !here {
			t.anywhere(o)
		} else if use.X == v && len(o.path) >= way && o.path[way-1] == element {
			t.aliases(use, fr, nil, object{use.Type(), o.path[way-1:]})
		}
	case *ssa.SliceToArrayPointer:
		t.aliases(use, fr, nil, object{use.Type(), path{pointee}.then(o.path)})
	case *ssa.Field:
		if !here && at[0] == selector(use.Field) {
			t.aliases(use, fr, at[1:], o)
		}
	case *ssa.Index:
		if !here && use.X == v && at[0] == element {
			t.aliases(use, fr, at[1:], o)
		}
	case *ssa.Extract:
		if !here && at[0] == selector(use.Index) {
			t.aliases(use, fr, at[1:], o)
		}
	case *ssa.Phi, *ssa.ChangeInterface, *ssa.MakeInterface, *ssa.Convert, *ssa.MultiConvert:
		t.aliases(use.(ssa.Value), fr, at, o)
	case *ssa.ChangeType:
		if here {
			t.anywhere(o) // written by a reference of the other type
			o.typ = use.Type()
		}
		t.aliases(use, fr, at, o)
	case *ssa.TypeAssert:
		if use.CommaOk {
			at = path{0}.then(at)
		}
		t.aliases(use, fr, at, o)
	case *ssa.MapUpdate:
		if use.Map == v && here {
			t.trace(operand{use.Value, fr}, o.path[1:])
		}
		if use.Value == v || use.Key == v {
			t.anywhere(o)
		}
	case *ssa.Send:
		t.sent(use.Chan, use.X, v, fr, at, o)
	case *ssa.Select:
		for _, state := range use.States {
			if state.Send != nil {
				t.sent(state.Chan, state.Send, v, fr, at, o)
			}
		}
	case *ssa.MakeClosure:
		for i, binding := range use.Bindings {
			if binding == v {
				t.aliases(use.Fn.(*ssa.Function).FreeVars[i], fr.literal(use), at, o)
			}
		}
	case *ssa.Return:
		t.returned(use, v, fr, at, o)
	case ssa.CallInstruction:
		t.handed(use, v, fr, at, o)
	default:
		t.anywhere(o)
	}
}

func (t *tracer) sent(channel, x, v ssa.Value, fr *frame, at path, o object) {
	if channel == v && len(at) == 0 {
		t.trace(operand{x, fr}, o.path[1:])
	}
	if x == v {
		t.anywhere(o)
	}
}

// kept goes on with the variable that a reference was stored in, at the address addr.
func (t *tracer) kept(addr ssa.Value, fr *frame, at path, o object) {
	for {
		switch a := addr.(type) {
		case *ssa.FieldAddr:
			at = path{selector(a.Field)}.then(at)
			addr = a.X
			continue
		case *ssa.IndexAddr:
			if len(elementOf(a.X.Type())) == 2 {
				at = path{element}.then(at)
				addr = a.X
				continue
			}
		case *ssa.Alloc:
			t.reads(a, fr, at, o)
			return
		case *ssa.FreeVar:
			for _, b := range t.bindings(a, fr) {
				if alloc, ok := b.v.(*ssa.Alloc); ok {
					t.reads(alloc, b.fr, at, o)
				} else {
					t.kept(b.v, b.fr, at, o)
				}
			}
			return
		case *ssa.Global:
			if !t.visited(operand{a, nil}, at, "r"+o.path.String()) {
				for _, use := range t.globals[a] {
					t.read(use, a, t.loose(use.Parent()), at, o)
				}
			}
			return
		}
		t.anywhere(o)
		return
	}
}

// reads goes on with what is read from the variable with the address addr, where
// at leads to a reference to o.
func (t *tracer) reads(addr ssa.Value, fr *frame, at path, o object) {
	if t.visited(operand{addr, fr}, at, "r"+o.path.String()) {
		return
	}
	for _, use := range *addr.Referrers() {
		t.read(use, addr, fr, at, o)
	}
}

func (t *tracer) read(use ssa.Instruction, addr ssa.Value, fr *frame, at path, o object) {
	switch use := use.(type) {
	case *ssa.DebugRef:
	case *ssa.UnOp:
		t.aliases(use, fr, at, o)
	case *ssa.Store:
		if use.Val == addr {
			t.anywhere(o)
		}
	case *ssa.FieldAddr:
		if len(at) > 0 && at[0] == selector(use.Field) {
			t.reads(use, fr, at[1:], o)
		}
	case *ssa.IndexAddr:
		if len(at) > 0 && at[0] == element {
			t.reads(use, fr, at[1:], o)
		}
	case *ssa.MakeClosure:
		for i, binding := range use.Bindings {
			if binding == addr {
				t.reads(use.Fn.(*ssa.Function).FreeVars[i], fr.literal(use), at, o)
			}
		}
	case *ssa.Return:
		if call, ok := fr.call.(*ssa.Call); ok && len(use.Results) == 1 {
			t.reads(call, fr.caller, at, o)
			return
		}
		t.anywhere(o)
	case ssa.CallInstruction:
		if !t.passed(use, addr, fr, func(param *ssa.Parameter, next *frame) { t.reads(param, next, at, o) }) {
			t.anywhere(o)
		}
	default:
		t.anywhere(o)
	}
}

// handed looks at what a called function does with v.
func (t *tracer) handed(site ssa.CallInstruction, v ssa.Value, fr *frame, at path, o object) {
	common := site.Common()
	if b, ok := common.Value.(*ssa.Builtin); ok {
		call, isCall := site.(*ssa.Call)
		switch {
		case b.Name() == "copy" && common.Args[0] == v:
			t.trace(operand{common.Args[1], fr}, o.path)
		case b.Name() == "append" && isCall && common.Args[0] == v && len(at) == 0: // into the same array
			t.trace(operand{common.Args[1], fr}, o.path)
			t.aliases(call, fr, at, o)
		case b.Name() == "append" && len(at) > 0, b.Name() == "panic":
			t.anywhere(o)
		case b.Name() == "ssa:wrapnilchk" && isCall && common.Args[0] == v:
			t.aliases(call, fr, at, o)
		}
		return
	}
	if !t.passed(site, v, fr, func(param *ssa.Parameter, next *frame) { t.aliases(param, next, at, o) }) {
		t.anywhere(o)
	}
}

// passed visits the parameters that v is bound to in a call. It returns false
// where it may be bound to others.
func (t *tracer) passed(site ssa.CallInstruction, v ssa.Value, fr *frame, visit func(*ssa.Parameter, *frame)) (all bool) {
	if topicMethod(site.Common().StaticCallee(), "Publish") {
		return true
	}
	callees, all := t.callees(site, fr)
	all = all && len(callees) > 0
	for _, callee := range callees {
		if callee.fn.Blocks == nil {
			all = false
			continue
		}
		next := t.enter(site, fr, callee)
		if next == nil {
			all = false
			continue
		}
		for i, arg := range callArgs(site.Common()) {
			if arg == v && i < len(callee.fn.Params) {
				visit(callee.fn.Params[i], next)
			}
		}
	}
	return all
}

// returned goes on with v as a result of the call that fr is.
func (t *tracer) returned(ret *ssa.Return, v ssa.Value, fr *frame, at path, o object) {
	call, ok := fr.call.(*ssa.Call)
	for i, result := range ret.Results {
		switch {
		case result != v:
		case !ok || fr.outside:
			t.anywhere(o)
		case len(ret.Results) == 1:
			t.aliases(call, fr.caller, at, o)
		default:
			t.aliases(call, fr.caller, path{selector(i)}.then(at), o)
		}
	}
}

// foreign goes on with what p leads to from a value of foreign code, of type typ:
// what is there when we get it was handed over before, and more may be written
// to it.
func (t *tracer) foreign(typ types.Type, p path) {
	t.add(origin{outside: true})
	for len(p) > 0 {
		switch u := typ.Underlying().(type) {
		case *types.Struct:
			if p[0] < 0 || int(p[0]) >= u.NumFields() {
				return
			}
			typ = u.Field(int(p[0])).Type()
		case *types.Array:
			typ = u.Elem()
		case *types.Pointer, *types.Map, *types.Slice, *types.Chan:
			t.anywhere(object{typ, p})
			return
		default:
			return
		}
		p = p[1:]
	}
}

// anywhere goes on with all that is put into any object of the type of o by a
// reference that comes from elsewhere.
func (t *tracer) anywhere(o object) {
	if t.visited(operand{}, o.path, "*"+types.TypeString(o.typ, nil)) {
		return
	}
	rest := o.path[1:]
	switch u := o.typ.Underlying().(type) {
	case *types.Map:
		for _, put := range t.puts[hash(u.Elem())] {
			t.trace(put, rest)
		}
	case *types.Chan:
		for _, put := range t.puts[hash(u.Elem())] {
			t.trace(put, rest)
		}
	case *types.Slice:
		for _, from := range t.copies[hash(u.Elem())] {
			t.trace(from, o.path)
		}
		t.written(u.Elem(), rest)
	case *types.Pointer:
		t.written(u.Elem(), rest)
	default:
		t.lose()
	}
}

// written goes on with all that is stored, through a reference from elsewhere, in
// variables of type typ, or in the part of such that p leads to.
func (t *tracer) written(typ types.Type, p path) {
	var holder types.Type // the struct that has typ as its field
	field := -1
	for {
		for _, store := range t.stores[hash(typ)] {
			if addr, ok := store.Addr.(*ssa.FieldAddr); ok && holder != nil &&
				(addr.Field != field || !types.Identical(deref(addr.X.Type()).Underlying(), holder.Underlying())) {
				continue
			}
			t.trace(operand{store.Val, t.loose(store.Parent())}, p)
		}
		if len(p) == 0 {
			return
		}
		holder, field = nil, -1
		switch u := typ.Underlying().(type) {
		case *types.Struct:
			if p[0] < 0 || int(p[0]) >= u.NumFields() {
				return
			}
			holder, field = u, int(p[0])
			typ = u.Field(field).Type()
		case *types.Array:
			for _, from := range t.copies[hash(u.Elem())] {
				t.trace(from, p)
			}
			typ = u.Elem()
		default:
			return // the next object
		}
		p = p[1:]
	}
}

// A memory is what is put where the analysis may have to look for it by type.
type memory struct {
	stores map[uint32][]*ssa.Store // by the type of the variable
	puts   map[uint32][]operand    // into maps and channels, by the type of the element
	copies map[uint32][]operand    // copied slices, likewise
}

func newMemory() memory {
	return memory{map[uint32][]*ssa.Store{}, map[uint32][]operand{}, map[uint32][]operand{}}
}

// note notes an instruction that writes through a reference that it has from
// elsewhere. What the function itself has made is found from there.
func (s *slice) note(instr ssa.Instruction) {
	put := func(container, v ssa.Value) {
		switch container.(type) {
		case *ssa.MakeMap, *ssa.MakeChan:
			return
		}
		s.puts[hash(v.Type())] = append(s.puts[hash(v.Type())], operand{v, s.loose(instr.Parent())})
	}
	switch instr := instr.(type) {
	case *ssa.Store:
		if !ownVariable(instr.Addr) {
			key := hash(deref(instr.Addr.Type()))
			s.stores[key] = append(s.stores[key], instr)
		}
	case *ssa.MapUpdate:
		put(instr.Map, instr.Value)
	case *ssa.Send:
		put(instr.Chan, instr.X)
	case *ssa.Select:
		for _, state := range instr.States {
			if state.Send != nil {
				put(state.Chan, state.Send)
			}
		}
	case ssa.CallInstruction:
		if b, ok := instr.Common().Value.(*ssa.Builtin); ok && b.Name() == "copy" {
			if to, ok := instr.Common().Args[0].Type().Underlying().(*types.Slice); ok {
				key := hash(to.Elem())
				s.copies[key] = append(s.copies[key], operand{instr.Common().Args[1], s.loose(instr.Parent())})
			}
		}
	}
}

// ownVariable says whether addr is in a variable that is named where it is
// written, or in an array that is made there.
func ownVariable(addr ssa.Value) bool {
	for {
		switch a := addr.(type) {
		case *ssa.Alloc, *ssa.Global, *ssa.FreeVar, *ssa.MakeSlice:
			return true
		case *ssa.FieldAddr:
			addr = a.X
		case *ssa.IndexAddr:
			addr = a.X
		case *ssa.Slice:
			addr = a.X
		default:
			return false
		}
	}
}

// hash is the same for identical types.
func hash(t types.Type) uint32 { return typeutil.MakeHasher().Hash(t) }
