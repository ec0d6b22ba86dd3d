package analysis

import (
	"go/ast"
	"go/constant"
	"go/token"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/tools/go/ssa"

	"github.com/less-go/less/internal/flow"
)

// conditions tell when the blocks of functions run.
type conditions struct {
	judge
	known map[*ssa.BasicBlock]flow.Condition
}

// of is when block runs, if its function does: what the branches that it depends
// on say. A block depends on a branch if it always runs after one side of it, and
// not always after the branch.
func (c conditions) of(block *ssa.BasicBlock) flow.Condition {
	if known, found := c.known[block]; found {
		return known
	}
	c.known[block] = flow.Always // for a loop, which depends on itself
	var found []flow.Condition
	for _, b := range block.Parent().Blocks {
		branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok || block.Dominates(b) || alwaysAfter(block, b) {
			continue // in a loop, what comes after the block decides on the next turn only
		}
		for side, succ := range b.Succs {
			if alwaysAfter(block, succ) {
				found = append(found, both(c.of(b), c.sideOf(branch, side)))
			}
		}
	}
	condition := flow.Always
	for i, f := range found {
		if i == 0 {
			condition = f
		}
		condition = either(condition, f)
	}
	if entry := block.Parent().Blocks[0]; condition == flow.Conditional && c.onlyFails(entry, block) {
		condition = flow.OnSuccess
	}
	c.known[block] = condition
	return condition
}

// order is that of the conditions, the one that decides most first.
var order = []flow.Condition{flow.OnFailure, flow.Conditional, flow.OnSuccess, flow.Always}

// both is when a and b are.
func both(a, b flow.Condition) flow.Condition {
	return order[min(slices.Index(order, a), slices.Index(order, b))]
}

// either is when a or b is, of one and the same thing.
func either(a, b flow.Condition) flow.Condition {
	switch {
	case a == b:
		return a
	case a == flow.Always || b == flow.Always:
		return flow.Always
	}
	return flow.Conditional
}

// alwaysAfter says whether every way from the block from to the function's end
// leads through target.
func alwaysAfter(target, from *ssa.BasicBlock) bool {
	if from == target {
		return true
	}
	reached := false // the end, or target
	seen := map[*ssa.BasicBlock]bool{from: true}
	todo := []*ssa.BasicBlock{from}
	for len(todo) > 0 {
		b := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if len(b.Succs) == 0 {
			return false
		}
		for _, succ := range b.Succs {
			if succ == target {
				reached = true
			} else if !seen[succ] {
				seen[succ] = true
				todo = append(todo, succ)
			}
		}
	}
	return reached
}

// sideOf is when that side of a branch is taken.
func (j judge) sideOf(branch *ssa.If, side int) flow.Condition {
	block := branch.Block()
	if initialising(branch) {
		return flow.Always
	}
	if first, known := firstTurn(branch); known && side == first {
		return flow.Always // the body of a loop that begins in any case
	}
	if failing := j.failingSide(branch); failing >= 0 {
		if side == failing {
			return flow.OnFailure
		}
		return flow.OnSuccess
	}
	switch {
	case j.onlyFails(block.Succs[side], nil):
		return flow.OnFailure
	case j.onlyFails(block.Succs[1-side], nil):
		return flow.OnSuccess
	}
	return flow.Conditional
}

// initialising says whether a branch asks if the package is initialised already.
func initialising(branch *ssa.If) bool {
	load, ok := branch.Cond.(*ssa.UnOp)
	if !ok {
		return false
	}
	g, ok := load.X.(*ssa.Global)
	return ok && g.Name() == "init$guard"
}

