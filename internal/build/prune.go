package build

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// spare is how many programs Prune leaves beside those in use: going back to a
// branch, or undoing an edit, then needs no compiler.
const spare = 32

// abandoned is the age at which a temporary folder cannot belong to a build that
// is still running.
const abandoned = time.Hour

// Prune removes old programs, with their packages, from Out: all but those in
// use, paths that Build or Package returned, and the most recently built others.
// Call it when nothing will start a program that is not in use any more.
func (b *Builder) Prune(inUse []string) error {
	keep := map[string]bool{}
	for _, binary := range inUse {
		keep[filepath.Base(filepath.Dir(binary))] = true
	}
	entries, err := os.ReadDir(b.Out)
	if err != nil {
		return err
	}
	var programs, garbage []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil || keep[e.Name()]: // gone meanwhile, or needed
		case isFile(filepath.Join(b.Out, e.Name(), Binary)):
			programs = append(programs, info)
		case time.Since(info.ModTime()) > abandoned:
			garbage = append(garbage, info)
		}
	}
	if len(programs) > spare {
		slices.SortFunc(programs, func(a, b fs.FileInfo) int {
			return cmp.Or(b.ModTime().Compare(a.ModTime()), cmp.Compare(a.Name(), b.Name()))
		})
		garbage = append(garbage, programs[spare:]...)
	}
	var errs []error
	for _, info := range garbage {
		errs = append(errs, os.RemoveAll(filepath.Join(b.Out, info.Name())))
	}
	return errors.Join(errs...)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
