// Package problem is what is wrong with a project, for people to correct: each
// with its place and a way out, and all at once.
package problem

import (
	"cmp"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
)

// A Problem is one thing to correct.
type Problem struct {
	// Pos is a file with a line, or a file or folder as a whole.
	Pos app.Pos
	// Message says what is wrong and what to do, in sentences.
	Message string
}

// String is the problem on one line: "less/topics/x: what is wrong. What to do."
func (p Problem) String() string { return string(p.Pos) + ": " + p.Message }

// A List is an error: every problem once, sorted by place.
type List []Problem

// Error has one line for each problem.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, p := range l {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Sorted sorts l by place and drops what is there twice.
func (l List) Sorted() List {
	slices.SortFunc(l, func(a, b Problem) int {
		return cmp.Or(a.Pos.Compare(b.Pos), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(l)
}
