package scan

import (
	"go/parser"
	"go/token"
	"io/fs"
	"strconv"
	"strings"
)

// An edge is an import of a package of the same module.
type edge struct {
	dir string // of the imported package
	pos string
}

// cycle reports a topic's package that imports package topics, directly or
// through others: package topics imports it, so Go could build neither.
func (s *scanner) cycle(f *folder) {
	steps := s.chain(f.path, root+"/topics", map[string]bool{})
	if steps == nil {
		return
	}
	var via []string
	for _, step := range steps[:len(steps)-1] {
		via = append(via, step.dir)
	}
	through := ""
	if len(via) > 0 {
		through = " through " + strings.Join(via, ", ")
	}
	s.report(steps[0].pos, "the topic's package imports less/topics%s, which imports it to name its Message: an import cycle. Keep in this package only the Message, and publish from handlers.", through)
}

// chain returns the imports that lead from one folder's package to another's, or nil.
func (s *scanner) chain(from, to string, seen map[string]bool) []edge {
	seen[from] = true
	for _, e := range s.importsOf(from) {
		if e.dir == to {
			return []edge{e}
		}
		if seen[e.dir] {
			continue
		}
		if rest := s.chain(e.dir, to, seen); rest != nil {
			return append([]edge{e}, rest...)
		}
	}
	return nil
}

// importsOf lists what the package in dir imports from its own module.
func (s *scanner) importsOf(dir string) []edge {
	if list, known := s.edges[dir]; known {
		return list
	}
	list := []edge{}
	for _, name := range s.goFiles(dir) {
		data, err := fs.ReadFile(s.fsys, dir+"/"+name)
		if err != nil || !builds(name, data) {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, data, parser.ImportsOnly)
		if err != nil {
			continue
		}
		for _, spec := range file.Imports {
			importPath, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue
			}
			if to, inside := strings.CutPrefix(importPath, s.app.Module+"/"); inside && s.app.Module != "" {
				list = append(list, edge{to, place(dir+"/"+name, fset.PositionFor(spec.Pos(), false).Line)})
			}
		}
	}
	s.edges[dir] = list
	return list
}
