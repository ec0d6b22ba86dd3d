package cli

import (
	"context"
	"fmt"
	"io"
	"path"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/console"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/stacks"
)

func newListResources(env Env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "resources <name>",
		Short: "List what a deployment has",
		Long: `List what a deployment has: the URLs of its APIs, its topics with their subscribers and how many dead
letters each has, its functions and its crons. It is read from the stacks; the project need not be there.
With --local it is what the engine runs of the project in this folder.`,
		Example: "  less-cli list resources food-prod\n  less-cli list resources food-prod --json | jq -r '.apis[].url'\n  less-cli list resources food --local",
		Args:    usage(cobra.ExactArgs(1)),
	}
	place := addCloud(env, cmd)
	place.addLocal("what the engine runs that 'less-cli run' has started for this project")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		r, err := place.resources(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if asJSON {
			return writeJSON(env.Out, r)
		}
		writeResources(env.Out, r)
		return nil
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// resources reads what a deployment has.
func (c *cloud) resources(ctx context.Context, name string) (stacks.Resources, error) {
	if err := c.check(); err != nil {
		return stacks.Resources{}, err
	}
	if c.local {
		return localResources(ctx, c.env, name)
	}
	t, err := c.open()
	if err != nil {
		return stacks.Resources{}, err
	}
	d, err := stacks.Find(ctx, t, name)
	if err != nil {
		return stacks.Resources{}, err
	}
	return stacks.Read(ctx, t, d)
}

// writeResources shows what a deployment has: Less's lines, and what it has besides.
func writeResources(out io.Writer, r stacks.Resources) {
	line := func(format string, args ...any) { fmt.Fprintln(out, console.Clean(fmt.Sprintf(format, args...))) }
	if len(r.APIs) > 0 {
		line("- API URLs")
		for _, api := range r.APIs {
			url := api.URL
			if url == "" {
				url = fmt.Sprintf("its id is %s, and the stack tells no URL", api.ID)
			}
			line("  - %s: %s", api.Name, url)
		}
	}
	if r.TopicsAPI != "" {
		line("- Topics API: %s/topics/{topic}", r.TopicsAPI)
	}
	if len(r.Topics) > 0 {
		line("- Topics")
		for _, t := range r.Topics {
			line("  - %s", t.Name)
			for _, s := range t.Subscribers {
				line("    - %s%s", path.Base(s.Function), deadLetters(s))
			}
		}
	}
	if len(r.Crons) > 0 {
		line("- Crons")
		for _, c := range r.Crons {
			line("  - %s: %s", c.Name, c.Schedule)
		}
	}
	line("- Functions: %d", len(r.Functions))
}

// deadLetters is what there is to say of a subscriber's.
func deadLetters(s stacks.Subscriber) string {
	switch {
	case s.DeadLetters == nil:
		return " (its dead-letter queue is not there)"
	case *s.DeadLetters > 0:
		return ": " + plural.Count(*s.DeadLetters, "dead letter")
	}
	return ""
}
