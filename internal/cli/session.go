package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/console"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/plan"
)

// A session is one run of a project, or of several side by side.
type session struct {
	env    Env
	opts   runOptions
	screen *console.Console
	engine Engine
	// projects are what is run, the first one first.
	projects []application
	// current is what the engine serves; problem is why it is not the tree as it is.
	current version
	problem string
}

// A version is what can be served: the applications, and the plan of all.
type version struct {
	apps []application
	plan plan.Plan
	// refusals are what the analysis of the code could not follow.
	refusals []flow.Refusal
	binaries map[string]string // by function identity
	// visibilities are those that the queues have on AWS, ascending.
	visibilities []time.Duration
}

// read reads the trees, brings the generated code up to date, and plans; who
// publishes what is still to be read from the code.
func (s *session) read() (version, error) {
	v := version{apps: slices.Clone(s.projects)}
	var errs []error
	for i := range v.apps {
		errs = append(errs, v.apps[i].read(s.env, s.opts))
	}
	if err := errors.Join(errs...); err != nil {
		return version{}, err
	}
	if err := introduce(v.apps); err != nil {
		return version{}, err
	}
	v.join()
	var onAWS []plan.Plan
	for _, a := range v.apps {
		onAWS = append(onAWS, plan.New(a.app, flow.Flow{}, plan.Options{}))
	}
	v.visibilities = visibilities(plan.Beside(onAWS[0], onAWS[1:]...))
	return v, nil
}

// join makes one plan of those of the applications.
func (v *version) join() {
	var plans []plan.Plan
	v.refusals = nil
	for _, a := range v.apps {
		plans = append(plans, a.plan())
		v.refusals = append(v.refusals, a.refusals()...)
	}
	v.plan = plan.Beside(plans[0], plans[1:]...)
}

// analyse completes the plan of v with what its functions publish.
func (s *session) analyse(ctx context.Context, v *version) error {
	for i := range v.apps {
		if err := v.apps[i].analyse(ctx); err != nil {
			return err
		}
	}
	v.join()
	return nil
}

