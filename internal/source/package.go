package source

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"hash"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// readPackage reads what the compiler would read of the package in dir. It may
// take too much, such as a file for another system, but never too little.
func readPackage(dir string) (*pkg, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return &pkg{}, err
	}
	h := sha256.New()
	imports := map[string]bool{}
	for _, e := range entries {
		file := filepath.Join(dir, e.Name())
		if !compiled(e.Name()) || !isFile(file) {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return &pkg{}, err
		}
		HashString(h, e.Name())
		HashString(h, string(content))
		if filepath.Ext(file) != ".go" {
			continue
		}
		for _, imported := range importsOf(content) {
			imports[imported] = true
		}
		if err := hashEmbedded(h, dir, content); err != nil {
			return &pkg{}, err
		}
	}
	return &pkg{sum: h.Sum(nil), imports: slices.Sorted(maps.Keys(imports))}, nil
}

// compiled says whether a file of that name can be part of a package built
// without cgo.
func compiled(name string) bool {
	if name[0] == '.' || name[0] == '_' || strings.HasSuffix(name, "_test.go") {
		return false
	}
	switch filepath.Ext(name) {
	case ".go", ".s", ".h", ".syso":
		return true
	}
	return false
}

// importsOf returns what a Go file imports. A file that cannot be parsed imports
// what comes before the mistake, which is the compiler's to report.
func importsOf(content []byte) []string {
	file, _ := parser.ParseFile(token.NewFileSet(), "", content, parser.ImportsOnly)
	if file == nil {
		return nil
	}
	var out []string
	for _, spec := range file.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil && imported != "" {
			out = append(out, imported)
		}
	}
	return out
}

// hashEmbedded adds the files that the //go:embed lines of a Go file name.
func hashEmbedded(h hash.Hash, dir string, content []byte) error {
	tree := os.DirFS(dir)
	for line := range strings.Lines(string(content)) {
		directive, found := strings.CutPrefix(strings.TrimSpace(line), "//go:embed ")
		if !found {
			continue
		}
		for _, pattern := range embedPatterns(directive) {
			// A pattern that matches nothing, or is none, is the compiler's to report.
			matches, _ := fs.Glob(tree, pattern)
			for _, match := range matches {
				if err := hashTree(h, tree, match); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// embedPatterns splits the arguments of a //go:embed line: words, or Go strings.
func embedPatterns(args string) []string {
	var out []string
	for args = strings.TrimSpace(args); args != ""; args = strings.TrimSpace(args) {
		word, err := strconv.QuotedPrefix(args)
		if err != nil {
			word, _, _ = strings.Cut(args, " ")
			word, _, _ = strings.Cut(word, "\t")
		}
		args = args[len(word):]
		if unquoted, err := strconv.Unquote(word); err == nil {
			word = unquoted
		}
		out = append(out, path.Clean(strings.TrimPrefix(word, "all:")))
	}
	return out
}

func hashTree(h hash.Hash, tree fs.FS, root string) error {
	return fs.WalkDir(tree, root, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		content, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		HashString(h, name)
		HashString(h, string(content))
		return nil
	})
}

// hashFiles adds the files of dir that exist.
func hashFiles(h hash.Hash, dir string, names ...string) error {
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		HashString(h, name)
		HashString(h, string(content))
	}
	return nil
}

// HashString adds s with its length, so that no two sequences of strings are alike.
func HashString(h hash.Hash, s string) {
	fmt.Fprintf(h, "%d %s\n", len(s), s)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
