package console

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A style is an SGR parameter; empty is the terminal's own.
type style string

const (
	plain  style = ""
	dim    style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	alarm  style = "1;37;41" // white on red
)

// palette colours the services. Red is for failures.
var palette = []style{"36", "35", "34", "32", "33", "96", "95", "94", "92", "93"}

// A part is a piece of a line in one style.
type part struct {
	text  string
	style style
}

// colourCodes are what loggers put around words; they carry no meaning of their own.
var colourCodes = regexp.MustCompile("\x1b\\[[0-9;:]*m")

// tab is what a tabulator becomes, since its width depends on where it stands.
const tab = "    "

// Clean makes a stranger's text safe for a terminal: what could move the cursor or
// hide something is spelled out. Line breaks stay.
func Clean(text string) string { return clean(text) }

// clean makes text safe for a terminal: whatever is not to be seen, and could
// move the cursor, change the title, or turn the direction of writing, is spelled
// out. Line breaks stay; the layout indents what follows them.
func clean(text string) string {
	if !strings.ContainsFunc(text, suspicious) {
		return text
	}
	text = colourCodes.ReplaceAllString(text, "")
	var out strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			fmt.Fprintf(&out, `\x%02x`, text[i])
		case r == '\t':
			out.WriteString(tab)
		case r == '\n' || r == utf8.RuneError || !suspicious(r):
			out.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			out.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return out.String()
}

// suspicious says whether r is other than a visible character or a space. The
// joiners are part of scripts and emoji, and harmless.
func suspicious(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) && r != nonJoiner && r != joiner
}

// columns is how wide text is, for names of Latin letters.
func columns(text string) int { return utf8.RuneCountInString(text) }

// pad makes text exactly width columns wide.
func pad(text string, width int) string {
	n := columns(text)
	if n > width {
		runes := []rune(text)
		return string(runes[:width-1]) + "…"
	}
	return text + strings.Repeat(" ", width-n)
}

// cut leaves of a long text what a person would read of it.
func cut(text string) string {
	const limit = 8 << 10
	if len(text) <= limit {
		return text
	}
	end := limit
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s... (%d bytes more)", text[:end], len(text)-end)
}

// Duration is d as exactly as a person wants to know it.
func Duration(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case d < 10*time.Millisecond:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	case d < time.Second:
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	case d < time.Minute:
		seconds := strconv.FormatFloat(d.Seconds(), 'f', 1, 64)
		return strings.TrimSuffix(seconds, ".0") + " s"
	}
	return d.Round(time.Second).String()
}
