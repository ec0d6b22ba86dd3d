package scan

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/app"
)

// A Problem is one thing that keeps the tree from being an application.
type Problem struct {
	// Pos is a file with a line, or a file or folder as a whole.
	Pos app.Pos
	// Message says what is wrong and what to do, in sentences.
	Message string
}

// String is the problem on one line: "less/topics/x: what is wrong. What to do."
func (p Problem) String() string { return string(p.Pos) + ": " + p.Message }

// Problems is the error of [Dir]: every problem once, sorted by place.
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
		return cmp.Or(
			strings.Compare(aFile, bFile),
			cmp.Compare(aLine, bLine),
			strings.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(ps)
}

// split takes a position apart, so that line 9 sorts before line 10.
func split(pos app.Pos) (file string, line int) {
	if i := strings.LastIndexByte(string(pos), ':'); i >= 0 {
		if line, err := strconv.Atoi(string(pos[i+1:])); err == nil {
			return string(pos[:i]), line
		}
	}
	return string(pos), 0
}

func place(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }

func (s *scanner) report(pos, format string, args ...any) {
	// Names come from folders, and a folder may be called anything: a line break
	// in one must not look like a problem of its own.
	oneLine := strings.NewReplacer("\n", `\n`, "\r", `\r`)
	s.problems = append(s.problems, Problem{
		Pos:     app.Pos(oneLine.Replace(pos)),
		Message: oneLine.Replace(fmt.Sprintf(format, args...)),
	})
}

func (s *scanner) unreadable(name string, err error) {
	// The path is in front already, and inside a PathError it may be a longer one.
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	s.report(name, "it cannot be read: %v. Check its permissions.", err)
}

// at is the position of pos as a file of the project and a line. Line comments
// do not move it: people edit the file they see.
func (s *scanner) at(pos token.Pos) string {
	p := s.fset.PositionFor(pos, false)
	return place(p.Filename, p.Line)
}
