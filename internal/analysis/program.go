package analysis

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/load"
)

// A program is the SSA form of the loaded packages, and what is looked up in it
// again and again.
type program struct {
	*load.Program
	ssa        *ssa.Program
	topics     map[*ssa.Global]string // the generated variables
	topicNames map[string]bool
	publishes  map[token.Pos][]declaration // by //less:publishes, at a function's name
	functions  []*ssa.Function             // all that have a body
}

func newProgram(loaded *load.Program, a app.App) *program {
	p := &program{
		Program: loaded, topics: map[*ssa.Global]string{}, topicNames: map[string]bool{},
		publishes: readDeclarations(loaded),
	}
	p.ssa, _ = ssautil.Packages(loaded.Packages, ssa.InstantiateGenerics|ssa.GlobalDebug)
	p.ssa.Build()
	for fn := range ssautil.AllFunctions(p.ssa) {
		if fn.Blocks != nil {
			p.functions = append(p.functions, fn)
		}
	}
	generated := p.ssa.ImportedPackage(a.Module + "/less/topics")
	for _, t := range a.Topics {
		p.topicNames[t.Name] = true
		if generated == nil {
			continue
		}
		if g, ok := generated.Members[t.GoName].(*ssa.Global); ok {
			p.topics[g] = t.Name
		}
	}
	return p
}

// function returns the function name of the package importPath.
func (p *program) function(importPath, name string) *ssa.Function {
	pkg := p.ssa.ImportedPackage(importPath)
	if pkg == nil {
		return nil
	}
	return pkg.Func(name)
}

// isTopic says whether t is a less.Topic.
func isTopic(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && isFramework(named.Obj(), "Topic")
}

func isFramework(obj types.Object, name string) bool {
	return obj != nil && obj.Pkg() != nil && obj.Pkg().Path() == load.Framework && obj.Name() == name
}

// holds says whether a value of type t can hold one that is asked for.
func holds(t types.Type, asked func(types.Type) bool) bool {
	return holding(t, asked, map[types.Type]bool{})
}

func holding(t types.Type, asked func(types.Type) bool, seen map[types.Type]bool) bool {
	t = types.Unalias(t)
	if seen[t] {
		return false
	}
	seen[t] = true
	if asked(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return holding(u.Elem(), asked, seen)
	case *types.Slice:
		return holding(u.Elem(), asked, seen)
	case *types.Array:
		return holding(u.Elem(), asked, seen)
	case *types.Chan:
		return holding(u.Elem(), asked, seen)
	case *types.Map:
		return holding(u.Key(), asked, seen) || holding(u.Elem(), asked, seen)
	case *types.Struct:
		for f := range u.Fields() {
			if holding(f.Type(), asked, seen) {
				return true
			}
		}
	}
	return false
}

// method says whether fn is the method of that name of a less.Topic, in any instance.
func topicMethod(fn *ssa.Function, name string) bool {
	if fn == nil || fn.Signature.Recv() == nil || fn.Blocks != nil {
		return false
	}
	obj := fn.Object()
	return isFramework(obj, name) && isTopic(deref(fn.Signature.Recv().Type()))
}

// frameworkFunc returns the name of a function of the framework, "" for any other.
func frameworkFunc(fn *ssa.Function) string {
	if fn == nil || fn.Signature.Recv() != nil {
		return ""
	}
	if obj := fn.Object(); obj != nil && isFramework(obj, obj.Name()) {
		return obj.Name()
	}
	return ""
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

var errorType = types.Universe.Lookup("error").Type()

func isError(t types.Type) bool { return types.Identical(t, errorType) }

// errorResult is the index of the error that a function returns last, or -1.
func errorResult(sig *types.Signature) int {
	n := sig.Results().Len()
	if n > 0 && isError(sig.Results().At(n-1).Type()) {
		return n - 1
	}
	return -1
}

func isContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context" && named.Obj().Name() == "Context"
}
