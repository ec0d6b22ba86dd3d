package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/contract"
	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/load"
	"github.com/less-go/less/internal/revision"
	"github.com/less-go/less/internal/schema"
	"github.com/less-go/less/internal/source"
	"github.com/less-go/less/internal/toolchain"
)

// readContract reads what the routes and topics of w promise.
func readContract(ctx context.Context, w workflow) (contract.Contract, error) {
	tree, err := source.Read(w.dir)
	if err != nil {
		return contract.Contract{}, err
	}
	packages := map[string]bool{}
	for _, p := range packagesOf(w.app) {
		own, _, err := load.Own(tree, p.ImportPath)
		if err != nil {
			return contract.Contract{}, err
		}
		for _, importPath := range own {
			packages[importPath] = true
		}
	}
	loaded, err := load.Packages(ctx, w.dir, toolchain.Target{}, slices.Sorted(maps.Keys(packages)))
	if err != nil {
		return contract.Contract{}, compileError(err)
	}
	c, err := contract.Read(w.app, w.flow, loaded.Packages, loaded.Dir)
	if problems, ok := errors.AsType[schema.Problems](err); ok {
		return contract.Contract{}, fmt.Errorf("%s in %s:\n%w", count(len(problems), "problem"), w.dir, problems)
	}
	return c, err
}

// packagesOf lists the packages of handlers and of topics.
func packagesOf(a app.App) []app.Package {
	var out []app.Package
	for _, api := range a.APIs {
		for _, r := range api.Routes {
			out = append(out, r.Package)
		}
	}
	for _, t := range a.Topics {
		out = append(out, t.Package)
		for _, s := range t.Subscribers {
			out = append(out, s.Package)
		}
	}
	return out
}

// workflowAt reads the workflow of the project in dir as it was at a git ref. Call
// done when it is not needed any more.
func (e Env) workflowAt(ctx context.Context, dir, ref string) (w workflow, done func(), err error) {
	project, remove, err := revision.Checkout(ctx, dir, ref)
	if err != nil {
		return workflow{}, nil, err
	}
	done = func() {
		if err := remove(); err != nil {
			fmt.Fprintf(e.Err, "%s WARNING: %v\n", tag, err)
		}
	}
	defer func() {
		if err != nil {
			done()
			err = fmt.Errorf("the project as it was at %s: %w", ref, err)
		}
	}()
	a, files, err := readProject(project)
	if err != nil {
		return workflow{}, nil, err
	}
	// An older version may have generated it in another form.
	if _, err := gen.Write(project, files); err != nil {
		return workflow{}, nil, err
	}
	w, err = workflowOf(ctx, project, a)
	return w, done, err
}