// firstTurn is the side that a loop's condition takes when it is first reached,
// where that is known: 0 in "for i := 0; i < 3; i++".
func firstTurn(branch *ssa.If) (side int, known bool) {
	compare, ok := branch.Cond.(*ssa.BinOp)
	if !ok {
		return 0, false
	}
	phi, ok := compare.X.(*ssa.Phi)
	limit, isConst := compare.Y.(*ssa.Const)
	if !ok || !isConst || limit.Value == nil || phi.Block() != branch.Block() {
		return 0, false
	}
	sides := map[int]bool{}
	for i, edge := range phi.Edges {
		if branch.Block().Dominates(phi.Block().Preds[i]) {
			continue // a later turn
		}
		start, ok := edge.(*ssa.Const)
		if !ok || start.Value == nil {
			return 0, false
		}
		switch compare.Op {
		case token.LSS, token.LEQ, token.GTR, token.GEQ, token.NEQ, token.EQL:
			if constant.Compare(start.Value, compare.Op, limit.Value) {
				sides[0] = true
			} else {
				sides[1] = true
			}
		}
	}
	if sides[0] {
		return 0, !sides[1]
	}
	return 1, sides[1]
}

// failingSide is the side of a branch on which something has gone wrong, or was
// refused; -1 where the condition does not say.
func (j judge) failingSide(branch *ssa.If) int {
	cond, flipped := branch.Cond, 0
	for {
		not, ok := cond.(*ssa.UnOp)
		if !ok || not.Op != token.NOT {
			break
		}
		cond, flipped = not.X, 1-flipped
	}
	if test := j.errorTest(cond, branch.Block()); test.err != nil {
		return test.failing ^ flipped
	}
	if side := refusal(cond, branch); side >= 0 {
		return side ^ flipped
	}
	return -1
}

// An errTest is a condition about an error.
type errTest struct {
	err ssa.Value
	// failing is the side on which err is certainly an error.
	failing int
	// exact says that on the other side it is certainly none.
	exact bool
}

// errorTest reads err != nil, err == nil, errors.Is(err, x), errors.As(err, &x),
// and the same of what recover returns.
func (j judge) errorTest(cond ssa.Value, block *ssa.BasicBlock) errTest {
	switch cond := cond.(type) {
	case *ssa.BinOp:
		x := cond.X
		if isNil(x) {
			x = cond.Y
		} else if !isNil(cond.Y) {
			// err == io.EOF
			if cond.Op == token.EQL && isError(cond.X.Type()) && j.certainError(cond.Y, block) {
				return errTest{err: cond.X}
			}
			return errTest{}
		}
		if !isError(x.Type()) && !recovered(x) {
			return errTest{}
		}
		switch cond.Op {
		case token.NEQ:
			return errTest{x, 0, true}
		case token.EQL:
			return errTest{x, 1, true}
		}
	case *ssa.Call:
		fn := cond.Call.StaticCallee()
		if isFunc(fn, "errors", "As") || isFunc(fn, "errors", "Is") && j.certainError(cond.Call.Args[1], block) {
			return errTest{err: cond.Call.Args[0]}
		}
	case *ssa.Extract:
		call, ok := cond.Tuple.(*ssa.Call)
		if ok && cond.Index == 1 && isFunc(call.Call.StaticCallee(), "errors", "AsType") {
			return errTest{err: call.Call.Args[0]}
		}
	}
	return errTest{}
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value == nil
}

func recovered(v ssa.Value) bool {
	call, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	b, ok := call.Call.Value.(*ssa.Builtin)
	return ok && b.Name() == "recover"
}

func isFunc(fn *ssa.Function, pkg, name string) bool {
	if fn == nil {
		return false
	}
	obj := fn.Object()
	return obj != nil && obj.Pkg() != nil && obj.Pkg().Path() == pkg && obj.Name() == name
}

// refusal is the side of a condition on which something was refused, by the
// words of its names and the meaning of HTTP's status codes; -1 for neither.
func refusal(cond ssa.Value, branch *ssa.If) int {
	switch expr := ast.Unparen(written(cond, branch)).(type) {
	case *ast.BinaryExpr:
		return comparison(expr)
	case ast.Expr:
		if negative, found := meaning(expr); found {
			if negative {
				return 0
			}
			return 1
		}
	}
	return -1
}

