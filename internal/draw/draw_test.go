package draw_test

import (
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/draw"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/graphviz"
)

func TestJSON(t *testing.T) {
	golden(t, "app.json", drawn(t, food(t), draw.JSON, draw.Options{}))
}

func TestAnEmptyGraphHasEmptyLists(t *testing.T) {
	want := "{\n  \"name\": \"a<b\",\n  \"nodes\": [],\n  \"edges\": []\n}\n"
	if diff := cmp.Diff(want, drawn(t, graph.Graph{Name: "a<b"}, draw.JSON, draw.Options{})); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestAnUnknownFormatIsRefusedWithThoseThereAre(t *testing.T) {
	_, err := draw.ParseFormat("png")
	want := `there is no format "png". Choose one of text, mermaid, dot, svg, json`
	if err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	if err := draw.Write(t.Context(), io.Discard, graph.Graph{}, "png", draw.Options{}); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func TestAnErrorOfWritingIsReturned(t *testing.T) {
	for _, f := range draw.Formats() {
		if err := draw.Write(t.Context(), brokenPipe{}, food(t), f, draw.Options{Place: graphviz.Place}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: got error %v, want %v", f, err, io.ErrClosedPipe)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
