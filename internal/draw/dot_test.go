package draw_test

import (
	"bytes"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/less-go/less/internal/draw"
	"github.com/less-go/less/internal/graph"
)

func TestDOT(t *testing.T) {
	golden(t, "app.dot", drawn(t, food(t), draw.DOT, draw.Options{}))
}

func TestGraphvizReadsDOT(t *testing.T) {
	gc, err := exec.LookPath("gc") // counts nodes, edges, components and clusters
	if err != nil {
		t.Skip("Graphviz is not installed")
	}
	for name, g := range map[string]graph.Graph{"app": food(t), "large": large(), "hostile": hostile(t)} {
		cmd := exec.Command(gc, "-n", "-e")
		cmd.Stdin = strings.NewReader(drawn(t, g, draw.DOT, draw.Options{}))
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil || stderr.Len() > 0 {
			t.Errorf("%s: %v %s", name, err, stderr.String())
			continue
		}
		counts := strings.Fields(string(out))
		if len(counts) < 2 || counts[0] != strconv.Itoa(len(g.Nodes)) || counts[1] != strconv.Itoa(len(g.Edges)) {
			t.Errorf("%s: Graphviz sees %v, want %d nodes and %d edges", name, counts, len(g.Nodes), len(g.Edges))
		}
	}
}