// written is the condition as it stands in the code; a case of a switch is a
// comparison.
func written(cond ssa.Value, branch *ssa.If) ast.Expr {
	var expr ast.Expr = &ast.BadExpr{}
	for _, instr := range branch.Block().Instrs {
		if ref, ok := instr.(*ssa.DebugRef); ok && ref.X == cond {
			expr = ref.Expr
		}
	}
	if compare, ok := cond.(*ssa.BinOp); ok && branch.Parent().Syntax() != nil {
		ast.Inspect(branch.Parent().Syntax(), func(n ast.Node) bool {
			clause, ok := n.(*ast.CaseClause)
			for i := 0; ok && i < len(clause.List); i++ {
				if value := clause.List[i]; value.Pos() == compare.Pos() {
					expr = &ast.BinaryExpr{X: &ast.BadExpr{}, Op: token.EQL, Y: value}
				}
			}
			return true
		})
	}
	return expr
}

func comparison(expr *ast.BinaryExpr) int {
	if literal, ok := ast.Unparen(expr.Y).(*ast.BasicLit); ok && literal.Kind == token.INT {
		if name := strings.ToLower(names(expr.X)); !strings.Contains(name, "status") && !strings.HasSuffix(name, "code") {
			return -1
		}
		switch expr.Op {
		case token.GEQ, token.GTR:
			return 0
		case token.LSS, token.LEQ:
			return 1
		case token.NEQ: // status != 200
			if literal.Value < "300" {
				return 0
			}
		case token.EQL:
			if literal.Value >= "400" {
				return 0
			}
			return 1
		}
		return -1
	}
	negative, found := meaning(expr.Y)
	if !found {
		return -1
	}
	switch {
	case expr.Op == token.EQL && negative, expr.Op == token.NEQ && !negative:
		return 0
	case expr.Op == token.EQL, expr.Op == token.NEQ:
		return 1
	}
	return -1
}

// Words that say how something went. They are compared with the beginnings of
// the words that a name is made of.
var (
	badWords = []string{
		"reject", "fail", "declin", "deni", "deny", "cancel", "invalid", "refus", "err", "timeout", "expired", "unavailable",
		"missing", "bad", "broken", "blocked", "forbidden", "unauthorized", "conflict",
	}
	goodWords = []string{
		"ok", "success", "succeed", "confirm", "accept", "approv", "valid", "allow", "authoriz", "available", "granted", "passed",
	}
	notWords = []string{"not", "no", "un", "never"}
)

// meaning says whether the names of an expression speak of something gone wrong,
// or well.
func meaning(expr ast.Expr) (negative, found bool) {
	not := false
	for _, word := range words(names(expr)) {
		has := func(list []string) bool {
			return slices.ContainsFunc(list, func(w string) bool { return strings.HasPrefix(word, w) })
		}
		switch {
		case slices.Contains(notWords, word):
			not = true
		case not && word == "found": // by itself it says how a search ended, not that something was refused
			return true, true
		case has(badWords):
			return !not, true
		case has(goodWords):
			return not, true
		}
	}
	return false, false
}

// names is the last name of an expression: that of a constant, a field, a method.
func names(expr ast.Expr) string {
	switch expr := ast.Unparen(expr).(type) {
	case *ast.Ident:
		return expr.Name
	case *ast.SelectorExpr:
		return expr.Sel.Name
	case *ast.CallExpr:
		return names(expr.Fun)
	case *ast.StarExpr:
		return names(expr.X)
	}
	return ""
}

// words splits a name at its capitals and underscores, into lower case.
func words(name string) []string {
	var out []string
	word := ""
	flush := func() {
		if word != "" {
			out = append(out, strings.ToLower(word))
		}
		word = ""
	}
	upper := false
	for _, r := range name {
		switch {
		case r == '_':
			flush()
		case unicode.IsUpper(r) && !upper:
			flush()
			word += string(r)
		default:
			word += string(r)
		}
		upper = unicode.IsUpper(r)
	}
	flush()
	return out
}
