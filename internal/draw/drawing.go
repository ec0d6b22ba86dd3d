package draw

import (
	"fmt"
	"slices"
	"strings"

	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/layout"
)

const groupTitle = 14.0 // the height of a service's name

// A drawing is a panel with everything in its place.
type drawing struct {
	*picture
	panel    panel
	boxes    []box
	services []service
	lines    []graph.Edge
	graph    layout.Graph
	at       layout.Placement
}

// drawPanel draws panels[i], for somebody to lay out. An edge to or from another panel has a reference
// at its other end.
func drawPanel(p *picture, panels []panel, i int, home map[string]int) *drawing {
	d := &drawing{picture: p, panel: panels[i], services: p.services(panels[i].nodes)}
	g := &d.graph
	index := map[string]int{}
	add := func(key string, b box, least float64) {
		index[key] = len(d.boxes)
		d.boxes = append(d.boxes, b)
		size := b.size()
		size.Width = max(size.Width, least)
		g.Boxes = append(g.Boxes, size)
	}
	for _, id := range d.panel.nodes {
		n := p.node[id]
		least := 0.0
		if n.Kind == graph.Subscriber {
			least = measure(short(n.Service), noteSize+1) // so that the frame is as wide as its title
		}
		add(id, p.box(n), least)
	}
	for _, s := range d.services {
		group := layout.Group{Title: groupTitle}
		for _, id := range s.subscribers {
			group.Boxes = append(group.Boxes, index[id])
		}
		g.Groups = append(g.Groups, group)
	}
	for _, e := range p.Edges {
		from, here := home[e.From]
		to, there := home[e.To]
		if e.Kind == graph.GivesUp || !here || !there || from != i && to != i {
			continue
		}
		fromKey, toKey := e.From, e.To
		if to != i {
			toKey = "to " + e.To
		}
		if from != i {
			fromKey = "from " + e.From
		}
		for _, end := range []struct {
			key, id string
			panel   int
		}{{fromKey, e.From, from}, {toKey, e.To, to}} {
			if _, found := index[end.key]; !found {
				add(end.key, box{
					id: end.id, class: "elsewhere", name: short(p.node[end.id].Label),
					note: "see " + short(panels[end.panel].title), link: end.panel,
				}, 0)
			}
		}
		d.lines = append(d.lines, e)
		g.Lines = append(g.Lines, layout.Line{From: index[fromKey], To: index[toKey]})
	}
	return d
}

// svg is the drawing with its upper left corner at the origin.
func (d *drawing) svg() string {
	var out strings.Builder
	for i, s := range d.services {
		r := d.at.Groups[i]
		out.WriteString(svgRect("service", r, 6))
		out.WriteString(svgText("name", short(s.name), r.Min.X+10, r.Min.Y+16, noteSize+0.5))
		out.WriteString("\n")
	}
	// What is common lies below what is rare.
	order := make([]int, len(d.lines))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return depth(d.lines[a]) - depth(d.lines[b]) })
	for _, i := range order {
		class := look(d.lines[i])
		fmt.Fprintf(&out, `<path class="line %s" d="%s" marker-end="url(#%s)"/>`+"\n", class, path(d.at.Lines[i]), class)
	}
	for i, b := range d.boxes {
		out.WriteString(b.svg(d.picture, d.at.Boxes[i]))
	}
	return out.String()
}

func depth(e graph.Edge) int {
	if e.Kind == graph.Subscribes {
		return -1
	}
	return rank(e.Condition)
}

// path is a curve as the d of a path.
func path(c layout.Curve) string {
	var out strings.Builder
	for i, p := range c.Points {
		switch {
		case i == 0:
			out.WriteString("M")
		case i%3 == 1:
			out.WriteString("C")
		default:
			out.WriteString(" ")
		}
		out.WriteString(number(p.X) + " " + number(p.Y))
	}
	fmt.Fprintf(&out, "L%s %s", number(c.Tip.X), number(c.Tip.Y))
	return out.String()
}
