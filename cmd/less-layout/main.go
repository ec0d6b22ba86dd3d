// Command less-layout finds where the boxes and lines of a picture stand. less-cli
// graph --format svg starts it: graphs as JSON on standard input, their placements on
// standard output.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/less-go/less/internal/graphviz"
	"github.com/less-go/less/internal/layout"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var graphs []layout.Graph
	if err := json.NewDecoder(os.Stdin).Decode(&graphs); err != nil {
		return fmt.Errorf("read the graphs: %w", err)
	}
	placements, err := graphviz.Place(ctx, graphs)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(placements)
}
