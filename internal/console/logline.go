package console

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/less-go/less/internal/logs"
)

// A logLine is a line that slog's JSON handler wrote, taken apart.
type logLine struct {
	level string
	msg   string
	attrs []string // key=value, in the order of the line
	// outcome is that of package less's lines about the end of an attempt.
	outcome string
}

// endedWell says whether the line is no more than the sign of an attempt that went well.
func (l logLine) endedWell() bool { return l.outcome == "done" && logs.EndedWell(l.msg) }

// hidden are the attributes that the columns show already, or that only a
// machine compares. --json and the log files have them.
var hidden = map[string]bool{
	"time": true, "function": true, "topic": true, "message_id": true,
	"request_id": true, "api_request_id": true, "correlation_id": true, "causation_id": true,
}

// parseLog reads a JSON object with a message. Any other line is not one.
func parseLog(line string) (logLine, bool) {
	if !strings.HasPrefix(line, "{") {
		return logLine{}, false
	}
	in := json.NewDecoder(strings.NewReader(line))
	if _, err := in.Token(); err != nil {
		return logLine{}, false
	}
	var out logLine
	found := false
	for in.More() {
		key, err := in.Token()
		if err != nil {
			return logLine{}, false
		}
		var value json.RawMessage
		if err := in.Decode(&value); err != nil {
			return logLine{}, false
		}
		text := bare(value)
		switch key := key.(string); {
		case key == "msg":
			out.msg, found = text, true
		case key == "level":
			out.level = text
		case key == logs.Outcome && logs.Ended(out.msg):
			out.outcome = text
		case hidden[key], key == logs.Duration && out.outcome != "", key == "attempt" && text == "1":
		default:
			out.attrs = append(out.attrs, key+"="+quoteSpaced(text))
		}
	}
	if _, err := in.Token(); err != nil {
		return logLine{}, false
	}
	if _, err := in.Token(); err != io.EOF {
		return logLine{}, false
	}
	return out, found
}

// bare is a JSON value without the quotes of a string.
func bare(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// quoteSpaced makes visible where a value with spaces ends.
func quoteSpaced(value string) string {
	if value == "" || strings.ContainsAny(value, " \t\r\n\"=") && !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[") {
		encoded, _ := json.Marshal(value) // a string always marshals
		return string(encoded)
	}
	return value
}
