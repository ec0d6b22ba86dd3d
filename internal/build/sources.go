package build

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// A target is one program to be: a main package with the key of its content.
type target struct {
	main       string // its folder, relative to the project
	importPath string
	exec       string // what go build calls its output
	key        string
	binary     string
	imports    map[string]bool // the packages of ours it is made of, and all they import
}

// sources reads what programs are made of. Packages of the project, and of
// modules replaced by a folder, are read from disk, each once; all others are
// fixed by go.mod and go.sum.
type sources struct {
	modules  []module
	common   []byte
	packages map[string]*pkg
}

// A module is one whose code can change without a change in go.sum.
type module struct{ path, dir string }

// A pkg is a package of a module. One that does not exist, or is none of ours,
// has no imports and a sum of nothing: the compiler tells what is wrong with it.
type pkg struct {
	sum     []byte
	imports []string
}

func (b *Builder) sources() (*sources, error) {
	s := &sources{packages: map[string]*pkg{}}
	h := sha256.New()
	if err := b.hashToolchain(h); err != nil {
		return nil, err
	}
	goMod := filepath.Join(b.Dir, "go.mod")
	data, err := os.ReadFile(goMod)
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
	s.modules = append(s.modules, module{file.Module.Mod.Path, b.Dir})
	s.replaced(b.Dir, file.Replace)
	if err := s.workspace(h, b.Dir); err != nil {
		return nil, err
	}
	for _, m := range s.modules {
		hashString(h, m.path)
		if err := hashFiles(h, m.dir, "go.mod", "go.sum"); err != nil {
			return nil, err
		}
	}
	if err := hashFiles(h, b.Dir, filepath.Join("vendor", "modules.txt")); err != nil {
		return nil, err
	}
	s.common = h.Sum(nil)
	return s, nil
}

// replaced adds the modules that a replace directive points to a folder.
func (s *sources) replaced(dir string, replaces []*modfile.Replace) {
	for _, r := range replaces {
		if r.New.Version != "" {
			continue
		}
		folder := filepath.FromSlash(r.New.Path)
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(dir, folder)
		}
		s.modules = append(s.modules, module{r.Old.Path, folder})
	}
}

// workspace adds the modules of the go.work file that applies to dir, if any.
func (s *sources) workspace(h hash.Hash, dir string) error {
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
		s.modules = append(s.modules, module{modfile.ModulePath(data), folder})
	}
	s.replaced(root, file.Replace)
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

// target computes the key of the program whose main package is the folder main.
func (s *sources) target(main string) (target, error) {
	importPath := path.Join(s.modules[0].path, main)
	t := target{main: main, importPath: importPath, exec: execName(importPath), imports: map[string]bool{}}
	if err := s.visit(importPath, t.imports); err != nil {
		return target{}, err
	}
	h := sha256.New()
	h.Write(s.common)
	hashString(h, main)
	for _, imported := range sortedKeys(t.imports) {
		hashString(h, imported)
		h.Write(s.packages[imported].sum)
	}
	t.key = hex.EncodeToString(h.Sum(nil))
	return t, nil
}

// visit adds importPath and everything it is made of to seen.
func (s *sources) visit(importPath string, seen map[string]bool) error {
	if seen[importPath] {
		return nil
	}
	seen[importPath] = true
	p, err := s.load(importPath)
	if err != nil {
		return err
	}
	for _, imported := range p.imports {
		if err := s.visit(imported, seen); err != nil {
			return err
		}
	}
	return nil
}

func (s *sources) load(importPath string) (*pkg, error) {
	if p := s.packages[importPath]; p != nil {
		return p, nil
	}
	p := &pkg{}
	if dir := s.dir(importPath); dir != "" {
		var err error
		if p, err = readPackage(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	s.packages[importPath] = p
	return p, nil
}

// dir is the folder of a package of one of the modules, "" for any other. A
// module below another one's path owns its packages.
func (s *sources) dir(importPath string) string {
	owner, dir := -1, ""
	for _, m := range s.modules {
		rest, found := strings.CutPrefix(importPath, m.path)
		if found && (rest == "" || rest[0] == '/') && len(m.path) > owner {
			owner, dir = len(m.path), filepath.Join(m.dir, filepath.FromSlash(rest))
		}
	}
	return dir
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
