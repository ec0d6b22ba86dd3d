package draw_test

import (
	"io"
	"testing"

	"github.com/less-go/less/internal/draw"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/graphviz"
)

func BenchmarkWrite(b *testing.B) {
	for name, g := range map[string]graph.Graph{"13": food(b), "200": large()} {
		for _, f := range draw.Formats() {
			b.Run(name+"/"+f.String(), func(b *testing.B) {
				for b.Loop() {
					if err := draw.Write(b.Context(), io.Discard, g, f, draw.Options{Place: graphviz.Place}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
