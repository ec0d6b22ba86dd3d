package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/scaffold"
)

func newInit(env Env) *cobra.Command {
	example := false
	cmd := &cobra.Command{
		Use:   "init <folder>",
		Short: "Make a new project",
		Long: `Make a new project in a folder of its own: a Go module, the less/ folder, a Makefile, what CI
runs, and the CDK app that deploys it. What is there already is left as it is.`,
		Example: "  less-cli init food_delivery_system\n  less-cli init shop --example   # with a first route\n  less-cli init .                # in this folder",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := args[0]
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(env.Dir, dir)
			}
			return initProject(env, dir, filepath.Base(dir), example)
		},
	}
	cmd.Flags().BoolVar(&example, "example", false, "add a route to begin with: GET /hello")
	return cmd
}

// initProject makes a project in dir, with a first route if that is wanted.
func initProject(env Env, dir, name string, example bool) error {
	p, err := newlyMade(dir, name)
	if err != nil {
		return err
	}
	defer p.Close() //nolint:errcheck // nothing is held back
	if !example {
		files, err := p.Write()
		told(env, dir, files)
		return err
	}
	return written(env, dir, p, func() ([]scaffold.File, error) { return p.Route("api", "/hello", "get") })
}

// newlyMade is a new project called name in dir, still to be written.
func newlyMade(dir, name string) (*scaffold.Project, error) {
	checkout, err := scaffold.Checkout()
	if err != nil {
		return nil, err
	}
	return scaffold.New(dir, name, checkout)
}

// written writes into the project p in dir, brings its generated code up to date, and
// says what is new: all of it, or nothing.
func written(env Env, dir string, p *scaffold.Project, write func() ([]scaffold.File, error)) error {
	files, err := write()
	if err != nil {
		return err
	}
	if err := generateQuietly(dir); err != nil {
		p.Undo()
		return err
	}
	told(env, dir, files)
	return nil
}

// told says what was written into the project in dir, in Less's words, by the names
// that one sees from the working directory.
func told(env Env, dir string, files []scaffold.File) {
	prefix, err := filepath.Rel(env.Dir, dir)
	if err != nil {
		prefix = dir
	}
	for _, f := range files {
		what, state := "File", "created"
		if f.Folder {
			what = "Folder"
		}
		if f.Existed {
			state = "already exists"
		}
		fmt.Fprintf(env.Out, "%s %s: %s\n", what, state, filepath.ToSlash(filepath.Join(prefix, f.Name)))
	}
}
