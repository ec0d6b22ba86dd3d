package scan

import (
	"go/ast"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/near"
)

// pathTags checks the path tags of a typed route's request, as far as src itself
// declares its type: each must name a parameter of the path.
func (s *scanner) pathTags(src *source, request ast.Expr, path string) {
	s.structTags(src, request, parameters(path), path, map[string]bool{})
}

func (s *scanner) structTags(src *source, expr ast.Expr, names []string, path string, seen map[string]bool) {
	switch e := ast.Unparen(expr).(type) {
	case *ast.StarExpr:
		s.structTags(src, e.X, names, path, seen)
	case *ast.Ident:
		if d, declared := src.decls[e.Name]; declared && d.typ != nil && !seen[e.Name] {
			seen[e.Name] = true
			s.structTags(src, d.typ.Type, names, path, seen)
		}
	case *ast.StructType:
		for _, field := range e.Fields.List {
			if len(field.Names) == 0 {
				s.structTags(src, field.Type, names, path, seen) // embedded
			}
			if name, tagged := pathTag(field); tagged && !slices.Contains(names, name) {
				s.report(s.at(field.Pos()), "the tag path:%q names no parameter of %s. %s%s", name, path, near.Hint(name, names), hasParameters(names))
			}
		}
	}
}

func pathTag(field *ast.Field) (string, bool) {
	if field.Tag == nil {
		return "", false
	}
	tag, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return "", false
	}
	return reflect.StructTag(tag).Lookup("path")
}

func hasParameters(names []string) string {
	if len(names) == 0 {
		return "A parameter is a folder by_<name> in the path."
	}
	return "Its parameters are " + strings.Join(names, ", ") + "."
}
