package analysis

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// cut notes that the call of c is not followed: it is another turn of a recursion,
// which does what the turns before it do, if it gets the same; or it is too deep.
func (w *walker) cut(site ssa.CallInstruction, fr *frame, c callee) {
	if w.turn(site, fr, c.fn); fr.deep() {
		return
	}
	args := callArgs(site.Common())
	for i, param := range c.fn.Params {
		if i >= len(args) || !w.mayCarry(param.Type()) {
			continue
		}
		known := map[string]bool{}
		for turn := fr; turn != nil; turn = turn.caller {
			if turn.fn == c.fn && i < len(turn.params) {
				w.leads(turn.params[i], nil, param.Type(), 0, known)
			}
		}
		before := len(known)
		w.leads(operand{args[i], fr}, nil, param.Type(), 0, known)
		if len(known) > before {
			w.refuse(site.Pos(), "a function calls itself with another topic or function each time, which cannot be followed. "+
				"Go through them in a loop, or declare above the function what it publishes: %s order_placed.", publishesDirective)
			return
		}
	}
}

// turn notes that a call of fn is not followed.
func (w *walker) turn(site ssa.CallInstruction, fr *frame, fn *ssa.Function) {
	w.cuts++
	w.turns[fn]++
	if fr.deep() {
		w.refuse(site.Pos(), "the way of calls to here is too long to follow, %d calls. "+
			"Declare above a function on it what is published beyond: %s order_placed.", maxDepth, publishesDirective)
	}
}

// brings says whether the arguments of a call, or what a literal closes over, hold
// functions that publish.
func (w *walker) brings(site ssa.CallInstruction, fr *frame, c callee) bool {
	found := map[string]bool{}
	for _, arg := range callArgs(site.Common()) {
		if w.mayCarry(arg.Type()) {
			w.leads(operand{arg, fr}, nil, arg.Type(), 0, found)
		}
	}
	w.closesOver(c.function, 0, found)
	return found[publishing]
}

func (w *walker) closesOver(f function, depth int, found map[string]bool) {
	if f.closure == nil {
		return
	}
	for _, b := range f.closure.Bindings {
		w.leads(operand{b, f.made}, nil, b.Type(), depth+1, found)
	}
}

// leads adds to found what topics, functions and types of values p leads to from
// op, of type t.
func (w *walker) leads(op operand, p path, t types.Type, depth int, found map[string]bool) {
	if depth > maxHandingDepth || !inspected(t) {
		return
	}
	into := func(step selector, t types.Type) { w.leads(op, p.then(path{step}), t, depth+1, found) }
	switch u := t.Underlying().(type) {
	case *types.Signature, *types.Interface:
		for _, o := range w.dynamic(op, p) {
			switch {
			case o.function.fn != nil:
				found[o.function.fn.String()] = true
				if w.relevant[o.function.fn] {
					found[publishing] = true
				}
				w.closesOver(o.function, depth, found)
			case o.concrete.v != nil && !types.IsInterface(o.concrete.v.Type()):
				found[o.concrete.v.Type().String()] = true
				set := w.ssa.MethodSets.MethodSet(o.concrete.v.Type())
				for sel := range set.Methods() {
					if w.relevant[w.ssa.MethodValue(sel)] {
						found[publishing] = true
					}
				}
				w.leads(o.concrete, nil, o.concrete.v.Type(), depth+1, found)
			default:
				found["unknown"] = true
				if o.lost {
					found[publishing] = true
				}
			}
		}
	case *types.Pointer:
		into(pointee, u.Elem())
	case *types.Slice:
		into(element, u.Elem())
	case *types.Array:
		into(element, u.Elem())
	case *types.Map:
		into(element, u.Elem())
	case *types.Chan:
		into(element, u.Elem())
	case *types.Struct:
		if isTopic(t) {
			found[publishing] = true
			for _, o := range w.originsAt(op, p) {
				found["topic "+o.topic] = true
			}
			return
		}
		for i := range u.NumFields() {
			into(selector(i), u.Field(i).Type())
		}
	}
}

// publishing is what leads finds where there is a topic, or a function that may
// publish.
const publishing = "publishing"
