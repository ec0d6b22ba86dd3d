// Package graphviz lays out pictures with Graphviz, compiled to WebAssembly, so
// nothing has to be installed and no C compiler is needed.
//
// A program that links this package pays for it at every start: the library
// loads its WebAssembly when it is initialized, in some 25 ms, and in half a
// second to a second where the machine code is not in go-graphviz below
// [os.TempDir]. What it finds there it runs, so that folder must be one's own. For
// both reasons only less-layout is linked to it, which less-cli starts for a picture,
// with a temporary folder of the project's.
package graphviz

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/goccy/go-graphviz"

	"github.com/less-go/less/internal/layout"
)

// mu: the library has one Graphviz in one memory.
var mu sync.Mutex

// Place is a [layout.Placer].
func Place(ctx context.Context, graphs []layout.Graph) ([]layout.Placement, error) {
	placements := make([]layout.Placement, len(graphs))
	for i, g := range graphs {
		out, err := run(ctx, source(g))
		if err != nil {
			return nil, fmt.Errorf("lay out a picture of %d boxes: %w", len(g.Boxes), err)
		}
		if placements[i], err = read(g, out); err != nil {
			return nil, err
		}
	}
	return placements, nil
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
	defer graph.Close() //nolint:errcheck // it frees memory
	var out bytes.Buffer
	if err := gv.Render(ctx, graph, "json0", &out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// source is g in Graphviz's language. Its unit is an inch of 72 points, ours a point.
func source(g layout.Graph) string {
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
