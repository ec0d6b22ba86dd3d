package absent

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"strconv"
)

// A file is what a Go file says of the topics.
type file struct {
	// local is what it calls their package, "" where it does not import it.
	local string
	uses  []use
}

// A use is the first mention of a topic.
type use struct {
	name string
	line int
}

// file reads a file by its place relative to the project. One that cannot be read
// says nothing.
func (p *project) file(name string) file {
	if f, found := p.files[name]; found {
		return f
	}
	f := p.parse(name)
	p.files[name] = f
	return f
}

func (p *project) parse(name string) file {
	if !filepath.IsAbs(name) {
		name = filepath.Join(p.dir, filepath.FromSlash(name))
	}
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
	if err != nil {
		return file{}
	}
	var f file
	for _, spec := range syntax.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err != nil || imported != p.topics {
			continue
		}
		f.local = path.Base(topics)
		if spec.Name != nil {
			f.local = spec.Name.Name
		}
	}
	if f.local == "" {
		return f
	}
	seen := map[string]bool{}
	ast.Inspect(syntax, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && ast.IsExported(s.Sel.Name) && !seen[s.Sel.Name] {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == f.local {
				seen[s.Sel.Name] = true
				f.uses = append(f.uses, use{s.Sel.Name, fset.Position(s.Pos()).Line})
			}
		}
		return true
	})
	return f
}
