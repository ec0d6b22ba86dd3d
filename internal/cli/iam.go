package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/iam"
	"github.com/less-go/less/internal/plural"
)

func newIAM(env Env) *cobra.Command {
	asJSON := false
	ref := ""
	cmd := &cobra.Command{
		Use:   "iam [function]",
		Short: "Show what each function may do on AWS, and why",
		Long: `Show what each function may do on AWS, with the place in the code that is the reason. The
role that is deployed allows exactly this.`,
		Example:           "  less-cli iam\n  less-cli iam topics/order_placed/payment_service_process_payment\n  less-cli iam --diff main   # in CI: exit code 3 when a function may do more",
		Args:              usage(cobra.MaximumNArgs(1)),
		ValidArgsFunction: env.completing(functions),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := env.readWorkflow(cmd.Context(), nil)
			if err != nil {
				return err
			}
			env.warn(w.flow)
			roles := iam.Roles(w.app, w.plan, w.flow)
			if len(args) > 0 {
				n, err := w.node(args[0], "function", graph.Route, graph.Cron, graph.Subscriber)
				if err != nil {
					return err
				}
				roles = slices.DeleteFunc(roles, func(r iam.Role) bool { return r.Function != n.ID })
			}
			if ref != "" {
				return diffRoles(cmd.Context(), env, w.dir, ref, roles, asJSON, len(args) > 0)
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
	f := cmd.Flags()
	f.BoolVar(&asJSON, "json", false, "write JSON")
	f.StringVar(&ref, "diff", "", "show what has changed since this git `ref`")
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

func diffRoles(ctx context.Context, env Env, dir, ref string, after []iam.Role, asJSON, one bool) error {
	w, done, err := env.workflowAt(ctx, dir, ref)
	if err != nil {
		return err
	}
	defer done()
	before := iam.Roles(w.app, w.plan, w.flow)
	if one {
		before = slices.DeleteFunc(before, func(r iam.Role) bool { return len(after) == 0 || r.Function != after[0].Function })
	}
	changes := iam.Diff(before, after)
	grown := 0
	for _, c := range changes {
		if c.Grown {
			grown++
		}
	}
	if asJSON {
		if err := writeJSON(env.Out, append([]iam.Change{}, changes...)); err != nil {
			return err
		}
	} else {
		writeChanges(env, changes)
	}
	if grown > 0 {
		return foundError{fmt.Errorf("functions may do %s more than at %s", plural.Count(grown, "thing"), ref)}
	}
	return nil
}

func writeChanges(env Env, changes []iam.Change) {
	for _, c := range changes {
		sign := "-"
		if c.Grown {
			sign = "+"
		}
		fmt.Fprintf(env.Out, "%s %s: %s on %s\n", sign, c.Function, c.Action, c.Resource)
		for _, reason := range c.Reasons {
			fmt.Fprintf(env.Out, "      %s: %s\n", reason.Pos, reason.Text)
		}
	}
}
