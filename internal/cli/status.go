package cli

import "fmt"

// A status tells a person how far something is that takes minutes: lines that stay, and
// on a terminal a last one that changes.
type status struct {
	env   Env
	text  string
	shown bool
}

func newStatus(env Env) *status { return &status{env: env} }

// line writes one that stays.
func (s *status) line(text string) {
	s.end()
	fmt.Fprintf(s.env.Err, "  %s\n", s.fit(text, 2))
	s.draw()
}

// show replaces the last line.
func (s *status) show(text string) {
	s.text = text
	s.draw()
}

func (s *status) draw() {
	if !s.env.ErrTerminal || s.text == "" {
		return
	}
	fmt.Fprintf(s.env.Err, "\r\x1b[K%s", s.fit(tag+" "+s.text, 1)) // a longer one could not be replaced
	s.shown = true
}

// end makes room for what comes next.
func (s *status) end() {
	if s.shown {
		fmt.Fprint(s.env.Err, "\r\x1b[K")
		s.shown = false
	}
}

// fit cuts text to the screen, less some columns; where its width is unknown, text stays.
func (s *status) fit(text string, less int) string {
	if s.env.Width <= less {
		return text
	}
	return fit(text, s.env.Width-less)
}
