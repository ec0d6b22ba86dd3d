package graphviz

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/layout"
)

// An answer is Graphviz's placement; its y grows upwards.
type answer struct {
	Box     string `json:"bb"`
	Objects []struct {
		Name string `json:"name"`
		Box  string `json:"bb"`  // of a group
		Pos  string `json:"pos"` // of a box: its middle
	} `json:"objects"`
	Edges []struct {
		ID  string `json:"id"`
		Pos string `json:"pos"`
	} `json:"edges"`
}

func read(g layout.Graph, data []byte) (layout.Placement, error) {
	out := layout.Placement{
		Boxes:  make([]layout.Rect, len(g.Boxes)),
		Groups: make([]layout.Rect, len(g.Groups)),
		Lines:  make([]layout.Curve, len(g.Lines)),
	}
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		return out, fmt.Errorf("read the layout: %w", err)
	}
	all, err := numbers(a.Box, 4)
	if err != nil {
		return out, err
	}
	out.Size = layout.Size{Width: all[2] - all[0], Height: all[3] - all[1]}
	place := func(x, y float64) layout.Point { return layout.Point{X: x - all[0], Y: all[3] - y} }

	for _, o := range a.Objects {
		if i, ok := index(o.Name, "cluster_", len(out.Groups)); ok {
			b, err := numbers(o.Box, 4)
			if err != nil {
				return out, err
			}
			out.Groups[i] = layout.Rect{Min: place(b[0], b[3]), Size: layout.Size{Width: b[2] - b[0], Height: b[3] - b[1]}}
		}
		if i, ok := index(o.Name, "b", len(out.Boxes)); ok {
			mid, err := numbers(o.Pos, 2)
			if err != nil {
				return out, err
			}
			size := g.Boxes[i]
			out.Boxes[i] = layout.Rect{Min: place(mid[0]-size.Width/2, mid[1]+size.Height/2), Size: size}
		}
	}
	for _, e := range a.Edges {
		i, ok := index(e.ID, "", len(out.Lines))
		if !ok {
			return out, fmt.Errorf("read the layout: there is no line %q", e.ID)
		}
		if out.Lines[i], err = curve(e.Pos, place); err != nil {
			return out, err
		}
	}
	return out, nil
}

// curve reads "e,x,y x,y x,y ...": the tip, and the points before it.
func curve(text string, place func(x, y float64) layout.Point) (layout.Curve, error) {
	var c layout.Curve
	tip := false
	for field := range strings.FieldsSeq(text) {
		pair, isTip := strings.CutPrefix(field, "e,")
		xy, err := numbers(pair, 2)
		if err != nil {
			return c, err
		}
		if isTip {
			c.Tip, tip = place(xy[0], xy[1]), true
			continue
		}
		c.Points = append(c.Points, place(xy[0], xy[1]))
	}
	if !tip || len(c.Points) < 4 || len(c.Points)%3 != 1 {
		return c, fmt.Errorf("read the layout: %q is no curve", text)
	}
	return c, nil
}

func numbers(text string, n int) ([]float64, error) {
	fields := strings.Split(text, ",")
	if len(fields) != n {
		return nil, fmt.Errorf("read the layout: %q is not %d numbers", text, n)
	}
	out := make([]float64, n)
	for i, f := range fields {
		var err error
		if out[i], err = strconv.ParseFloat(f, 64); err != nil {
			return nil, fmt.Errorf("read the layout: %w", err)
		}
	}
	return out, nil
}

func index(name, prefix string, limit int) (int, bool) {
	digits, found := strings.CutPrefix(name, prefix)
	i, err := strconv.Atoi(digits)
	return i, found && err == nil && i >= 0 && i < limit
}
