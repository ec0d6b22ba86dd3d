// Package check lists the mistakes of an application: those that its code has,
// and those that only its workflow as a whole shows. A mistake can be accepted in
// the code, with a reason:
//
//	//less:allow ignored-error a lost statistic hurts nobody
//
// on its line or on the line above.
package check

import (
	"bytes"
	"cmp"
	"io/fs"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
)

// A Finding is a mistake.
type Finding struct {
	flow.Finding
	// Allowed is the reason to accept it, "" where there is none.
	Allowed string `json:"allowed,omitempty"`
}

// String is the finding on one line.
func (f Finding) String() string {
	return string(f.Pos) + ": " + f.Message + " (" + string(f.Rule) + ")"
}

// All lists the mistakes of an application, sorted by place. project is its
// folder, whose files say what is accepted.
func All(project fs.FS, a app.App, g graph.Graph, f flow.Flow) []Finding {
	var found []flow.Finding
	for _, fn := range f.Functions {
		found = append(found, fn.Findings...)
	}
	for _, r := range f.Refusals() {
		found = append(found, flow.Finding{Rule: flow.NotFollowed, Pos: r.Pos, Message: r.Message})
	}
	found = append(found, topics(a, f)...)
	found = append(found, cycles(g)...)
	slices.SortFunc(found, func(a, b flow.Finding) int {
		return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.Rule, b.Rule), strings.Compare(a.Message, b.Message))
	})
	files := &lines{project: project, known: map[string][][]byte{}}
	var out []Finding
	for _, f := range slices.Compact(found) {
		out = append(out, Finding{f, files.allowed(f)})
	}
	return out
}

// Open are the findings that are not accepted.
func Open(all []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f Finding) bool { return f.Allowed != "" })
}

// lines are those of the project's files.
type lines struct {
	project fs.FS
	known   map[string][][]byte
}

const allowDirective = "//less:allow"

// allowed is the reason that the code gives to accept f.
func (l *lines) allowed(f flow.Finding) string {
	file, at := f.Pos.Split()
	for _, line := range []int{at, at - 1} {
		_, directive, found := strings.Cut(l.line(file, line), allowDirective+" ")
		if !found {
			continue
		}
		rule, reason, _ := strings.Cut(strings.TrimSpace(directive), " ")
		if rule == string(f.Rule) {
			return strings.TrimSpace(reason) // one without a reason accepts nothing
		}
	}
	return ""
}

// line is a line of a file, counted from 1; "" where there is none.
func (l *lines) line(file string, n int) string {
	if _, found := l.known[file]; !found {
		content, err := fs.ReadFile(l.project, file)
		if err != nil {
			content = nil // then nothing in it is accepted
		}
		l.known[file] = bytes.Split(content, []byte("\n"))
	}
	if n < 1 || n > len(l.known[file]) {
		return ""
	}
	return string(l.known[file][n-1])
}
