// Package layout is what a picture and who lays it out say to each other: the
// sizes of boxes, and where they stand. It has no library of its own, since the
// one that can lay out costs every program that it is linked to; see package
// graphviz.
package layout

import "context"

// A Placer lays out graphs from left to right, the same graph in the same way.
type Placer func(ctx context.Context, graphs []Graph) ([]Placement, error)

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
