package analysis

import (
	"cmp"
	"go/constant"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/load"
)

// errorStatus are the statuses of the framework's errors.
var errorStatus = map[string]int{
	"BadRequest": 400, "Unauthorized": 401, "Forbidden": 403, "NotFound": 404, "Conflict": 409,
}

// resultStatus are the statuses of the framework's answers.
var resultStatus = map[string]int{"Created": 201, "Accepted": 202, "NoContent": 204}

// answers are what a typed route answers: by its result's type, and by the errors
// of the framework that it makes, itself or in what it calls by name.
func (s *slice) answers(handler *ssa.Function) []flow.Answer {
	results := handler.Signature.Results()
	if results.Len() != 2 {
		return nil // the http.Handler form
	}
	status := 200
	if named, ok := types.Unalias(results.At(0).Type()).(*types.Named); ok {
		if obj := named.Obj(); obj.Pkg() != nil && obj.Pkg().Path() == load.Framework {
			status = cmp.Or(resultStatus[obj.Name()], status)
		}
	}
	out := []flow.Answer{{Status: status, Pos: s.Pos(handler.Pos())}}
	seen := map[*ssa.Function]bool{}
	todo := []*ssa.Function{handler}
	for len(todo) > 0 {
		fn := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[fn] {
			continue
		}
		seen[fn] = true
		todo = append(todo, fn.AnonFuncs...)
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				call, ok := instr.(ssa.CallInstruction)
				if !ok || call.Common().StaticCallee() == nil {
					continue
				}
				callee := call.Common().StaticCallee()
				todo = append(todo, callee)
				if status := statusOf(callee, call.Common()); status != 0 {
					out = append(out, flow.Answer{Status: status, Pos: s.Pos(call.Pos())})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b flow.Answer) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), a.Pos.Compare(b.Pos))
	})
	return slices.Compact(out)
}

func statusOf(fn *ssa.Function, c *ssa.CallCommon) int {
	name := frameworkFunc(fn)
	if name != "Errorf" {
		return errorStatus[name]
	}
	if status, ok := c.Args[0].(*ssa.Const); ok && status.Value != nil {
		n, _ := constant.Int64Val(status.Value)
		return int(n)
	}
	return 0
}

// failures are the places where a handler returns an error, or panics.
func (s *slice) failures(handler *ssa.Function) []flow.Failure {
	var out []flow.Failure
	result := errorResult(handler.Signature)
	for _, block := range handler.Blocks {
		switch end := block.Instrs[len(block.Instrs)-1].(type) {
		case *ssa.Return:
			if result >= 0 && !isNil(end.Results[result]) {
				out = append(out, flow.Failure{Pos: s.Pos(end.Pos()), What: "returns an error"})
			}
		case *ssa.Panic:
			if end.Pos().IsValid() {
				out = append(out, flow.Failure{Pos: s.Pos(end.Pos()), What: "panics"})
			}
		}
	}
	slices.SortFunc(out, func(a, b flow.Failure) int { return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.What, b.What)) })
	return slices.Compact(out)
}
