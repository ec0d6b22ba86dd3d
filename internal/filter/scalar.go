package filter

import (
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// string takes a string, and decodes it if it is to be kept.
func (r *reader) string(keep bool) (string, error) {
	r.pos++
	var decoded []byte
	start := r.pos
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; {
		case c == '"':
			raw := r.data[start:r.pos]
			r.pos++
			if !keep {
				return "", nil
			}
			if decoded == nil {
				return string(raw), nil
			}
			return string(append(decoded, raw...)), nil
		case c < ' ':
			return "", r.fail("Illegal unquoted character (%s): has to be escaped using backslash to be included in string value", describe(rune(c)))
		case c == '\\':
			raw := r.data[start:r.pos]
			char, err := r.escape()
			if err != nil {
				return "", err
			}
			if keep {
				decoded = utf8.AppendRune(append(decoded, raw...), char)
				if decoded == nil {
					decoded = []byte{}
				}
			}
			start = r.pos
		default:
			r.pos++
		}
	}
	return "", r.fail("Unexpected end-of-input: was expecting closing quote for a string value")
}

// escape takes an escaped character, or both halves of a surrogate pair.
func (r *reader) escape() (rune, error) {
	r.pos++
	if r.pos == len(r.data) {
		return 0, r.fail("Unexpected end-of-input in character escape sequence")
	}
	c := r.data[r.pos]
	r.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
	default:
		r.pos--
		char, _ := utf8.DecodeRune(r.data[r.pos:])
		return 0, r.fail("Unrecognized character escape %s", describe(char))
	}
	char, err := r.hex()
	if err != nil || !utf16.IsSurrogate(char) || r.pos+1 >= len(r.data) || r.data[r.pos] != '\\' || r.data[r.pos+1] != 'u' {
		return char, err
	}
	before := r.pos
	r.pos += 2
	low, err := r.hex()
	if err != nil {
		return 0, err
	}
	pair := utf16.DecodeRune(char, low)
	if pair == unicode.ReplacementChar {
		r.pos = before // not a pair: the second half is a character of its own
	}
	return pair, nil
}

func (r *reader) hex() (rune, error) {
	var char rune
	for range 4 {
		if r.pos == len(r.data) {
			return 0, r.fail("Unexpected end-of-input in character escape sequence")
		}
		digit, err := strconv.ParseUint(string(r.data[r.pos:r.pos+1]), 16, 8)
		if err != nil {
			c, _ := utf8.DecodeRune(r.data[r.pos:])
			return 0, r.unexpectedRune(c, "expected a hex-digit for character escape sequence")
		}
		char = char<<4 | rune(digit)
		r.pos++
	}
	return char, nil
}

func (r *reader) number() (string, error) {
	start := r.pos
	if r.data[r.pos] == '-' {
		r.pos++
	}
	zero := r.pos < len(r.data) && r.data[r.pos] == '0'
	whole := r.digits()
	if zero && whole > 1 {
		return "", r.fail("Invalid numeric value: Leading zeroes not allowed")
	}
	ok := whole > 0
	if ok && r.pos < len(r.data) && r.data[r.pos] == '.' {
		r.pos++
		ok = r.digits() > 0
	}
	if ok && r.pos < len(r.data) && (r.data[r.pos] == 'e' || r.data[r.pos] == 'E') {
		r.pos++
		if r.pos < len(r.data) && (r.data[r.pos] == '+' || r.data[r.pos] == '-') {
			r.pos++
		}
		ok = r.digits() > 0
	}
	if ok && (r.pos == len(r.data) || !isWord(r.data[r.pos])) {
		return string(r.data[start:r.pos]), nil
	}
	if r.pos == len(r.data) {
		return "", r.fail("Unexpected end-of-input in a Number value")
	}
	c, _ := utf8.DecodeRune(r.data[r.pos:])
	return "", r.unexpectedRune(c, "expected digit (0-9) in a Number value")
}

func (r *reader) digits() int {
	start := r.pos
	for r.pos < len(r.data) && isDigit(r.data[r.pos]) {
		r.pos++
	}
	return r.pos - start
}

func (r *reader) literal() (string, error) {
	start := r.pos
	for r.pos < len(r.data) && (isWord(r.data[r.pos]) || isDigit(r.data[r.pos])) {
		r.pos++
	}
	switch text := string(r.data[start:r.pos]); text {
	case "true", "false", "null":
		return text, nil
	default:
		const longest = 256
		return "", r.fail("Unrecognized token '%s': was expecting %s", text[:min(len(text), longest)], expectedValue)
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$' }
