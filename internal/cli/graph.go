package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/draw"
)

func newGraph(env Env) *cobra.Command {
	name := string(draw.Text)
	cmd := &cobra.Command{
		Use:   "graph [dir]",
		Short: "Draw the workflow that the code has",
		Long: `Draw the workflow that the code has: routes, topics, and subscribers by service, who
publishes what, whether on success or on failure, and the dead letters.`,
		Example: "  less-cli graph\n  less-cli graph --format svg > workflow.svg\n  less-cli graph --format json | jq '.edges[] | select(.condition == \"failure\")'",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			format, err := draw.ParseFormat(name)
			if err != nil {
				return usageError{cmd.CommandPath(), err}
			}
			w, err := env.readWorkflow(cmd.Context(), args)
			if err != nil {
				return err
			}
			env.warn(w.flow)
			return draw.Write(cmd.Context(), env.Out, w.graph, format, draw.Options{
				Color: env.color(), Width: env.Width, Place: placer(w.dir),
			})
		},
	}
	var formats []string
	for _, f := range draw.Formats() {
		formats = append(formats, string(f))
	}
	cmd.Flags().StringVar(&name, "format", name, fmt.Sprintf("what to write: %s", strings.Join(formats, ", ")))
	offer(cmd, "format", formats)
	return cmd
}
