package schema

import (
	"fmt"
	"go/token"

	"github.com/less-go/less/internal/problem"
)

// A Problem is something in the code that has no JSON.
type Problem = problem.Problem

// Problems is every problem once, sorted by place.
type Problems = problem.List

// Report adds a problem, which [Builder.Finish] returns with the others. The text
// gets its last full stop here.
func (b *Builder) Report(pos token.Pos, format string, args ...any) { b.report(pos, format, args...) }

func (b *Builder) report(pos token.Pos, format string, args ...any) {
	b.problems = append(b.problems, Problem{Pos: b.Pos(pos), Message: fmt.Sprintf(format, args...) + "."})
}
