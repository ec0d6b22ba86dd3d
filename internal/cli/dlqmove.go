package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/operate"
	"github.com/less-go/less/internal/plural"
)

func newDLQRedrive(env Env) *cobra.Command {
	var choice operate.Choice
	var dryRun, asJSON bool
	cmd := &cobra.Command{
		Use:   "redrive <function>",
		Short: "Send dead letters back to their subscriber",
		Long: `Send dead letters back to their subscriber's queue, where they begin anew with all attempts: one
or more by id, those that have a text in their payload or error, or all. Those chosen one by one
are sent first and deleted then, so that none is lost; all are moved by SQS itself.

With --dry-run nothing is sent. The function is built from this folder and handles each of them
on this machine, in an engine of its own where what it publishes gets no further. What else it
reaches, such as a database, it reaches.`,
		Example: `  less-cli dlq redrive confirm_order --id c48e96eb --id 201349a7
  less-cli dlq redrive confirm_order --filter 'kitchen does not answer' --dry-run
  less-cli dlq redrive confirm_order --all --rate 10`,
		Args: usage(cobra.ExactArgs(1)),
	}
	place := addPlace(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		chosen := 0
		for _, given := range []bool{len(choice.IDs) > 0, choice.Filter != "", choice.All} {
			if given {
				chosen++
			}
		}
		if chosen != 1 {
			return place.wrong("say which dead letters: one of --id, --filter and --all")
		}
		if cmd.Flags().Changed("rate") && (choice.Rate < 1 || choice.Rate > operate.MaxRate) {
			return place.wrong("--rate is %d, and SQS moves 1 to %d messages in a second", choice.Rate, operate.MaxRate)
		}
		d, s, err := place.subscriber(args[0])
		if err != nil {
			return err
		}
		if dryRun {
			letters, err := d.Choose(cmd.Context(), s, choice)
			if err != nil {
				return err
			}
			return showRehearsal(cmd.Context(), env, s, letters, asJSON)
		}
		shown := env.ErrTerminal && !asJSON
		done, err := d.Redrive(cmd.Context(), s, choice, func(moved int) {
			if shown {
				fmt.Fprintf(env.Err, "\r%s %d sent", tag, moved)
			}
		})
		if shown && done.Count > 0 {
			fmt.Fprintln(env.Err)
		}
		switch {
		case err != nil && done.Count > 0:
			return fmt.Errorf("%w. %s to %s before", err, sent(done.Count), done.Queue)
		case err != nil:
			return err
		case asJSON:
			return writeJSON(env.Out, done)
		}
		fmt.Fprintf(env.Out, "%s to %s\n", sent(done.Count), done.Queue)
		return nil
	}
	f := cmd.Flags()
	f.StringArrayVar(&choice.IDs, "id", nil, "the `id` of a message or event, or its beginning; more than once for several")
	f.StringVar(&choice.Filter, "filter", "", "those with this `text` in the payload, an attribute or the error")
	f.BoolVar(&choice.All, "all", false, "all of them")
	f.IntVar(&choice.Rate, "rate", 0, "how many to send in a second, at most")
	f.BoolVar(&dryRun, "dry-run", false, "run them here against this code, say what happens, send nothing")
	f.BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func sent(n int) string {
	return plural.Count(n, "dead letter") + plural.Agree(n, " was", " were") + " sent"
}

func newDLQEdit(env Env) *cobra.Command {
	var data string
	asJSON := false
	cmd := &cobra.Command{
		Use:   "edit <function> <message id>",
		Short: "Change a dead letter's payload and send it back",
		Long: `Change a dead letter's payload and send it back to its subscriber's queue, where it begins anew.
The payload opens in $VISUAL or $EDITOR, or comes from --data, and has to be JSON. Its attributes
stay as they are, the event's id too. Where nothing is changed nothing is sent.`,
		Example: "  EDITOR=nano less-cli dlq edit confirm_order c48e96eb\n  less-cli dlq show confirm_order c48e96eb --json | jq '.body.customer = \"Cesaria\" | .body' |\n    less-cli dlq edit confirm_order c48e96eb --data -",
		Args:    usage(cobra.ExactArgs(2)),
	}
	place := addPlace(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		editor := cmp.Or(env.Getenv("VISUAL"), env.Getenv("EDITOR"))
		if data == "" && (!env.InTerminal || editor == "") {
			return place.wrong("there is no terminal with an $EDITOR to edit in: give the payload with --data")
		}
		var body []byte
		var err error
		if data != "" {
			if body, err = place.json(data); err != nil {
				return err
			}
		}
		d, s, err := place.subscriber(args[0])
		if err != nil {
			return err
		}
		letter, err := d.DeadLetter(cmd.Context(), s, args[1])
		if err != nil {
			return err
		}
		if data == "" {
			if body, err = edited(cmd.Context(), env, editor, letter); err != nil {
				return err
			}
		}
		if sameJSON(body, letter.Body) {
			fmt.Fprintf(env.Err, "%s Nothing is changed, and so nothing was sent. To send it as it is: less-cli dlq redrive %s --id %s\n", tag, s.Function, letter.ID)
			return nil
		}
		id, err := d.Edit(cmd.Context(), s, letter, body)
		if err != nil {
			return err
		}
		if asJSON {
			return writeJSON(env.Out, operate.Redriven{Function: s.Function, Queue: s.Queue.Name, Count: 1, Messages: []string{id}})
		}
		fmt.Fprintf(env.Out, "sent to %s\nmessage id: %s\n", s.Queue.Name, id)
		return nil
	}
	f := cmd.Flags()
	f.StringVarP(&data, "data", "d", "", "the new payload: `JSON`, @file, or - for the standard input")
	f.BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// edited lets a person change a payload in their editor. What is not JSON then
// stays in its file.
func edited(ctx context.Context, env Env, editor string, l operate.DeadLetter) ([]byte, error) {
	file, err := os.CreateTemp("", "dead-letter-*.json") // only this user can read it
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := indent(&text, l.Body); err != nil {
		text.Write(l.Body)
	}
	_, err = file.Write(append(text.Bytes(), '\n'))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	// As git and others do: $EDITOR may have arguments.
	run := exec.CommandContext(ctx, "sh", "-c", editor+` "$@"`, editor, file.Name())
	run.Stdin, run.Stdout, run.Stderr = env.In, env.Err, env.Err
	if env.OutTerminal {
		run.Stdout = env.Out
	}
	if err := run.Run(); err != nil {
		return nil, fmt.Errorf("the editor %s has failed, and nothing was sent: %w", editor, err)
	}
	body, err := os.ReadFile(file.Name())
	if err != nil {
		return nil, err
	}
	body = bytes.TrimSpace(body)
	if err := operate.CheckJSON(body); err != nil {
		return nil, fmt.Errorf("nothing was sent: %w. Mend %s, and give it with --data @%s", err, file.Name(), file.Name())
	}
	return body, os.Remove(file.Name())
}

func newDLQPurge(env Env) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:     "purge <function>",
		Short:   "Delete the dead letters of a function for good",
		Long:    "Delete all dead letters of a function for good, those too that somebody looks at in this moment.\nIt asks before, unless --yes is given. On AWS it can take a minute until they are gone.",
		Example: "  less-cli dlq purge confirm_order\n  less-cli dlq purge confirm_order --yes",
		Args:    usage(cobra.ExactArgs(1)),
	}
	place := addPlace(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !yes && !env.InTerminal {
			return place.wrong("purge deletes for good, and there is no terminal to ask: give --yes")
		}
		d, s, err := place.subscriber(args[0])
		if err != nil {
			return err
		}
		n, err := d.Count(cmd.Context(), s)
		if err != nil {
			return err
		}
		if n > 0 && !yes {
			sure, err := env.confirm(fmt.Sprintf("Delete %s of %s at %s for good?", plural.Count(n, "dead letter"), s.Function, d.Target.Name))
			if err != nil || !sure {
				return cmp.Or(err, errors.New("nothing was deleted"))
			}
		}
		if n > 0 {
			if n, err = d.Purge(cmd.Context(), s); err != nil {
				return err
			}
		}
		fmt.Fprintf(env.Out, "%s%s deleted\n", plural.Count(n, "dead letter"), plural.Agree(n, " was", " were"))
		return nil
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// confirm asks a question that only a yes answers with yes.
func (e Env) confirm(question string) (bool, error) {
	fmt.Fprintf(e.Err, "%s [y/N] ", question)
	answer, err := bufio.NewReader(e.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil
}
