package analysis

import (
	"go/ast"
	"go/token"
	"strings"

	"github.com/less-go/less/internal/load"
)

// publishesDirective, in the comment above a function, declares the topics it
// publishes to.
const publishesDirective = "//less:publishes"

// A declaration says that a function publishes to a topic.
type declaration struct {
	topic string
	pos   token.Pos
}

// readDeclarations reads those of a program, by the place of the function's name.
func readDeclarations(p *load.Program) map[token.Pos][]declaration {
	out := map[token.Pos][]declaration{}
	for _, pkg := range p.Packages {
		for _, file := range pkg.Syntax {
			for _, decl := range file.Decls {
				fn, ok := decl.(*ast.FuncDecl)
				if !ok || fn.Doc == nil {
					continue
				}
				for _, c := range fn.Doc.List {
					for _, topic := range arguments(c.Text) {
						out[fn.Name.Pos()] = append(out[fn.Name.Pos()], declaration{topic, c.Pos()})
					}
				}
			}
		}
	}
	return out
}

// arguments are the words after the directive, if comment is one.
func arguments(comment string) []string {
	rest, found := strings.CutPrefix(comment, publishesDirective)
	if !found || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return nil
	}
	return strings.Fields(rest)
}
