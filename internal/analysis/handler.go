package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
)

// A handler is a function of the application to look at.
type handler struct {
	id         string
	pkg        app.Package
	fn         string // its name in pkg
	kind       kind
	middleware string // the variable that holds a route's, "" for none
}

// A kind is what a handler handles.
type kind int

const (
	routeKind kind = iota
	subscriberKind
	cronKind
)

// handlers lists those of an application, by identity.
func handlers(a app.App) []handler {
	var out []handler
	for _, api := range a.APIs {
		for _, r := range api.Routes {
			h := handler{id: r.ID(), pkg: r.Package, fn: r.Func}
			if r.Middleware {
				h.middleware = r.Func + "Middleware"
			}
			out = append(out, h)
		}
	}
	for _, s := range a.Subscribers() {
		out = append(out, handler{id: s.ID(), pkg: s.Package, fn: "Process", kind: subscriberKind})
	}
	for _, c := range a.Crons {
		out = append(out, handler{id: c.ID(), pkg: c.Package, fn: "Process", kind: cronKind})
	}
	slices.SortFunc(out, func(a, b handler) int { return strings.Compare(a.id, b.id) })
	return out
}

// read follows one handler in the packages own, which its program is made of.
func (p *program) read(h handler, own []string, all map[string]bool) (flow.Function, error) {
	s := p.slice(own)
	fn := p.function(h.pkg.ImportPath, h.fn)
	if fn == nil {
		return flow.Function{}, fmt.Errorf("%s: there is no function %s", h.pkg.Dir, h.fn)
	}
	w := newWalker(s)
	root := &frame{fn: fn, outside: true}
	effects := w.started(h, root)
	before := effects
	w.handling = true
	main := w.summarize(root)
	first := flow.Step{Function: display(fn)}
	for _, e := range main.effects {
		e.steps = append([]flow.Step{first}, e.steps...)
		effects = append(effects, e)
	}
	w.lintHandler(fn, h.kind != routeKind)
	if i := slices.IndexFunc(p.Packages, func(pkg *packages.Package) bool { return pkg.PkgPath == h.pkg.ImportPath }); i >= 0 {
		w.lintImports(p.Packages[i], all)
	}
	out := flow.Function{
		ID: h.id, Publishes: w.publishes(effects), Failures: s.failures(fn), Answers: s.answers(fn),
		Refusals: sortedSet(w.refusals, func(a, b flow.Refusal) int {
			return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.Message, b.Message))
		}),
		Findings: sortedSet(w.findings, func(a, b flow.Finding) int {
			return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
		}),
	}
	out.Outcomes, out.ManyOutcomes = w.outcomes(main.endings, errorResult(fn.Signature) >= 0, before, effects)
	return out, nil
}

// started are the effects of what runs beside the handler itself: its packages'
// initialisation, and a route's middleware.
func (w *walker) started(h handler, root *frame) []effect {
	var out []effect
	begin := func(fn *ssa.Function, fr *frame) {
		for _, e := range w.summarize(fr).effects {
			e.steps = append([]flow.Step{{Function: display(fn)}}, e.steps...)
			out = append(out, e)
		}
	}
	for _, pkg := range slices.SortedFunc(maps.Keys(w.pkgs), func(a, b *ssa.Package) int { return strings.Compare(a.Pkg.Path(), b.Pkg.Path()) }) {
		if init := pkg.Func("init"); init != nil && w.relevant[init] {
			begin(init, &frame{fn: init, outside: true})
		}
	}
	if h.middleware == "" {
		return out
	}
	g, ok := root.fn.Pkg.Members[h.middleware].(*ssa.Global)
	if !ok {
		return out
	}
	for _, o := range w.originsAt(operand{g, root}, path{pointee, element}) {
		if f := o.function; f.fn != nil && w.relevant[f.fn] {
			begin(f.fn, &frame{fn: f.fn, closure: f.closure, made: f.made, outside: true})
			w.wrapped(f, begin)
		}
	}
	return out
}

// wrapped begins the handlers that a middleware returns, which serve each request.
func (w *walker) wrapped(f function, begin func(*ssa.Function, *frame)) {
	fr := &frame{fn: f.fn, closure: f.closure, made: f.made, outside: true}
	for _, block := range f.fn.Blocks {
		ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		for _, result := range ret.Results {
			for _, o := range w.dynamic(operand{result, fr}, nil) {
				if o.concrete.v == nil {
					continue
				}
				for _, inner := range w.origins(o.concrete) {
					if inner.function.fn != nil && w.relevant[inner.function.fn] {
						begin(inner.function.fn, &frame{
							fn: inner.function.fn, closure: inner.function.closure, made: inner.function.made, outside: true,
						})
					}
				}
				if m := w.ssa.LookupMethod(o.concrete.v.Type(), nil, "ServeHTTP"); m != nil && w.relevant[m] {
					begin(m, &frame{fn: m, params: []operand{o.concrete}, outside: true})
				}
			}
		}
	}
}

// publishes makes the list of what a handler publishes: by topic, condition and place.
func (w *walker) publishes(effects []effect) []flow.Publish {
	var out []flow.Publish
	for _, e := range merge(effects) {
		out = append(out, flow.Publish{
			Topic: e.topic, Condition: e.condition, Pos: w.Pos(e.pos), Path: e.steps, Declared: e.declared,
		})
	}
	slices.SortFunc(out, func(a, b flow.Publish) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Condition, b.Condition), a.Pos.Compare(b.Pos))
	})
	return out
}

// outcomes are the sets of topics with which an invocation may end well, if the
// handler is one that can fail. What was
// published before the handler itself began is in them.
func (w *walker) outcomes(ends []ending, failing bool, before, effects []effect) (sets [][]string, many bool) {
	var joined []string
	for _, e := range ends {
		if e.failed != panicked && (e.failed != isFailure || !failing) {
			joined = append(joined, e.topics)
		}
	}
	for _, e := range before {
		for i, topics := range joined {
			joined[i] = join(topics, e.topic)
			if e.condition != flow.Always {
				joined = append(joined, topics)
			}
		}
	}
	slices.Sort(joined)
	joined = slices.Compact(joined)
	if w.many || len(joined) > flow.MaxOutcomes {
		joined, many = []string{topicsOf(effects)}, true
	}
	for _, j := range joined {
		set := []string{}
		if j != "" {
			set = strings.Split(j, ",")
		}
		sets = append(sets, set)
	}
	return sets, many
}

func sortedSet[T comparable](set map[T]bool, compare func(a, b T) int) []T {
	return slices.SortedFunc(maps.Keys(set), compare)
}
