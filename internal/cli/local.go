package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/project"
	"github.com/less-go/less/internal/scan"
	"github.com/less-go/less/internal/stacks"
	"github.com/less-go/less/internal/target"
)

// readLocal is what run keeps of the project in the working directory, and where.
func readLocal(env Env) (p localProject, state string, err error) {
	dir, err := env.findProject(nil)
	if err != nil {
		return localProject{}, "", err
	}
	a, err := scan.Dir(os.DirFS(dir))
	if err != nil {
		// A broken tree has its state all the same, under the name that its folder has.
		p.ID = filepath.Base(dir)
	} else {
		p.ID = a.Name()
	}
	state = filepath.Join(dir, stateDir)
	now, err := engine.Inspect(state)
	if err != nil {
		return localProject{}, "", err
	}
	p.Updated, p.Status = now.Updated, "stopped"
	switch {
	case now.Process != "":
		p.Status = "running, process " + now.Process
	case now.Updated.IsZero():
		p.Status = "never run"
	}
	return p, state, nil
}

// localResources is what the project in the working directory has, as its engine runs it.
func localResources(ctx context.Context, env Env, name string) (stacks.Resources, error) {
	dir, err := env.findProject(nil)
	if err != nil {
		return stacks.Resources{}, err
	}
	a, _, err := project.Scan(dir)
	if err != nil {
		return stacks.Resources{}, err
	}
	if name != a.Name() {
		return stacks.Resources{}, otherProject(a.Name(), name)
	}
	now, err := engine.Inspect(filepath.Join(dir, stateDir))
	if err != nil {
		return stacks.Resources{}, err
	}
	if now.Process == "" || now.AWS == "" {
		return stacks.Resources{}, fmt.Errorf("no engine runs on %s. Start it with 'less-cli run'", dir)
	}
	t, err := target.New(ctx, target.Options{Endpoint: now.AWS, Getenv: env.Getenv})
	if err != nil {
		return stacks.Resources{}, err
	}
	urls := map[string]string{}
	for _, api := range now.APIs {
		urls[api.Name] = api.URL
	}
	r, err := stacks.ReadPlan(ctx, t, plan.New(a, flow.Flow{}, plan.Options{}), urls)
	r.TopicsAPI = now.TopicsAPI
	return r, err
}

func otherProject(is, name string) error {
	return fmt.Errorf("the project in this folder is %s, not %s. Change to the folder of the one that is meant, or name this one", is, name)
}

func listLocal(env Env, asJSON bool) error {
	p, _, err := readLocal(env)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(env.Out, []localProject{p})
	}
	fmt.Fprintf(env.Out, "ID: %s\n", p.ID)
	if !p.Updated.IsZero() {
		fmt.Fprintf(env.Out, "Updated At: %s\n", clock(p.Updated))
	}
	fmt.Fprintf(env.Out, "Status: %s\n", p.Status)
	return nil
}

// deleteLocal deletes what run keeps.
func deleteLocal(env Env, name string, yes bool) error {
	p, state, err := readLocal(env)
	if err != nil {
		return err
	}
	if name != p.ID {
		return otherProject(p.ID, name)
	}
	fmt.Fprintf(env.Err, "%s The queues with their messages and the logs in %s go. The tree stays\n", tag, state)
	if !yes {
		if err := env.retype(name); err != nil {
			return err
		}
	}
	if err := engine.Forget(state); err != nil {
		return err
	}
	fmt.Fprintf(env.Err, "%s %s is deleted ✅\n", tag, name)
	return nil
}
