package draw

import (
	"cmp"
	"slices"

	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
)

const (
	defaultWidth = 100
	minWidth     = 20
	indent       = 3 // columns for each level of the tree
)

// A tree writes a picture as text.
type tree struct {
	*picture
	page
	owner map[string]int // the part of a topic
	parts []part
	shown map[string]bool
	// later are topics so far to the right that their trees begin anew at the margin.
	later []string
}

// text is the picture for a terminal: each part of the workflow as a tree that
// begins with a route, goes on with the topics it publishes to, their
// subscribers, the topics those publish to, and so on.
func text(p *picture, opts Options) string {
	t := &tree{
		picture: p,
		page:    page{limit: max(cmp.Or(opts.Width, defaultWidth), minWidth), color: opts.Color},
		owner:   map[string]int{},
		parts:   p.parts(),
		shown:   map[string]bool{},
	}
	for i, part := range t.parts {
		for _, topic := range part.topics {
			t.owner[topic] = i
		}
	}
	t.line("", "", word{p.Name + ":", bold}, word{p.contents(), plain})
	for i, part := range t.parts {
		t.out.WriteString("\n")
		n := p.node[part.begin]
		if n.Kind.Carries() {
			t.topic(i, part.begin, "", "", remarked(n.Label, p.why(n.ID)))
		} else {
			line := []word{{n.Label, bold}}
			if len(t.publishes[n.ID]) == 0 {
				line = append(line, word{"(publishes nothing)", dim})
			}
			t.line("", "  ", line...)
			t.function(i, n, "")
		}
		for len(t.later) > 0 {
			id := t.later[0]
			t.later = t.later[1:]
			t.out.WriteString("\n")
			t.topic(i, id, "", "", remarked(p.node[id].Label, "from above"))
		}
	}
	return t.out.String()
}

// why says how a topic comes to be a beginning.
func (p *picture) why(topic string) string {
	if p.node[topic].Kind == graph.ExternalTopic {
		return "another application publishes it"
	}
	if len(p.publishers[topic]) == 0 {
		return "nobody here publishes it"
	}
	return "published by what it leads to, and by nothing else"
}

// remarked is a topic at the margin.
func remarked(topic, remark string) []word {
	return []word{{topic, cyan}, {"(" + remark + ")", dim}}
}

// function writes what a route or a subscriber leads to, below its own line.
func (t *tree) function(part int, n graph.Node, margin string) {
	ways := t.publishes[n.ID]
	for i, w := range ways {
		branch, below := "├─ ", "│  "
		if i == len(ways)-1 {
			branch, below = "└─ ", "   "
		}
		line := append(conditions(w), word{t.node[w.topic].Label, cyan})
		t.topic(part, w.topic, margin+branch, margin+below, line)
	}
}

// topic writes a topic's line and its subscribers, or where to find them.
func (t *tree) topic(part int, id, first, margin string, line []word) {
	subscribers := t.subscribers[id]
	where := ""
	switch owner := t.owner[id]; {
	case len(subscribers) == 0:
		where = "(nobody subscribes)"
	case first == "": // at the margin it begins
	case owner < part:
		where = "(↑ see " + t.node[t.parts[owner].begin].Label + ")"
	case owner > part:
		where = "(↓ see " + t.node[t.parts[owner].begin].Label + ")"
	case t.shown[id] && slices.Contains(t.later, id):
		where = "(↓ see below)"
	case t.shown[id]:
		where = "(↑ see above)"
	case columns(margin) > t.limit/2-2*indent:
		where = "(↓ see below)"
		t.later = append(t.later, id)
		t.shown[id] = true
	}
	if where != "" {
		t.line(first, margin+"  ", append(line, word{where, dim})...)
		return
	}
	t.shown[id] = true
	t.line(first, margin+rule(subscribers), line...)
	for i, s := range subscribers {
		branch, below := "├─ ", "│  "
		if i == len(subscribers)-1 {
			branch, below = "└─ ", "   "
		}
		t.subscriber(part, t.node[s], margin+branch, margin+below)
	}
}

func (t *tree) subscriber(part int, n graph.Node, first, margin string) {
	var line []word
	if n.Service != "" {
		line = append(line, word{n.Service + ":", plain})
	}
	line = append(line, word{n.Label, bold})
	if t.dead[n.ID] != "" {
		line = append(line, word{" ✗ " + deadLetter(n), red})
	}
	rest := "  "
	if len(t.publishes[n.ID]) > 0 {
		rest = rule(t.next(n.ID))
	}
	t.line(first, margin+rest, line...)
	t.function(part, n, margin)
}

// rule goes on with the line of a tree beside text that takes several lines.
func rule(below []string) string {
	if len(below) == 0 {
		return "  "
	}
	return "│ "
}

// conditions are the words before a topic: "✓ on success →".
func conditions(w way) []word {
	var out []word
	for i, c := range w.conditions {
		text := sign(c) + " " + words(c)
		if i < len(w.conditions)-1 {
			text += ","
		}
		out = append(out, word{text, colour(c)})
	}
	out[len(out)-1].text += " →"
	return out
}

func sign(c flow.Condition) string {
	switch c {
	case flow.OnSuccess:
		return "✓"
	case flow.OnFailure:
		return "✗"
	case flow.Conditional:
		return "?"
	}
	return "•"
}

func colour(c flow.Condition) style {
	switch c {
	case flow.OnSuccess:
		return green
	case flow.OnFailure:
		return red
	case flow.Conditional:
		return yellow
	}
	return plain
}
