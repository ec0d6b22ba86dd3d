// Package build compiles functions, each once: a program is known by the content
// it is made of, and what has been built before is not built again.
package build

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/less-go/less/internal/source"
	"github.com/less-go/less/internal/toolchain"
)

// Binary is the name of every program that is built: what Lambda's custom
// runtimes start.
const Binary = "bootstrap"

// A Builder compiles the main packages of one project. Its methods may be called
// at the same time, also by several processes that share Out.
type Builder struct {
	// Dir is the project: the folder of its go.mod.
	Dir string
	// Out keeps the programs, each as <key>/bootstrap.
	Out string
	// GOOS and GOARCH are what to build for; empty means this machine.
	GOOS, GOARCH string
}

// Progress is how far a build has come.
type Progress struct {
	// Function counts the functions whose own code has been reached, of Functions in all.
	Function, Functions int
	// Packages counts the packages compiled so far; Package is the last of them.
	Packages int
	Package  string
}

// Build returns the path of an up-to-date program for each of mains, folders
// relative to the project. It compiles those that were never built from the
// present content, and tells progress about it, if that is not nil. Where all
// exist, the go command is not called.
//
// A main that does not compile stops no other: the error is then an [*Error] and
// the map holds the rest. Any other error leaves the map nil.
func (b *Builder) Build(ctx context.Context, mains []string, progress func(Progress)) (map[string]string, error) {
	tree, err := source.Read(b.Dir)
	if err != nil {
		return nil, err
	}
	identity, err := b.target().Identity()
	if err != nil {
		return nil, err
	}
	built := make(map[string]string, len(mains))
	var missing []target
	for _, main := range mains {
		t, err := newTarget(tree, identity, main)
		if err != nil {
			return nil, err
		}
		t.binary = filepath.Join(b.Out, t.key, Binary)
		switch _, err := os.Stat(t.binary); {
		case err == nil:
			built[main] = t.binary
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, t)
		default:
			return nil, err
		}
	}
	if len(missing) == 0 {
		return built, nil
	}
	if err := os.MkdirAll(b.Out, 0o700); err != nil {
		return nil, err
	}
	c := &compilation{Builder: b, report: progress, progress: Progress{Functions: len(missing)}, built: built}
	for _, round := range rounds(missing) {
		if err := c.round(ctx, round); err != nil {
			return nil, err
		}
	}
	if len(c.failures) > 0 {
		return built, &Error{Failures: explained(b.Dir, c.failures)}
	}
	return built, nil
}

// rounds splits targets into groups that see the same topics and have different
// base names. One go build command compiles a group, and shared packages,
// together, which costs about half of a command each; but it knows one content of
// a file, and names its outputs by their folders' base names, of which one silently
// overwrites another.
func rounds(targets []target) [][]target {
	var out [][]target
	seen := map[[2]string]int{}  // how often, by topics and base name
	groups := map[string][]int{} // in out, by topics
	for _, t := range targets {
		name := [2]string{t.topics, t.exec}
		if seen[name] == len(groups[t.topics]) {
			groups[t.topics] = append(groups[t.topics], len(out))
			out = append(out, nil)
		}
		i := groups[t.topics][seen[name]]
		seen[name]++
		out[i] = append(out[i], t)
	}
	return out
}

func (b *Builder) target() toolchain.Target {
	return toolchain.Target{GOOS: b.GOOS, GOARCH: b.GOARCH}
}
