package analysis

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// A callee is a function that a call may reach. In a call by interface, receiver
// is the value that the interface holds.
type callee struct {
	function
	receiver operand
}

// callArgs are the arguments of a call, with the receiver first.
func callArgs(c *ssa.CallCommon) []ssa.Value {
	if c.IsInvoke() {
		return append([]ssa.Value{c.Value}, c.Args...)
	}
	return c.Args
}

// callees are the functions that a call in fr may reach. It is not complete
// where there may be others.
//
// A function or a value that foreign code gives back is one that was handed to
// it before, and then counts as called already; so such a call needs no callees,
// except where an interface's method is called on what was handed over as
// something else.
func (s *slice) callees(site ssa.CallInstruction, fr *frame) (list []callee, complete bool) {
	common := site.Common()
	if fn := common.StaticCallee(); fn != nil {
		made, _ := common.Value.(*ssa.MakeClosure)
		return []callee{{function: function{fn: fn, closure: made, made: fr}}}, true
	}
	if _, builtin := common.Value.(*ssa.Builtin); builtin {
		return nil, true
	}
	if common.IsInvoke() {
		return s.implementations(site, fr)
	}
	complete = true
	for _, o := range s.origins(operand{common.Value, fr}) {
		switch {
		case o.function.fn != nil:
			list = append(list, callee{function: o.function})
		case o.lost, o.concrete.v != nil:
			complete = false
		}
	}
	if !complete {
		known := s.possible(site)
		return append(list, known...), len(known) > 0
	}
	return list, true
}

// implementations are the methods that a call by interface may reach.
func (s *slice) implementations(site ssa.CallInstruction, fr *frame) (list []callee, complete bool) {
	common := site.Common()
	iface, _ := common.Value.Type().Underlying().(*types.Interface)
	var outside, lost bool
	for _, o := range s.dynamic(operand{common.Value, fr}, nil) {
		switch {
		case o.concrete.v != nil && types.IsInterface(o.concrete.v.Type()):
			lost = true
		case o.concrete.v != nil:
			if m := s.method(o.concrete.v.Type(), common.Method); m != nil {
				list = append(list, callee{function{fn: m}, o.concrete})
			}
		case o.outside:
			outside = true
		case o.lost:
			lost = true
		}
	}
	if lost {
		known := s.possible(site)
		list, lost = append(list, known...), len(known) == 0
	}
	if outside && iface != nil {
		for _, t := range s.boxed {
			if types.IsInterface(t) || !types.Implements(t, iface) {
				continue
			}
			if m := s.method(t, common.Method); m != nil {
				list = append(list, callee{function: function{fn: m}})
			}
		}
	}
	return list, !lost
}

// method is that of a type by the name of m, nil where it has none.
func (s *slice) method(t types.Type, m *types.Func) *ssa.Function {
	if sel := s.ssa.MethodSets.MethodSet(t).Lookup(m.Pkg(), m.Name()); sel != nil {
		return s.ssa.MethodValue(sel)
	}
	return nil
}

// possible are the callees that the call graph of x/tools has for site.
func (s *slice) possible(site ssa.CallInstruction) []callee {
	var list []callee
	node := s.vta().Nodes[site.Parent()]
	if node == nil {
		return nil
	}
	for _, edge := range node.Out {
		if edge.Site == site && edge.Callee.Func != nil {
			list = append(list, callee{function: function{fn: edge.Callee.Func}})
		}
	}
	return list
}

// enter is the frame of a call of c from site.
func (s *slice) enter(site ssa.CallInstruction, fr *frame, c callee) *frame {
	common := site.Common()
	var params []operand
	for _, arg := range callArgs(common) {
		params = append(params, operand{arg, fr})
	}
	if common.IsInvoke() && len(params) > 0 {
		params[0] = c.receiver
	}
	return fr.enter(site, c.function, params, false)
}
