// Package load loads the packages of an application with their syntax and types:
// its own from source, all others by their export data, which costs a fraction
// of the time and the memory, or by their types alone where nothing is compiled yet.
package load

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/less-go/less/internal/absent"
	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/source"
	"github.com/less-go/less/internal/toolchain"
)

// Framework is the import path of the framework, which is never loaded from
// source: what it does is known.
const Framework = "github.com/less-go/less"

// A Program is the source of some packages of an application.
type Program struct {
	// Dir is the project.
	Dir  string
	Fset *token.FileSet
	// Packages are the loaded packages, sorted by import path, without errors.
	Packages []*packages.Package
}

const (
	mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
		packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo
	// byExport takes dependencies from what the compiler has made of them, bySource
	// from their source.
	byExport = mode | packages.NeedExportFile
	bySource = mode | packages.NeedDeps
)

// Packages loads the packages with the given import paths, for target, of the
// project in dir. Those among them that import each other share their types.
//
// Where code does not compile, the error is an [*Error].
func Packages(ctx context.Context, dir string, target toolchain.Target, importPaths []string) (*Program, error) {
	if _, err := toolchain.Go(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	p := &Program{Dir: dir, Fset: token.NewFileSet()}
	if len(importPaths) == 0 {
		return p, nil
	}
	how := byExport
	if !compiled(ctx, dir, target) {
		how = bySource
	}
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Mode: how, Dir: dir, Fset: p.Fset,
		Env: target.Environ(), BuildFlags: target.Flags(),
	}, importPaths...)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("load the packages of %s: %w", dir, err)
	}
	var lines []string
	for _, pkg := range loaded {
		for _, e := range pkg.Errors {
			lines = append(lines, p.lines(e)...)
		}
	}
	if len(lines) > 0 {
		slices.Sort(lines)
		return nil, &Error{Lines: absent.Explain(dir, slices.Compact(lines))}
	}
	if len(loaded) < len(importPaths) || slices.ContainsFunc(loaded, func(pkg *packages.Package) bool { return len(pkg.Syntax) == 0 }) {
		return nil, withoutFiles(ctx, dir, target, importPaths)
	}
	roots := map[*packages.Package]bool{}
	for _, pkg := range loaded {
		roots[pkg] = true
	}
	packages.Visit(loaded, nil, func(pkg *packages.Package) {
		if !roots[pkg] {
			pkg.Syntax, pkg.TypesInfo = nil, nil // as by export data: who loads sees no difference
		}
	})
	slices.SortFunc(loaded, func(a, b *packages.Package) int { return strings.Compare(a.PkgPath, b.PkgPath) })
	p.Packages = loaded
	return p, nil
}

// withoutFiles is why packages are not loaded, or without their files, and without a word about
// it: the go command has refused go.mod, and says so only where it is asked itself.
func withoutFiles(ctx context.Context, dir string, target toolchain.Target, importPaths []string) error {
	goTool, err := toolchain.Go()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, goTool, slices.Concat([]string{"list"}, target.Flags(), []string{"-deps", "-f", "-"}, importPaths)...)
	cmd.Dir, cmd.Env = dir, target.Environ()
	_, err = cmd.Output()
	exit, refused := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case refused && strings.Contains(string(exit.Stderr), "go mod tidy"):
		return errors.New("go.mod: it lacks what the framework depends on by now. Run 'go mod tidy' and try again")
	case refused:
		return fmt.Errorf("load the packages of %s: %s", dir, strings.TrimSpace(string(exit.Stderr)))
	}
	return fmt.Errorf("load the packages of %s: they have no files. Run 'go build ./...' there to see why", dir)
}

// compiled says whether the compiler has made the framework, and so nearly all
// that an application depends on, for target. Where it has not, as on a new
// machine, to read the dependencies' source takes two seconds, and to compile
// them for their export data half a minute.
func compiled(ctx context.Context, dir string, target toolchain.Target) bool {
	goTool, err := toolchain.Go()
	if err != nil {
		return true
	}
	cmd := exec.CommandContext(ctx, goTool, append(append([]string{"list"}, target.Flags()...), "-f", "{{.Stale}}", Framework)...)
	cmd.Dir, cmd.Env = dir, target.Environ()
	stale, err := cmd.Output()
	return err != nil || strings.TrimSpace(string(stale)) != "true" // what is wrong is told by the load itself
}

// lines are those of an error, each with its place relative to the project. What
// the go command passes on from the compiler has several, below a package's name.
func (p *Program) lines(e packages.Error) []string {
	if e.Pos != "" && e.Pos != "-" {
		return []string{p.relative(e.Pos) + ": " + strings.TrimSpace(e.Msg)}
	}
	var out []string
	for line := range strings.Lines(e.Msg) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, p.relative(line))
		}
	}
	return out
}

// Pos is a place in a file of the project.
func (p *Program) Pos(pos token.Pos) app.Pos {
	if !pos.IsValid() {
		return ""
	}
	at := p.Fset.PositionFor(pos, false)
	return app.Pos(fmt.Sprintf("%s:%d", p.relative(at.Filename), at.Line))
}

func (p *Program) relative(file string) string {
	// The go command names files by the folder's real path.
	for _, dir := range []string{p.Dir, realPath(p.Dir)} {
		if rel, err := filepath.Rel(dir, file); err == nil && !strings.HasPrefix(rel, "..") {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(file)
}

func realPath(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return real
	}
	return dir
}

// An Error is code that does not compile.
type Error struct {
	// Lines say what is wrong, each with its place.
	Lines []string
}

// Error has one line for each mistake.
func (e *Error) Error() string { return strings.Join(e.Lines, "\n") }

// Own lists the packages that a program of the application is made of and that
// are loaded from source: the package importPath, and what it imports of tree
// other than the framework, sorted. Sum changes when one of them does.
func Own(tree *source.Tree, importPath string) (own []string, sum []byte, err error) {
	closure, err := tree.Closure(importPath, Framework)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range closure.Packages {
		if tree.Dir(p) != "" {
			own = append(own, p)
		}
	}
	return own, closure.Sum, nil
}
