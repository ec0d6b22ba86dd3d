package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/project"
)

func newGen(env Env) *cobra.Command {
	check := false
	cmd := &cobra.Command{
		Use:   "gen [dir]",
		Short: "Write the code that follows from the tree",
		Long: `Write the code that follows from less/: the typed topics in less/topics/topics.gen.go,
and one main package per function below functions/. These files are committed.

'less-cli run' does this by itself, whenever the tree changes.`,
		Example: "  less-cli gen\n  less-cli gen --check   # in CI: exit code 3 when something is not up to date",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := env.findProject(args)
			if err != nil {
				return err
			}
			if check {
				return checkGenerated(env, dir)
			}
			return generate(env, dir)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "change nothing, and say what is not up to date")
	return cmd
}

func generate(env Env, dir string) error {
	_, files, err := project.Scan(dir)
	if err != nil {
		return err
	}
	changed, err := gen.Write(dir, files)
	for _, name := range changed {
		what := "File written"
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			what = "File removed"
		}
		fmt.Fprintf(env.Out, "%s: %s\n", what, name)
	}
	return err
}

func checkGenerated(env Env, dir string) error {
	_, files, err := project.Scan(dir)
	if err != nil {
		return err
	}
	stale, err := gen.Check(dir, files)
	if err != nil {
		return err
	}
	if len(stale) == 0 {
		return nil
	}
	for _, name := range stale {
		fmt.Fprintln(env.Out, name)
	}
	return foundError{fmt.Errorf("%s %s not up to date with less/. Run 'less-cli gen' and commit what it writes",
		plural.Count(len(stale), "generated file"), plural.Agree(len(stale), "is", "are"))}
}
