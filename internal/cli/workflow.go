package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/config"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/near"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/project"
)

// A workflow is all that is known of a project without running it.
type workflow struct {
	dir   string
	app   app.App
	plan  plan.Plan
	flow  flow.Flow
	graph graph.Graph
}

// readWorkflow reads the workflow of the project that args name. It changes
// nothing in the project, and so refuses one whose generated code is old.
func (e Env) readWorkflow(ctx context.Context, args []string) (workflow, error) {
	dir, err := e.findProject(args)
	if err != nil {
		return workflow{}, err
	}
	return workflowIn(ctx, dir)
}

func workflowIn(ctx context.Context, dir string) (workflow, error) {
	a, files, err := project.Scan(dir)
	if err != nil {
		return workflow{}, err
	}
	if err := project.Current(dir, files); err != nil {
		return workflow{}, err
	}
	return workflowOf(ctx, dir, a)
}

// workflowOf reads the workflow of a project whose generated code is current.
func workflowOf(ctx context.Context, dir string, a app.App) (workflow, error) {
	f, err := project.Analyse(ctx, dir, a)
	if err != nil {
		return workflow{}, err
	}
	c, err := config.Read(os.DirFS(dir))
	if err != nil {
		return workflow{}, err
	}
	p := plan.New(a, f, plan.Options{TopicsAPI: c.TopicsAPI, Key: c.Key})
	return workflow{dir: dir, app: a, plan: p, flow: f, graph: graph.New(a, p, f)}, nil
}

// warn says what the analysis could not follow, and so what is missing in what
// the command shows.
func (e Env) warn(f flow.Flow) {
	for _, r := range f.Refusals() {
		fmt.Fprintf(e.Err, "%s WARNING: %v\n", tag, r)
	}
}

// node finds what people mean by a name: an identity, "POST /orders", or the name
// of a topic; of kinds only. what is what the name is for.
func (w workflow) node(name, what string, kinds ...graph.Kind) (graph.Node, error) {
	clean := strings.Trim(strings.TrimPrefix(strings.TrimPrefix(name, "less/"), "functions/"), "/")
	var all []string
	for _, n := range w.graph.Nodes {
		if !slices.Contains(kinds, n.Kind) {
			continue
		}
		if n.ID == clean || n.ID == "topics/"+clean || n.ID == "external_topics/"+clean || strings.EqualFold(n.Label, name) && n.Kind != graph.Subscriber {
			return n, nil
		}
		all = append(all, n.ID)
		if n.Kind.Carries() {
			all = append(all, n.Label)
		}
	}
	hint := near.Hint(clean, all)
	if hint == "" && len(all) > 0 {
		hint = "There is " + all[0] + plural.Agree(len(all), "", ", for example") + ". "
	}
	return graph.Node{}, fmt.Errorf("there is no %s %q. %s'less-cli graph' shows them all", what, name, hint)
}

// writeJSON writes v for programs, and for people who look at it.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
