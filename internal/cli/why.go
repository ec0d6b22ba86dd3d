package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
)

func newWhy(env Env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "why <function> <topic>",
		Short: "Show why a function may publish to a topic",
		Long: `Show the calls that lead from a function's handler to each place where it publishes to a
topic, and under which condition. That is why the function has the grant.`,
		Example:           "  less-cli why topics/payment_success/restaurant_service_confirm_order restaurant_confirmed_order",
		Args:              usage(cobra.ExactArgs(2)),
		ValidArgsFunction: env.completing(functions, topics),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := env.readWorkflow(cmd.Context(), nil)
			if err != nil {
				return err
			}
			function, err := w.node(args[0], "function", graph.Route, graph.Cron, graph.Subscriber)
			if err != nil {
				return err
			}
			topic, err := w.node(args[1], "topic", graph.Topic)
			if err != nil {
				return err
			}
			fn, _ := w.flow.Function(function.ID)
			var reasons []flow.Publish
			for _, p := range fn.Publishes {
				if p.Topic == topic.Label {
					reasons = append(reasons, p)
				}
			}
			if asJSON {
				return writeJSON(env.Out, append([]flow.Publish{}, reasons...))
			}
			for _, p := range reasons {
				writeWhy(env, p)
			}
			if len(reasons) == 0 {
				return foundError{fmt.Errorf("%s does not publish to %s, and may not", function.ID, topic.Label)}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// conditions are what the conditions of publishes mean.
var conditions = map[flow.Condition]string{
	flow.Always:      "whenever it runs",
	flow.OnSuccess:   "on success",
	flow.OnFailure:   "on failure",
	flow.Conditional: "on a condition",
}

func writeWhy(env Env, p flow.Publish) {
	for i, step := range p.Path {
		if i == 0 {
			fmt.Fprintln(env.Out, step.Function)
			continue
		}
		fmt.Fprintf(env.Out, "  calls %s at %s\n", step.Function, step.Pos)
	}
	verb := "publishes"
	if p.Declared {
		verb = "declares that it publishes"
	}
	fmt.Fprintf(env.Out, "  %s %s at %s, %s\n", verb, p.Topic, p.Pos, conditions[p.Condition])
}
