package analysis

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/callgraph"
	"golang.org/x/tools/go/callgraph/cha"
	"golang.org/x/tools/go/callgraph/vta"
	"golang.org/x/tools/go/ssa"
)

// A slice is the part of a program that one function's program holds: the code
// of its handler's package and of all that this imports.
type slice struct {
	*program
	pkgs map[*ssa.Package]*ssa.Package

	callers  map[*ssa.Function][]ssa.CallInstruction // calls by name
	valued   map[*ssa.Function]bool                  // may be called otherwise: as a value, or by interface
	closures map[*ssa.Function][]*ssa.MakeClosure
	globals  map[*ssa.Global][]ssa.Instruction
	changing map[*ssa.Global]bool // those that are assigned to outside of initialisation
	memory
	frames map[*ssa.Function]*frame // see loose
	boxes  map[uint32][]operand     // the values that become an interface's, by type
	// boxed are the types of which a value becomes an interface's.
	boxed []types.Type
	// errorsCarry and contextsCarry say that some error, or context, of the
	// application holds functions or topics.
	errorsCarry, contextsCarry bool
	// relevant are the functions from which a publish, or something to refuse, can
	// be reached; no other is looked into.
	relevant map[*ssa.Function]bool
	// moves are the functions from which a function that they are given may get to
	// foreign code, which then calls it.
	moves map[*ssa.Function]bool

	functions []*ssa.Function
	busy      map[traceKey]bool // what is being traced
	graph     *callgraph.Graph  // made when it is first needed
}

func (p *program) slice(importPaths []string) *slice {
	s := &slice{
		program: p, pkgs: map[*ssa.Package]*ssa.Package{},
		callers: map[*ssa.Function][]ssa.CallInstruction{}, closures: map[*ssa.Function][]*ssa.MakeClosure{},
		globals: map[*ssa.Global][]ssa.Instruction{}, memory: newMemory(),
		valued: map[*ssa.Function]bool{}, changing: map[*ssa.Global]bool{},
		frames: map[*ssa.Function]*frame{}, boxes: map[uint32][]operand{}, busy: map[traceKey]bool{},
	}
	for _, importPath := range importPaths {
		if pkg := p.ssa.ImportedPackage(importPath); pkg != nil {
			s.pkgs[pkg] = pkg
		}
	}
	mentions := map[*ssa.Function][]*ssa.Function{} // who mentions the key
	var seeds []*ssa.Function
	byName := map[string][]*ssa.Function{} // methods of boxed types
	boxed := map[types.Type]bool{}
	for _, fn := range p.functions {
		if !s.inside(fn) {
			continue
		}
		s.functions = append(s.functions, fn)
		if s.index(fn, mentions, boxed) {
			seeds = append(seeds, fn)
		}
	}
	for t := range boxed {
		s.boxed = append(s.boxed, t)
		carries := holds(t, func(t types.Type) bool {
			_, isFunc := t.Underlying().(*types.Signature)
			return isFunc || isTopic(t) || types.IsInterface(t) && !isError(t) && !isContext(t)
		})
		s.errorsCarry = s.errorsCarry || carries && types.Implements(t, errorType.Underlying().(*types.Interface))
		s.contextsCarry = s.contextsCarry || carries && hasMethods(p.ssa, t, "Deadline", "Done", "Err", "Value")
		set := p.ssa.MethodSets.MethodSet(t)
		for method := range set.Methods() {
			if m := p.ssa.MethodValue(method); m != nil {
				byName[m.Name()] = append(byName[m.Name()], m)
				s.valued[m] = true
			}
		}
	}
	slices.SortFunc(s.boxed, func(a, b types.Type) int { return strings.Compare(a.String(), b.String()) })
	for _, m := range byName["Publish"] {
		if topicMethod(m, "Publish") {
			seeds = append(seeds, m)
		}
	}
	var moving []*ssa.Function
	for _, fn := range s.functions {
		switch s.handsOver(fn) {
		case fromGlobal:
			seeds = append(seeds, fn)
			fallthrough
		case fromCaller:
			moving = append(moving, fn)
		}
	}
	s.relevant = s.reach(seeds, mentions, byName)
	s.moves = s.reach(moving, mentions, byName)
	return s
}

// inside says whether fn is part of the slice: declared in one of its packages,
// or a wrapper or an instance made for one.
func (s *slice) inside(fn *ssa.Function) bool {
	pkg := fn.Pkg
	if pkg == nil && fn.Origin() != nil {
		pkg = fn.Origin().Pkg
	}
	return pkg == nil || s.pkgs[pkg] != nil
}

