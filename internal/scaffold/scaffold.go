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

	"github.com/less-go/less/internal/obstacle"
	"github.com/less-go/less/internal/scan"
)

// A Project is the one that code is written into.
type Project struct {
	root   *os.Root
	module string
	// base are the files of a project that is still to be made, and made the folders
	// that were made for it, the outermost first.
	base []content
	made []string
	// written is what was written by means of p, folders before what is in them.
	written []string
}

// A content is a file to write.
type content struct{ name, text string }

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
		return nil, errors.Join(errNoModule, root.Close())
	}
	return &Project{root: root, module: module}, nil
}

// Close ends the use of p. Where a new project was not written, nothing of it is left.
func (p *Project) Close() error {
	err := p.root.Close()
	if len(p.written) == 0 {
		err = errors.Join(err, removeFolders(p.made))
	}
	return err
}

// Undo removes what was written by means of p.
func (p *Project) Undo() {
	for _, name := range slices.Backward(p.written) {
		_ = p.root.Remove(name) // nothing half-made is left behind, as far as that can be
	}
	p.written = nil
}

// A File is one that was asked for.
type File struct {
	// Name is slash-separated and relative to the project.
	Name string
	// Folder says that it is a folder.
	Folder bool
	// Existed says that it was there before, and was left as it is.
	Existed bool
}

// A change is the files to write, and the folders to make.
type change struct {
	*Project
	files map[string]string
	order []string // a folder ends in a slash
}

func (p *Project) change() *change {
	c := &change{Project: p, files: map[string]string{}}
	for _, f := range p.base {
		c.plan(f.name, f.text)
	}
	return c
}

func (c *change) plan(name, text string) {
	if _, planned := c.files[name]; !planned {
		c.order = append(c.order, name)
	}
	c.files[name] = text
}

// folder plans a folder.
func (c *change) folder(name string) { c.order = append(c.order, name+"/") }

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
	c.plan(name, string(content))
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

// look says which of the planned files and folders exist.
func (c *change) look() ([]File, error) {
	var out []File
	for _, planned := range c.order {
		name, folder := strings.CutSuffix(planned, "/")
		if err := obstacle.At(c.root, name, folder); err != nil {
			return nil, err
		}
		_, err := c.root.Lstat(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		out = append(out, File{name, folder, err == nil})
	}
	return out, nil
}

// writeAll writes those of the planned files that do not exist: all of them, or none.
func (c *change) writeAll(files []File) ([]File, error) {
	for _, f := range files {
		if f.Existed {
			continue
		}
		err := c.makeFolder(path.Dir(f.Name))
		switch {
		case err != nil:
		case f.Folder:
			err = c.makeFolder(f.Name)
		default:
			err = c.writeFile(f.Name, c.files[f.Name])
		}
		if err != nil {
			c.Undo()
			return nil, err
		}
	}
	c.base = nil
	return files, nil
}

// makeFolder makes a folder, and those above it, where there is none.
func (c *change) makeFolder(name string) error {
	if _, err := c.root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return nil // what is wrong is told by who writes into it
	}
	if err := c.makeFolder(path.Dir(name)); err != nil {
		return err
	}
	if err := c.root.Mkdir(name, 0o777); err != nil {
		return err
	}
	c.written = append(c.written, name)
	return nil
}

// writeFile writes a file that does not exist.
func (c *change) writeFile(name, content string) error {
	mode := fs.FileMode(0o666)
	if strings.HasPrefix(content, "#!") {
		mode = 0o777
	}
	f, err := c.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	c.written = append(c.written, name)
	_, err = f.WriteString(content)
	return errors.Join(err, f.Close())
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
	for _, f := range files {
		if f.Name == "go.mod" && !f.Existed { // that of a new project, whose tree may be somebody's
			archive.Files = append(archive.Files, txtar.File{Name: f.Name, Data: []byte(c.files[f.Name])})
		}
	}
	before, err := problems(archive)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !f.Existed && strings.HasPrefix(f.Name, "less/") && !f.Folder {
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
