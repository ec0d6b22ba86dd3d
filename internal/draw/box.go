package draw

import (
	"fmt"
	"strings"

	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/layout"
)

// The sizes of what is in an SVG, in pixels.
const (
	nameSize = 13.0 // of the letters of names
	noteSize = 10.5 // and of what is said about them
	nameRoom = 30.0 // the height of a box with a name
	noteRoom = 20.0 // and how much more it has for a note
	sideRoom = 12.0 // left and right of a name
	slant    = 10.0 // of a topic's sides
)

// A box is a node as an SVG shows it, or a reference to one in another panel.
type box struct {
	id    string // of the node
	class string
	name  string
	note  string // second line
	link  int    // the panel that has it, or -1
}

func (p *picture) box(n graph.Node) box {
	b := box{id: n.ID, class: class(n.Kind), name: short(n.Label), link: -1}
	if p.dead[n.ID] != "" {
		b.note = "✗ " + deadLetter(n)
	}
	return b
}

// class is how a node looks: a cron is a beginning, as a route is, and another
// application's topic a topic.
func class(k graph.Kind) string {
	switch k {
	case graph.Cron:
		return string(graph.Route)
	case graph.ExternalTopic:
		return string(graph.Topic)
	}
	return string(k)
}

func (b box) size() layout.Size {
	s := layout.Size{
		Width:  max(measure(b.name, nameSize), measure(b.note, noteSize)) + 2*sideRoom,
		Height: nameRoom,
	}
	if b.class == "topic" {
		s.Width += slant
	}
	if b.note != "" {
		s.Height += noteRoom
	}
	return s
}

// svg draws the box at r.
func (b box) svg(p *picture, r layout.Rect) string {
	var out strings.Builder
	x, y, w, h := r.Min.X, r.Min.Y, r.Width, r.Height
	n := p.node[b.id]
	if b.link >= 0 {
		fmt.Fprintf(&out, `<a href="#panel-%d">`, b.link)
	} else {
		out.WriteString("<g>")
	}
	tip := n.ID
	if n.Pos != "" {
		tip += " (" + string(n.Pos) + ")"
	}
	fmt.Fprintf(&out, "<title>%s</title>", escape(tip))
	switch b.class {
	case "topic":
		fmt.Fprintf(&out, `<path class="topic" d="M%s %sh%sl%s %sl-%s %sh-%sl-%s -%sz"/>`,
			number(x+slant), number(y), number(w-2*slant), number(slant), number(h/2), number(slant), number(h/2),
			number(w-2*slant), number(slant), number(h/2))
	case "route":
		out.WriteString(svgRect("route", r, h/2))
	default:
		out.WriteString(svgRect(b.class, r, 5))
	}
	middle := y + nameRoom/2 + nameSize*0.35
	out.WriteString(svgText("label", b.name, x+(w-measure(b.name, nameSize))/2, middle, nameSize))
	if b.note != "" {
		class := "quiet"
		if b.link < 0 {
			class = "deadtext"
			frame := layout.Rect{Min: layout.Point{X: x + 4, Y: y + nameRoom - 3}, Size: layout.Size{Width: w - 8, Height: noteRoom - 1}}
			out.WriteString(svgRect("dead", frame, 3))
		}
		out.WriteString(svgText(class, b.note, x+(w-measure(b.note, noteSize))/2, y+nameRoom+noteRoom/2, noteSize))
	}
	if b.link >= 0 {
		out.WriteString("</a>\n")
	} else {
		out.WriteString("</g>\n")
	}
	return out.String()
}

func svgRect(class string, r layout.Rect, radius float64) string {
	return fmt.Sprintf(`<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="%s"/>`,
		class, number(r.Min.X), number(r.Min.Y), number(r.Width), number(r.Height), number(radius))
}
