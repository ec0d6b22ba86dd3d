package operate

import (
	"cmp"
	"encoding/json"
	"strings"
)

// A line is one that a function of this framework has logged, taken apart.
type line struct {
	Level         string `json:"level"`
	Msg           string `json:"msg"`
	Err           string `json:"err"`
	Panic         string `json:"panic"`
	MessageID     string `json:"message_id"`
	Attempt       int    `json:"attempt"`
	CorrelationID string `json:"correlation_id"`
	RequestID     string `json:"request_id"`
}

// parseLine reads a line; others than JSON objects are none.
func parseLine(text string) (line, bool) {
	var l line
	if !strings.HasPrefix(text, "{") || json.Unmarshal([]byte(text), &l) != nil {
		return line{}, false
	}
	return l, true
}

// failed says whether the line tells of something that went wrong.
func (l line) failed() bool { return strings.HasPrefix(l.Level, "ERROR") }

// final says whether it is package less's own about the end of an attempt, and so
// more than what a handler says on the way there.
func (l line) final() bool {
	return l.failed() && (l.Msg == "message failed" || strings.HasPrefix(l.Msg, "message failed:") ||
		strings.HasPrefix(l.Msg, "message still running") || strings.HasPrefix(l.Msg, "request failed"))
}

// reason is what went wrong.
func (l line) reason() string {
	if l.Panic != "" {
		return "panic: " + l.Panic
	}
	return cmp.Or(l.Err, l.Msg)
}
