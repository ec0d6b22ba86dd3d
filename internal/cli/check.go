package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/check"
	"github.com/less-go/less/internal/plural"
)

func newCheck(env Env) *cobra.Command {
	var asJSON, asSARIF, all bool
	cmd := &cobra.Command{
		Use:   "check [dir]",
		Short: "Find mistakes in the workflow",
		Long: `Find mistakes that neither the compiler nor a test of one handler sees: events that
nobody handles or that never come, endless cycles, publishes that are lost or done twice,
handlers that depend on each other. The exit code is 3 when something is found.

A finding is accepted in the code, on its line or the line above, with a reason:

  //less:allow ignored-error a lost statistic hurts nobody`,
		Example: "  less-cli check\n  less-cli check --sarif > check.sarif   # for a code host to show beside the code",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON && asSARIF {
				return usageError{cmd.CommandPath(), errors.New("--json and --sarif are two formats: choose one")}
			}
			w, err := env.readWorkflow(cmd.Context(), args)
			if err != nil {
				return err
			}
			findings := check.All(os.DirFS(w.dir), w.app, w.graph, w.flow)
			open := check.Open(findings)
			switch {
			case asSARIF:
				err = check.WriteSARIF(env.Out, findings)
			case asJSON:
				err = writeJSON(env.Out, append([]check.Finding{}, findings...))
			default:
				writeFindings(env, findings, all)
			}
			if err != nil {
				return err
			}
			if len(open) > 0 {
				return foundError{fmt.Errorf("%s. Mend %s, or accept %s in the code: //less:allow <rule> <reason>",
					plural.Count(len(open), "finding"), plural.Agree(len(open), "it", "them"), plural.Agree(len(open), "it", "one"))}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&asJSON, "json", false, "write JSON")
	f.BoolVar(&asSARIF, "sarif", false, "write SARIF 2.1.0")
	f.BoolVar(&all, "all", false, "show accepted findings too")
	return cmd
}

func writeFindings(env Env, findings []check.Finding, all bool) {
	for _, f := range findings {
		switch {
		case f.Allowed == "":
			fmt.Fprintln(env.Out, f)
		case all:
			fmt.Fprintf(env.Out, "%v\n  accepted: %s\n", f, f.Allowed)
		}
	}
}
