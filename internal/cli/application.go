package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/near"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/project"
)

// An application is one of those that a session runs side by side, as its tree is now.
type application struct {
	dir string
	// label is how messages tell its folder from the others'; "" for the first one's.
	label   string
	builder *build.Builder
	app     app.App
	options plan.Options
	flow    flow.Flow
}

// newApplication is the one in dir. first is the folder of the first one.
func newApplication(first, dir string) application {
	a := application{dir: dir, builder: &build.Builder{Dir: dir, Out: filepath.Join(dir, stateDir, "build")}}
	if dir != first {
		a.label = dir
		if rel, err := filepath.Rel(first, dir); err == nil {
			a.label = rel
		}
	}
	return a
}

// read reads the tree, and brings the generated code up to date; who publishes what is
// still to be read from the code.
func (a *application) read(env Env, opts runOptions) error {
	tree, files, err := project.Scan(a.dir)
	if err != nil {
		return err
	}
	if a.options, err = env.planOptions(a.dir, tree); err != nil {
		return a.within(err)
	}
	a.options.Visibility = opts.visibility
	a.options.TopicsAPI = a.options.TopicsAPI || opts.topicsAPI
	a.app, a.flow = tree, flow.Flow{}
	_, err = gen.Write(a.dir, files)
	return err
}

// plan is the application's own.
func (a *application) plan() plan.Plan { return plan.New(a.app, a.flow, a.options) }

// analyse reads what the functions publish.
func (a *application) analyse(ctx context.Context) (err error) {
	a.flow, err = project.Analyse(ctx, a.dir, a.app)
	return a.within(err)
}

// refusals are what the analysis could not follow.
func (a *application) refusals() []flow.Refusal {
	out := slices.Clone(a.flow.Refusals())
	if a.label != "" {
		for i := range out {
			out[i].Pos = app.Pos(filepath.ToSlash(a.label)) + "/" + out[i].Pos
		}
	}
	return out
}

// compile returns the programs by their mains.
func (a *application) compile(ctx context.Context, progress func(build.Progress)) (map[string]string, error) {
	var mains []string
	for _, f := range a.plan().Functions {
		mains = append(mains, f.Main)
	}
	built, err := a.builder.Build(ctx, mains, progress)
	if failed, ok := errors.AsType[*build.Error](err); ok {
		err = fmt.Errorf("%s %s not compile:\n%w",
			plural.Count(len(failed.Failures), "package"), plural.Agree(len(failed.Failures), "does", "do"), err)
	}
	return built, a.within(err)
}

// within says of an error in which of several applications it is.
func (a *application) within(err error) error {
	if err == nil || a.label == "" {
		return err
	}
	return fmt.Errorf("in %s: %w", a.label, err)
}

// introduce has each application know those beside it: an external topic whose placeholder,
// or whose deployment by less.config, is called as one of them is that one's topic.
func introduce(all []application) error {
	names := make([]string, len(all))
	var errs []error
	for i := range all {
		names[i] = all[i].plan().Name
		if j := slices.Index(names[:i], names[i]); j >= 0 {
			errs = append(errs, fmt.Errorf("the applications in %s and %s are both called %s, and so would their queues be. Give one another module path in its go.mod", all[j].dir, all[i].dir, names[i]))
		}
	}
	for i := range all {
		a := &all[i]
		for _, placeholder := range a.app.Placeholders() {
			j := slices.IndexFunc(names, func(name string) bool {
				return name != names[i] && (sameName(name, placeholder) || sameName(name, a.options.External[placeholder]))
			})
			if j < 0 {
				continue
			}
			if a.options.External == nil {
				a.options.External = map[string]string{}
			}
			a.options.External[placeholder] = names[j]
			errs = append(errs, a.within(known(a.app, placeholder, all[j].app, names[j])))
		}
	}
	return errors.Join(errs...)
}

// sameName says whether two names of an application are the same: a folder's cannot
// have the dash that a module's has.
func sameName(a, b string) bool {
	return strings.ReplaceAll(a, "-", "_") == strings.ReplaceAll(b, "-", "_")
}

// known is an error where a subscribes, by placeholder, to topics that the other
// application, called name, does not have.
func known(a app.App, placeholder string, other app.App, name string) error {
	var topics []string
	for _, t := range other.Topics {
		topics = append(topics, t.Name)
	}
	var errs []error
	for _, t := range a.External {
		if t.App == placeholder && !slices.Contains(topics, t.Name) {
			errs = append(errs, fmt.Errorf("%s: %s, which runs beside, has no topic %s. %sRename the folder, or add the topic there", t.Pos, name, t.Name, near.Hint(t.Name, topics)))
		}
	}
	return errors.Join(errs...)
}