func visibilities(p plan.Plan) []time.Duration {
	var out []time.Duration
	for _, s := range p.Subscriptions() {
		out = append(out, s.Queue.Visibility)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// compile adds the programs to v.
func (s *session) compile(ctx context.Context, v *version, progress func(build.Progress)) error {
	v.binaries = map[string]string{}
	var errs []error
	for i := range v.apps {
		built, err := v.apps[i].compile(ctx, progress)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, f := range v.functions(i) {
			v.binaries[f.ID] = built[f.Main]
		}
	}
	return errors.Join(errs...)
}

// functions are those of the application i, as the plan of all has them.
func (v version) functions(i int) []plan.Function {
	name := "" // the first one's is the plan's own
	if i > 0 {
		name = v.apps[i].plan().Name
	}
	return slices.DeleteFunc(slices.Clone(v.plan.Functions), func(f plan.Function) bool { return f.App != name })
}

// start builds and serves the first version.
func (s *session) start(ctx context.Context, v version) error {
	progress := newProgress(s.env)
	err := s.compile(ctx, &v, progress.show)
	progress.end()
	if err != nil {
		return err
	}
	// Not at the same time: on a new machine both would compile all that there is.
	if err := s.analyse(ctx, &v); err != nil {
		return err
	}
	if err := s.serve(ctx, v); err != nil {
		return err
	}
	s.say(resources(s.current, s.engine, s.opts))
	return nil
}

// serve hands v to the engine, and keeps it as the current version.
func (s *session) serve(ctx context.Context, v version) error {
	if !slices.Equal(v.refusals, s.current.refusals) {
		s.warn(v.refusals)
	}
	s.screen.Plan(v.plan)
	if err := s.engine.Apply(ctx, v.plan, v.binaries); err != nil {
		return err
	}
	s.current = v
	for i, a := range v.apps {
		var inUse []string
		for _, f := range v.functions(i) {
			inUse = append(inUse, v.binaries[f.ID])
		}
		if err := a.builder.Prune(inUse); err != nil {
			s.complain(fmt.Errorf("remove old programs: %w", err))
		}
	}
	return nil
}

// reload serves the tree as it is now. When that cannot be, it says why, and
// what was served is served on. It says so again only after a change in code: what
// a broken tree makes people and programs write elsewhere is no news.
func (s *session) reload(ctx context.Context, code bool) {
	began := time.Now()
	what, err := s.replace(ctx)
	switch {
	case ctx.Err() != nil: // the command is about to stop, and says so
	case err != nil:
		if problem := err.Error(); code || problem != s.problem {
			s.problem = problem
			s.complain(fmt.Errorf("%w\nThe code of before is served on. Save a change to try again", err))
		}
	case what != "":
		s.problem = ""
		s.say(fmt.Sprintf("%s %s in %.2f s\n", tag, what, time.Since(began).Seconds()))
	case s.problem != "":
		s.problem = ""
		s.say(tag + " The tree is again as it is served\n")
	}
}

// replace serves the tree as it is now, and says what is new in it.
func (s *session) replace(ctx context.Context) (what string, err error) {
	next, err := s.read()
	if err != nil {
		return "", err
	}
	if err := s.rebuild(ctx, &next); err != nil {
		return "", err
	}
	if what = difference(s.current, next); what == "" {
		return "", nil
	}
	return what, s.explain(s.serve(ctx, next))
}

// rebuild compiles and analyses v at the same time. What does not compile is told
// in the compiler's words.
func (s *session) rebuild(ctx context.Context, v *version) error {
	analysed := *v
	analysed.apps = slices.Clone(v.apps)
	analysis := make(chan error, 1)
	go func() { analysis <- s.analyse(ctx, &analysed) }()
	compiling := s.compile(ctx, v, nil)
	analysing := <-analysis
	if err := cmp.Or(compiling, analysing); err != nil {
		return err
	}
	v.apps, v.plan, v.refusals = analysed.apps, analysed.plan, analysed.refusals
	return nil
}

// difference says what is new in next, "" for nothing.
func difference(current, next version) string {
	var swapped, added, removed []string
	for _, id := range slices.Sorted(maps.Keys(next.binaries)) {
		switch before, found := current.binaries[id]; {
		case !found:
			added = append(added, id)
		case before != next.binaries[id]:
			swapped = append(swapped, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(current.binaries)) {
		if _, found := next.binaries[id]; !found {
			removed = append(removed, id)
		}
	}
	var parts []string
	for _, p := range []struct {
		verb string
		ids  []string
	}{{"swapped", swapped}, {"added", added}, {"removed", removed}} {
		switch {
		case len(p.ids) > 3:
			parts = append(parts, fmt.Sprintf("%s %d functions", p.verb, len(p.ids)))
		case len(p.ids) > 0:
			parts = append(parts, p.verb+" "+strings.Join(p.ids, ", "))
		}
	}
	if len(parts) == 0 && !reflect.DeepEqual(current.plan, next.plan) {
		parts = append(parts, "applied the settings")
	}
	text := strings.Join(parts, "; ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// stop ends the engine: in order at first, and at once when another signal comes.
func (s *session) stop(ctx context.Context) error {
	if ctx.Err() != nil {
		fmt.Fprintf(s.env.Err, "%s Stopping. Running invocations may end; Ctrl-C again ends them now\n", tag)
	}
	stopping, done := untilSignal(context.WithoutCancel(ctx), s.env.Signals)
	defer done()
	err := s.engine.Stop(stopping)
	if stopping.Err() != nil && errors.Is(err, stopping.Err()) {
		return nil // ended at once, as asked
	}
	return err
}

// say shows a text of the command among the events, and out of their way where
// these are for a program.
func (s *session) say(text string) {
	if s.opts.json {
		fmt.Fprint(s.env.Err, text)
		return
	}
	s.screen.Print(text)
}

// warn shows what the analysis could not follow: such a function may publish what
// it was not granted, and is refused then, here and on AWS.
func (s *session) warn(refusals []flow.Refusal) {
	for _, r := range refusals {
		fmt.Fprintf(s.env.Err, "%s WARNING: %v\n", tag, r)
	}
}

// complain shows an error that does not end the command.
func (s *session) complain(err error) { fmt.Fprintf(s.env.Err, "%s ERROR: %v\n", tag, err) }
