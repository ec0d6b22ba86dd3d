package analysis

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// An origin is where a value comes from: exactly one of its fields is set.
type origin struct {
	topic    string   // a topic of the application
	function function // a function, or a literal
	concrete operand  // any other value that the application makes
	outside  bool     // foreign code, which has only what was handed to it
	lost     bool     // the analysis cannot tell
}

// A path leads from a value into it: a field, an element, what a pointer points to.
type path []selector

type selector int

const (
	pointee selector = -1
	element selector = -2
)

func (p path) String() string { return fmt.Sprint([]selector(p)) }

func (p path) then(rest path) path { return append(slices.Clone(p), rest...) }

// A tracer follows values of a slice backwards, through copies, calls and memory,
// to where they come from.
type tracer struct {
	*slice
	// asInterface stops at the value that an interface holds, instead of going on
	// to where that comes from.
	asInterface bool
	seen        map[traceKey]bool
	out         []origin
}

type traceKey struct {
	operand
	path string
}

// origins are where the value of op comes from.
func (s *slice) origins(op operand) []origin {
	return s.originsAt(op, nil)
}

// originsAt are where what path leads to from op comes from.
func (s *slice) originsAt(op operand, p path) []origin {
	return s.follow(op, p, false)
}

// dynamic are the values that an interface may hold, of path from op.
func (s *slice) dynamic(op operand, p path) []origin {
	return s.follow(op, p, true)
}

// follow traces op, unless it is asked for on the way of tracing it: what a call
// gives may depend on which function it reaches, and that on what it gives.
func (s *slice) follow(op operand, p path, asInterface bool) []origin {
	key := traceKey{op, fmt.Sprint(p, asInterface)}
	if s.busy[key] {
		return []origin{{lost: true}}
	}
	s.busy[key] = true
	defer delete(s.busy, key)
	t := &tracer{slice: s, asInterface: asInterface, seen: map[traceKey]bool{}}
	t.trace(op, p)
	return t.out
}

func (t *tracer) add(o origin) { t.out = append(t.out, o) }

func (t *tracer) lose() { t.add(origin{lost: true}) }

// maxPath is how far into a value is looked, as into a list that is followed from
// element to element.
const maxPath = 16

// maxSteps is how many steps one value is followed.
const maxSteps = 5000

func (t *tracer) visited(op operand, p path, what string) bool {
	key := traceKey{op, what + p.String()}
	switch {
	case t.seen[key]:
		return true
	case len(t.seen) == maxSteps:
		t.lose()
	}
	t.seen[key] = true
	return len(t.seen) > maxSteps
}

