package draw_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/less-go/less/internal/draw"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
)

// nasty are names that mean something in one of the formats.
var nasty = []string{
	`end`, `subgraph`, `graph`, `default`, `style`, `click`, `o`, `x`, `--> x`, `a|b`,
	`"quoted"`, `back\slash\`, `\N\l`, `<b>bold</b>`, `</svg><script>alert(1)</script>`,
	`&amp;`, `]]>`, `%% comment`, `#quot;`, "`md`", `**bold**`, `1. list`, `- list`,
	"new\nline", "tab\t", "nul\x00", "esc\x1b[2J", "bad\xff\xfe", "\u202eright to left",
	"東京", "👩‍🍳", `{{x}}`, `${x}`, `a;b`, `@{ shape: x }`, `click n0 call x()`, ``, ` `,
	`end]`, `"]`, `/*`, `-->`,
}

// hostile is a graph of nasty names, each a topic, a subscriber, its service, and a route.
func hostile(t testing.TB) graph.Graph {
	t.Helper()
	g := graph.Graph{Name: nasty[14]}
	for i, name := range nasty {
		next := nasty[(i+1)%len(nasty)]
		route, topic, sub, dead := "apis/"+name, "topics/"+name, "topics/"+name+"/"+name, "dead_letters/"+name+"/"+name
		g.Nodes = append(g.Nodes,
			graph.Node{ID: route, Kind: graph.Route, Service: name, Label: name},
			graph.Node{ID: topic, Kind: graph.Topic, Label: name},
			graph.Node{ID: sub, Kind: graph.Subscriber, Service: name, Label: name, Attempts: 3},
			graph.Node{ID: dead, Kind: graph.DeadLetter, Service: name, Label: name},
		)
		g.Edges = append(g.Edges,
			graph.Edge{From: route, To: topic, Kind: graph.Publishes, Condition: flow.OnSuccess},
			graph.Edge{From: topic, To: sub, Kind: graph.Subscribes, Condition: flow.Always},
			graph.Edge{From: sub, To: "topics/" + next, Kind: graph.Publishes, Condition: flow.OnFailure},
			graph.Edge{From: sub, To: dead, Kind: graph.GivesUp, Condition: flow.OnFailure},
		)
	}
	return g
}

var control = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f\u202e]")

func TestAStrangersNamesAreOnlyText(t *testing.T) {
	g := hostile(t)
	for _, f := range draw.Formats() {
		got := drawn(t, g, f, draw.Options{})
		if bad := control.FindString(got); bad != "" && f != draw.JSON {
			t.Errorf("%s has the character %q", f, bad)
		}
		if f != draw.JSON && strings.Contains(got, "new\nline") {
			t.Errorf("%s has a line break of a name", f)
		}
		if f == draw.Text || f == draw.Mermaid || f == draw.DOT {
			golden(t, "hostile."+f.String(), got)
		}
	}
}
