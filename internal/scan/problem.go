package scan

import (
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/problem"
)

// A Problem is one thing that keeps the tree from being an application.
type Problem = problem.Problem

// Problems is the error of [Dir]: every problem once, sorted by place.
type Problems = problem.List

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
