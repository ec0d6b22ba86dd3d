// Package scan reads a project's less/ tree into the model of its application.
//
// Folders are the architecture: less/apis/<api>/<path>/<verb>.go is a route,
// less/topics/<topic>/<subscriber>/ a subscriber. The scan reads files and
// syntax only. It needs neither types nor the go command, so it takes
// milliseconds and works on code that does not compile yet; what it accepts, the
// generated code can name. What it cannot accept it reports all at once, each
// problem with its place and a way out.
//
// A folder without Go files is not part of the application, whatever else it
// holds, so stray files are harmless. Two kinds of folder are reported all the
// same, because somebody waits for them to do something: an empty one in the
// place of a resource, and one whose handler is written in another language.
package scan

import (
	"errors"
	"go/token"
	"io/fs"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/less-go/less/internal/app"
)

// root is the folder of the tree, beside go.mod.
const root = "less"

// Dir reads the application below fsys, the project's folder, which holds go.mod
// and less/. Every list of the result is sorted, and its positions are relative to fsys.
//
// The error, if any, is a [Problems], and then the application is zero.
// Symbolic links are not followed.
func Dir(fsys fs.FS) (app.App, error) {
	s := &scanner{
		fsys:     fsys,
		fset:     token.NewFileSet(),
		packages: map[string]*source{},
		clauses:  map[string]string{},
		edges:    map[string][]edge{},
	}
	s.app.Module = s.module()
	if tree, ok := s.tree(); ok {
		s.firstLevel(tree)
	}
	if len(s.problems) > 0 {
		return app.App{}, s.problems.Sorted()
	}
	return s.app, nil
}

// A scanner is one scan: the application and the problems found so far, and
// what was parsed on the way.
type scanner struct {
	fsys     fs.FS
	fset     *token.FileSet
	app      app.App
	problems Problems

	packages map[string]*source // by folder
	clauses  map[string]string  // package clauses by import path
	edges    map[string][]edge  // imports by folder
}

// module returns the module path that go.mod declares, or "" after reporting why not.
func (s *scanner) module() string {
	data, err := fs.ReadFile(s.fsys, "go.mod")
	if errors.Is(err, fs.ErrNotExist) {
		s.report("go.mod", "there is no such file. Run go mod init in the folder that holds less/.")
		return ""
	}
	if err != nil {
		s.unreadable("go.mod", err)
		return ""
	}
	file, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		if list, ok := errors.AsType[modfile.ErrorList](err); ok {
			for _, e := range list {
				s.report(place("go.mod", e.Pos.Line), "%v. Correct it; go mod edit -print shows what Go makes of it.", e.Err)
			}
			return ""
		}
		s.report("go.mod", "%v. Correct it.", err)
		return ""
	}
	if file.Module == nil || file.Module.Mod.Path == "" {
		s.report("go.mod", "it names no module. Begin it with a line like: module example.com/shop")
		return ""
	}
	path := file.Module.Mod.Path
	if err := module.CheckImportPath(path); err != nil {
		s.report(place("go.mod", file.Module.Syntax.Start.Line), "%v. Give the module a path like: module example.com/shop", err)
	}
	return path
}
