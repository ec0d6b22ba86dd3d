package trace_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/trace"
)

// The workflow of these tests: POST /orders refuses or publishes a; a's subscribers
// are x, which publishes b or c, and y; b's and c's is z.
var (
	workflow = graph.Graph{
		Nodes: []graph.Node{
			{ID: "apis/orders/orders/post", Kind: graph.Route, Label: "POST /orders"},
			{ID: "topics/a", Kind: graph.Topic, Label: "a"},
			{ID: "topics/a/x", Kind: graph.Subscriber, Label: "x", Attempts: 3},
			{ID: "topics/a/y", Kind: graph.Subscriber, Label: "y", Service: "why", Attempts: 3},
			{ID: "topics/b", Kind: graph.Topic, Label: "b"},
			{ID: "topics/b/z", Kind: graph.Subscriber, Label: "z", Attempts: 3},
			{ID: "topics/c", Kind: graph.Topic, Label: "c"},
			{ID: "topics/c/z", Kind: graph.Subscriber, Label: "z", Attempts: 3},
		},
		Edges: []graph.Edge{
			{From: "apis/orders/orders/post", To: "topics/a", Kind: graph.Publishes},
			{From: "topics/a", To: "topics/a/x", Kind: graph.Subscribes},
			{From: "topics/a", To: "topics/a/y", Kind: graph.Subscribes},
			{From: "topics/a/x", To: "topics/b", Kind: graph.Publishes},
			{From: "topics/a/x", To: "topics/c", Kind: graph.Publishes},
			{From: "topics/b", To: "topics/b/z", Kind: graph.Subscribes},
			{From: "topics/c", To: "topics/c/z", Kind: graph.Subscribes},
		},
	}
	code = flow.Flow{Functions: []flow.Function{
		{ID: "apis/orders/orders/post", Outcomes: [][]string{{}, {"a"}}},
		{ID: "topics/a/x", Outcomes: [][]string{{"b"}, {"c"}}},
		{ID: "topics/a/y", Outcomes: [][]string{{}}},
		{ID: "topics/b/z", Outcomes: [][]string{{}}},
		{ID: "topics/c/z", Outcomes: [][]string{{}}},
	}}
)

func at(second int) time.Time { return time.Date(2026, 1, 31, 8, 0, second, 0, time.UTC) }

func run(function, event string, attempt, second int, failure string) trace.Run {
	return trace.Run{Function: function, Event: event, Attempt: trace.Attempt{Number: attempt, Time: at(second), Duration: time.Second, Error: failure}}
}

// tree is a trace in short.
func tree(t *trace.Trace) string {
	var out strings.Builder
	var step func(s *trace.Step, indent string)
	event := func(e *trace.Event, indent string) {
		fmt.Fprintf(&out, "%s%s", indent, strings.Join(e.Topics, "|"))
		switch {
		case e.Missing:
			out.WriteString(" missing")
		case e.Possible:
			out.WriteString(" possible")
		}
		out.WriteString("\n")
		for _, s := range e.Steps {
			step(s, indent+" ")
		}
	}
	step = func(s *trace.Step, indent string) {
		fmt.Fprintf(&out, "%s%s %s %d\n", indent, s.Label, s.State, len(s.Attempts))
		for _, e := range s.Events {
			event(e, indent+" ")
		}
	}
	for _, s := range t.Steps {
		step(s, "")
	}
	for _, e := range t.Events {
		event(e, "")
	}
	fmt.Fprintf(&out, "%d runs, %d failures, %d dead, %d missing", t.Runs, t.Failures, t.DeadLetters, t.Missing)
	return out.String()
}

