package revision

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// relocate makes the paths of modules that lead out of the repository absolute in
// every go.mod and go.work of its copy, which lies elsewhere. Paths within lead to
// the copy, unless there is nothing because git does not know it.
func relocate(root, tree string) error {
	return filepath.WalkDir(tree, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		switch e.Name() {
		case "go.mod":
			return rewrite(name, root, tree, relocateMod)
		case "go.work":
			return rewrite(name, root, tree, relocateWork)
		}
		return nil
	})
}

// rewrite lets change change a file of the copy, if there is anything to. A file
// that cannot be parsed stays as it is: it is the go command's to report.
func rewrite(name, root, tree string, change func(data []byte, move func(string) (string, bool)) []byte) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	dir := filepath.Dir(name)
	if _, err := os.Stat(filepath.Join(dir, "vendor", "modules.txt")); err == nil {
		return nil // all is there, and go.mod has to agree with it
	}
	inTree, err := filepath.Rel(tree, dir)
	if err != nil {
		return err
	}
	move := func(target string) (string, bool) {
		if !modfile.IsDirectoryPath(target) || filepath.IsAbs(target) {
			return "", false
		}
		original := filepath.Join(root, inTree, filepath.FromSlash(target))
		if within(original, root) {
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(target))); !errors.Is(err, fs.ErrNotExist) {
				return "", false
			}
			if _, err := os.Stat(original); err != nil {
				return "", false
			}
		}
		return filepath.ToSlash(original), true
	}
	changed := change(data, move)
	if changed == nil {
		return nil
	}
	return os.WriteFile(name, changed, 0o644)
}

func relocateMod(data []byte, move func(string) (string, bool)) []byte {
	file, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return nil
	}
	if !relocateReplaces(file.Replace, file.AddReplace, move) {
		return nil
	}
	out, err := file.Format()
	if err != nil {
		return nil
	}
	return out
}

func relocateWork(data []byte, move func(string) (string, bool)) []byte {
	file, err := modfile.ParseWork("go.work", data, nil)
	if err != nil {
		return nil
	}
	changed := relocateReplaces(file.Replace, file.AddReplace, move)
	for _, u := range file.Use {
		used := u.Path
		if !modfile.IsDirectoryPath(used) {
			used = "./" + used
		}
		if target, ok := move(used); ok {
			if file.DropUse(u.Path) == nil && file.AddUse(target, u.ModulePath) == nil {
				changed = true
			}
		}
	}
	if !changed {
		return nil
	}
	file.Cleanup()
	return modfile.Format(file.Syntax)
}

// within says whether name is root or below it.
func within(name, root string) bool {
	rel, err := filepath.Rel(root, name)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// relocateReplaces moves what replace directives point to, and says whether any did.
func relocateReplaces(all []*modfile.Replace, add func(oldPath, oldVersion, newPath, newVersion string) error, move func(string) (string, bool)) (changed bool) {
	for _, r := range all {
		if target, ok := move(r.New.Path); ok && r.New.Version == "" {
			changed = add(r.Old.Path, r.Old.Version, target, "") == nil || changed
		}
	}
	return changed
}
