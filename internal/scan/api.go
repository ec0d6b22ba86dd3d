package scan

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/near"
)

// verbs are the names that a handler's file can have, without .go.
var verbs = []string{"get", "post", "put", "patch", "delete"}

// synonyms are the file names that people try for a verb.
var synonyms = map[string]string{
	"fetch": "get", "list": "get", "read": "get", "find": "get", "show": "get", "index": "get",
	"create": "post", "add": "post", "new": "post", "insert": "post",
	"update": "put", "replace": "put", "edit": "patch",
	"remove": "delete", "destroy": "delete", "del": "delete",
}

// verbOf returns the verb that a file's name says, or "".
func verbOf(file string) string {
	verb, isGo := strings.CutSuffix(file, ".go")
	if !isGo || !slices.Contains(verbs, verb) {
		return ""
	}
	return verb
}

// apis reads less/apis and says whether it found a route there.
func (s *scanner) apis(f *folder) bool {
	for _, sub := range f.folders {
		if !sub.hasGo {
			s.absent(sub, "Write a route, such as "+sub.file("get.go"), verbs)
			continue
		}
		if err := CheckName(sub.name); err != nil {
			s.report(sub.path, "invalid API name: %v.", err)
		}
		api := app.API{Name: sub.name}
		s.routes(&api, sub)
		if len(api.Routes) > 0 {
			s.app.APIs = append(s.app.APIs, api)
		}
	}
	return len(s.app.APIs) > 0
}

// routes adds the routes in f, which is an API's folder or one below it.
func (s *scanner) routes(api *app.API, f *folder) {
	var src *source
	for _, verb := range verbs {
		if slices.Contains(f.goFiles, verb+".go") {
			src = s.load(f)
			s.route(api, f, src, verb)
		}
	}
	if src != nil {
		s.straySettings(src, routeKind, f.routeVariables())
	}
	s.foreign(f, verbs)
	misspelt := s.misspelt(f)

	leaf := true // only a folder that leads nowhere needs a handler of its own
	for _, sub := range f.folders {
		if !sub.hasGo {
			s.absent(sub, "Write a handler, such as "+sub.file("get.go"), verbs)
			continue
		}
		leaf = false
		s.segment(api, f, sub)
		s.routes(api, sub)
	}
	s.siblings(f)
	if leaf && src == nil && !misspelt {
		s.noVerb(api, f)
	}
}

// route adds the route of one verb file.
func (s *scanner) route(api *app.API, f *folder, src *source, verb string) {
	if src.broken {
		return
	}
	name := strings.ToUpper(verb[:1]) + verb[1:]
	file := verb + ".go"
	d, found := s.function(src, f, file, name, typedForm(name))
	if !found {
		return
	}
	if other := s.fileOf(d); other != file {
		s.report(s.at(d.name.Pos()), "%s is in %s, but the file %s says that the route is there. Move it.", name, other, file)
		return
	}
	r := app.Route{
		API:      api.Name,
		Package:  src.Package,
		Method:   strings.ToUpper(verb),
		Path:     RoutePath(strings.TrimPrefix(strings.TrimPrefix(f.path, root+"/apis/"+api.Name), "/")),
		Func:     name,
		Settings: s.settings(src, name+"Config", routeKind),
		Pos:      app.Pos(s.at(d.name.Pos())),
	}
	r.Middleware = s.middleware(src, name+"Middleware")
	var wellFormed bool
	if r.Shape, wellFormed = s.routeForm(src, d, r.Method+" "+r.Path); !wellFormed {
		return
	}
	if r.Shape == app.Typed {
		s.pathTags(src, each(d.fn.Type.Params)[1], r.Path)
	}
	api.Routes = append(api.Routes, r)
}

// routeVariables are the names that the package in f may give to the settings of
// its routes.
func (f *folder) routeVariables() []string {
	var names []string
	for _, verb := range verbs {
		if slices.Contains(f.goFiles, verb+".go") {
			name := strings.ToUpper(verb[:1]) + verb[1:]
			names = append(names, name+"Config", name+"Middleware")
		}
	}
	return names
}

// middleware says whether src declares the variable name.
func (s *scanner) middleware(src *source, name string) bool {
	d, declared := src.decls[name]
	if !declared {
		return false
	}
	if d.value == nil || d.tok != token.VAR || isFuncLiteral(d) {
		s.report(s.at(d.name.Pos()), "%s is not a list. Write: var %s = []less.Middleware{...}", name, name)
	}
	return true
}

func isFuncLiteral(d decl) bool {
	if len(d.value.Values) <= d.index {
		return false
	}
	_, is := ast.Unparen(d.value.Values[d.index]).(*ast.FuncLit)
	return is
}

// segment checks the name of sub as a segment of a path that goes on from f.
func (s *scanner) segment(api *app.API, f, sub *folder) {
	if err := checkRouteFolder(sub.name); err != nil {
		s.report(sub.path, "invalid path segment of API %q: %v.", api.Name, err)
	}
	above := strings.Split(f.path, "/")[3:] // less, apis and the API's name aside
	if strings.HasPrefix(sub.name, by) && slices.Contains(above, sub.name) {
		s.report(sub.path, "the parameter {%s} occurs twice in the path. Rename one of its folders.", strings.TrimPrefix(sub.name, by))
	}
}

// siblings reports two parameters in one place. A request would match both, and
// a REST API takes only one.
func (s *scanner) siblings(f *folder) {
	first := ""
	for _, sub := range f.folders {
		if !sub.hasGo || !strings.HasPrefix(sub.name, by) || checkRouteFolder(sub.name) != nil {
			continue
		}
		if first == "" {
			first = sub.name
			continue
		}
		s.report(sub.path, "%s and %s are both parameters in the same place of the path, so a request would match either. Use one name for both.", first, sub.name)
	}
}

// misspelt reports files that would be handlers but for a capital letter.
func (s *scanner) misspelt(f *folder) bool {
	found := false
	for _, name := range slices.Concat(f.goFiles, f.others) {
		if lower := strings.ToLower(name); lower != name && verbOf(lower) != "" {
			s.report(f.file(name), "the file of a handler is called by its verb in lower case. Rename it to %s.", lower)
			found = true
		}
	}
	return found
}

// noVerb reports a folder that ends a path and has no handler.
func (s *scanner) noVerb(api *app.API, f *folder) {
	hint := ""
	for _, file := range f.goFiles {
		name := strings.TrimSuffix(file, ".go")
		verb := synonyms[strings.ToLower(name)]
		if verb == "" {
			verb = near.Name(strings.ToLower(name), verbs)
		}
		if verb != "" {
			hint = fmt.Sprintf("Did you mean %s.go by %s? ", verb, file)
			break
		}
	}
	s.report(f.path, "no method handlers found in this part of API %q. %sA handler's file is get.go, post.go, put.go, patch.go or delete.go; code that handlers share belongs in less/shared.", api.Name, hint)
}
