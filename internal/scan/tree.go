package scan

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A folder is one folder of the tree with what matters of its content.
type folder struct {
	path string
	name string
	// goFiles are the names of the files that end in .go, without tests and
	// without what the go command ignores.
	goFiles []string
	// others are the names of the remaining files, except hidden ones.
	others []string
	// folders are the subfolders that resources can be in.
	folders []*folder
	// hasGo says that a Go file is in the folder or somewhere below it.
	hasGo bool
	// bare says that there is nothing at all in the folder, nor in the folders below it.
	bare bool
}

func (f *folder) file(name string) string { return f.path + "/" + name }

// tree reads less/ once, completely.
func (s *scanner) tree() (*folder, bool) {
	const wayOut = "Run this in the folder that holds go.mod and less/, or make a first route with less-cli create route."
	entries, err := fs.ReadDir(s.fsys, ".")
	if err != nil {
		s.unreadable(".", err)
		return nil, false
	}
	i := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return e.Name() == root })
	switch {
	case i < 0:
		s.report(root, "there is no such folder here. %s", wayOut)
	case entries[i].Type()&fs.ModeSymlink != 0:
		s.report(root, "it is a symbolic link, which is not followed. Put the folder itself here.")
	case !entries[i].IsDir():
		s.report(root, "it is not a folder. %s", wayOut)
	default:
		return s.read(root), true
	}
	return nil, false
}

func (s *scanner) read(dir string) *folder {
	f := &folder{path: dir, name: path.Base(dir), bare: true}
	entries, err := fs.ReadDir(s.fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // gone since its parent was read
		s.unreadable(dir, err)
		f.bare = false
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir() && s.aside(f.file(name), name):
			f.bare = false
		case e.IsDir():
			sub := s.read(f.file(name))
			f.hasGo = f.hasGo || sub.hasGo
			f.bare = f.bare && sub.bare
			f.folders = append(f.folders, sub)
		case e.Type()&fs.ModeSymlink != 0:
			f.bare = false
			s.link(dir, name)
		case e.Type().IsRegular():
			f.bare = false
			f.add(name)
			if name == "go.mod" {
				s.report(f.file(name), "it makes the folder a module of its own, which the application cannot import. Remove it.")
			}
		}
	}
	s.sameButForCase(f)
	return f
}

func (f *folder) add(name string) {
	if name[0] == '.' || name[0] == '_' && strings.HasSuffix(name, ".go") {
		return
	}
	// A file that ends in .GO is no Go file, but somebody meant it to be one.
	f.hasGo = f.hasGo || strings.EqualFold(path.Ext(name), ".go")
	switch {
	case !strings.HasSuffix(name, ".go"):
		f.others = append(f.others, name)
	case !strings.HasSuffix(name, "_test.go"):
		f.goFiles = append(f.goFiles, name)
	}
}

// aside says that a folder is none of the application's: one that Go ignores, or
// test data. Where it seems to hold a handler all the same, that is a problem.
func (s *scanner) aside(dir, name string) bool {
	switch {
	case name[0] == '.' || name[0] == '_':
		if !inShared(dir) && s.holdsGo(dir) {
			s.report(dir, "Go ignores a folder whose name begins with %c, and this one holds Go files. Rename it, or move it out of less/.", name[0])
		}
		return true
	case name == "testdata":
		resource := slices.ContainsFunc(s.goFiles(dir), func(file string) bool {
			return file == "process.go" || file == "message.go" || verbOf(file) != ""
		})
		return !resource // one that is will be refused for its name
	}
	return false
}

// holdsGo says whether a Go file is in dir or below it.
func (s *scanner) holdsGo(dir string) bool {
	found := false
	// What cannot be read in a folder that Go ignores matters to nobody.
	_ = fs.WalkDir(s.fsys, dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(name, ".go") {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// link reports a symbolic link that somebody might expect to be followed.
func (s *scanner) link(dir, name string) {
	if inShared(dir) || name[0] == '.' || name[0] == '_' {
		return // Go's to read, not ours; or an editor's lock file
	}
	info, err := fs.Stat(s.fsys, dir+"/"+name)
	if strings.HasSuffix(name, ".go") || err != nil || info.IsDir() {
		s.report(dir+"/"+name, "it is a symbolic link, which is not followed. Put the file or folder itself here, or import shared code from less/shared.")
	}
}

// inShared says that a folder is in less/shared, which holds no resources.
func inShared(dir string) bool { return strings.HasPrefix(dir+"/", root+"/shared/") }

// sameButForCase reports subfolders that are one folder on macOS and Windows,
// and one import path to Go.
func (s *scanner) sameButForCase(f *folder) {
	seen := map[string]string{}
	for _, sub := range f.folders {
		lower := strings.ToLower(sub.name)
		if other, found := seen[lower]; found {
			s.report(sub.path, "its name differs from %s only by capital letters, which macOS, Windows and Go do not tell apart. Rename one of them.", f.file(other))
		}
		seen[lower] = sub.name
	}
}
