package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/plural"
)

func newPaths(env Env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "paths [route|cron|topic]",
		Short: "List every way an event can take, and how it ends",
		Long: `List every way an event can take from a route, a cron or a topic: the states in which it ends
well, with the number of subscribers that run, and the places where it can end badly,
with the chain that leads there. Without a name: from every route, every cron, and every topic that
nothing here publishes, other applications' included.`,
		Example:           "  less-cli paths\n  less-cli paths 'POST /orders'\n  less-cli paths payment_success",
		Args:              usage(cobra.MaximumNArgs(1)),
		ValidArgsFunction: env.completing(routesAndTopics),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := env.readWorkflow(cmd.Context(), nil)
			if err != nil {
				return err
			}
			env.warn(w.flow)
			starts := w.graph.Starts()
			if len(args) > 0 {
				n, err := w.node(args[0], "route, cron or topic", graph.Route, graph.Cron, graph.Topic, graph.ExternalTopic)
				if err != nil {
					return err
				}
				starts = []string{n.ID}
			}
			paths := []graph.Paths{}
			for _, start := range starts {
				paths = append(paths, w.graph.PathsFrom(start, w.flow))
			}
			if asJSON {
				return writeJSON(env.Out, paths)
			}
			for i, p := range paths {
				if i > 0 {
					fmt.Fprintln(env.Out)
				}
				writePaths(env.Out, w.graph, p)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func writePaths(out io.Writer, g graph.Graph, p graph.Paths) {
	fmt.Fprintln(out, p.Label)
	more := p.More
	for _, e := range p.Ends {
		if more && e.Kind != graph.Delivered && e.Kind != graph.Endless { // the good ends are before it
			more = false
			fmt.Fprintf(out, "  … and more: these are %d of the ways that end well. Name a topic to see those from there\n", graph.MaxEnds)
		}
		fmt.Fprintf(out, "  %s\n", headline(g, e))
		for _, line := range chain(g, e) {
			fmt.Fprintf(out, "      %s\n", line)
		}
		for _, pos := range e.Pos {
			fmt.Fprintf(out, "      error at %s\n", pos)
		}
	}
}

func headline(g graph.Graph, e graph.End) string {
	switch e.Kind {
	case graph.Dead:
		n, _ := g.Node(e.Name)
		return fmt.Sprintf("✗ dead letter at %s, after %s", people(n), plural.Count(e.Attempts, "attempt"))
	case graph.Refused:
		if len(e.Pos) == 0 {
			return fmt.Sprintf("✗ answered %s, when anything else fails", e.Name)
		}
		return fmt.Sprintf("✗ answered %s", e.Name)
	case graph.Endless:
		return fmt.Sprintf("∞ %s again and again", e.Name)
	}
	text := fmt.Sprintf("✓ %s: %s", e.Name, plural.Count(e.Runs, "run"))
	if e.Failure {
		text += ", after a failure"
	}
	return text
}

// people is what people call a node: "payment service: process_payment".
func people(n graph.Node) string {
	if n.Kind == graph.Subscriber && n.Service != "" {
		return n.Service + " service: " + n.Label
	}
	return n.Label
}

// chainWidth is how wide a chain's lines may be: with their indent, 100 columns.
const chainWidth = 92

// chain writes a way in as many lines as it needs: for a dead letter its topics
// alone, as the functions stand in the good ends.
func chain(g graph.Graph, e graph.End) []string {
	var words []string
	for _, id := range e.Chain {
		n, _ := g.Node(id)
		if e.Kind != graph.Dead || n.Kind != graph.Subscriber {
			words = append(words, people(n))
		}
	}
	if len(words) < 2 {
		return nil
	}
	var lines []string
	line := ""
	for i, word := range words {
		if i < len(words)-1 {
			word += " →"
		}
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) > chainWidth:
			lines = append(lines, line)
			line = "  " + word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
