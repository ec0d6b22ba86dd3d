package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/compat"
	"github.com/less-go/less/internal/plural"
)

func newDiff(env Env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "diff <git-ref>",
		Short: "Find changes of events and APIs that break somebody",
		Long: `Compare the schemas of events and routes with those at a git ref, and list the changes that
break somebody: clients of a route, subscribers elsewhere, or this project's own
subscribers, which meet messages of the old form in their queues. The exit code is 3 when
there is one.`,
		Example: "  less-cli diff main",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := env.readWorkflow(cmd.Context(), nil)
			if err != nil {
				return err
			}
			updated, err := w.contract(cmd.Context())
			if err != nil {
				return err
			}
			before, done, err := env.workflowAt(cmd.Context(), w.dir, args[0])
			if err != nil {
				return err
			}
			defer done()
			old, err := before.contract(cmd.Context())
			if err != nil {
				return fmt.Errorf("the project as it was at %s: %w", args[0], err)
			}
			result := compat.Compare(old, updated)
			if asJSON {
				err = writeJSON(env.Out, result)
			} else {
				writeDiff(env, result)
			}
			if err != nil {
				return err
			}
			if n := len(result.Breaking); n > 0 {
				return foundError{fmt.Errorf("%s since %s %s somebody", plural.Count(n, "change"), args[0], plural.Agree(n, "breaks", "break"))}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func writeDiff(env Env, r compat.Result) {
	for _, c := range r.Breaking {
		fmt.Fprintf(env.Out, "breaks  %v\n", c)
	}
	for _, c := range r.Compatible {
		fmt.Fprintf(env.Out, "fine    %v\n", c)
	}
}
