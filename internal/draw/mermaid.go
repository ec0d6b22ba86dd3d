package draw

import (
	"fmt"
	"strings"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
)

// mermaidEdges is how many edges Mermaid draws unless its page is told otherwise.
const mermaidEdges = 500

// mermaid is the picture as a flowchart. A dead-letter queue is a node of its
// own, unless that would be more edges than Mermaid draws: then it is said in
// its subscriber.
func mermaid(p *picture) string {
	m := &mermaidWriter{picture: p, id: map[string]string{}, deadNodes: len(p.Edges) <= mermaidEdges}
	for i, n := range p.Nodes {
		m.id[n.ID] = fmt.Sprintf("n%d", i)
	}
	m.out.WriteString("flowchart LR\n")
	for _, n := range p.Nodes {
		switch {
		case n.Kind == graph.Route || n.Kind == graph.Cron:
			m.printf("  %s([%s]):::route\n", m.id[n.ID], mermaidText(n.Label))
		case n.Kind.Carries():
			m.printf("  %s{{%s}}:::topic\n", m.id[n.ID], mermaidText(n.Label))
		case n.Kind == graph.Subscriber && n.Service == "":
			m.subscriber("  ", n)
		}
	}
	for i, s := range p.services(p.of(graph.Subscriber)) {
		m.printf("  subgraph s%d[%s]\n", i, mermaidText(s.name))
		for _, id := range s.subscribers {
			m.subscriber("    ", p.node[id])
		}
		m.out.WriteString("  end\n")
	}
	m.edges()
	m.out.WriteString(`  classDef route fill:#dbeafe,stroke:#2563eb,color:#172554
  classDef topic fill:#fef3c7,stroke:#d97706,color:#451a03
  classDef subscriber fill:#f8fafc,stroke:#64748b,color:#0f172a
  classDef dead fill:#fee2e2,stroke:#dc2626,color:#7f1d1d,stroke-dasharray:4 3
`)
	return m.out.String()
}

type mermaidWriter struct {
	*picture
	out       strings.Builder
	id        map[string]string
	deadNodes bool
}

func (m *mermaidWriter) printf(format string, args ...any) { fmt.Fprintf(&m.out, format, args...) }

func (m *mermaidWriter) subscriber(margin string, n graph.Node) {
	dead := m.dead[n.ID]
	if dead == "" || m.deadNodes {
		m.printf("%s%s[%s]:::subscriber\n", margin, m.id[n.ID], mermaidText(n.Label))
		if dead != "" {
			m.printf("%s%s[/%s/]:::dead\n", margin, m.id[dead], mermaidText("✗ "+deadLetter(n)))
		}
		return
	}
	m.printf("%s%s[%s]:::subscriber\n", margin, m.id[n.ID], mermaidText(n.Label, "✗ "+deadLetter(n)))
}

// edges writes the edges. Those of failures are red.
func (m *mermaidWriter) edges() {
	n := 0
	var green, amber, red, dead []string
	for _, e := range m.Edges {
		from, to := m.id[e.From], m.id[e.To]
		number := fmt.Sprint(n)
		switch {
		case e.Kind == graph.Subscribes:
			m.printf("  %s --> %s\n", from, to)
		case e.Kind == graph.GivesUp && !m.deadNodes:
			continue
		case e.Kind == graph.GivesUp:
			m.printf("  %s -.-x %s\n", from, to)
			dead = append(dead, number)
		case e.Condition == flow.OnFailure:
			m.printf("  %s -. %s .-> %s\n", from, mermaidText(words(e.Condition)), to)
			red = append(red, number)
		case e.Condition == flow.Conditional:
			m.printf("  %s -. %s .-> %s\n", from, mermaidText(words(e.Condition)), to)
			amber = append(amber, number)
		default:
			m.printf("  %s == %s ==> %s\n", from, mermaidText(words(e.Condition)), to)
			green = append(green, number)
		}
		n++
	}
	for _, style := range []struct {
		edges []string
		look  string
	}{
		{green, "stroke:#16a34a"},
		{amber, "stroke:#d97706,stroke-width:2px"},
		{red, "stroke:#dc2626,stroke-width:2px"},
		{dead, "stroke:#dc2626"},
	} {
		if len(style.edges) > 0 {
			m.printf("  linkStyle %s %s\n", strings.Join(style.edges, ","), style.look)
		}
	}
}

// mermaidText is a label of lines in quotes. Whatever could mean something to
// Mermaid, to Markdown or to HTML is written as the number of its character.
func mermaidText(lines ...string) string {
	var out strings.Builder
	out.WriteByte('"')
	for i, line := range lines {
		if i > 0 {
			out.WriteString("<br>")
		}
		if strings.TrimSpace(line) == "" {
			line = "\u00a0" // an empty label is none
		}
		for _, r := range visible(line) {
			if r == ' ' || r == '_' || r == '/' || r > 127 || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' {
				out.WriteRune(r)
				continue
			}
			fmt.Fprintf(&out, "#%d;", r)
		}
	}
	out.WriteByte('"')
	return out.String()
}
