package analysis

import "golang.org/x/tools/go/ssa"

// A frame is one function on the way of calls from a handler. Values are looked
// at in a frame: the same parameter is another value in another call.
type frame struct {
	fn     *ssa.Function
	caller *frame // nil for a handler, and for a function met outside of a call
	// params are what the parameters are bound to; nil where that is not known: a
	// handler's, or those of a function that foreign code calls.
	params []operand
	// outside says that foreign code calls fn, which decides the parameters.
	outside bool
	// closure and made are how a function literal came to be, and where.
	closure *ssa.MakeClosure
	made    *frame

	// call is the call that fr is, nil where there is none.
	call ssa.Instruction

	calls map[callKey]*frame
	depth int
}

// An operand is a value in a frame.
type operand struct {
	v  ssa.Value
	fr *frame
}

type callKey struct {
	site    ssa.Instruction
	fn      *ssa.Function
	closure *ssa.MakeClosure
	made    *frame
	// receiver is what an interface holds whose method it is.
	receiver operand
}

// maxDepth is how many calls are followed into each other.
const maxDepth = 64

// enter returns the frame of a call of fn from site, the same for the same call,
// or nil where fn calls itself or the way is too long.
func (fr *frame) enter(site ssa.Instruction, callee function, params []operand, outside bool) *frame {
	if fr.deep() || fr.active(callee.fn) {
		return nil
	}
	key := callKey{site: site, fn: callee.fn, closure: callee.closure, made: callee.made}
	if len(params) > 0 && callee.closure == nil {
		key.receiver = params[0]
	}
	if known := fr.calls[key]; known != nil {
		return known
	}
	if fr.calls == nil {
		fr.calls = map[callKey]*frame{}
	}
	next := &frame{
		fn: callee.fn, caller: fr, params: params, outside: outside,
		closure: callee.closure, made: callee.made, call: site, depth: fr.depth + 1,
	}
	fr.calls[key] = next
	return next
}

// literal is the frame of a function literal that fr makes, met outside of a call.
func (fr *frame) literal(made *ssa.MakeClosure) *frame {
	key := callKey{site: made}
	if known := fr.calls[key]; known != nil {
		return known
	}
	if fr.calls == nil {
		fr.calls = map[callKey]*frame{}
	}
	inner := &frame{fn: made.Fn.(*ssa.Function), closure: made, made: fr, caller: fr, depth: fr.depth + 1}
	fr.calls[key] = inner
	return inner
}

// deep says whether the way is too long to call anything from fr.
func (fr *frame) deep() bool { return fr.depth >= maxDepth }

// active says whether fn is among the frame and its callers, twice: one turn of
// a recursion sees all that it does.
func (fr *frame) active(fn *ssa.Function) bool {
	n := 0
	for ; fr != nil; fr = fr.caller {
		if fr.fn == fn {
			n++
		}
	}
	return n > 1
}

// A function is a function value: for a literal with what it closes over.
type function struct {
	fn      *ssa.Function
	closure *ssa.MakeClosure
	made    *frame
}
