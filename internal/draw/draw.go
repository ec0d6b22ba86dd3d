// Package draw writes the picture of a workflow: as a tree to read in a
// terminal, as Mermaid, DOT or SVG to look at, or as JSON for programs.
//
// The same graph gives the same bytes. Names are a stranger's text: whatever
// they hold, a picture shows them as text and stays well-formed.
package draw

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/layout"
)

// A Format is what a picture is written as. Its string is its name on the
// command line.
type Format string

// The formats.
const (
	// Text is an indented tree for a terminal.
	Text Format = "text"
	// Mermaid is a flowchart that GitHub, GitLab and many editors show.
	Mermaid Format = "mermaid"
	// DOT is the language of Graphviz.
	DOT Format = "dot"
	// SVG is a finished picture in one file, which needs nothing else.
	SVG Format = "svg"
	// JSON is the graph itself.
	JSON Format = "json"
)

// Formats lists the formats in the order in which people are told of them.
func Formats() []Format { return []Format{Text, Mermaid, DOT, SVG, JSON} }

// ParseFormat returns the format called name.
func ParseFormat(name string) (Format, error) {
	if f := Format(name); slices.Contains(Formats(), f) {
		return f, nil
	}
	names := make([]string, 0, len(Formats()))
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return "", fmt.Errorf("there is no format %q. Choose one of %s", name, strings.Join(names, ", "))
}

// String is the format's name.
func (f Format) String() string { return string(f) }

// Options change a picture.
type Options struct {
	// Place lays out an SVG, which cannot be drawn without it.
	Place layout.Placer
	// Width, of a text, is the terminal's in columns, 100 where it is zero. Lines are
	// never longer; below 20 columns they are as long as at 20.
	Width int
	// Color, of a text, is for a terminal that shows colours. They say nothing that words and
	// signs do not say too.
	Color bool
}

// Write draws g to w.
func Write(ctx context.Context, w io.Writer, g graph.Graph, f Format, opts Options) error {
	var out string
	var err error
	switch f {
	case JSON:
		return writeJSON(w, g)
	case Text:
		out = text(newPicture(g), opts)
	case Mermaid:
		out = mermaid(newPicture(g))
	case DOT:
		out = dot(newPicture(g))
	case SVG:
		out, err = svg(ctx, newPicture(g), opts.Place)
	default:
		_, err = ParseFormat(string(f))
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, out)
	return err
}

// writeJSON writes the graph as it is: & and < stay what they are, for people
// read it too. An empty graph has empty lists.
func writeJSON(w io.Writer, g graph.Graph) error {
	if g.Nodes == nil {
		g.Nodes = []graph.Node{}
	}
	if g.Edges == nil {
		g.Edges = []graph.Edge{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(g)
}
