package source

import (
	"crypto/sha256"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
)

// With returns the tree with the package importPath replaced by one Go file of
// that content. The tree itself stays as it is.
func (t *Tree) With(importPath string, content []byte) *Tree {
	sub := *t
	sub.packages = maps.Clone(t.packages)
	sum := sha256.Sum256(content)
	sub.packages[importPath] = &pkg{sum: sum[:], imports: importsOf(content)}
	return &sub
}

// Names are the exported names of the package importPath that the given packages
// of the tree mention, and maybe some more. Where that cannot be told from the
// syntax, known is false. name is what the package calls itself.
func (t *Tree) Names(importPath, name string, packages []string) (names map[string]bool, known bool, err error) {
	names = map[string]bool{}
	for _, p := range packages {
		used, err := t.namesIn(p, importPath, name)
		if err != nil {
			return nil, false, err
		}
		if used["."] {
			return nil, false, nil
		}
		maps.Copy(names, used)
	}
	return names, true, nil
}

// namesIn are the names of the package imported that the package importPath
// mentions; "." stands for all of them.
func (t *Tree) namesIn(importPath, imported, name string) (map[string]bool, error) {
	key := [2]string{importPath, imported}
	if names, found := t.names[key]; found {
		return names, nil
	}
	names := map[string]bool{}
	t.names[key] = names
	dir := t.Dir(importPath)
	if dir == "" {
		return names, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // that it does not exist is the compiler's to report
		return nil, err
	}
	for _, e := range entries {
		file := filepath.Join(dir, e.Name())
		if filepath.Ext(file) != ".go" || !compiled(e.Name()) || !isFile(file) {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		mentioned(names, content, imported, name)
	}
	return names, nil
}

// mentioned adds the names of the package imported that a Go file mentions. A
// variable that hides the package adds names too many, which does no harm.
func mentioned(names map[string]bool, content []byte, imported, name string) {
	file, err := parser.ParseFile(token.NewFileSet(), "", content, parser.SkipObjectResolution)
	if err != nil {
		names["."] = true // the compiler has to see all of it
		return
	}
	local := ""
	for _, spec := range file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != imported {
			continue
		}
		local = name
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == "." {
			names["."] = true
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == local {
					names[s.Sel.Name] = true
				}
			}
			return true
		})
	}
}
