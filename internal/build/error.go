package build

import (
	"fmt"
	"slices"
	"strings"

	"github.com/less-go/less/internal/absent"
)

// An Error is what the compiler has against some of the mains.
type Error struct {
	// Failures has each package that does not compile once.
	Failures []Failure
}

// A Failure is one package that does not compile.
type Failure struct {
	// Package is its import path, "" where the go command named none.
	Package string
	// Lines are the compiler's, with positions relative to the project.
	Lines []string
	// Mains are those that cannot be built without the package, as Build was given them.
	Mains []string
}

// Error has the compiler's lines first, and then what they stop.
func (e *Error) Error() string {
	var text strings.Builder
	var mains []string
	for _, f := range e.Failures {
		for _, line := range f.Lines {
			text.WriteString(line + "\n")
		}
		mains = append(mains, f.Mains...)
	}
	slices.Sort(mains)
	mains = slices.Compact(mains)
	fmt.Fprintf(&text, "not built: %s", strings.Join(mains, ", "))
	return text.String()
}

// stops notes that the failure stops main.
func (f *Failure) stops(main string) {
	if !slices.Contains(f.Mains, main) {
		f.Mains = append(f.Mains, main)
	}
}

// stop says whether one of the failures is in what t is made of, and notes it there.
func stop(failures []Failure, t target) bool {
	found := false
	for i := range failures {
		if t.imports[failures[i].Package] {
			failures[i].stops(t.main)
			found = true
		}
	}
	return found
}

// merge adds the failures of another command, so that each is there once.
func merge(failures, more []Failure) []Failure {
	for _, f := range more {
		i := slices.IndexFunc(failures, func(g Failure) bool {
			return f.Package == g.Package && slices.Equal(f.Lines, g.Lines)
		})
		if i < 0 {
			failures = append(failures, f)
			continue
		}
		for _, main := range f.Mains {
			failures[i].stops(main)
		}
	}
	return failures
}

// explained says of failures in the words of the tree what it can, each once.
func explained(dir string, failures []Failure) []Failure {
	var out []Failure
	for _, f := range failures {
		f.Lines = absent.Explain(dir, f.Lines)
		i := slices.IndexFunc(out, func(g Failure) bool { return slices.Equal(f.Lines, g.Lines) })
		if i < 0 {
			out = append(out, f)
			continue
		}
		for _, main := range f.Mains {
			out[i].stops(main)
		}
	}
	return out
}

func lines(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n") }
