package contract

import (
	"context"
	"maps"
	"os"
	"slices"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/load"
	"github.com/less-go/less/internal/scan"
	"github.com/less-go/less/internal/source"
	"github.com/less-go/less/internal/toolchain"
)

// Load scans and loads the project in dir and reads its contract. Who publishes
// what, and with which status a route refuses, is from f; an empty Flow leaves that out.
//
// The error is a [scan.Problems], a [load.Error] or a [schema.Problems] where there
// is something to correct in the code.
func Load(ctx context.Context, dir string, f flow.Flow) (Contract, error) {
	a, err := scan.Dir(os.DirFS(dir))
	if err != nil {
		return Contract{}, err
	}
	tree, err := source.Read(dir)
	if err != nil {
		return Contract{}, err
	}
	all := map[string]bool{}
	for _, p := range packagesOf(a) {
		own, _, err := load.Own(tree, p.ImportPath)
		if err != nil {
			return Contract{}, err
		}
		for _, importPath := range own {
			all[importPath] = true
		}
	}
	loaded, err := load.Packages(ctx, dir, toolchain.Target{}, slices.Sorted(maps.Keys(all)))
	if err != nil {
		return Contract{}, err
	}
	return read(a, f, loaded.Packages, loaded.Dir)
}

// packagesOf lists the packages of handlers and of topics.
func packagesOf(a app.App) []app.Package {
	var out []app.Package
	for _, api := range a.APIs {
		for _, r := range api.Routes {
			out = append(out, r.Package)
		}
	}
	for _, c := range a.Crons {
		out = append(out, c.Package)
	}
	for _, t := range a.Topics {
		out = append(out, t.Package)
	}
	for _, t := range a.External {
		out = append(out, t.Package)
	}
	for _, s := range a.Subscribers() {
		out = append(out, s.Package)
	}
	return out
}