// hasMethods says whether t has methods of all of these names.
func hasMethods(p *ssa.Program, t types.Type, names ...string) bool {
	set := p.MethodSets.MethodSet(t)
	return !slices.ContainsFunc(names, func(name string) bool { return set.Lookup(nil, name) == nil })
}

// mayCarry says whether a value of type t may hold a topic, a function or an
// unknown type, which most contexts and errors do not.
func (s *slice) mayCarry(t types.Type) bool {
	if isContext(t) && !s.contextsCarry || isError(t) && !s.errorsCarry {
		return false
	}
	return inspected(t)
}

// index notes what fn does, and says whether it is a seed: whether it publishes,
// handles a topic, or declares what it publishes.
func (s *slice) index(fn *ssa.Function, mentions map[*ssa.Function][]*ssa.Function, boxed map[types.Type]bool) (seed bool) {
	seed = len(s.declared(fn)) > 0
	var operands []*ssa.Value
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			if _, debug := instr.(*ssa.DebugRef); debug {
				continue
			}
			operands = instr.Operands(operands[:0])
			for _, op := range operands {
				switch v := (*op).(type) {
				case *ssa.Function:
					mentions[v] = append(mentions[v], fn)
					if call, ok := instr.(ssa.CallInstruction); !ok || op != &call.Common().Value {
						s.valued[v] = true
					}
					seed = seed || topicMethod(v, "Publish") || frameworkFunc(v) == "NewTopic" && fn.Name() != "init"
				case *ssa.Global:
					s.globals[v] = append(s.globals[v], instr)
					if load, ok := instr.(*ssa.UnOp); (!ok || load.Op != token.MUL) && fn.Synthetic != "package initializer" {
						s.changing[v] = true
					}
					if _, topic := s.topics[v]; topic && fn.Synthetic != "package initializer" {
						seed = true
					}
				}
			}
			s.note(instr)
			switch instr := instr.(type) {
			case *ssa.MakeClosure:
				literal := instr.Fn.(*ssa.Function)
				s.closures[literal] = append(s.closures[literal], instr)
			case *ssa.MakeInterface:
				boxed[instr.X.Type()] = true
				key := hash(instr.X.Type())
				s.boxes[key] = append(s.boxes[key], operand{instr.X, s.loose(fn)})
				seed = seed || holds(instr.X.Type(), isTopic)
			case ssa.CallInstruction:
				if callee := instr.Common().StaticCallee(); callee != nil {
					s.callers[callee] = append(s.callers[callee], instr)
				}
			}
		}
	}
	return seed
}

// reach lists what leads to a seed: a mention of a function, or a call by
// interface of a method of that name.
func (s *slice) reach(seeds []*ssa.Function, mentions map[*ssa.Function][]*ssa.Function, byName map[string][]*ssa.Function) map[*ssa.Function]bool {
	invokes := map[string][]*ssa.Function{}
	dynamic := map[uint32][]*ssa.Function{}       // who calls a function value of that type
	boxing := map[*ssa.Function][]*ssa.Function{} // who boxes the receiver of the method
	methods := map[types.Type][]*ssa.Function{}
	for _, list := range byName {
		for _, m := range list {
			methods[m.Signature.Recv().Type()] = append(methods[m.Signature.Recv().Type()], m)
		}
	}
	for _, fn := range s.functions {
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				if call, ok := instr.(ssa.CallInstruction); ok {
					common := call.Common()
					switch {
					case common.IsInvoke():
						invokes[common.Method.Name()] = append(invokes[common.Method.Name()], fn)
					case common.StaticCallee() == nil:
						key := signature(common.Signature())
						dynamic[key] = append(dynamic[key], fn)
					}
				}
				if box, ok := instr.(*ssa.MakeInterface); ok {
					for _, m := range methods[box.X.Type()] {
						boxing[m] = append(boxing[m], fn)
					}
				}
			}
		}
	}
	reached := map[*ssa.Function]bool{}
	for len(seeds) > 0 {
		fn := seeds[len(seeds)-1]
		seeds = seeds[:len(seeds)-1]
		if reached[fn] {
			continue
		}
		reached[fn] = true
		seeds = append(seeds, mentions[fn]...)
		seeds = append(seeds, dynamic[signature(fn.Signature)]...)
		if fn.Parent() != nil {
			seeds = append(seeds, fn.Parent())
		}
		if slices.Contains(byName[fn.Name()], fn) {
			seeds = append(seeds, invokes[fn.Name()]...)
			seeds = append(seeds, boxing[fn]...)
		}
	}
	return reached
}

