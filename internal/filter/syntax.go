package filter

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// A syntaxError says in Jackson's words why a document is not JSON. One of them,
// for a character where a key should be, was recorded from AWS.
type syntaxError struct {
	text         string
	line, column int
}

// hidden is what Jackson shows in place of the document.
const hidden = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: %d, column: %d]"

func (e *syntaxError) Error() string {
	return e.text + "\n at " + fmt.Sprintf(hidden, e.line, e.column)
}

func (r *reader) fail(format string, args ...any) error {
	line, column := r.place(r.pos)
	return &syntaxError{fmt.Sprintf(format, args...), line, column}
}

func (r *reader) place(pos int) (line, column int) {
	line, column = 1, 1
	for _, char := range string(r.data[:pos]) {
		switch {
		case char == '\n':
			line, column = line+1, 1
		case char > 0xffff:
			column += 2
		default:
			column++
		}
	}
	return line, column
}

// expected is for another character than the one that must be next, or none.
func (r *reader) expected(reason, what string, start int) error {
	c, ok := r.next()
	if !ok {
		return r.unclosed(what, start)
	}
	return r.unexpected(c, reason)
}

func (r *reader) unclosed(what string, start int) error {
	line, column := r.place(start)
	return r.fail("Unexpected end-of-input: expected close marker for %s (start marker at %s)", what, fmt.Sprintf(hidden, line, column))
}

func (r *reader) unexpected(c byte, reason string) error {
	char := rune(c)
	if c >= utf8.RuneSelf {
		char, _ = utf8.DecodeRune(r.data[r.pos:])
	}
	return r.unexpectedRune(char, reason)
}

func (r *reader) unexpectedRune(char rune, reason string) error {
	return r.fail("Unexpected character (%s): %s", describe(char), reason)
}

func describe(char rune) string {
	switch {
	case unicode.IsControl(char):
		return fmt.Sprintf("(CTRL-CHAR, code %d)", char)
	case char > 255:
		return fmt.Sprintf("'%c' (code %d / 0x%x)", char, char, char)
	}
	return fmt.Sprintf("'%c' (code %d)", char, char)
}
