package build

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"

	"github.com/less-go/less/internal/source"
)

// A target is one program to be: a main package with the key of its content.
type target struct {
	main       string // its folder, relative to the project
	importPath string
	exec       string // what go build calls its output
	key        string
	binary     string
	topics     string          // the topics file as the program sees it, "" for the one on disk
	imports    map[string]bool // the packages of ours it is made of, and all they import
}

// newTarget computes the key of the program whose main package is the folder
// main; toolchain is how it is made.
func newTarget(tree *source.Tree, toolchain []string, main string) (target, error) {
	importPath := path.Join(tree.Module(), main)
	tree, topics, err := narrow(tree, importPath)
	if err != nil {
		return target{}, err
	}
	closure, err := tree.Closure(importPath)
	if err != nil {
		return target{}, err
	}
	h := sha256.New()
	for _, part := range toolchain {
		source.HashString(h, part)
	}
	h.Write(closure.Sum)
	source.HashString(h, main)

	t := target{
		main: main, importPath: importPath, exec: execName(importPath), topics: string(topics),
		key: hex.EncodeToString(h.Sum(nil)), imports: map[string]bool{},
	}
	for _, p := range closure.Packages {
		t.imports[p] = true
	}
	return t, nil
}

// execName is the name go build gives the program of importPath: the last
// element that is not a major version.
func execName(importPath string) string {
	name := path.Base(importPath)
	if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" && name[1] != '0' && name != "v1" {
		name = path.Base(path.Dir(importPath))
	}
	return name
}
