package draw

import (
	"strings"
	"unicode/utf8"
)

// A style is an SGR parameter; empty is the terminal's own.
type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

// A word is a piece of a line that is not broken unless no line has room for it.
type word struct {
	text  string
	style style
}

// signs are the characters of our own that are as wide as a letter although
// they are far from the letters.
const signs = "│├└─→✓✗•↑↓…\ufffd"

// width is how many columns a character takes at most.
func width(r rune) int {
	if r < 0x1100 || strings.ContainsRune(signs, r) {
		return 1
	}
	return 2
}

func columns(text string) int {
	n := 0
	for _, r := range text {
		n += width(r)
	}
	return n
}

// A page is text that is never wider than limit.
type page struct {
	out   strings.Builder
	limit int
	color bool
}

// line writes words after a first margin, and below another one where they need
// more than a line.
func (p *page) line(first, margin string, words ...word) {
	at := columns(first)
	p.ink(first, dim)
	empty := true
	for _, w := range words {
		text := visible(w.text)
		space := 1
		if empty {
			space = 0
		}
		if !empty && at+space+columns(text) > p.limit {
			p.out.WriteString("\n")
			p.ink(margin, dim)
			at, space = columns(margin), 0
		}
		p.out.WriteString(strings.Repeat(" ", space))
		at += space
		for at+columns(text) > p.limit { // longer than a line
			head := fitting(text, p.limit-at)
			p.ink(head, w.style)
			p.out.WriteString("\n")
			p.ink(margin, dim)
			text, at = text[len(head):], columns(margin)
		}
		p.ink(text, w.style)
		at += columns(text)
		empty = false
	}
	p.out.WriteString("\n")
}

// fitting is the beginning of text that fits into limit columns, and at least one character.
func fitting(text string, limit int) string {
	n, end := 0, 0
	for i, r := range text {
		if n += width(r); n > limit && i > 0 {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	return text[:end]
}

func (p *page) ink(text string, s style) {
	if !p.color || s == plain || text == "" {
		p.out.WriteString(text)
		return
	}
	p.out.WriteString("\x1b[" + string(s) + "m" + text + "\x1b[0m")
}
