package scan

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
)

// function finds the handler called name in src, or reports why there is none
// and how to write it.
func (s *scanner) function(src *source, f *folder, file, name, form string) (decl, bool) {
	d, declared := src.decls[name]
	switch {
	case declared && d.fn == nil:
		s.report(s.at(d.name.Pos()), "%s is not a function declaration. Write: %s", name, form)
	case declared && d.fn.Type.TypeParams != nil:
		s.report(s.at(d.name.Pos()), "%s is generic, and nobody says for which type to run it. Write: %s", name, form)
	case declared:
		return d, true
	case src.methods[name] != nil:
		s.report(s.at(src.methods[name].Pos()), "%s is a method, and there is no value to call it on. Write it as a function: %s", name, form)
	case src.excluded[file]:
		s.report(f.file(file), "a build constraint leaves the file out on linux/arm64, where functions run. Remove the constraint.")
	default:
		if other, found := s.misnamed(src, file, name); found {
			s.report(s.at(other.name.Pos()), "the handler is called %s here. Rename it to %s.", other.name.Name, name)
			return decl{}, false
		}
		pos := f.path
		if slices.Contains(f.goFiles, file) {
			pos = f.file(file)
		}
		s.report(pos, "there is no %s. Write in %s: %s", name, file, form)
	}
	return decl{}, false
}

// misnamed finds a function in file that most likely was meant to be the handler name.
func (s *scanner) misnamed(src *source, file, name string) (decl, bool) {
	for _, candidate := range []string{strings.ToLower(name), strings.ToUpper(name), "Process", "Handle", "Handler"} {
		if d, found := src.decls[candidate]; found && d.fn != nil && s.fileOf(d) == file {
			return d, true
		}
	}
	return decl{}, false
}

// fileOf is the name of the file that declares d, without its folder.
func (s *scanner) fileOf(d decl) string {
	return path.Base(s.fset.PositionFor(d.name.Pos(), false).Filename)
}

// subscriberForm checks func(ctx context.Context, m orderplaced.Message) error.
func (s *scanner) subscriberForm(src *source, d decl, topic topic) {
	params, results := each(d.fn.Type.Params), each(d.fn.Type.Results)
	wellFormed := len(params) == 2 && s.is(src, d.file, params[0], contextType) &&
		len(results) == 1 && isError(src, results[0])
	switch {
	case !wellFormed:
		s.report(s.at(d.name.Pos()), "%s has the form %s. Write: %s", d.name.Name, form(d.fn), topic.processForm())
	case !topic.carried(s, src, d.file, params[1]):
		s.report(s.at(d.name.Pos()), "%s takes %s, but %s carries %s.Message. Change the second parameter.",
			d.name.Name, types.ExprString(params[1]), topic.label, topic.Name)
	}
}

// routeForm tells a typed handler from an http one, or reports that it is neither.
func (s *scanner) routeForm(src *source, d decl, method string) (app.Shape, bool) {
	params, results := each(d.fn.Type.Params), each(d.fn.Type.Results)
	takesContext := len(params) > 0 && s.is(src, d.file, params[0], contextType)
	lastIsError := len(results) > 0 && isError(src, results[len(results)-1])
	_, variadic := last(params).(*ast.Ellipsis)

	switch {
	case len(params) == 2 && len(results) == 0 &&
		s.is(src, d.file, params[0], writerType) && s.isPointer(src, d.file, params[1], requestType):
		return app.HTTP, true
	case len(params) == 2 && len(results) == 2 && takesContext && lastIsError && !variadic:
		return app.Typed, true
	}

	wayOut := "Write: " + typedForm(d.name.Name) + ", or: " + httpForm(d.name.Name)
	switch {
	case takesContext && len(params) == 1:
		wayOut = fmt.Sprintf("It lacks the request. Write: func %s(ctx context.Context, _ struct{}) (Response, error)", d.name.Name)
	case takesContext && len(params) == 2 && len(results) == 1 && lastIsError:
		wayOut = fmt.Sprintf("Where there is nothing to answer, return less.NoContent: func %s(ctx context.Context, req %sRequest) (less.NoContent, error)", d.name.Name, d.name.Name)
	}
	s.report(s.at(d.name.Pos()), "%s, the handler of %s, has the form %s. %s", d.name.Name, method, form(d.fn), wayOut)
	return "", false
}

func typedForm(name string) string {
	return fmt.Sprintf("func %s(ctx context.Context, req %sRequest) (Response, error)", name, name)
}

func httpForm(name string) string {
	return fmt.Sprintf("func %s(w http.ResponseWriter, r *http.Request)", name)
}

// form prints a function's type without the names of its parameters, so that what
// matters stands out.
func form(fn *ast.FuncDecl) string {
	list := func(fields *ast.FieldList) string {
		var parts []string
		for _, t := range each(fields) {
			parts = append(parts, types.ExprString(t))
		}
		return strings.Join(parts, ", ")
	}
	out := "func(" + list(fn.Type.Params) + ")"
	switch results := each(fn.Type.Results); len(results) {
	case 0:
	case 1:
		out += " " + list(fn.Type.Results)
	default:
		out += " (" + list(fn.Type.Results) + ")"
	}
	return out
}

// each lists the type of every parameter: two for "a, b T".
func each(fields *ast.FieldList) []ast.Expr {
	var list []ast.Expr
	if fields == nil {
		return nil
	}
	for _, field := range fields.List {
		for range max(1, len(field.Names)) {
			list = append(list, field.Type)
		}
	}
	return list
}

func last(list []ast.Expr) ast.Expr {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}
