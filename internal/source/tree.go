// Package source reads what Go programs are made of, by content: enough to know
// whether anything has changed, without the go command.
package source

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// A Tree is the source of a project: its own packages, and those of modules that
// a folder replaces or that a workspace names, are read from disk, each once; all
// others are fixed by go.mod and go.sum. It is a picture of one moment, and not
// safe for concurrent use.
type Tree struct {
	modules  []module
	sum      []byte
	packages map[string]*pkg
	names    map[[2]string]map[string]bool // of namesIn
}

// A module is one whose code can change without a change in go.sum.
type module struct{ path, dir string }

// A pkg is a package of a module. One that does not exist, or is none of ours,
// has no imports and a sum of nothing: the compiler tells what is wrong with it.
type pkg struct {
	sum     []byte
	imports []string
}

// Read reads the modules of the project in dir, the folder of its go.mod.
func Read(dir string) (*Tree, error) {
	t := &Tree{packages: map[string]*pkg{}, names: map[[2]string]map[string]bool{}}
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return nil, err
	}
	file, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return nil, fmt.Errorf("read go.mod: %w", err)
	}
	if file.Module == nil {
		return nil, errors.New("go.mod: it names no module. Begin it with a line such as: module example.com/shop")
	}
	h := sha256.New()
	t.modules = append(t.modules, module{file.Module.Mod.Path, dir})
	t.replaced(dir, file.Replace)
	if err := t.workspace(h, dir); err != nil {
		return nil, err
	}
	for _, m := range t.modules {
		HashString(h, m.path)
		if err := hashFiles(h, m.dir, "go.mod", "go.sum"); err != nil {
			return nil, err
		}
	}
	if err := hashFiles(h, dir, filepath.Join("vendor", "modules.txt")); err != nil {
		return nil, err
	}
	t.sum = h.Sum(nil)
	return t, nil
}

// Module is the project's module path.
func (t *Tree) Module() string { return t.modules[0].path }

// replaced adds the modules that a replace directive points to a folder.
func (t *Tree) replaced(dir string, replaces []*modfile.Replace) {
	for _, r := range replaces {
		if r.New.Version != "" {
			continue
		}
		folder := filepath.FromSlash(r.New.Path)
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(dir, folder)
		}
		t.modules = append(t.modules, module{r.Old.Path, folder})
	}
}

// workspace adds the modules of the go.work file that applies to dir, if any.
func (t *Tree) workspace(h hash.Hash, dir string) error {
	work := workFile(dir)
	if work == "" {
		return nil
	}
	root := filepath.Dir(work)
	data, err := os.ReadFile(work)
	if err != nil {
		return err
	}
	file, err := modfile.ParseWork(work, data, nil)
	if err != nil {
		return fmt.Errorf("read go.work: %w", err)
	}
	if err := hashFiles(h, root, filepath.Base(work), filepath.Base(work)+".sum"); err != nil {
		return err
	}
	for _, use := range file.Use {
		folder := filepath.Join(root, filepath.FromSlash(use.Path))
		data, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err != nil {
			return fmt.Errorf("read go.work: %w", err)
		}
		t.modules = append(t.modules, module{modfile.ModulePath(data), folder})
	}
	t.replaced(root, file.Replace)
	return nil
}

func workFile(dir string) string {
	if v := os.Getenv("GOWORK"); v != "" {
		if v == "off" {
			return ""
		}
		return v
	}
	for {
		if work := filepath.Join(dir, "go.work"); isFile(work) {
			return work
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// A Closure is a package and all that it imports.
type Closure struct {
	// Packages are the import paths, sorted: those of the tree, and those of other
	// modules that they import themselves.
	Packages []string
	// Sum changes when the content of a package of the tree does, or what go.mod and
	// go.sum say of the others.
	Sum []byte
}

// Closure reads the package importPath and all that it imports. Packages in
// except, and what only they import, are left out.
func (t *Tree) Closure(importPath string, except ...string) (Closure, error) {
	seen := map[string]bool{}
	for _, e := range except {
		seen[e] = true
	}
	if err := t.visit(importPath, seen); err != nil {
		return Closure{}, err
	}
	for _, e := range except {
		delete(seen, e)
	}
	c := Closure{Packages: slices.Sorted(maps.Keys(seen))}
	h := sha256.New()
	h.Write(t.sum)
	for _, p := range c.Packages {
		HashString(h, p)
		h.Write(t.packages[p].sum)
	}
	c.Sum = h.Sum(nil)
	return c, nil
}

// visit adds importPath and everything it is made of to seen.
func (t *Tree) visit(importPath string, seen map[string]bool) error {
	if seen[importPath] {
		return nil
	}
	seen[importPath] = true
	p, err := t.load(importPath)
	if err != nil {
		return err
	}
	for _, imported := range p.imports {
		if err := t.visit(imported, seen); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tree) load(importPath string) (*pkg, error) {
	if p := t.packages[importPath]; p != nil {
		return p, nil
	}
	p := &pkg{}
	if dir := t.Dir(importPath); dir != "" {
		var err error
		if p, err = readPackage(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	t.packages[importPath] = p
	return p, nil
}

// Dir is the folder of a package of the tree, "" for any other. A module below
// another one's path owns its packages.
func (t *Tree) Dir(importPath string) string {
	owner, dir := -1, ""
	for _, m := range t.modules {
		rest, found := strings.CutPrefix(importPath, m.path)
		if found && (rest == "" || rest[0] == '/') && len(m.path) > owner {
			owner, dir = len(m.path), filepath.Join(m.dir, filepath.FromSlash(rest))
		}
	}
	return dir
}
