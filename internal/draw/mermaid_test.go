package draw_test

import (
	"strings"
	"testing"

	"github.com/less-go/less/internal/draw"
)

func TestMermaid(t *testing.T) {
	golden(t, "app.mermaid", drawn(t, food(t), draw.Mermaid, draw.Options{}))
}

func TestMermaidDrawsALargeWorkflowWithItsOwnLimits(t *testing.T) {
	got := drawn(t, large(), draw.Mermaid, draw.Options{})
	if n := len(got); n > 50_000 {
		t.Errorf("it has %d characters, Mermaid takes 50000", n)
	}
	if n := strings.Count(got, "--> ") + strings.Count(got, ".-> ") + strings.Count(got, "==> ") + strings.Count(got, "-.-x "); n > 500 {
		t.Errorf("it has %d edges, Mermaid takes 500", n)
	}
	if n := strings.Count(got, "dead letter after 5 attempts"); n != 180 {
		t.Errorf("it has %d dead letters, want 180", n)
	}
}
