// Package analysis reads from the code of an application which function
// publishes to which topic, under which condition, and what is wrong with it.
//
// It starts at each handler and follows calls by name, by function value and by
// interface, through memory, closures and generics, to the calls of Publish, and
// follows the topics these are called on back to the generated variables. The
// application's own packages are analysed from source. Foreign code is not looked
// into, and need not be: what it can call of the application's is what was handed
// to it, and that counts as called. A topic that is handed to it, or that comes
// from where the analysis cannot see, is refused with its place; nothing is guessed.
//
// What is called by reflection alone is not seen.
package analysis

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/load"
	"github.com/less-go/less/internal/source"
	"github.com/less-go/less/internal/toolchain"
)

// Options change how the code is read.
type Options struct {
	// Target is what functions are made for, which build constraints depend on.
	Target toolchain.Target
	// Cache is the folder that keeps what was read, by content, so that only what
	// has changed is read again; "" keeps nothing. A cache that cannot be used is
	// not used.
	Cache string
}

// Read reads the handlers of the application a in the project dir.
//
// Where code does not compile, the error is a [*load.Error]. What cannot be
// followed is no error: see [flow.Function].
func Read(ctx context.Context, dir string, a app.App, opts Options) (flow.Flow, error) {
	tree, err := source.Read(dir)
	if err != nil {
		return flow.Flow{}, err
	}
	cache, err := newCache(opts, a)
	if err != nil {
		return flow.Flow{}, err
	}
	var out flow.Flow
	type job struct {
		handler
		own []string
		key string
	}
	var jobs []job
	var keys []string
	packages := map[string]bool{}
	for _, h := range handlers(a) {
		own, sum, err := load.Own(tree, h.pkg.ImportPath)
		if err != nil {
			return flow.Flow{}, err
		}
		j := job{h, own, cache.key(h, sum)}
		keys = append(keys, j.key)
		if known, found := cache.get(j.key); found {
			out.Functions = append(out.Functions, known)
			continue
		}
		jobs = append(jobs, j)
		for _, p := range own {
			packages[p] = true
		}
	}
	if len(jobs) > 0 {
		loaded, err := load.Packages(ctx, dir, opts.Target, slices.Sorted(maps.Keys(packages)))
		if err != nil {
			return flow.Flow{}, err
		}
		all := map[string]bool{}
		for _, h := range handlers(a) {
			all[h.pkg.ImportPath] = true
		}
		p := newProgram(loaded, a)
		for _, j := range jobs {
			if ctx.Err() != nil {
				return flow.Flow{}, context.Cause(ctx)
			}
			fn, err := p.read(j.handler, j.own, all)
			if err != nil {
				return flow.Flow{}, err
			}
			cache.put(j.key, fn)
			out.Functions = append(out.Functions, fn)
		}
	}
	cache.prune(keys)
	slices.SortFunc(out.Functions, func(a, b flow.Function) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}
