package gen

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/less-go/less/internal/obstacle"
)

// Write makes the generated files below dir, the project's folder, those of
// [Files], and removes those of functions that are no more, with the folders
// that become empty. It returns the paths of what it changed, sorted.
//
// Only what differs is written, each file at once, so that a build beside it
// never sees half a file. A file without [Header] where a generated one belongs
// is an error, and so is a disk that does not take all of them; then nothing is changed.
func Write(dir string, files map[string][]byte) (changed []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	write, remove, err := diff(root, files)
	if err != nil {
		return nil, err
	}
	temporary := make(map[string]string, len(write))
	defer func() {
		if err == nil {
			return
		}
		for name, beside := range temporary {
			_ = root.Remove(beside) // nothing half-made is left behind, as far as that can be
			removeEmpty(root, path.Dir(name))
		}
	}()
	for _, name := range write {
		if temporary[name], err = writeBeside(root, name, files[name]); err != nil {
			return nil, err
		}
	}
	for _, name := range remove {
		if err := root.Remove(name); err != nil {
			return changed, err
		}
		changed = append(changed, name)
		if strings.HasPrefix(name, "functions/") {
			removeEmpty(root, path.Dir(name))
		}
	}
	for _, name := range write {
		if err := root.Rename(temporary[name], name); err != nil {
			return changed, err
		}
		changed = append(changed, name)
	}
	slices.Sort(changed)
	return changed, nil
}

// Check returns what [Write] would change, sorted, and changes nothing.
func Check(dir string, files map[string][]byte) (stale []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	write, remove, err := diff(root, files)
	stale = slices.Concat(write, remove)
	slices.Sort(stale)
	return stale, err
}

// diff lists the files to write and to remove, sorted. The error names every file
// that is in the way.
func diff(root *os.Root, files map[string][]byte) (write, remove []string, err error) {
	var inTheWay []error
	told := map[string]bool{}
	for _, name := range sorted(files) {
		if err := obstacle.At(root, path.Dir(name), true); err != nil {
			if !told[err.Error()] {
				inTheWay = append(inTheWay, err)
			}
			told[err.Error()] = true
			continue
		}
		current, err := read(root, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			write = append(write, name)
		case err != nil:
			inTheWay = append(inTheWay, err)
		case !generated(current):
			inTheWay = append(inTheWay, fmt.Errorf("%s: a generated file belongs here, and this one was not made by less-cli gen. Move it elsewhere", name))
		case !bytes.Equal(lines(current), files[name]):
			write = append(write, name)
		}
	}
	existing, err := generatedFiles(root)
	if err != nil {
		inTheWay = append(inTheWay, err)
	}
	for _, name := range existing {
		if _, wanted := files[name]; !wanted {
			remove = append(remove, name)
		}
	}
	return write, remove, errors.Join(inTheWay...)
}

// read returns the content of a file that is a file, not a link to one.
func read(root *os.Root, name string) ([]byte, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: a generated file belongs here, and this is something else. Move it elsewhere", name)
	}
	return root.ReadFile(name)
}

// generatedFiles lists every file below root that an earlier run generated.
func generatedFiles(root *os.Root) ([]string, error) {
	var list []string
	add := func(name string) error {
		content, err := root.ReadFile(name)
		if err == nil && generated(content) {
			list = append(list, name)
		}
		return err
	}
	if info, err := root.Lstat(topicsFile); err == nil && info.Mode().IsRegular() {
		if err := add(topicsFile); err != nil {
			return nil, err
		}
	}
	err := fs.WalkDir(root.FS(), "functions", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.Type().IsRegular() && (d.Name() == "main.go" || strings.HasSuffix(d.Name(), ".gen.go")):
			return add(name)
		}
		return nil
	})
	slices.Sort(list)
	return list, err
}

func generated(content []byte) bool {
	first, _, _ := bytes.Cut(lines(content), []byte("\n"))
	return string(first) == Header
}

// lines undoes what git may do to line ends on Windows.
func lines(content []byte) []byte { return bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")) }

// writeBeside writes content to a file in the folder of name, for a rename to put it
// in its place. The name is returned also where that has failed.
func writeBeside(root *os.Root, name string, content []byte) (temporary string, err error) {
	temporary = path.Join(path.Dir(name), "."+path.Base(name)+"."+rand.Text())
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return temporary, fmt.Errorf("make the folder of %s: %w", name, err)
	}
	return temporary, root.WriteFile(temporary, content, 0o644)
}

// removeEmpty removes dir and the folders above it as far as they are empty.
func removeEmpty(root *os.Root, dir string) {
	for dir != "." && root.Remove(dir) == nil { // which refuses a folder that holds something
		dir = path.Dir(dir)
	}
}
