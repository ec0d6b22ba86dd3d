package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/console"
	"github.com/less-go/less/internal/operate"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/plural"
)

func newDLQ(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dlq",
		Short: "Look after dead letters: list, show, redrive, edit, purge",
		Long: `Look after dead letters, the messages that a subscriber has failed to handle as often as it
may. They stay in its dead-letter queue for two weeks. To look at them changes nothing: each is
there again at once, though SQS counts the look as a receive.`,
		Example: `  less-cli dlq list
  less-cli dlq show confirm_order
  less-cli dlq redrive confirm_order --all`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDLQList(env), newDLQShow(env), newDLQRedrive(env), newDLQEdit(env), newDLQPurge(env))
	return cmd
}

// subscriber opens the place and finds a subscriber in it.
func (p *place) subscriber(name string) (operate.Deployment, plan.Subscription, error) {
	d, err := p.open()
	if err != nil {
		return d, plan.Subscription{}, err
	}
	s, err := operate.Subscriber(d.Plan, name)
	return d, s, err
}

func newDLQList(env Env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "list [function]",
		Short: "List dead letters by function and error",
		Long: fmt.Sprintf(`List dead letters by function and by the error of the last attempt, as far as the function's
log knows it; ids and numbers in errors are left out. With a function, each of its dead letters is
listed. At most %d of a function are looked at.`, operate.MaxPeek),
		Example: `  less-cli dlq list
  less-cli dlq list confirm_order
  less-cli dlq list --aws --project shop-eu --json | jq '.[] | select(.count > 0)'`,
		Args: usage(cobra.MaximumNArgs(1)),
	}
	place := addPlace(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := place.open()
		if err != nil {
			return err
		}
		subscriptions := d.Plan.Subscriptions()
		if len(args) > 0 {
			s, err := operate.Subscriber(d.Plan, args[0])
			if err != nil {
				return err
			}
			subscriptions = []plan.Subscription{s}
		}
		lists, err := d.DeadLetters(cmd.Context(), subscriptions)
		if err != nil {
			return err
		}
		if asJSON {
			return writeJSON(env.Out, append([]operate.DeadLetters{}, lists...))
		}
		writeDeadLetters(env, lists, len(args) > 0)
		return nil
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func writeDeadLetters(env Env, lists []operate.DeadLetters, each bool) {
	none := true
	for _, l := range lists {
		if l.Count+l.InFlight == 0 {
			continue
		}
		if !none {
			fmt.Fprintln(env.Out)
		}
		none = false
		fmt.Fprintln(env.Out, l.Function)
		summary := plural.Count(l.Count, "dead letter")
		if !l.Oldest.IsZero() {
			summary += ", the oldest " + ago(l.Oldest)
		}
		if l.InFlight > 0 {
			summary += fmt.Sprintf(", and %d in flight: somebody else looks at them", l.InFlight)
		}
		fmt.Fprintf(env.Out, "  %s\n", summary)
		looked := 0
		for _, g := range l.Groups {
			looked += g.Count
			fmt.Fprintf(env.Out, "  %5d  %s\n", g.Count, fit(g.Error, 100-9))
			if !each {
				continue
			}
			for _, m := range g.Messages {
				fmt.Fprintf(env.Out, "         %s  %s  %s\n", m.ID, clock(m.Sent), plural.Count(m.Attempts, "attempt"))
			}
		}
		if looked < l.Count {
			fmt.Fprintf(env.Out, "  the first %d were looked at\n", looked)
		}
	}
	if none {
		fmt.Fprintln(env.Out, "no dead letters")
	}
}

// clock is a time as people read it, in their zone.
func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// ago is a time as people read it, and how long ago that is.
func ago(t time.Time) string {
	return fmt.Sprintf("from %s, %s ago", clock(t), roughly(time.Since(t)))
}

// roughly is a duration in its largest unit.
func roughly(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return plural.Count(int(d.Hours()/24), "day")
	case d >= 2*time.Hour:
		return plural.Count(int(d.Hours()), "hour")
	case d >= 2*time.Minute:
		return plural.Count(int(d.Minutes()), "minute")
	}
	return plural.Count(max(int(d.Seconds()), 0), "second")
}

func newDLQShow(env Env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "show <function> [message id]",
		Short: "Show dead letters whole: payload, attributes, attempts, error",
		Long: `Show one dead letter whole, or all of a function, the oldest first. The id is the message's, as
'dlq list' shows it, or the event's, as the function's log has it; its first characters will do.`,
		Example: "  less-cli dlq show confirm_order\n  less-cli dlq show confirm_order c48e96eb --json | jq .body",
		Args:    usage(cobra.RangeArgs(1, 2)),
	}
	place := addPlace(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, s, err := place.subscriber(args[0])
		if err != nil {
			return err
		}
		if len(args) == 2 {
			letter, err := d.DeadLetter(cmd.Context(), s, args[1])
			switch {
			case err != nil:
				return err
			case asJSON:
				return writeJSON(env.Out, letter)
			}
			writeDeadLetter(env, letter)
			return nil
		}
		lists, err := d.DeadLetters(cmd.Context(), []plan.Subscription{s})
		if err != nil {
			return err
		}
		letters := lists[0].Messages()
		if asJSON {
			return writeJSON(env.Out, append([]operate.DeadLetter{}, letters...))
		}
		for i, l := range letters {
			if i > 0 {
				fmt.Fprintln(env.Out)
			}
			writeDeadLetter(env, l)
		}
		if len(letters) == 0 {
			fmt.Fprintln(env.Out, "no dead letters")
		}
		return nil
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func writeDeadLetter(env Env, l operate.DeadLetter) {
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(env.Out, "%-16s%s\n", name, console.Clean(value))
		}
	}
	field("message", l.ID)
	if l.EventID != l.ID {
		field("event", l.EventID)
	}
	field("correlation id", l.CorrelationID)
	field("sent", strings.TrimPrefix(ago(l.Sent), "from "))
	field("published by", l.Source)
	attempts, reason := fmt.Sprint(l.Attempts), l.Error
	switch {
	case l.Attempts == 0:
		reason = operate.Undelivered
	case reason == "":
		reason = operate.Unknown
	}
	field("attempts", attempts)
	const indent = "                "
	for i, part := range wrap(reason, 100-len(indent)) {
		if i == 0 {
			field("error", part)
			continue
		}
		fmt.Fprintln(env.Out, indent+part)
	}
	for _, name := range sortedKeys(l.Attributes) {
		field("attribute", name+"="+l.Attributes[name])
	}
	fmt.Fprintln(env.Out, pretty(l.Body))
}

// wrap breaks text between words into lines of at most width columns; a longer
// word has a line of its own.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(console.Clean(text)) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
