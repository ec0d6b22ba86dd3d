package draw

import (
	"fmt"
	"strings"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
)

// dot is the picture in the language of Graphviz. Its nodes have the identities
// of the graph's.
func dot(p *picture) string {
	var out strings.Builder
	fmt.Fprintf(&out, "digraph %s {\n", dotText(p.Name))
	out.WriteString(`  rankdir=LR
  node [fontname="Helvetica" fontsize=11 shape=box style="rounded,filled" fillcolor="#f8fafc" color="#64748b"]
  edge [fontname="Helvetica" fontsize=9 color="#64748b"]
`)
	subscriber := func(margin string, n graph.Node) {
		fmt.Fprintf(&out, "%s%s [label=%s]\n", margin, dotText(n.ID), dotText(n.Label))
		if dead := p.dead[n.ID]; dead != "" {
			fmt.Fprintf(&out, "%s%s [label=%s shape=note style=\"dashed,filled\" fontsize=9 fillcolor=\"#fee2e2\" color=\"#dc2626\"]\n",
				margin, dotText(dead), dotText("✗ "+deadLetter(n)))
		}
	}
	for _, n := range p.Nodes {
		switch {
		case n.Kind == graph.Route || n.Kind == graph.Cron:
			fmt.Fprintf(&out, "  %s [label=%s shape=cds style=filled fillcolor=\"#dbeafe\" color=\"#2563eb\"]\n", dotText(n.ID), dotText(n.Label))
		case n.Kind.Carries():
			fmt.Fprintf(&out, "  %s [label=%s shape=hexagon style=filled fillcolor=\"#fef3c7\" color=\"#d97706\"]\n", dotText(n.ID), dotText(n.Label))
		case n.Kind == graph.Subscriber && n.Service == "":
			subscriber("  ", n)
		}
	}
	for i, s := range p.services(p.of(graph.Subscriber)) {
		fmt.Fprintf(&out, "  subgraph cluster_%d {\n    label=%s\n    fontname=\"Helvetica\"\n    style=rounded\n    color=\"#94a3b8\"\n", i, dotText(s.name))
		for _, id := range s.subscribers {
			subscriber("    ", p.node[id])
		}
		out.WriteString("  }\n")
	}
	for _, e := range p.Edges {
		fmt.Fprintf(&out, "  %s -> %s%s\n", dotText(e.From), dotText(e.To), dotEdge(e))
	}
	out.WriteString("}\n")
	return out.String()
}

func dotEdge(e graph.Edge) string {
	look := ""
	switch {
	case e.Kind == graph.Subscribes:
		return ""
	case e.Kind == graph.GivesUp:
		return ` [style=dotted color="#dc2626" arrowhead=tee]`
	case e.Condition == flow.OnFailure:
		look = `style=dashed color="#dc2626" fontcolor="#dc2626"`
	case e.Condition == flow.Conditional:
		look = `style=dashed color="#d97706" fontcolor="#d97706"`
	default:
		look = `style=bold color="#16a34a" fontcolor="#16a34a"`
	}
	return fmt.Sprintf(" [label=%s %s]", dotText(words(e.Condition)), look)
}

// dotText is text in quotes. An & is written as HTML does, because Graphviz
// reads it so.
func dotText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `&`, `&amp;`).Replace(visible(text)) + `"`
}
