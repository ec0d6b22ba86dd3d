package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/scan"
)

// readLocal is what run keeps of the project in the working directory, and where.
func readLocal(env Env) (project localProject, state string, err error) {
	dir, err := env.findProject(nil)
	if err != nil {
		return localProject{}, "", err
	}
	a, err := scan.Dir(os.DirFS(dir))
	if err != nil {
		// A broken tree has its state all the same, under the name that its folder has.
		project.ID = filepath.Base(dir)
	} else {
		project.ID = a.Name()
	}
	state = filepath.Join(dir, stateDir)
	updated, process, err := engine.Inspect(state)
	if err != nil {
		return localProject{}, "", err
	}
	project.Updated, project.Status = updated, "stopped"
	switch {
	case process != "":
		project.Status = "running, process " + process
	case updated.IsZero():
		project.Status = "never run"
	}
	return project, state, nil
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
		return fmt.Errorf("the project in this folder is %s, not %s. Change to the folder of the one that is meant, or name this one", p.ID, name)
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
