package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/operate"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/target"
)

// maxRehearsals is how many messages a dry run runs.
const maxRehearsals = 100

// A rehearsal is what would become of a dead letter with the code as it is.
type rehearsal struct {
	operate.DeadLetter
	// Failure is why it would fail again; empty where it would not.
	Failure   string   `json:"failure,omitempty"`
	Publishes []string `json:"publishes"`
}

// showRehearsal says what a redrive of letters would do.
func showRehearsal(ctx context.Context, env Env, s plan.Subscription, letters []operate.DeadLetter, asJSON bool) error {
	rehearsals, err := rehearse(ctx, env, s, letters[:min(len(letters), maxRehearsals)])
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(env.Out, append([]rehearsal{}, rehearsals...))
	}
	fmt.Fprintf(env.Out, "%s would be sent to %s\n", plural.Count(len(letters), "dead letter"), s.Queue.Name)
	failing := 0
	for _, r := range rehearsals {
		outcome := "would be done"
		if r.Failure != "" {
			failing++
			outcome = "would fail again: " + r.Failure
		}
		if len(r.Publishes) > 0 {
			outcome += ", having published to " + strings.Join(r.Publishes, ", ")
		}
		fmt.Fprintf(env.Out, "\n%s  from %s\n", r.ID, clock(r.Sent))
		for _, line := range wrap(outcome, 98) {
			fmt.Fprintf(env.Out, "  %s\n", line)
		}
	}
	if n := len(letters); n > len(rehearsals) {
		fmt.Fprintf(env.Out, "\nthe first %d were tried\n", len(rehearsals))
	}
	if failing > 0 {
		return foundError{fmt.Errorf("%s would fail again with the code as it is. Mend it first, or the message: less-cli dlq edit", plural.Count(failing, "dead letter"))}
	}
	return nil
}

// rehearse has the subscriber's function, built as it is now, handle dead letters in
// an engine of its own, which has no other function: what is published stays there.
func rehearse(ctx context.Context, env Env, s plan.Subscription, letters []operate.DeadLetter) (out []rehearsal, err error) {
	if len(letters) == 0 {
		return nil, nil
	}
	if app, own, beside := strings.Cut(s.Function, ":"); beside {
		return nil, fmt.Errorf("%s is a function of %s, whose code is not here. Run the command in that project, for %s", s.Function, app, own)
	}
	w, err := env.readWorkflow(ctx, nil) // what it publishes it must be granted
	if err != nil {
		return nil, err
	}
	options, err := env.planOptions(w.dir, w.app)
	if err != nil {
		return nil, err
	}
	w.plan = plan.New(w.app, w.flow, options)
	f, _ := w.plan.Function(s.Function)
	dir, err := os.MkdirTemp("", "less-dry-run-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	built, err := (&build.Builder{Dir: w.dir, Out: filepath.Join(dir, "build")}).Build(ctx, []string{f.Main}, nil)
	if err != nil {
		return nil, fmt.Errorf("the code does not compile:\n%w", err)
	}
	var mu sync.Mutex
	var published []string
	e, err := env.StartEngine(ctx, engine.Options{State: filepath.Join(dir, "state"), Sink: func(a activity.Event) {
		if a.Kind == activity.Publish {
			mu.Lock()
			defer mu.Unlock()
			published = append(published, a.Topic)
		}
	}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Stop(context.WithoutCancel(ctx))) }()
	if err := e.Apply(ctx, w.plan, map[string]string{f.ID: built[f.Main]}); err != nil {
		return nil, err
	}
	here, err := target.New(ctx, target.Options{Endpoint: e.AWS(), Getenv: func(string) string { return "" }})
	if err != nil {
		return nil, err
	}
	stage := operate.Deployment{Plan: w.plan, Target: here}
	for _, l := range letters {
		result, err := stage.Replay(ctx, f, l)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		out = append(out, rehearsal{l, result.Error, append([]string{}, slices.Compact(published)...)})
		published = nil
		mu.Unlock()
	}
	return out, nil
}
