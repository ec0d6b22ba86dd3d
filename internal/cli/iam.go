package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/iam"
)

func newIAM(env Env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "iam [function]",
		Short: "Show what each function may do on AWS, and why",
		Long: `Show what each function may do on AWS, with the place in the code that is the reason. The
role that is deployed allows exactly this.`,
		Example: "  less-cli iam\n  less-cli iam topics/order_placed/payment_service_process_payment",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := env.readWorkflow(cmd.Context(), nil)
			if err != nil {
				return err
			}
			env.warn(w.flow)
			roles := iam.Roles(w.app, w.plan, w.flow)
			if len(args) > 0 {
				n, err := w.node(args[0], "function", graph.Route, graph.Subscriber)
				if err != nil {
					return err
				}
				roles = slices.DeleteFunc(roles, func(r iam.Role) bool { return r.Function != n.ID })
			}
			if asJSON {
				return writeJSON(env.Out, roles)
			}
			for i, r := range roles {
				if i > 0 {
					fmt.Fprintln(env.Out)
				}
				writeRole(env, r)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func writeRole(env Env, r iam.Role) {
	fmt.Fprintln(env.Out, r.Function)
	for _, s := range r.Statements {
		fmt.Fprintf(env.Out, "  %s on %s\n", strings.Join(s.Actions, ", "), s.Name)
		for _, reason := range s.Reasons {
			fmt.Fprintf(env.Out, "      %s: %s\n", reason.Pos, reason.Text)
		}
	}
}
