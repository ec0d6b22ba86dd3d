package cli

import (
	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/operate"
)

func newRunCron(env Env) *cobra.Command {
	var withLog, asJSON bool
	cmd := &cobra.Command{
		Use:   "run-cron <name>",
		Short: "Run a cron now, and wait for it",
		Long: `Run a cron now, with an event as EventBridge makes it when its schedule is due, and wait for it.
A run that fails is not tried again, and the exit code is 1 then.`,
		Example:           "  less-cli run-cron send_report\n  less-cli run-cron send_report --log --aws",
		Args:              usage(cobra.ExactArgs(1)),
		ValidArgsFunction: env.completing(crons),
	}
	place := addPlace(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := place.open()
		if err != nil {
			return err
		}
		f, err := operate.CronFunction(d.Plan, args[0])
		if err != nil {
			return err
		}
		result, err := d.Invoke(cmd.Context(), f, operate.Call{})
		if err != nil {
			return err
		}
		return showInvocation(env, result, withLog, asJSON)
	}
	f := cmd.Flags()
	f.BoolVar(&withLog, "log", false, "show what it logged, the last 4 KB")
	f.BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}
