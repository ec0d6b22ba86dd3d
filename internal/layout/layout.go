// Package layout finds where the boxes and lines of a picture stand. It asks
// Graphviz, compiled to WebAssembly, so nothing has to be installed and no C
// compiler is needed.
//
// A program that links this package pays for it at every start: the library
// loads its WebAssembly when it is initialized, in some 25 ms, and in half a
// second to a second where the machine code is not in go-graphviz below
// [os.TempDir]. What it finds there it runs. So nothing but the picture should
// be linked to it, and who changes the library changes only Place.
package layout

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/goccy/go-graphviz"
)

// A Graph is what is to be placed, in pixels. Boxes are known by their index.
type Graph struct {
	Boxes []Size
	// Groups are sets of boxes that stand together in a frame. No box is in two.
	Groups []Group
	Lines  []Line
}

// A Size is how large something is.
type Size struct{ Width, Height float64 }

// A Group is boxes in a frame, with room for a title above them.
type Group struct {
	Boxes []int
	// Title is the height of the title.
	Title float64
}

// A Line leads from a box to a box.
type Line struct{ From, To int }

// A Point is a place; y grows downwards.
type Point struct{ X, Y float64 }

// A Rect is a place with a size.
type Rect struct {
	Min Point
	Size
}

// A Placement says where everything stands, in the order of the Graph.
type Placement struct {
	Size
	Boxes  []Rect
	Groups []Rect
	// Lines are Bézier curves: a beginning, and three points for each piece. The
	// last point is where the arrow's tip is.
	Lines []Curve
}

// A Curve is the way of a line.
type Curve struct {
	Points []Point
	Tip    Point
}

// mu: the library has one Graphviz in one memory.
var mu sync.Mutex

// Place lays out g from left to right. The same graph is placed the same way.
func Place(ctx context.Context, g Graph) (Placement, error) {
	out, err := run(ctx, source(g))
	if err != nil {
		return Placement{}, fmt.Errorf("lay out a picture of %d boxes: %w", len(g.Boxes), err)
	}
	return read(g, out)
}

// run is dot -Tjson0.
func run(ctx context.Context, dot string) (_ []byte, err error) {
	mu.Lock()
	defer mu.Unlock()
	gv, err := graphviz.New(ctx)
	if err != nil {
		return nil, err
	}
	graph, err := graphviz.ParseBytes([]byte(dot))
	if err != nil {
		return nil, err
	}
	defer graph.Close()
	var out bytes.Buffer
	if err := gv.Render(ctx, graph, "json0", &out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// source is g in Graphviz's language. Its unit is an inch of 72 points, ours a point.
func source(g Graph) string {
	const inch = 72
	var out strings.Builder
	out.WriteString("digraph {\nrankdir=LR newrank=true nodesep=0.25 ranksep=0.75\nnode [shape=box fixedsize=true label=\"\"]\n")
	for i, b := range g.Boxes {
		fmt.Fprintf(&out, "b%d [width=%.4f height=%.4f]\n", i, b.Width/inch, b.Height/inch)
	}
	for i, group := range g.Groups {
		fmt.Fprintf(&out, "subgraph cluster_%d {\nmargin=14 label=\" \" fontsize=%.1f\n", i, group.Title)
		for _, b := range group.Boxes {
			fmt.Fprintf(&out, "b%d\n", b)
		}
		out.WriteString("}\n")
	}
	for i, l := range g.Lines {
		fmt.Fprintf(&out, "b%d -> b%d [id=%d tailport=e headport=w]\n", l.From, l.To, i)
	}
	out.WriteString("}\n")
	return out.String()
}