// trace adds the origins of what p leads to from op.
func (t *tracer) trace(op operand, p path) {
	if t.visited(op, p, "v") {
		return
	}
	if len(p) > maxPath {
		t.lose()
		return
	}
	fr := op.fr
	switch v := op.v.(type) {
	case *ssa.Const, *ssa.Builtin: // nothing
	case *ssa.Function:
		if len(p) == 0 {
			t.add(origin{function: function{fn: v}})
		}
	case *ssa.MakeClosure:
		if len(p) == 0 {
			t.add(origin{function: function{fn: v.Fn.(*ssa.Function), closure: v, made: fr}})
		}
	case *ssa.Global:
		t.global(v, p)
	case *ssa.Parameter:
		t.parameter(v, fr, p)
	case *ssa.FreeVar:
		t.freeVar(v, fr, p)
	case *ssa.Phi:
		for _, edge := range v.Edges {
			t.trace(operand{edge, fr}, p)
		}
	case *ssa.ChangeType:
		t.trace(operand{v.X, fr}, p)
	case *ssa.ChangeInterface:
		t.trace(operand{v.X, fr}, p)
	case *ssa.Convert:
		t.trace(operand{v.X, fr}, p)
	case *ssa.MultiConvert:
		t.trace(operand{v.X, fr}, p)
	case *ssa.MakeInterface:
		if t.asInterface && len(p) == 0 {
			t.add(origin{concrete: operand{v.X, fr}})
			return
		}
		t.trace(operand{v.X, fr}, p)
	case *ssa.TypeAssert:
		t.assert(v, fr, p)
	case *ssa.UnOp:
		t.unary(v, fr, p)
	case *ssa.Field:
		t.trace(operand{v.X, fr}, path{selector(v.Field)}.then(p))
	case *ssa.Index:
		t.trace(operand{v.X, fr}, path{element}.then(p))
	case *ssa.Lookup:
		t.trace(operand{v.X, fr}, path{element}.then(p))
	case *ssa.FieldAddr:
		if len(p) > 0 && p[0] == pointee {
			t.trace(operand{v.X, fr}, path{pointee, selector(v.Field)}.then(p[1:]))
			return
		}
		t.leaf(op, p)
	case *ssa.IndexAddr:
		if len(p) > 0 && p[0] == pointee {
			t.trace(operand{v.X, fr}, elementOf(v.X.Type()).then(p[1:]))
			return
		}
		t.leaf(op, p)
	case *ssa.Slice:
		if len(p) > 0 && p[0] == element {
			t.trace(operand{v.X, fr}, elementOf(v.X.Type()).then(p[1:]))
			return
		}
		t.trace(operand{v.X, fr}, p)
	case *ssa.SliceToArrayPointer:
		if len(p) > 1 && p[0] == pointee {
			t.trace(operand{v.X, fr}, p[1:])
			return
		}
		t.leaf(op, p)
	case *ssa.Alloc:
		if len(p) > 0 && p[0] == pointee {
			t.contents(v, fr, p)
			return
		}
		t.leaf(op, p)
	case *ssa.MakeMap, *ssa.MakeChan, *ssa.MakeSlice:
		if len(p) > 0 && p[0] == element {
			t.contents(v, fr, p)
			return
		}
		t.leaf(op, p)
	case *ssa.Extract:
		t.extract(v, fr, p)
	case *ssa.Call:
		t.call(v, fr, 0, p)
	default:
		t.leaf(op, p)
	}
}

// elementOf is the way from a slice, or a pointer to an array, to its elements.
func elementOf(t types.Type) path {
	if _, pointer := t.Underlying().(*types.Pointer); pointer {
		return path{pointee, element}
	}
	return path{element}
}

// leaf is a value that is made here.
func (t *tracer) leaf(op operand, p path) {
	if len(p) > 0 {
		t.lose()
		return
	}
	t.add(origin{concrete: op})
}

func (t *tracer) unary(v *ssa.UnOp, fr *frame, p path) {
	switch v.Op {
	case token.MUL:
		t.trace(operand{v.X, fr}, path{pointee}.then(p))
	case token.ARROW:
		t.trace(operand{v.X, fr}, path{element}.then(p))
	default:
		t.leaf(operand{v, fr}, p)
	}
}

func (t *tracer) assert(v *ssa.TypeAssert, fr *frame, p path) {
	if t.asInterface || types.IsInterface(v.AssertedType) {
		t.trace(operand{v.X, fr}, p)
		return
	}
	// Only a value of that type comes through.
	for _, o := range t.dynamic(operand{v.X, fr}, nil) {
		switch {
		case o.outside:
			t.foreign(v.AssertedType, p)
		case o.concrete.v != nil && types.IsInterface(o.concrete.v.Type()):
			t.lose()
		case o.concrete.v != nil && types.Identical(o.concrete.v.Type(), v.AssertedType):
			t.trace(o.concrete, p)
		case o.concrete.v == nil:
			t.add(o)
		}
	}
}

func (t *tracer) extract(v *ssa.Extract, fr *frame, p path) {
	switch tuple := v.Tuple.(type) {
	case *ssa.Call:
		t.call(tuple, fr, v.Index, p)
	case *ssa.TypeAssert:
		if v.Index == 0 {
			t.assert(tuple, fr, p)
		}
	case *ssa.Lookup:
		if v.Index == 0 {
			t.trace(operand{tuple.X, fr}, path{element}.then(p))
		}
	case *ssa.UnOp:
		if v.Index == 0 {
			t.trace(operand{tuple.X, fr}, path{element}.then(p))
		}
	case *ssa.Next:
		if iter, ok := tuple.Iter.(*ssa.Range); ok && v.Index == 2 {
			t.trace(operand{iter.X, fr}, path{element}.then(p))
			return
		}
		t.leaf(operand{v, fr}, p)
	case *ssa.Select:
		received := 2 // the results after the case's number and whether there was a value
		for _, state := range tuple.States {
			if state.Dir != types.RecvOnly {
				continue
			}
			if received == v.Index {
				t.trace(operand{state.Chan, fr}, path{element}.then(p))
			}
			received++
		}
	default:
		t.lose()
	}
}

