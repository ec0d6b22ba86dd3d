package analysis

import (
	"go/ast"
	"go/token"
	"strings"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/load"
)

// The comments that people write for the analysis, like //go: ones without a space.
const (
	// publishesDirective, on a function, declares the topics it publishes to.
	publishesDirective = "//less:publishes"
	// allowDirective, on the line of a finding or the line above, accepts it.
	allowDirective = "//less:allow"
)

// directives are those of a program.
type directives struct {
	publishes map[token.Pos][]declaration // by the place of the function's name
	allows    map[string]map[int]allowance
	all       []*allowance
}

// A declaration says that a function publishes to a topic.
type declaration struct {
	topic string
	pos   token.Pos
}

// An allowance accepts the findings of one rule on one line.
type allowance struct {
	rule   flow.Rule
	reason string
	pos    token.Pos
}

func readDirectives(p *load.Program) *directives {
	d := &directives{publishes: map[token.Pos][]declaration{}, allows: map[string]map[int]allowance{}}
	for _, pkg := range p.Packages {
		for _, file := range pkg.Syntax {
			for _, decl := range file.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok && fn.Doc != nil {
					d.function(fn)
				}
			}
			for _, group := range file.Comments {
				for _, c := range group.List {
					d.allow(p.Fset, c)
				}
			}
		}
	}
	return d
}

func (d *directives) function(fn *ast.FuncDecl) {
	for _, c := range fn.Doc.List {
		args, found := arguments(c.Text, publishesDirective)
		if !found {
			continue
		}
		for _, topic := range args {
			d.publishes[fn.Name.Pos()] = append(d.publishes[fn.Name.Pos()], declaration{topic, c.Pos()})
		}
	}
}

func (d *directives) allow(fset *token.FileSet, c *ast.Comment) {
	args, found := arguments(c.Text, allowDirective)
	if !found || len(args) < 2 {
		return // one without a reason accepts nothing
	}
	a := allowance{flow.Rule(args[0]), strings.Join(args[1:], " "), c.Pos()}
	at := fset.PositionFor(c.Pos(), false)
	if d.allows[at.Filename] == nil {
		d.allows[at.Filename] = map[int]allowance{}
	}
	d.allows[at.Filename][at.Line] = a
}

// allowed returns the reason to accept a finding of rule at pos, "" for none.
func (d *directives) allowed(fset *token.FileSet, rule flow.Rule, pos token.Pos) string {
	at := fset.PositionFor(pos, false)
	for _, line := range []int{at.Line, at.Line - 1} {
		if a, found := d.allows[at.Filename][line]; found && a.rule == rule {
			return a.reason
		}
	}
	return ""
}

// arguments splits what follows a directive.
func arguments(comment, directive string) (args []string, found bool) {
	rest, found := strings.CutPrefix(comment, directive)
	if !found || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return nil, false
	}
	return strings.Fields(rest), true
}
