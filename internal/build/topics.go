package build

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/less-go/less/internal/source"
)

// The generated package of all topics is what every function would otherwise
// depend on: with a topic more, each program would be compiled and linked again.
// And the programs would differ, not only in their build ids: the linker drops
// the topic, but puts the names of fields and methods in the order in which it
// first met them, and has met those of the new message. So a program is compiled
// with the topics that its code mentions, and no others.
const (
	topicsPackage = "less/topics"
	topicsFile    = "topics.gen.go"
)

// narrow returns the tree as the program importPath sees it, and what its topics
// file then is; nil for the file as it is on disk.
func narrow(tree *source.Tree, importPath string) (*source.Tree, []byte, error) {
	topics := path.Join(tree.Module(), topicsPackage)
	dir := tree.Dir(topics)
	content, err := os.ReadFile(filepath.Join(dir, topicsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return tree, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if alone, err := isAlone(dir); err != nil || !alone {
		return tree, nil, err
	}
	whole, err := tree.Closure(importPath)
	if err != nil || !slices.Contains(whole.Packages, topics) {
		return tree, nil, err
	}
	rest, err := tree.Closure(importPath, topics)
	if err != nil {
		return nil, nil, err
	}
	names, known, err := tree.Names(topics, path.Base(topics), rest.Packages)
	if err != nil || !known {
		return tree, nil, err
	}
	content, ok := only(content, names)
	if !ok {
		return tree, nil, nil
	}
	return tree.With(topics, content), content, nil
}

// isAlone says whether the topics are the only Go file of their folder. With
// another one, what is mentioned there counts too: that is left to the compiler.
func isAlone(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".go" && e.Name() != topicsFile {
			return false, nil
		}
	}
	return true, nil
}

// only returns the generated topics file with the topics of names, and the
// imports that they need. ok is false where the file is not of the form that the
// generator writes.
func only(content []byte, names map[string]bool) (narrowed []byte, ok bool) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil || !ast.IsGenerated(file) || file.Name.Name != path.Base(topicsPackage) {
		return nil, false
	}
	type span struct{ from, to token.Pos }
	var cut []span
	needed := map[string]bool{}
	for _, decl := range file.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.IMPORT && len(d.Specs) != 1 {
			return nil, false
		}
		if v, ok := d.Specs[0].(*ast.ValueSpec); ok && d.Tok == token.VAR {
			if len(v.Names) != 1 {
				return nil, false
			}
			if !names[v.Names[0].Name] {
				from := d.Pos()
				if d.Doc != nil {
					from = d.Doc.Pos()
				}
				cut = append(cut, span{from, d.End()})
				continue
			}
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok {
					needed[x.Name] = true
				}
			}
			return true
		})
	}
	found := 0
	for _, spec := range file.Imports {
		if needed[importName(spec)] {
			found++
		} else {
			cut = append(cut, span{spec.Pos(), spec.End()})
		}
	}
	if found != len(needed) { // a package whose name is not its folder's
		return nil, false
	}
	slices.SortFunc(cut, func(a, b span) int { return int(a.from - b.from) })
	var out bytes.Buffer
	at := 0
	for _, s := range cut {
		out.Write(bytes.TrimRight(content[at:fset.Position(s.from).Offset], "\n\t "))
		at = fset.Position(s.to).Offset
	}
	out.Write(content[at:])
	return out.Bytes(), true
}

func importName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	importPath, _ := strconv.Unquote(spec.Path.Value)
	return path.Base(importPath)
}
