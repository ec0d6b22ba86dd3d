package graphviz_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/graphviz"
	"github.com/less-go/less/internal/layout"
)

// loop is three boxes, the last two in a group, and a way back.
var loop = layout.Graph{
	Boxes:  []layout.Size{{Width: 100, Height: 30}, {Width: 120, Height: 30}, {Width: 80, Height: 50}},
	Groups: []layout.Group{{Boxes: []int{1, 2}, Title: 14}},
	Lines:  []layout.Line{{From: 0, To: 1}, {From: 1, To: 2}, {From: 2, To: 0}, {From: 0, To: 1}, {From: 1, To: 1}},
}

func TestBoxesStandApartAndInTheirGroup(t *testing.T) {
	p := place(t, loop)
	for i, b := range p.Boxes {
		if b.Size != loop.Boxes[i] {
			t.Errorf("box %d has the size %v, want %v", i, b.Size, loop.Boxes[i])
		}
		if !inside(b, layout.Rect{Size: p.Size}) {
			t.Errorf("box %d at %v is not in the picture of %v", i, b, p.Size)
		}
		if want := i > 0; inside(b, p.Groups[0]) != want {
			t.Errorf("box %d at %v is in the group at %v: %t, want %t", i, b, p.Groups[0], !want, want)
		}
		for j, other := range p.Boxes[:i] {
			if b.Min.X < other.Min.X+other.Width {
				t.Errorf("box %d is not to the right of box %d", i, j)
			}
		}
	}
}

func TestLinesLeadFromTheRightSideToTheLeft(t *testing.T) {
	p := place(t, loop)
	for i, l := range loop.Lines {
		from, to := p.Boxes[l.From], p.Boxes[l.To]
		start := p.Lines[i].Points[0]
		if d := start.X - from.Min.X - from.Width; d < -1 || d > 1 {
			t.Errorf("line %d starts at %v, the box is %v", i, start, from)
		}
		if d := p.Lines[i].Tip.X - to.Min.X; d < -3 || d > 3 {
			t.Errorf("line %d ends at %v, the box is %v", i, p.Lines[i].Tip, to)
		}
	}
}

func TestTheSameGraphIsPlacedTheSameWayFromManySides(t *testing.T) {
	want := place(t, loop)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if diff := cmp.Diff(want, place(t, loop)); diff != "" {
				t.Errorf("placement (-first +later):\n%s", diff)
			}
		})
	}
	all.Wait()
}

func TestNothingNeedsNoRoom(t *testing.T) {
	if p := place(t, layout.Graph{}); p.Width > 20 || p.Height > 20 {
		t.Errorf("nothing has the size %v", p.Size)
	}
}

func place(t *testing.T, g layout.Graph) layout.Placement {
	t.Helper()
	p, err := graphviz.Place(t.Context(), []layout.Graph{g})
	if err != nil {
		t.Error(err)
		return layout.Placement{}
	}
	return p[0]
}

func inside(r, frame layout.Rect) bool {
	return r.Min.X >= frame.Min.X && r.Min.Y >= frame.Min.Y &&
		r.Min.X+r.Width <= frame.Min.X+frame.Width && r.Min.Y+r.Height <= frame.Min.Y+frame.Height
}
