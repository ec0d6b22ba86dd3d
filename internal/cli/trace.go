package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/console"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/operate"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/trace"
)

func newTrace(env Env) *cobra.Command {
	since := "1d"
	asJSON := false
	cmd := &cobra.Command{
		Use:   "trace <correlation id>",
		Short: "Show what became of one order, over all services",
		Long: `Show what became of one order, over all services: what ran because of it, when, how long, at
which attempt, what failed, what is a dead letter, and what should have run and did not. The
correlation id is in the X-Correlation-Id header of the answer that the order got, and in each
line that was logged for it.

What ran is known from the functions' logs: package less logs the end of each message, request
and run, unless the log level is above INFO. Who publishes what is read from the code of this
tree.`,
		Example: `  less-cli trace 0199f3c2-77d5-7a10-8a6b-0e2a5c1f9d44
  less-cli trace 0199f3c2-77d5-7a10-8a6b-0e2a5c1f9d44 --since 7d --aws --project shop-eu`,
		Args: usage(cobra.ExactArgs(1)),
	}
	place := addPlace(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		from, err := parseSince(since, time.Now())
		if err != nil {
			return usageError{cmd.CommandPath(), err}
		}
		d, err := place.open()
		if err != nil {
			return err
		}
		facts, err := d.Order(cmd.Context(), args[0], from)
		if err != nil {
			return err
		}
		if len(facts.Runs)+len(facts.DeadLetters) == 0 {
			return fmt.Errorf("nothing is known of the order %s since %s. Look at the id, or further back with --since 7d", args[0], clock(from))
		}
		g, f := graph.Graph{}, flow.Flow{}
		w, err := env.readWorkflow(cmd.Context(), nil)
		if err != nil {
			fmt.Fprintf(env.Err, "%s WARNING: who caused what is not shown, because the workflow cannot be read: %v\n", tag, err)
		} else {
			g, f = w.graph, w.flow
		}
		t := trace.New(facts, g, f)
		if asJSON {
			return writeJSON(env.Out, t)
		}
		writeTrace(env, d, t)
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&since, "since", since, "how far back: a `time` ago, as 10m, 2h, 3d, or a date")
	f.BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// A traceWriter shows a trace as a tree.
type traceWriter struct {
	env   Env
	queue map[string]string // dead-letter queues by function
}

func writeTrace(env Env, d operate.Deployment, t *trace.Trace) {
	w := traceWriter{env, map[string]string{}}
	for _, s := range d.Plan.Subscriptions() {
		w.queue[s.Function] = s.DeadLetter.Name
	}
	fmt.Fprintf(env.Out, "order %s\n", t.CorrelationID)
	parts := []string{fmt.Sprintf("%s, %s in %s", clock(t.Start), plural.Count(t.Runs, "run"), console.Duration(t.Duration))}
	for _, p := range []struct {
		n    int
		noun string
		what string
	}{{t.Failures, "run", " failed"}, {t.DeadLetters, "dead letter", ""}, {t.Missing, "step", " missing"}} {
		if p.n > 0 {
			parts = append(parts, plural.Count(p.n, p.noun)+p.what)
		}
	}
	fmt.Fprintf(env.Out, "%s\n\n", strings.Join(parts, ", "))
	for _, s := range t.Steps {
		w.step(s, "", "", "")
	}
	for _, e := range t.Events {
		w.event(e, "", "")
	}
}

// Columns of a line of the tree, and of an attempt below it.
const (
	traceWidth  = 100
	labelColumn = 62
)

func (w traceWriter) step(s *trace.Step, first, rest, mark string) {
	line := first + mark + s.Label
	if len(s.Attempts) > 0 {
		at := s.Attempts[0]
		line = fmt.Sprintf("%s %s  %8s", pad(line, labelColumn), at.Time.Local().Format("15:04:05.000"), spent(s))
	}
	if remark := w.remark(s); remark != "" {
		line += "  " + remark
	}
	fmt.Fprintln(w.env.Out, fitLine(line))
	bar := "   "
	if len(s.Events) > 0 {
		bar = "│  "
	}
	if s.State != trace.Done || len(s.Attempts) > 1 {
		before := ""
		for _, a := range s.Attempts {
			w.attempt(a, rest+bar, before)
			before = a.Error
		}
	}
	if s.DeadLetter != "" {
		w.wrapped(rest+bar, "dead letter "+s.DeadLetter+", in "+w.queue[s.Function])
	}
	for i, e := range s.Events {
		branch, below := "├─ ", "│  "
		if i == len(s.Events)-1 {
			branch, below = "└─ ", "   "
		}
		w.event(e, rest+branch, rest+below)
	}
}

func (w traceWriter) attempt(a trace.Attempt, prefix, before string) {
	if a.Number == 0 {
		if a.Error != "" {
			w.wrapped(prefix, a.Error)
		}
		return
	}
	text := fmt.Sprintf("attempt %d, %s, %s: ", a.Number, a.Time.Local().Format("15:04:05.000"), console.Duration(a.Duration))
	switch {
	case a.Error != "" && a.Error == before:
		text += "the same"
	case a.Error != "":
		text += a.Error
	case a.Discarded != "":
		text += "discarded: " + a.Discarded
	case a.Running:
		text += "running"
	default:
		text += "done"
	}
	w.wrapped(prefix, text)
}

// wrapped shows text below a step.
func (w traceWriter) wrapped(prefix, text string) {
	const hang = "  "
	for i, line := range wrap(text, traceWidth-len([]rune(prefix))-len(hang)) {
		if i > 0 {
			line = hang + line
		}
		fmt.Fprintln(w.env.Out, fitLine(prefix+line))
	}
}

func (w traceWriter) event(e *trace.Event, first, rest string) {
	line := first + strings.Join(e.Topics, " or ")
	switch {
	case e.Missing:
		line += "  ? expected, and nothing is known of it"
	case e.Possible:
		line += "  (no sign that it was published)"
	}
	fmt.Fprintln(w.env.Out, fitLine(line))
	for i, s := range e.Steps {
		branch, below := "├─ ", "│  "
		if i == len(e.Steps)-1 {
			branch, below = "└─ ", "   "
		}
		w.step(s, rest+branch, rest+below, marks[s.State]+" ")
	}
}

var marks = map[trace.State]string{
	trace.Done: "✓", trace.Running: "…", trace.Discarded: "–", trace.Retrying: "↻", trace.Failed: "✗", trace.Dead: "✗", trace.Missing: "?",
}

func (w traceWriter) remark(s *trace.Step) string {
	n := len(s.Attempts)
	switch s.State {
	case trace.Missing:
		return "expected, and nothing is known of it"
	case trace.Dead:
		return "DEAD LETTER"
	case trace.Retrying:
		return fmt.Sprintf("%d of %d failed", n, s.MaxAttempts)
	case trace.Failed:
		return "failed"
	case trace.Running:
		return "running"
	case trace.Discarded:
		return "discarded"
	}
	if n > 1 {
		return plural.Count(n, "attempt")
	}
	return ""
}

// spent is how long a step took, from its first attempt to the end of its last.
func spent(s *trace.Step) string {
	last := s.Attempts[len(s.Attempts)-1]
	return console.Duration(last.Time.Add(last.Duration).Sub(s.Attempts[0].Time))
}

// pad makes text exactly width columns wide.
func pad(text string, width int) string {
	n := len([]rune(text))
	if n > width {
		return fitColumns(text, width)
	}
	return text + strings.Repeat(" ", width-n)
}

// fitLine cuts a line to the columns there are.
func fitLine(line string) string { return fitColumns(console.Clean(line), traceWidth) }

func fitColumns(text string, width int) string {
	if runes := []rune(text); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return text
}
