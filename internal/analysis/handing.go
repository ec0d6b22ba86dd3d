package analysis

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// handOver is what happens when values are handed to foreign code: functions
// count as called, and so do the methods of values; topics are refused.
func (w *walker) handOver(site ssa.CallInstruction, fr *frame) []*summary {
	h := &handing{walker: w, site: site, fr: fr}
	for _, arg := range site.Common().Args {
		h.value(operand{arg, fr}, nil, arg.Type(), 0)
	}
	return h.called
}

// A handing is one call of foreign code.
type handing struct {
	*walker
	site   ssa.CallInstruction
	fr     *frame
	called []*summary
}

// maxHandingDepth is how deep into a handed value functions are looked for.
const maxHandingDepth = 4

// value looks at what p leads to from op, of type t.
func (h *handing) value(op operand, p path, t types.Type, depth int) {
	if depth > maxHandingDepth && !holds(t, isTopic) {
		return
	}
	if isTopic(t) || depth > maxHandingDepth {
		h.refuse(h.site.Pos(), "a topic is handed to code that cannot be followed, %s. "+
			"Hand over a function that publishes, or publish here: topics.OrderPlaced.Publish(ctx, m); its name is topics.OrderPlaced.Name().", h.target())
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Signature:
		for _, o := range h.originsAt(op, p) {
			if o.function.fn != nil {
				h.call(o.function, operand{}, depth)
			}
		}
	case *types.Interface:
		if !h.mayCarry(t) {
			return
		}
		for _, o := range h.dynamic(op, p) {
			if o.concrete.v != nil && !types.IsInterface(o.concrete.v.Type()) {
				h.methods(o.concrete, u, depth)
				h.value(o.concrete, nil, o.concrete.v.Type(), depth+1)
			}
			if o.function.fn != nil {
				h.call(o.function, operand{}, depth)
			}
		}
	case *types.Pointer:
		if inspected(u.Elem()) {
			h.value(op, p.then(path{pointee}), u.Elem(), depth+1)
		}
	case *types.Slice:
		if inspected(u.Elem()) {
			h.value(op, p.then(path{element}), u.Elem(), depth+1)
		}
	case *types.Array:
		if inspected(u.Elem()) {
			h.value(op, p.then(path{element}), u.Elem(), depth+1)
		}
	case *types.Map:
		if inspected(u.Elem()) {
			h.value(op, p.then(path{element}), u.Elem(), depth+1)
		}
	case *types.Chan:
		if inspected(u.Elem()) {
			h.value(op, p.then(path{element}), u.Elem(), depth+1)
		}
	case *types.Struct:
		for i := range u.NumFields() {
			if f := u.Field(i); inspected(f.Type()) {
				h.value(op, p.then(path{selector(i)}), f.Type(), depth+1)
			}
		}
	}
}

// inspected says whether a value of type t can hold functions or topics.
func inspected(t types.Type) bool {
	return holds(t, func(t types.Type) bool {
		_, isFunc := t.Underlying().(*types.Signature)
		return isFunc || types.IsInterface(t) || isTopic(t)
	})
}

// asked are methods that libraries call on any value that has them.
var asked = []string{
	"String", "GoString", "Format", "Error", "Unwrap", "LogValue", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText",
	"MarshalBinary", "UnmarshalBinary", "Scan", "Value", "Close", "ServeHTTP", "Read", "Write",
}

// methods are called of a value that was handed over as an interface: those of
// the interface, and those that libraries ask for.
func (h *handing) methods(v operand, iface *types.Interface, depth int) {
	set := h.ssa.MethodSets.MethodSet(v.v.Type())
	for sel := range set.Methods() {
		name := sel.Obj().Name()
		named := slices.Contains(asked, name)
		for m := range iface.Methods() {
			named = named || m.Name() == name
		}
		if !named {
			continue
		}
		if fn := h.ssa.MethodValue(sel); fn != nil {
			h.call(function{fn: fn}, v, depth)
		}
	}
}

// call counts f as called, and what it returns as handed over too.
func (h *handing) call(f function, receiver operand, depth int) {
	if topicMethod(f.fn, "Publish") && receiver.v != nil {
		h.called = append(h.called, h.publish(h.site, receiver))
		return
	}
	if f.fn.Blocks == nil {
		return
	}
	var params []operand
	found := map[string]bool{}
	if receiver.v != nil {
		params = []operand{receiver}
		h.leads(receiver, nil, receiver.v.Type(), depth, found)
	}
	h.closesOver(f, depth, found)
	next := h.fr.enter(h.site, f, params, true)
	if next == nil {
		h.turn(h.site, h.fr, f.fn)
		return
	}
	if h.relevant[f.fn] || h.moves[f.fn] && found[publishing] {
		h.called = append(h.called, h.step(h.site, next))
	}
	for _, block := range f.fn.Blocks {
		ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		for _, result := range ret.Results {
			if inspected(result.Type()) {
				h.value(operand{result, next}, nil, result.Type(), depth+1)
			}
		}
	}
}

// target names what the values are handed to.
func (h *handing) target() string {
	if fn := h.site.Common().StaticCallee(); fn != nil {
		return display(fn)
	}
	if h.site.Common().IsInvoke() {
		return "the method " + h.site.Common().Method.Name()
	}
	return "a function of a library"
}
