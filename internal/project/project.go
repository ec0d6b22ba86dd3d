// Package project reads a project: its tree, its generated code, and who publishes
// what.
package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/less-go/less/internal/analysis"
	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/load"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/scan"
)

// StateDir is the folder of a project that keeps what can be made again.
const StateDir = ".less"

// Scan reads the application of the project in dir, and the code that follows from it.
func Scan(dir string) (app.App, map[string][]byte, error) {
	a, err := scan.Dir(os.DirFS(dir))
	if err != nil {
		if problems, ok := errors.AsType[scan.Problems](err); ok {
			return app.App{}, nil, fmt.Errorf("%s in %s:\n%w", plural.Count(len(problems), "problem"), dir, err)
		}
		return app.App{}, nil, err
	}
	files, err := gen.Files(a)
	return a, files, err
}

// Analyse reads from the code of a project who publishes what.
func Analyse(ctx context.Context, dir string, a app.App) (flow.Flow, error) {
	f, err := analysis.Read(ctx, dir, a, analysis.Options{Cache: filepath.Join(dir, StateDir, "flow")})
	return f, CompileError(err)
}

// Followed is an error where the analysis could not follow a function: what it publishes
// is what its role allows, so it cannot be deployed.
func Followed(f flow.Flow) error {
	var lines []error
	for _, r := range f.Refusals() {
		lines = append(lines, errors.New(r.String()))
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("what a function publishes decides what its role allows, and it cannot be read from the code here:\n%w", errors.Join(lines...))
}

// Current is an error where the generated code is not up to date with the tree.
func Current(dir string, files map[string][]byte) error {
	stale, err := gen.Check(dir, files)
	if err != nil {
		return err
	}
	if len(stale) > 0 {
		return fmt.Errorf("%s %s not up to date with less/, %s first. Run 'less-cli gen' and try again",
			plural.Count(len(stale), "generated file"), plural.Agree(len(stale), "is", "are"), stale[0])
	}
	return nil
}

// CompileError introduces what the compiler says.
func CompileError(err error) error {
	if broken, ok := errors.AsType[*load.Error](err); ok {
		return fmt.Errorf("the code does not compile:\n%w", broken)
	}
	return err
}
