package scan

import (
	"bytes"
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	goscanner "go/scanner"
	"go/token"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/less-go/less/internal/app"
)

// A source is a parsed package: what its folder's files declare where functions run.
type source struct {
	app.Package
	files []*ast.File
	// decls are the functions, types, variables and constants of the package, by name.
	decls map[string]decl
	// methods has the name of every method with its declaration.
	methods map[string]*ast.FuncDecl
	// excluded are the names of the files that a build constraint leaves out.
	excluded map[string]bool
	// broken says that a problem was reported that makes others likely to be
	// mere consequences.
	broken bool
}

// A decl is one declared name. Exactly one of fn, typ and value is set.
type decl struct {
	name  *ast.Ident
	file  *ast.File
	fn    *ast.FuncDecl
	typ   *ast.TypeSpec
	value *ast.ValueSpec
	index int // of name within value
	tok   token.Token
}

// load parses the package in f, once. It reports files that do not parse, and
// package clauses by which the generated code could not import the package.
func (s *scanner) load(f *folder) *source {
	if src, found := s.packages[f.path]; found {
		return src
	}
	src := &source{
		Package:  app.Package{Dir: f.path, ImportPath: s.importPath(f.path)},
		decls:    map[string]decl{},
		methods:  map[string]*ast.FuncDecl{},
		excluded: map[string]bool{},
	}
	s.packages[f.path] = src
	for _, name := range f.goFiles {
		data, err := fs.ReadFile(s.fsys, f.file(name))
		if err != nil {
			s.unreadable(f.file(name), err)
			src.broken = true
			continue
		}
		if !builds(name, data) {
			src.excluded[name] = true
			continue
		}
		file, err := parser.ParseFile(s.fset, f.file(name), data, parser.SkipObjectResolution)
		if err != nil {
			s.syntax(f.file(name), err)
			src.broken = true
			continue
		}
		src.files = append(src.files, file)
		src.declare(file)
	}
	s.clause(src)
	return src
}

func (s *scanner) importPath(dir string) string { return s.app.Module + "/" + dir }

// builds says whether the go command includes a file in a function, by its name
// and its build constraints. Functions run on Linux, on arm64.
func builds(name string, data []byte) bool {
	target := build.Default
	target.GOOS, target.GOARCH, target.CgoEnabled = "linux", "arm64", false
	target.BuildTags = []string{"lambda.norpc"}
	target.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	included, err := target.MatchFile(".", name)
	return included || err != nil // the parser says more about a broken file
}

// syntax reports the first syntax error of a file; the rest often follow from it.
func (s *scanner) syntax(file string, err error) {
	var list goscanner.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		s.report(place(file, list[0].Pos.Line), "%s. Correct the syntax; gofmt -l less lists every such file.", list[0].Msg)
		return
	}
	s.report(file, "%v. Correct the syntax.", err)
}

func (src *source) declare(file *ast.File) {
	add := func(d decl) {
		d.file = file
		if _, twice := src.decls[d.name.Name]; !twice { // Go will say so
			src.decls[d.name.Name] = d
		}
	}
	for _, node := range file.Decls {
		switch node := node.(type) {
		case *ast.FuncDecl:
			if node.Recv != nil {
				src.methods[node.Name.Name] = node
				continue
			}
			add(decl{name: node.Name, fn: node})
		case *ast.GenDecl:
			for _, spec := range node.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(decl{name: spec.Name, typ: spec})
				case *ast.ValueSpec:
					for i, name := range spec.Names {
						add(decl{name: name, value: spec, index: i, tok: node.Tok})
					}
				}
			}
		}
	}
}

// clause settles the package's name.
func (s *scanner) clause(src *source) {
	for _, file := range src.files {
		name := file.Name.Name
		switch {
		case name == "main":
			s.report(s.at(file.Name.Pos()), "package main cannot be imported. Write: package %s", PackageName(path.Base(src.Dir)))
			src.broken = true
		case strings.HasSuffix(name, "_test"):
			s.report(s.at(file.Name.Pos()), "package %s is a name for tests only. Write: package %s", name, strings.TrimSuffix(name, "_test"))
			src.broken = true
		case src.Name != "" && src.Name != name:
			s.report(s.at(file.Name.Pos()), "package %s stands in one folder with package %s. Give all its files the same package clause.", name, src.Name)
			src.broken = true
			continue
		}
		if src.Name == "" {
			src.Name = name
		}
	}
	if src.Name == "" {
		src.Name = PackageName(path.Base(src.Dir))
	}
	s.clauses[src.ImportPath] = src.Name
}
