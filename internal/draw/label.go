package draw

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// longest is how many characters of a name an SVG shows; the rest is in its tooltip.
const longest = 48

// short is text to show in a box.
func short(text string) string {
	text = visible(text)
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	return string([]rune(text)[:longest-1]) + "…"
}

// helvetica has the widths of the characters from space to ~ in Helvetica and
// the fonts that have its measures, in thousandths of the font's size.
var helvetica = [...]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// measure is how wide text is at a font size. A browser may have another font,
// so every text is written with its measure, which the browser then keeps to.
func measure(text string, size float64) float64 {
	n := 0
	for _, r := range text {
		switch {
		case r >= ' ' && r <= '~':
			n += helvetica[r-' ']
		case r < 0x1100:
			n += 600
		default:
			n += 1000
		}
	}
	return float64(n) * size / 1000
}

// svgText is a text element of which x and y are the beginning of the base line.
func svgText(class, text string, x, y, size float64) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return fmt.Sprintf(`<text class="%s" x="%s" y="%s" font-size="%s" textLength="%s" lengthAdjust="spacingAndGlyphs">%s</text>`,
		class, number(x), number(y), number(size), number(measure(text, size)), escape(text))
}

// escape makes text safe between tags and in attributes.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(visible(text))
}

// number is a coordinate, as short as it is exact enough.
func number(f float64) string {
	text := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.1f", f), "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}