// A provenance is where a value may come from that a function hands over.
type provenance int

const (
	fromHere provenance = iota
	fromCaller
	fromGlobal
)

// handsOver says whether fn may hand foreign code a function that it has not made.
func (s *slice) handsOver(fn *ssa.Function) provenance {
	most := fromHere
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			common := call.Common()
			if _, builtin := common.Value.(*ssa.Builtin); builtin {
				continue
			}
			if callee := common.StaticCallee(); callee != nil && (callee.Blocks != nil || topicMethod(callee, "Publish")) {
				continue
			}
			for _, arg := range common.Args {
				if t := arg.Type(); s.mayCarry(t) {
					most = max(most, s.comesFrom(arg, map[ssa.Value]bool{}))
				}
			}
		}
	}
	return most
}

// comesFrom says where v may come from; a value of a type that holds no functions
// does not matter.
func (s *slice) comesFrom(v ssa.Value, seen map[ssa.Value]bool) provenance {
	if seen[v] {
		return fromHere
	}
	seen[v] = true
	switch v := v.(type) {
	case *ssa.Parameter, *ssa.FreeVar:
		if !s.mayCarry(v.Type()) {
			return fromHere
		}
		return fromCaller
	case *ssa.Global:
		if s.pkgs[v.Pkg] != nil && inspected(v.Type()) && s.topics[v] == "" {
			return fromGlobal
		}
		return fromHere
	case *ssa.Alloc:
		return s.putInto(v, seen)
	case *ssa.MakeMap, *ssa.MakeSlice, *ssa.MakeChan:
		return s.putInto(v, seen)
	case *ssa.MakeInterface:
		if _, isConst := v.X.(*ssa.Const); isConst {
			return fromHere
		}
	}
	instr, ok := v.(ssa.Instruction)
	if !ok {
		return fromHere
	}
	most := fromHere
	for _, op := range instr.Operands(nil) {
		most = max(most, s.comesFrom(*op, seen))
	}
	return most
}

// putInto says where may come from what is put into what v has made.
func (s *slice) putInto(v ssa.Value, seen map[ssa.Value]bool) provenance {
	most := fromHere
	for _, use := range *v.Referrers() {
		switch use := use.(type) {
		case *ssa.Store:
			if use.Addr == v {
				most = max(most, s.comesFrom(use.Val, seen))
			}
		case *ssa.MapUpdate:
			most = max(most, s.comesFrom(use.Value, seen))
		case *ssa.Send:
			most = max(most, s.comesFrom(use.X, seen))
		case *ssa.FieldAddr, *ssa.IndexAddr:
			most = max(most, s.putInto(use.(ssa.Value), seen))
		}
	}
	return most
}

// signature is the type of a function as a value: without names and receiver.
func signature(sig *types.Signature) uint32 {
	return hash(types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic()))
}

// loose is the frame of fn met outside of a call.
func (s *slice) loose(fn *ssa.Function) *frame {
	if s.frames[fn] == nil {
		s.frames[fn] = &frame{fn: fn}
	}
	return s.frames[fn]
}

// vta is the call graph of x/tools, for what the tracer loses.
func (s *slice) vta() *callgraph.Graph {
	if s.graph == nil {
		all := map[*ssa.Function]bool{}
		for _, fn := range s.functions {
			all[fn] = true
		}
		s.graph = vta.CallGraph(all, cha.CallGraph(s.ssa))
	}
	return s.graph
}

// sites are the calls of the application that may reach fn.
func (s *slice) sites(fn *ssa.Function) []ssa.CallInstruction {
	sites := slices.Clone(s.callers[fn])
	if !s.valued[fn] {
		return sites
	}
	if node := s.vta().Nodes[fn]; node != nil {
		for _, edge := range node.In {
			if edge.Site != nil && edge.Site.Common().StaticCallee() == nil {
				sites = append(sites, edge.Site)
			}
		}
	}
	return sites
}

// declared are the topics that the //less:publishes lines of fn name.
func (s *slice) declared(fn *ssa.Function) []declaration {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	if fn.Object() == nil {
		return nil
	}
	return s.publishes[fn.Object().Pos()]
}
