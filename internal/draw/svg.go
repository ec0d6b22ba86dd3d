package draw

import (
	"context"
	"fmt"
	"strings"

	"github.com/less-go/less/internal/layout"
)

const (
	border  = 24.0  // around everything
	gap     = 24.0  // between panels
	heading = 34.0  // the height of a panel's title
	header  = 78.0  // the height of the picture's title and legend
	row     = 2400. // how wide a row of panels is, if none is wider
	titles  = 15.0  // the size of the letters of titles
)

// svg is the picture as one file that needs nothing else: no script, no font,
// and no picture from anywhere.
func svg(ctx context.Context, p *picture, place layout.Placer) (string, error) {
	panels := p.panels()
	home := map[string]int{}
	for i, panel := range panels {
		for _, id := range panel.nodes {
			home[id] = i
		}
	}
	var drawings []*drawing
	var graphs []layout.Graph
	for i := range panels {
		d := drawPanel(p, panels, i, home)
		drawings, graphs = append(drawings, d), append(graphs, d.graph)
	}
	placements, err := place(ctx, graphs)
	if err != nil {
		return "", err
	}
	if len(placements) != len(graphs) {
		return "", fmt.Errorf("%d panels were laid out, and not %d", len(placements), len(graphs))
	}
	for i, d := range drawings {
		d.at = placements[i]
	}
	frames, size := arrange(drawings)
	legend, legendWidth := legend()
	size.Width = max(size.Width, legendWidth, measure(short(p.Name), titles)+measure(p.contents(), nameSize)+30) + 2*border
	size.Height += header + 2*border

	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s" role="img">`+"\n",
		number(size.Width), number(size.Height))
	fmt.Fprintf(&out, "<title>%s</title>\n", escape("The workflow of "+p.Name+": "+p.contents()))
	out.WriteString(svgStyle + "<defs>")
	for _, l := range looks {
		fmt.Fprintf(&out, `<marker id="%[1]s" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="tip-%[1]s" d="M0 0.5L8 4L0 7.5z"/></marker>`, l.class)
	}
	out.WriteString("</defs>\n")
	out.WriteString(`<rect class="paper" width="100%" height="100%"/>` + "\n")
	out.WriteString(svgText("title", short(p.Name), border, border+titles, titles))
	out.WriteString(svgText("quiet", p.contents(), border+measure(short(p.Name), titles)+14, border+titles, nameSize) + "\n")
	fmt.Fprintf(&out, "<g transform=\"translate(%s %s)\">\n%s</g>\n", number(border), number(border+30), legend)
	for i, d := range drawings {
		at := layout.Point{X: border + frames[i].Min.X, Y: border + header + frames[i].Min.Y}
		fmt.Fprintf(&out, "<g id=\"panel-%d\" transform=\"translate(%s %s)\">\n", i, number(at.X), number(at.Y))
		if d.panel.title != "" {
			out.WriteString(svgRect("panel", layout.Rect{Size: frames[i].Size}, 8))
			out.WriteString(svgText("title", short(d.panel.title), 14, 24, titles) + "\n")
			fmt.Fprintf(&out, "<g transform=\"translate(14 %s)\">\n%s</g>\n", number(heading), d.svg())
		} else {
			out.WriteString(d.svg())
		}
		out.WriteString("</g>\n")
	}
	out.WriteString("</svg>\n")
	return out.String(), nil
}

// arrange puts the drawings side by side in rows.
func arrange(drawings []*drawing) ([]layout.Rect, layout.Size) {
	frames := make([]layout.Rect, len(drawings))
	limit := row
	for i, d := range drawings {
		frames[i].Size = d.at.Size
		if d.panel.title != "" {
			frames[i].Width = max(d.at.Width, measure(short(d.panel.title), titles)) + 28
			frames[i].Height += heading + 14
		}
		limit = max(limit, frames[i].Width)
	}
	var all layout.Size
	x, y, tallest := 0.0, 0.0, 0.0
	for i := range frames {
		if x > 0 && x+frames[i].Width > limit {
			x, y, tallest = 0, y+tallest+gap, 0
		}
		frames[i].Min = layout.Point{X: x, Y: y}
		x += frames[i].Width + gap
		tallest = max(tallest, frames[i].Height)
		all.Width = max(all.Width, x-gap)
		all.Height = max(all.Height, y+tallest)
	}
	return frames, all
}

// legend says what the lines and boxes mean, and how wide that is.
func legend() (string, float64) {
	var out strings.Builder
	x := 0.0
	for _, b := range []box{
		{class: "route", name: "route", link: -1},
		{class: "topic", name: "topic", link: -1},
		{class: "subscriber", name: "subscriber", link: -1},
	} {
		r := layout.Rect{Min: layout.Point{X: x, Y: 0}, Size: b.size()}
		out.WriteString(b.svg(&picture{}, r))
		x += r.Width + 14
	}
	for _, l := range looks {
		fmt.Fprintf(&out, `<path class="line %s" d="M%s 15h44" marker-end="url(#%[1]s)"/>`, l.class, number(x+6))
		out.WriteString(svgText("label", l.words, x+58, 19.5, nameSize) + "\n")
		x += 58 + measure(l.words, nameSize) + 18
	}
	dead := "✗ dead letter: failed at every attempt"
	r := layout.Rect{Min: layout.Point{X: x, Y: 5}, Size: layout.Size{Width: measure(dead, noteSize) + 16, Height: noteRoom}}
	out.WriteString(svgRect("dead", r, 3) + svgText("deadtext", dead, x+8, 19, noteSize) + "\n")
	return out.String(), x + r.Width
}
