// Package secret is text that is not to be shown: it goes where it is needed, and
// into no log, error or document on the way.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// A Text is hidden wherever it is printed, logged or encoded. string(t) is what it says.
type Text string

// hidden stands for a Text.
const hidden = "(hidden)"

// String hides t.
func (t Text) String() string { return hidden }

// Format hides t from every verb of fmt, %#v and %x included.
func (t Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue hides t from slog.
func (t Text) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides t from JSON and other encodings.
func (t Text) MarshalText() ([]byte, error) { return []byte(hidden), nil }
