package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/stacks"
	"github.com/less-go/less/internal/target"
)

func newDelete(env Env) *cobra.Command {
	var yes, noWait bool
	cmd := &cobra.Command{
		Use:   "delete <name>",
		Short: "Delete a deployment, with what is in its queues",
		Long: `Delete a deployment, with what is in its queues. It says what goes and what stays, and asks for the
name. Deployments whose name ends in prod or production are protected: the error says what lifts that.

With --local it is what 'less-cli run' keeps of this project that is deleted: queues with their
messages, and logs. The tree is never touched.`,
		Example: "  less-cli delete food-dev\n  less-cli delete food-pr-17 --yes --no-wait   # in CI\n  less-cli delete food --local",
		Args:    usage(cobra.ExactArgs(1)),
	}
	place := addCloud(env, cmd)
	place.addLocal("what 'less-cli run' keeps of this project")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := place.check(); err != nil {
			return err
		}
		if !yes && !env.InTerminal {
			return place.wrong("delete deletes for good, and there is no terminal to ask: give --yes")
		}
		if place.local {
			return deleteLocal(env, args[0], yes)
		}
		t, err := place.open()
		if err != nil {
			return err
		}
		return deleteDeployment(cmd.Context(), env, t, args[0], yes, noWait)
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&noWait, "no-wait", false, "do not wait for the end")
	return cmd
}

func deleteDeployment(ctx context.Context, env Env, t *target.Target, name string, yes, noWait bool) error {
	d, err := stacks.Find(ctx, t, name)
	if err != nil {
		return err
	}
	if protected := d.Protected(); len(protected) > 0 {
		return &stacks.ProtectedError{Name: name, Stacks: protected}
	}
	r, err := stacks.Read(ctx, t, d)
	if err != nil {
		return err
	}
	tellDeletion(env, t, r)
	if !yes {
		if err := env.retype(name); err != nil {
			return err
		}
	}
	if noWait {
		if err := stacks.StartDelete(ctx, t, d); err != nil {
			return err
		}
		fmt.Fprintf(env.Err, "%s The process has started. Wait a few minutes and list the projects to see the changes.\n", tag)
		return nil
	}
	status := newStatus(env)
	err = stacks.Delete(ctx, t, d, stacks.DeleteOptions{Gone: func(what string, gone, all int) {
		if what != "" {
			status.line("deleted " + what)
		}
		status.show(fmt.Sprintf("Deleting %s: %d of %d", name, gone, all))
	}})
	status.end()
	if errors.Is(err, context.Canceled) || ctx.Err() != nil {
		return fmt.Errorf("%w. CloudFormation goes on with the stack that it has begun to delete: 'less-cli list' shows how far it is, and the same command finishes the rest", context.Cause(ctx))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Err, "%s %s is deleted ✅\n", tag, name)
	return nil
}

// tellDeletion says what goes and what stays.
func tellDeletion(env Env, t *target.Target, r stacks.Resources) {
	subscribers, dead := 0, 0
	for _, topic := range r.Topics {
		subscribers += len(topic.Subscribers)
		for _, s := range topic.Subscribers {
			if s.DeadLetters != nil {
				dead += *s.DeadLetters
			}
		}
	}
	var parts []string
	for _, p := range []struct {
		n    int
		noun string
	}{
		{len(r.APIs), "API"}, {len(r.Topics), "topic"}, {subscribers, "subscriber"}, {len(r.Crons), "cron"}, {len(r.Functions), "function"},
	} {
		if p.n > 0 {
			parts = append(parts, plural.Count(p.n, p.noun))
		}
	}
	what := strings.Join(parts, ", ")
	if subscribers > 0 {
		what += ", and the messages in the queues"
	}
	fmt.Fprintf(env.Err, "%s %s in %s goes: %s\n", tag, r.Name, t.Name, cmp.Or(what, "its stack, which has nothing of a tree"))
	if len(r.Kept) == 0 {
		if dead > 0 {
			fmt.Fprintf(env.Err, "%s Nothing stays: %s too %s lost. 'less-cli dlq list' shows them\n", tag, plural.Count(dead, "dead letter"), plural.Agree(dead, "is", "are"))
		}
		return
	}
	fmt.Fprintf(env.Err, "%s This stays, and has to be deleted by hand before the name can be used again:\n", tag)
	for _, name := range r.Kept {
		fmt.Fprintf(env.Err, "  %s\n", name)
	}
}

// retype lets a person who can be asked write a name, which nobody does by accident.
func (e Env) retype(name string) error {
	fmt.Fprintf(e.Err, "Type %s to delete it: ", name)
	line, err := bufio.NewReader(e.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(line) != name {
		return errors.New("that was another name: nothing is deleted")
	}
	return nil
}
