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

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/console"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/project"
)

// A session is one run of a project.
type session struct {
	env     Env
	opts    runOptions
	screen  *console.Console
	builder *build.Builder
	engine  Engine
	// current is what the engine serves; problem is why it is not the tree as it is.
	current version
	problem string
}

// A version is an application that can be served.
type version struct {
	app     app.App
	options plan.Options
	plan    plan.Plan
	// refusals are what the analysis of the code could not follow.
	refusals []flow.Refusal
	binaries map[string]string // by function identity
	// visibilities are those that the queues have on AWS, ascending.
	visibilities []time.Duration
}

// read reads the tree, brings the generated code up to date, and plans; who
// publishes what is still to be read from the code.
func (s *session) read() (version, error) {
	a, files, err := project.Scan(s.opts.dir)
	if err != nil {
		return version{}, err
	}
	options, err := s.env.planOptions(s.opts.dir, a)
	if err != nil {
		return version{}, err
	}
	options.Visibility = s.opts.visibility
	options.TopicsAPI = options.TopicsAPI || s.opts.topicsAPI
	if _, err := gen.Write(s.opts.dir, files); err != nil {
		return version{}, err
	}
	return version{
		app:          a,
		options:      options,
		plan:         plan.New(a, flow.Flow{}, options),
		visibilities: visibilities(plan.New(a, flow.Flow{}, plan.Options{})),
	}, nil
}

// analyse completes the plan of v with what its functions publish.
func (s *session) analyse(ctx context.Context, v *version) error {
	f, err := project.Analyse(ctx, s.opts.dir, v.app)
	if err != nil {
		return err
	}
	v.plan = plan.New(v.app, f, v.options)
	v.refusals = f.Refusals()
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
	mains := make([]string, len(v.plan.Functions))
	for i, f := range v.plan.Functions {
		mains[i] = f.Main
	}
	built, err := s.builder.Build(ctx, mains, progress)
	if failed, ok := errors.AsType[*build.Error](err); ok {
		return fmt.Errorf("%s %s not compile:\n%w",
			plural.Count(len(failed.Failures), "package"), plural.Agree(len(failed.Failures), "does", "do"), err)
	}
	if err != nil {
		return err
	}
	v.binaries = make(map[string]string, len(mains))
	for _, f := range v.plan.Functions {
		v.binaries[f.ID] = built[f.Main]
	}
	return nil
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
	if err := s.builder.Prune(slices.Collect(maps.Values(v.binaries))); err != nil {
		s.complain(fmt.Errorf("remove old programs: %w", err))
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
	analysis := make(chan error, 1)
	go func() { analysis <- s.analyse(ctx, &analysed) }()
	compiling := s.compile(ctx, v, nil)
	analysing := <-analysis
	if err := cmp.Or(compiling, analysing); err != nil {
		return err
	}
	v.plan, v.refusals = analysed.plan, analysed.refusals
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
