package cli

import (
	"fmt"
	"time"

	"github.com/less-go/less/internal/build"
	"github.com/less-go/less/internal/plural"
)

// A progress tells a person how far a build has come: on a terminal in one line
// that changes, elsewhere in a line now and then.
type progress struct {
	env   Env
	last  time.Time
	shown bool
}

func newProgress(env Env) *progress { return &progress{env: env} }

// How often the line changes, and how often there is one where none can change.
const (
	lineEvery  = 50 * time.Millisecond
	plainEvery = 5 * time.Second
)

func (p *progress) show(now build.Progress) {
	every := plainEvery
	if p.env.ErrTerminal {
		every = lineEvery
	}
	if p.shown && time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	p.shown = true
	text := fmt.Sprintf("%s Building %s: %d begun, %s compiled", tag,
		plural.Count(now.Functions, "function"), now.Function, plural.Count(now.Packages, "package"))
	if !p.env.ErrTerminal {
		fmt.Fprintln(p.env.Err, text)
		return
	}
	text += " (" + now.Package + ")"
	if width := p.env.Width; width > 0 && len(text) >= width {
		text = text[:width-1] // a longer one could not be replaced
	}
	fmt.Fprint(p.env.Err, "\r\x1b[K"+text)
}

// end makes room for what comes next.
func (p *progress) end() {
	if p.shown && p.env.ErrTerminal {
		fmt.Fprint(p.env.Err, "\r\x1b[K")
	}
}
