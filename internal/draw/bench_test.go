package draw_test

import (
	"io"
	"testing"

	"github.com/less-go/less/internal/draw"
	"github.com/less-go/less/internal/graph"
)

func BenchmarkWrite(b *testing.B) {
	for name, g := range map[string]graph.Graph{"13": food(b), "200": large()} {
		for _, f := range draw.Formats() {
			b.Run(name+"/"+f.String(), func(b *testing.B) {
				for b.Loop() {
					if err := draw.Write(io.Discard, g, f, draw.Options{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
