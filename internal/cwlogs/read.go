package cwlogs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/lambda"
)

// An event is one line of a log.
type event struct {
	at      time.Time
	message string // without the newline at its end
	id      position
}

// stream is the name of the log stream that the event belongs to.
func (e event) stream(g group) string { return lambda.LogStream(g.Name, e.at) }

// size is what CloudWatch counts the event as.
func (e event) size() int { return len(e.message) + len("\n") + 26 }

// A position is an event's place in its log, and its id: the nanosecond that it
// happened in, and its number among those of the same one. It has 56 digits, as
// AWS's ids have, and sorts as a text.
type position string

const (
	timeDigits   = 20
	numberDigits = 36
)

func positionOf(at time.Time, number int) position {
	return position(fmt.Sprintf("%0*d%0*d", timeDigits, at.UnixNano(), numberDigits, number))
}

// parsePosition reads what a client sends back.
func parsePosition(s string) (position, bool) {
	return position(s), len(s) == timeDigits+numberDigits && strings.Trim(s, "0123456789") == ""
}

// time is the position's nanosecond, as far as a client has not made it up.
func (p position) time() time.Time {
	ns, err := strconv.ParseInt(string(p[:timeDigits]), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

// next is the position right after p, and previous the one right before it.
func (p position) next() position     { return p.plus(1) }
func (p position) previous() position { return p.plus(-1) }

func (p position) plus(n int64) position {
	number, _ := new(big.Int).SetString(string(p), 10) // it has only digits
	number.Add(number, big.NewInt(n))
	text := number.String()
	if number.Sign() < 0 || len(text) > len(p) {
		return p
	}
	return position(strings.Repeat("0", len(p)-len(text)) + text)
}

// A span is a range of time, the end excluded. A zero time leaves it open.
type span struct{ from, to time.Time }

// after leaves out what is known to come before a position, which saves reading it.
func (s span) after(p position) span {
	if p != "" && p.time().After(s.from) {
		s.from = p.time()
	}
	return s
}

func (s span) has(t time.Time) bool {
	return (s.from.IsZero() || !t.Before(s.from)) && (s.to.IsZero() || t.Before(s.to))
}

// dayOf is the day that a stream is for, if it is one of the group's.
func (g group) dayOf(stream string) (span, bool) {
	const layout = "2006/01/02"
	if len(stream) < len(layout) {
		return span{}, false
	}
	day, err := time.Parse(layout, stream[:len(layout)])
	return span{day, day.AddDate(0, 0, 1)}, err == nil && lambda.LogStream(g.Name, day) == stream
}

// events returns those of a group within a span, in their order.
func (s *Service) events(g group, within span) ([]event, error) {
	var out []event
	err := s.records(g, func(at time.Time, line []byte) {
		if !within.has(at) {
			return
		}
		var e activity.Event
		if json.Unmarshal(line, &e) != nil {
			return // the engine was killed while it wrote this
		}
		// END and REPORT are told in one.
		for message := range strings.SplitSeq(e.Line, "\n") {
			out = append(out, event{at: at, message: message})
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b event) int { return a.at.Compare(b.at) })
	number := 0
	for i := range out {
		if number++; i == 0 || !out[i].at.Equal(out[i-1].at) {
			number = 0
		}
		out[i].id = positionOf(out[i].at, number)
	}
	return out, nil
}

// A stream is what there is of one day.
type stream struct {
	name        string
	first, last time.Time
}

// streams returns the streams of a group in the order of their days, and so of
// their names.
func (s *Service) streams(g group) ([]stream, error) {
	byName := map[string]stream{}
	err := s.records(g, func(at time.Time, _ []byte) {
		name := lambda.LogStream(g.Name, at)
		st, found := byName[name]
		if !found {
			st = stream{name, at, at}
		}
		if at.Before(st.first) {
			st.first = at
		}
		if at.After(st.last) {
			st.last = at
		}
		byName[name] = st
	})
	out := make([]stream, 0, len(byName))
	for _, st := range byName {
		out = append(out, st)
	}
	slices.SortFunc(out, func(a, b stream) int { return strings.Compare(a.name, b.name) })
	return out, err
}

// maxRecord is the longest line of a file: a line of output, escaped, and a little.
const maxRecord = 6*lambda.MaxLine + 4<<10

// timeField begins every record, so that its time is known without reading it all.
var timeField = []byte(`{"time":"`)

// records calls yield for each record of a group, in the order of the files. The
// line is good until yield returns.
func (s *Service) records(g group, yield func(at time.Time, line []byte)) error {
	files, err := s.open(g)
	if err != nil {
		return fmt.Errorf("read the log of %s: %w", g.ID, err)
	}
	defer closeAll(files)
	for _, f := range files {
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, maxRecord)
		for lines.Scan() {
			rest, found := bytes.CutPrefix(lines.Bytes(), timeField)
			text, _, closed := bytes.Cut(rest, []byte(`"`))
			if !found || !closed {
				continue // the engine was killed while it wrote this
			}
			if at, err := time.Parse(time.RFC3339Nano, string(text)); err == nil {
				yield(at, lines.Bytes())
			}
		}
		if err := lines.Err(); err != nil {
			return fmt.Errorf("read the log of %s: %w", g.ID, err)
		}
	}
	return nil
}

// size is how much is stored of a group.
func (s *Service) size(g group) (int64, error) {
	files, err := s.open(g)
	if err != nil {
		return 0, fmt.Errorf("read the log of %s: %w", g.ID, err)
	}
	defer closeAll(files)
	var size int64
	for _, f := range files {
		info, err := f.Stat()
		if err != nil {
			return 0, fmt.Errorf("read the log of %s: %w", g.ID, err)
		}
		size += info.Size()
	}
	return size, nil
}

func closeAll(files []fs.File) {
	for _, f := range files {
		_ = f.Close() // it was only read
	}
}

// open returns the files of a group's lines.
func (s *Service) open(g group) ([]fs.File, error) {
	if g.ID == "" {
		return nil, nil // made, and of no function
	}
	return s.source.Open(g.ID)
}
