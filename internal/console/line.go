package console

import "strings"

// A line is built from parts. What does not fit is wrapped between words, and
// goes on below where the message began.
type line struct {
	text   strings.Builder
	color  bool
	width  int // 0 does not wrap
	indent int
	column int
}

func (l *line) add(p part) {
	if p.text == "" {
		return
	}
	styled := l.color && p.style != plain
	if styled {
		l.text.WriteString("\x1b[" + string(p.style) + "m")
	}
	for i, paragraph := range strings.Split(p.text, "\n") {
		if i > 0 {
			l.wrap()
		}
		l.words(paragraph)
	}
	if styled {
		l.text.WriteString("\x1b[0m")
	}
}

// words writes text that holds no line break.
func (l *line) words(text string) {
	for text != "" {
		end := len(text) - len(strings.TrimLeft(text, " "))
		if space := strings.IndexByte(text[end:], ' '); space >= 0 {
			end += space
		} else {
			end = len(text)
		}
		word := text[:end]
		text = text[end:]
		if l.width > 0 && l.column > l.indent && l.column+columns(word) > l.width {
			l.wrap()
			word = strings.TrimLeft(word, " ")
		}
		l.text.WriteString(word)
		l.column += columns(word)
	}
}

func (l *line) wrap() {
	l.text.WriteString("\n" + strings.Repeat(" ", l.indent))
	l.column = l.indent
}
