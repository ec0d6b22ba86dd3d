package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/less-go/less/internal/layout"
	"github.com/less-go/less/internal/scaffold"
	"github.com/less-go/less/internal/toolchain"
)

// placer lays out pictures of the project in dir with less-layout, a program of its
// own: what it is made of would cost every command its start. It keeps the machine
// code that it runs in the project's state, which is nobody else's.
func placer(dir string) layout.Placer {
	return func(ctx context.Context, graphs []layout.Graph) ([]layout.Placement, error) {
		goTool, err := toolchain.Go()
		if err != nil {
			return nil, err
		}
		checkout, err := scaffold.Checkout()
		if err != nil {
			return nil, fmt.Errorf("an SVG is laid out by less-layout, which is in the checkout: %w. Or have Graphviz draw it: less-cli graph --format dot | dot -Tsvg", err)
		}
		private := filepath.Join(dir, stateDir, "layout")
		if err := os.MkdirAll(private, 0o700); err != nil {
			return nil, err
		}
		input, err := json.Marshal(graphs)
		if err != nil {
			return nil, err
		}
		cmd := exec.CommandContext(ctx, goTool, "run", "./cmd/less-layout")
		cmd.Dir = checkout
		cmd.Env = append(os.Environ(), "TMPDIR="+private, "TMP="+private, "CGO_ENABLED=0", "GOWORK=off")
		cmd.Stdin = bytes.NewReader(input)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		output, err := cmd.Output()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			return nil, fmt.Errorf("lay out the picture: %w\n%s", err, strings.TrimSpace(stderr.String()))
		}
		var placements []layout.Placement
		if err := json.Unmarshal(output, &placements); err != nil {
			return nil, fmt.Errorf("read the layout: %w", err)
		}
		return placements, nil
	}
}
