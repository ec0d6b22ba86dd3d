package schema

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/packages"
)

// comments are what is said of declarations, by the place of their names: objects
// of one declaration differ, where a type is instantiated for example.
type comments struct {
	fset *token.FileSet
	text map[string]string
}

func readComments(fset *token.FileSet, pkgs []*packages.Package) comments {
	c := comments{fset: fset, text: map[string]string{}}
	for _, p := range pkgs {
		for _, file := range p.Syntax {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GenDecl:
					c.declaration(n)
				case *ast.FuncDecl:
					c.add([]*ast.Ident{n.Name}, n.Doc)
				case *ast.Field:
					names := n.Names
					if len(names) == 0 {
						names = embeddedName(n.Type)
					}
					c.add(names, n.Doc, n.Comment)
				}
				return true
			})
		}
	}
	return c
}

func (c comments) declaration(d *ast.GenDecl) {
	var alone *ast.CommentGroup // what stands above the word type
	if len(d.Specs) == 1 {
		alone = d.Doc
	}
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			c.add([]*ast.Ident{spec.Name}, spec.Doc, alone, spec.Comment)
		case *ast.ValueSpec:
			c.add(spec.Names, spec.Doc, alone, spec.Comment)
		}
	}
}

// add notes the first of groups that says something.
func (c comments) add(names []*ast.Ident, groups ...*ast.CommentGroup) {
	for _, group := range groups {
		if text := strings.TrimSpace(group.Text()); text != "" {
			for _, name := range names {
				c.text[c.key(name.Pos())] = text
			}
			return
		}
	}
}

func (c comments) of(obj types.Object) string {
	switch o := obj.(type) {
	case *types.Var:
		obj = o.Origin()
	case *types.Func:
		obj = o.Origin()
	}
	if !obj.Pos().IsValid() {
		return ""
	}
	return c.text[c.key(obj.Pos())]
}

func (c comments) key(pos token.Pos) string {
	p := c.fset.PositionFor(pos, false)
	return fmt.Sprintf("%s:%d:%d", p.Filename, p.Line, p.Column)
}

// embeddedName is the identifier that names an embedded field.
func embeddedName(t ast.Expr) []*ast.Ident {
	switch t := t.(type) {
	case *ast.Ident:
		return []*ast.Ident{t}
	case *ast.StarExpr:
		return embeddedName(t.X)
	case *ast.SelectorExpr:
		return []*ast.Ident{t.Sel}
	case *ast.IndexExpr:
		return embeddedName(t.X)
	case *ast.IndexListExpr:
		return embeddedName(t.X)
	}
	return nil
}

// describe makes a description of a comment: lines that Go breaks for the editor
// are one paragraph, and a paragraph "Deprecated: ..." is also a fact.
func describe(comment string) (text string, deprecated bool) {
	var paragraphs []string
	for paragraph := range strings.SplitSeq(comment, "\n\n") {
		lines := strings.Split(strings.Trim(paragraph, "\n"), "\n")
		deprecated = deprecated || strings.HasPrefix(lines[0], "Deprecated:")
		var b strings.Builder
		for i, line := range lines {
			kept := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") || strings.HasPrefix(line, "- ")
			switch {
			case i == 0:
			case kept:
				b.WriteByte('\n')
			default:
				b.WriteByte(' ')
			}
			b.WriteString(line)
		}
		paragraphs = append(paragraphs, b.String())
	}
	return strings.Join(paragraphs, "\n\n"), deprecated
}

// Describe is the text of a comment as a description.
func Describe(comment string) string {
	text, _ := describe(comment)
	return text
}
