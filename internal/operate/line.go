package operate

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/less-go/less/internal/logs"
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
	// Outcome and Duration are of a line about the end of an attempt, Status of one
	// about a request's.
	Outcome  string  `json:"outcome"`
	Duration float64 `json:"duration_ms"`
	Status   int     `json:"status"`
}

// ended says whether the line is package less's about the end of an attempt.
func (l line) ended() bool { return l.Outcome != "" && logs.Ended(l.Msg) }

// duration is how long the attempt took.
func (l line) duration() time.Duration { return time.Duration(l.Duration * float64(time.Millisecond)) }

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
	return l.failed() && (logs.EndedBadly(l.Msg) || strings.HasPrefix(l.Msg, "request failed"))
}

// reason is what went wrong.
func (l line) reason() string {
	if l.Panic != "" {
		return "panic: " + l.Panic
	}
	return cmp.Or(l.Err, l.Msg)
}
