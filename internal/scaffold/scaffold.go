// Package scaffold writes new code into a project: the smallest that compiles, at
// the place where it belongs, for a person to go on from.
//
// It looks before it writes: every name is checked, and the tree is scanned as it
// would be. Where something is wrong, nothing is written. What exists already is
// left as it is.
package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/scan"
)

// A Project is the one that code is written into.
type Project struct {
	root   *os.Root
	module string
}

// Open opens the project in dir, the folder of its go.mod. Close it.
func Open(dir string) (*Project, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	content, err := root.ReadFile("go.mod")
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	module := modfile.ModulePath(content)
	if module == "" {
		return nil, errors.Join(errors.New("go.mod: it names no module. Begin it with a line such as: module example.com/shop"), root.Close())
	}
	return &Project{root, module}, nil
}

// Close ends the use of p.
func (p *Project) Close() error { return p.root.Close() }

// A File is one that was asked for.
type File struct {
	// Name is slash-separated and relative to the project.
	Name string
	// Existed says that it was there before, and was left as it is.
	Existed bool
}

// A change is the files to write.
type change struct {
	*Project
	files map[string]string
	order []string
}

func (p *Project) change() *change { return &change{Project: p, files: map[string]string{}} }

// add plans a file. A file of Go is formatted.
func (c *change) add(name, text string, data any) {
	var b bytes.Buffer
	if err := template.Must(template.New(name).Option("missingkey=error").Parse(text)).Execute(&b, data); err != nil {
		panic("scaffold: " + name + ": " + err.Error())
	}
	content := b.Bytes()
	if strings.HasSuffix(name, ".go") {
		formatted, err := format.Source(content)
		if err != nil {
			panic("scaffold: " + name + ": " + err.Error())
		}
		content = formatted
	}
	if _, planned := c.files[name]; !planned {
		c.order = append(c.order, name)
	}
	c.files[name] = string(content)
}

// write writes the planned files that do not exist, if the tree is none the worse for them.
func (c *change) write() ([]File, error) {
	files, err := c.look()
	if err != nil {
		return nil, err
	}
	if err := c.check(files); err != nil {
		return nil, err
	}
	return c.writeAll(files)
}

// look says which of the planned files exist.
func (c *change) look() ([]File, error) {
	var out []File
	for _, name := range c.order {
		_, err := c.root.Lstat(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		out = append(out, File{name, err == nil})
	}
	return out, nil
}

// writeAll writes those of the planned files that do not exist: all of them, or none.
func (c *change) writeAll(files []File) ([]File, error) {
	var written []string
	for _, f := range files {
		if f.Existed {
			continue
		}
		made, err := c.writeFile(f.Name, c.files[f.Name])
		written = append(written, made...)
		if err != nil {
			for _, name := range slices.Backward(written) {
				_ = c.root.Remove(name) // nothing half-made is left behind, as far as that can be
			}
			return nil, err
		}
	}
	return files, nil
}

// writeFile writes a file that does not exist, and lists what it made: folders first.
func (c *change) writeFile(name, content string) (made []string, err error) {
	var missing []string
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, err := c.root.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		missing = append(missing, dir)
	}
	for _, dir := range slices.Backward(missing) {
		if err := c.root.Mkdir(dir, 0o777); err != nil {
			return made, err
		}
		made = append(made, dir)
	}
	f, err := c.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return made, err
	}
	made = append(made, name)
	_, err = f.WriteString(content)
	return made, errors.Join(err, f.Close())
}

// check scans the tree as it would be. What is wrong with it already is somebody's
// work, and no reason to refuse.
func (c *change) check(files []File) error {
	archive := &txtar.Archive{}
	err := fs.WalkDir(c.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != "." && name != "less" && !strings.HasPrefix(name, "less/"):
			return fs.SkipDir
		case !e.Type().IsRegular() || name != "go.mod" && !strings.HasPrefix(name, "less/"):
			return nil
		}
		content, err := c.root.ReadFile(name)
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: content})
		return err
	})
	if err != nil {
		return err
	}
	before, err := problems(archive)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !f.Existed {
			archive.Files = append(archive.Files, txtar.File{Name: f.Name, Data: []byte(c.files[f.Name])})
		}
	}
	after, err := problems(archive)
	if err != nil {
		return err
	}
	var added scan.Problems
	for _, p := range after {
		if !slices.Contains(before, p) {
			added = append(added, p)
		}
	}
	if len(added) > 0 {
		return added
	}
	return nil
}

func problems(archive *txtar.Archive) (scan.Problems, error) {
	tree, err := txtar.FS(archive)
	if err != nil {
		return nil, err
	}
	_, err = scan.Dir(tree)
	if found, ok := errors.AsType[scan.Problems](err); ok {
		return found, nil
	}
	return nil, err
}

// clause is the package clause for new code in a folder: that of the code there,
// or one made of its name.
func (p *Project) clause(dir string) string {
	entries, err := fs.ReadDir(p.root.FS(), dir)
	if err != nil {
		return scan.PackageName(path.Base(dir)) // there is no such folder yet
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		content, err := p.root.ReadFile(dir + "/" + e.Name())
		if err != nil {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), content, parser.PackageClauseOnly)
		if err == nil {
			return file.Name.Name
		}
	}
	return scan.PackageName(path.Base(dir))
}

// checkNames checks names of one kind, all of them.
func checkNames(what string, names ...string) error {
	var errs []error
	for _, name := range names {
		if err := scan.CheckName(name); err != nil {
			errs = append(errs, fmt.Errorf("invalid %s: %w", what, err))
		}
	}
	return errors.Join(errs...)
}