func TestTrees(t *testing.T) {
	post := run("apis/orders/orders/post", "", 0, 0, "")
	tests := []struct {
		name string
		runs []trace.Run
		dead []trace.DeadLetter
		want []string
	}{
		{"all is well", []trace.Run{
			run("topics/b/z", "e2", 1, 3, ""), run("topics/a/y", "e1", 1, 2, ""), run("topics/a/x", "e1", 1, 1, ""), post,
		}, nil, []string{"POST /orders done 1", " a", "  x done 1", "   b", "    z done 1", "  why: y done 1", "4 runs, 0 failures, 0 dead, 0 missing"}},
		{
			"a subscriber has not run",
			[]trace.Run{post, run("topics/a/x", "e1", 1, 1, ""), run("topics/c/z", "e2", 1, 3, "")},
			nil,
			[]string{"POST /orders done 1", " a", "  x done 1", "   c", "    z done 1", "  why: y missing 0", "3 runs, 0 failures, 0 dead, 1 missing"},
		},
		{
			"one of two events is missing",
			[]trace.Run{post, run("topics/a/x", "e1", 1, 1, ""), run("topics/a/y", "e1", 1, 1, "")},
			nil,
			[]string{"POST /orders done 1", " a", "  x done 1", "   b|c missing", "  why: y done 1", "3 runs, 0 failures, 0 dead, 1 missing"},
		},
		{
			"a refused request, for all that is known",
			[]trace.Run{post},
			nil,
			[]string{"POST /orders done 1", " a possible", "1 runs, 0 failures, 0 dead, 0 missing"},
		},
		{"a retry that published twice", []trace.Run{
			run("topics/a/x", "e1", 1, 1, "too late"), run("topics/b/z", "e2", 1, 2, ""), run("topics/a/x", "e1", 2, 3, ""), run("topics/b/z", "e3", 1, 4, ""), run("topics/a/y", "e1", 1, 1, ""),
		}, nil, []string{"a", " x done 2", "  b", "   z done 1", "  b", "   z done 1", " why: y done 1", "5 runs, 1 failures, 0 dead, 0 missing"}},
		{
			"waiting for its next attempt",
			[]trace.Run{run("topics/b/z", "e2", 1, 3, "no"), run("topics/b/z", "e2", 2, 4, "no")},
			nil,
			[]string{"b", " z retrying 2", "2 runs, 2 failures, 0 dead, 0 missing"},
		},
		{
			"given up",
			[]trace.Run{run("topics/b/z", "e2", 3, 3, "no")},
			[]trace.DeadLetter{{Function: "topics/b/z", Event: "e2", Message: "m"}},
			[]string{"b", " z dead_letter 1", "1 runs, 1 failures, 1 dead, 0 missing"},
		},
		{
			"a dead letter that nobody has logged", nil,
			[]trace.DeadLetter{{Function: "topics/b/z", Event: "e2", Message: "m", Sent: at(1)}},
			[]string{"b", " z dead_letter 0", "0 runs, 0 failures, 1 dead, 0 missing"},
		},
		{
			"redriven and handled",
			[]trace.Run{run("topics/b/z", "e2", 3, 3, "no"), run("topics/b/z", "e2", 1, 9, "")},
			nil,
			[]string{"b", " z done 2", "2 runs, 1 failures, 0 dead, 0 missing"},
		},
		{
			"removed from the code",
			[]trace.Run{run("topics/old/gone", "e2", 1, 3, "")},
			nil,
			[]string{"old", " topics/old/gone done 1", "1 runs, 0 failures, 0 dead, 0 missing"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := trace.New(trace.Facts{CorrelationID: "c", Runs: tt.runs, DeadLetters: tt.dead}, workflow, code)
			if diff := cmp.Diff(strings.Join(tt.want, "\n"), tree(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheDurationIsFromTheFirstToTheLast(t *testing.T) {
	got := trace.New(trace.Facts{Runs: []trace.Run{run("topics/b/z", "e", 1, 5, ""), run("topics/c/z", "f", 1, 2, "")}}, workflow, code)
	if !got.Start.Equal(at(2)) || got.Duration != 4*time.Second {
		t.Errorf("from %v, %v", got.Start, got.Duration)
	}
}
