package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/console"
	"github.com/less-go/less/internal/stacks"
)

func newList(env Env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the deployments of an account and region",
		Long: `List the deployments of an account and region: those of all projects that were deployed with less-cli
or its CDK app. The status is CloudFormation's.`,
		Example: "  less-cli list\n  less-cli list --region eu-west-1 --profile shop\n  less-cli list --local   # what 'less-cli run' keeps of this project",
		Args:    usage(cobra.NoArgs),
	}
	place := addCloud(env, cmd)
	place.addLocal("this project, as 'less-cli run' keeps it on this machine")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := place.check(); err != nil {
			return err
		}
		if place.local {
			return listLocal(env, asJSON)
		}
		t, err := place.open()
		if err != nil {
			return err
		}
		all, err := stacks.List(cmd.Context(), t)
		if err != nil {
			return err
		}
		if asJSON {
			return writeJSON(env.Out, all)
		}
		if len(all) == 0 {
			fmt.Fprintf(env.Err, "%s %s has no deployments. 'less-cli deploy <name>' makes one\n", tag, t.Name)
			return nil
		}
		writeDeployments(env, all)
		return nil
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	cmd.AddCommand(newListResources(env))
	return cmd
}

func writeDeployments(env Env, all []stacks.Deployment) {
	table := tabwriter.NewWriter(env.Out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "Project Name\tCreated\tUpdated\tStatus")
	for _, d := range all {
		status := d.Status
		if d.Reason != "" && !strings.HasSuffix(d.Status, "_COMPLETE") {
			status += ": " + fit(d.Reason, 0)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", console.Clean(d.Name), clock(d.Created), clock(d.Updated), console.Clean(status))
	}
	_ = table.Flush() // Out has gone away, and nobody is there to tell
}

// A localProject is what run keeps of a project.
type localProject struct {
	ID      string    `json:"id"`
	Updated time.Time `json:"updated"`
	Status  string    `json:"status"`
}
