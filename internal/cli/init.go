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
		Use:   "init <name>",
		Short: "Make a new project",
		Long: `Make a new project in a folder of its own: a Go module, the less/ folder, a Makefile and what
CI runs. What is there already is left as it is.`,
		Example: "  less-cli init food_delivery_system\n  less-cli init shop --example   # with a first route",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			return initProject(env, filepath.Join(env.Dir, args[0]), filepath.Base(args[0]), example)
		},
	}
	cmd.Flags().BoolVar(&example, "example", false, "add a route to begin with: GET /hello")
	return cmd
}

// initProject makes a project in dir, with a first route if that is wanted.
func initProject(env Env, dir, name string, example bool) error {
	checkout, err := scaffold.Checkout()
	if err != nil {
		return err
	}
	files, err := scaffold.New(dir, name, checkout)
	told(env, dir, files)
	if err != nil || !example {
		return err
	}
	p, err := scaffold.Open(dir)
	if err != nil {
		return err
	}
	defer p.Close() //nolint:errcheck // nothing is held back
	files, err = p.Route("api", "/hello", "get")
	told(env, dir, files)
	if err != nil {
		return err
	}
	return generateQuietly(dir)
}

// told says what was written into the project in dir, in Less's words, by the names
// that one sees from the working directory.
func told(env Env, dir string, files []scaffold.File) {
	prefix, err := filepath.Rel(env.Dir, dir)
	if err != nil {
		prefix = dir
	}
	for _, f := range files {
		what := "File created"
		if f.Existed {
			what = "File already exists"
		}
		fmt.Fprintf(env.Out, "%s: %s\n", what, filepath.ToSlash(filepath.Join(prefix, f.Name)))
	}
}
