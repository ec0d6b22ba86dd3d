package schema

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/app"
)

// A Problem is something in the code that has no JSON.
type Problem struct {
	Pos app.Pos
	// Message says what is wrong and what to do, in sentences.
	Message string
}

// String is the problem on one line.
func (p Problem) String() string { return string(p.Pos) + ": " + p.Message }

// Problems is every problem once, sorted by place.
type Problems []Problem

// Error has one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) sorted() Problems {
	slices.SortFunc(ps, func(a, b Problem) int {
		aFile, aLine := split(a.Pos)
		bFile, bLine := split(b.Pos)
		return cmp.Or(strings.Compare(aFile, bFile), cmp.Compare(aLine, bLine), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(ps)
}

// split takes a position apart, so that line 9 sorts before line 10.
func split(pos app.Pos) (file string, line int) {
	file, number, _ := strings.Cut(string(pos), ":")
	line, _ = strconv.Atoi(number)
	return file, line
}

// Report adds a problem, which [Builder.Finish] returns with the others. The text
// gets its last full stop here.
func (b *Builder) Report(pos token.Pos, format string, args ...any) { b.report(pos, format, args...) }

func (b *Builder) report(pos token.Pos, format string, args ...any) {
	b.problems = append(b.problems, Problem{Pos: b.Pos(pos), Message: fmt.Sprintf(format, args...) + "."})
}