// parameter goes on with what the caller gave.
func (t *tracer) parameter(v *ssa.Parameter, fr *frame, p path) {
	i := slices.Index(v.Parent().Params, v)
	fr = fr.of(v.Parent())
	switch {
	case fr != nil && i < len(fr.params) && fr.params[i].v != nil:
		t.trace(fr.params[i], p)
	case fr != nil && fr.outside:
		t.foreign(v.Type(), p)
	case fr != nil && fr.call != nil && i == 0 && v.Parent().Signature.Recv() != nil:
		// The receiver of a method that was called by interface.
		for _, op := range t.boxes[hash(v.Type())] {
			if types.Identical(op.v.Type(), v.Type()) {
				t.trace(op, p)
			}
		}
	case fr != nil && fr.call == nil:
		// Met in memory, not in a call: any call may have been it.
		sites := t.sites(fr.fn)
		for _, site := range sites {
			if args := callArgs(site.Common()); i < len(args) {
				t.trace(operand{args[i], t.loose(site.Parent())}, p)
			}
		}
		if len(sites) == 0 {
			t.lose()
		}
	default:
		t.lose()
	}
}

// of is the frame of fn: fr itself, or one of its callers. A value is always
// looked at in a frame of its own function, except where memory was followed.
func (fr *frame) of(fn *ssa.Function) *frame {
	for ; fr != nil; fr = fr.caller {
		if fr.fn == fn {
			return fr
		}
	}
	return nil
}

func (t *tracer) freeVar(v *ssa.FreeVar, fr *frame, p path) {
	bindings := t.bindings(v, fr)
	for _, b := range bindings {
		t.trace(b, p)
	}
	if len(bindings) == 0 {
		t.lose()
	}
}

// bindings are what a variable of an enclosing function is, for a literal in fr.
func (s *slice) bindings(v *ssa.FreeVar, fr *frame) []operand {
	i := slices.Index(v.Parent().FreeVars, v)
	if fr = fr.of(v.Parent()); fr != nil && fr.closure != nil && i < len(fr.closure.Bindings) {
		return []operand{{fr.closure.Bindings[i], fr.made}}
	}
	var out []operand
	for _, made := range s.closures[v.Parent()] {
		out = append(out, operand{made.Bindings[i], s.loose(made.Parent())})
	}
	return out
}

// call goes on with the i-th result of a call.
func (t *tracer) call(call *ssa.Call, fr *frame, i int, p path) {
	if b, ok := call.Call.Value.(*ssa.Builtin); ok {
		switch b.Name() {
		case "append":
			for _, arg := range call.Call.Args {
				t.trace(operand{arg, fr}, p)
			}
		case "ssa:wrapnilchk":
			t.trace(operand{call.Call.Args[0], fr}, p)
		case "recover":
			t.lose()
		}
		return
	}
	if frameworkFunc(call.Call.StaticCallee()) == "NewTopic" && len(p) == 0 {
		t.newTopic(call)
		return
	}
	callees, complete := t.callees(call, fr)
	if !complete {
		t.lose()
	}
	result := call.Call.Signature().Results().At(i).Type()
	if len(callees) == 0 {
		t.foreign(result, p)
	}
	for _, callee := range callees {
		if callee.fn.Blocks == nil {
			t.foreign(result, p)
			continue
		}
		next := t.enter(call, fr, callee)
		if next == nil {
			if fr.deep() || t.carries(callee.fn) {
				t.lose() // another turn may give something else
			}
			continue
		}
		for _, block := range callee.fn.Blocks {
			if ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return); ok && i < len(ret.Results) {
				t.trace(operand{ret.Results[i], next}, p)
			}
		}
	}
}

// newTopic is a topic made by hand, which is known by its name if that is a constant.
func (t *tracer) newTopic(call *ssa.Call) {
	if c, ok := call.Call.Args[0].(*ssa.Const); ok && c.Value != nil {
		if name := strings.Trim(c.Value.ExactString(), `"`); t.topicNames[name] {
			t.add(origin{topic: name})
			return
		}
	}
	t.lose()
}
