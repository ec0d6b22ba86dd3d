package scan

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/module"
)

// lessPath is the import path of package less.
const lessPath = "github.com/less-go/less"

// A typeName is a named type and the import path of the package that declares it.
type typeName struct{ path, name string }

var (
	contextType  = typeName{"context", "Context"}
	writerType   = typeName{"net/http", "ResponseWriter"}
	requestType  = typeName{"net/http", "Request"}
	durationType = typeName{"time", "Duration"}
)

// is says whether expr, in a file of src, names the type want, by whatever alias
// or dot import, or through type aliases that src declares.
func (s *scanner) is(src *source, file *ast.File, expr ast.Expr, want typeName) bool {
	for range 10 { // aliases of aliases; a cycle of them does not compile
		switch e := ast.Unparen(expr).(type) {
		case *ast.SelectorExpr:
			return s.selector(file, e) == want
		case *ast.Ident:
			d, declared := src.decls[e.Name]
			switch {
			case !declared:
				return e.Name == want.name && imports(file, want.path, ".")
			case d.typ == nil:
				return false
			case want == typeName{src.ImportPath, e.Name}:
				return true
			case !d.typ.Assign.IsValid() || d.typ.TypeParams != nil:
				return false
			}
			expr, file = d.typ.Type, d.file
		default:
			return false
		}
	}
	return false
}

// isPointer is [scanner.is] for a pointer to want.
func (s *scanner) isPointer(src *source, file *ast.File, expr ast.Expr, want typeName) bool {
	star, ok := ast.Unparen(expr).(*ast.StarExpr)
	return ok && s.is(src, file, star.X, want)
}

// isError says whether expr is the predeclared type error.
func isError(src *source, expr ast.Expr) bool {
	ident, ok := ast.Unparen(expr).(*ast.Ident)
	if !ok || ident.Name != "error" {
		return false
	}
	_, shadowed := src.decls["error"]
	return !shadowed
}

// selector resolves models.Order to the import path that models stands for in
// file, and Order; zero where models is no import.
func (s *scanner) selector(file *ast.File, e *ast.SelectorExpr) typeName {
	ident, ok := e.X.(*ast.Ident)
	if !ok {
		return typeName{}
	}
	for _, spec := range file.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name
		} else {
			name = s.packageClause(importPath)
		}
		if name == ident.Name || spec.Name == nil && s.foreignTopic(importPath) == ident.Name {
			return typeName{importPath, e.Sel.Name}
		}
	}
	return typeName{}
}

// foreignTopic is what the package of another application's topic is called, where
// importPath is one: its clause is not to be read here, but new code has this one.
func (s *scanner) foreignTopic(importPath string) string {
	module, folder, found := strings.Cut(importPath, "/"+root+"/topics/")
	if !found || module == s.app.Module {
		return ""
	}
	return PackageName(folder)
}

// imports says whether file imports importPath under the name alias.
func imports(file *ast.File, importPath, alias string) bool {
	for _, spec := range file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil && p == importPath && spec.Name != nil && spec.Name.Name == alias {
			return true
		}
	}
	return false
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// packageClause is the name that a package is imported by where the import gives
// none. Within the module it is read; elsewhere it is the last element of the
// path, as it is for every package the scan looks for.
func (s *scanner) packageClause(importPath string) string {
	if name, known := s.clauses[importPath]; known {
		return name
	}
	name := path.Base(importPath)
	if prefix, _, ok := module.SplitPathVersion(importPath); ok && majorVersion.MatchString(name) {
		name = path.Base(prefix)
	}
	if dir, inside := strings.CutPrefix(importPath, s.app.Module+"/"); inside && s.app.Module != "" {
		if clause := s.readClause(dir); clause != "" {
			name = clause
		}
	}
	s.clauses[importPath] = name
	return name
}

func (s *scanner) readClause(dir string) string {
	for _, name := range s.goFiles(dir) {
		data, err := fs.ReadFile(s.fsys, dir+"/"+name)
		if err != nil || !builds(name, data) {
			continue
		}
		if file, err := parser.ParseFile(token.NewFileSet(), name, data, parser.PackageClauseOnly); err == nil {
			return file.Name.Name
		}
	}
	return ""
}

// goFiles lists what the go command takes for a package's source in dir,
// before build constraints.
func (s *scanner) goFiles(dir string) []string {
	if !fs.ValidPath(dir) {
		return nil
	}
	entries, err := fs.ReadDir(s.fsys, dir)
	if err != nil {
		return nil // Go will say that the import leads nowhere
	}
	var f folder
	for _, e := range entries {
		if e.Type().IsRegular() {
			f.add(e.Name())
		}
	}
	return f.goFiles
}
