package cwlogs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/logfilter"
)

// The limits of one answer.
const (
	maxEvents  = 10_000
	maxPage    = 1 << 20 // bytes, as size counts them
	maxPattern = 1024    // characters
	maxStreams = 100
)

// FilterLogEventsInput is the input of FilterLogEvents. Streams are always
// interleaved, as on AWS since 2019.
type FilterLogEventsInput struct {
	Reference
	LogStreamNames      []string `json:"logStreamNames"`
	LogStreamNamePrefix string   `json:"logStreamNamePrefix"`
	StartTime           *int64   `json:"startTime"`
	EndTime             *int64   `json:"endTime"`
	FilterPattern       string   `json:"filterPattern"`
	NextToken           string   `json:"nextToken"`
	Limit               *int     `json:"limit"`
	Interleaved         *bool    `json:"interleaved"`
}

// FilterLogEventsOutput is the output of FilterLogEvents.
type FilterLogEventsOutput struct {
	Events []FilteredLogEvent `json:"events"`
	// SearchedLogStreams is empty, as on AWS since 2020.
	SearchedLogStreams []struct{} `json:"searchedLogStreams"`
	NextToken          string     `json:"nextToken,omitempty"`
}

// A FilteredLogEvent is an event that was found.
type FilteredLogEvent struct {
	LogStreamName string `json:"logStreamName"`
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
	EventID       string `json:"eventId"`
}

// FilterLogEvents returns the events of a group that a pattern matches.
func (s *Service) FilterLogEvents(_ context.Context, in *FilterLogEventsInput) (*FilterLogEventsOutput, error) {
	limit, err := limitOf(in.Limit, maxEvents)
	if err != nil {
		return nil, err
	}
	pattern, err := parsePattern(in.FilterPattern)
	if err != nil {
		return nil, err
	}
	var after position
	if in.NextToken != "" {
		text, err := decodeToken(in.NextToken)
		if err != nil {
			return nil, err
		}
		var ok bool
		if after, ok = parsePosition(text); !ok {
			return nil, invalidToken()
		}
	}
	g, err := s.find(in.Reference)
	if err != nil {
		return nil, err
	}
	wanted, err := s.wanted(g, in)
	if err != nil {
		return nil, err
	}
	within := spanOf(in.StartTime, in.EndTime)
	if !within.to.IsZero() {
		within.to = within.to.Add(time.Millisecond) // here the end is included
	}
	events, err := s.events(g, within.after(after))
	if err != nil {
		return nil, err
	}
	out := &FilterLogEventsOutput{Events: []FilteredLogEvent{}, SearchedLogStreams: []struct{}{}}
	size := 0
	for _, e := range events {
		name := e.stream(g)
		if e.id <= after || !wanted(name) || !pattern.Match(e.message) {
			continue
		}
		if n := len(out.Events); n == limit || n > 0 && size+e.size() > maxPage {
			out.NextToken = encodeToken(out.Events[n-1].EventID)
			break
		}
		size += e.size()
		out.Events = append(out.Events, FilteredLogEvent{
			LogStreamName: name, Timestamp: e.at.UnixMilli(), Message: e.message + "\n",
			IngestionTime: e.at.UnixMilli(), EventID: string(e.id),
		})
	}
	return out, nil
}

// wanted returns what says whether a stream is searched.
func (s *Service) wanted(g group, in *FilterLogEventsInput) (func(stream string) bool, error) {
	if len(in.LogStreamNames) == 0 {
		return func(stream string) bool { return strings.HasPrefix(stream, in.LogStreamNamePrefix) }, nil
	}
	if in.LogStreamNamePrefix != "" { // AWS's words were not seen
		return nil, invalid("logStreamNames and logStreamNamePrefix cannot be specified together.")
	}
	if n := len(in.LogStreamNames); n > maxStreams {
		return nil, invalid("1 validation error detected: Value at 'logStreamNames' failed to satisfy constraint: Member must have length less than or equal to %d", maxStreams)
	}
	streams, err := s.streams(g)
	if err != nil {
		return nil, err
	}
	for _, name := range in.LogStreamNames {
		if !slices.ContainsFunc(streams, func(st stream) bool { return st.name == name }) {
			return nil, noStream()
		}
	}
	return func(stream string) bool { return slices.Contains(in.LogStreamNames, stream) }, nil
}

func parsePattern(text string) (logfilter.Pattern, error) {
	if len([]rune(text)) > maxPattern {
		return logfilter.Pattern{}, invalid("1 validation error detected: Value at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to %d", maxPattern)
	}
	pattern, err := logfilter.Parse(text)
	switch {
	case errors.Is(err, logfilter.ErrFields):
		return pattern, awsapi.NotImplemented("%v", err)
	case err != nil:
		return pattern, invalid("%v", err)
	}
	return pattern, nil
}

// spanOf is a range of times in milliseconds since 1970.
func spanOf(start, end *int64) (out span) {
	if start != nil {
		out.from = time.UnixMilli(*start)
	}
	if end != nil {
		out.to = time.UnixMilli(*end)
	}
	return out
}

// GetLogEventsInput is the input of GetLogEvents.
type GetLogEventsInput struct {
	Reference
	LogStreamName string `json:"logStreamName"`
	StartTime     *int64 `json:"startTime"`
	EndTime       *int64 `json:"endTime"`
	NextToken     string `json:"nextToken"`
	Limit         *int   `json:"limit"`
	StartFromHead bool   `json:"startFromHead"`
}

// GetLogEventsOutput is the output of GetLogEvents.
type GetLogEventsOutput struct {
	Events            []OutputLogEvent `json:"events"`
	NextForwardToken  string           `json:"nextForwardToken"`
	NextBackwardToken string           `json:"nextBackwardToken"`
}

// An OutputLogEvent is an event of a known stream.
type OutputLogEvent struct {
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

// GetLogEvents returns the events of a stream, a page at a time in either
// direction. At an end of the stream the token for that direction stays the same.
func (s *Service) GetLogEvents(_ context.Context, in *GetLogEventsInput) (*GetLogEventsOutput, error) {
	limit, err := limitOf(in.Limit, maxEvents)
	if err != nil {
		return nil, err
	}
	from, err := parseCursor(in.NextToken, in.StartFromHead)
	if err != nil {
		return nil, err
	}
	g, err := s.find(in.Reference)
	if err != nil {
		return nil, err
	}
	day, ok := g.dayOf(in.LogStreamName)
	if !ok {
		return nil, noStream()
	}
	events, err := s.events(g, day)
	if err != nil {
		return nil, err
	}
	if len(events) == 0 {
		return nil, noStream()
	}
	within := spanOf(in.StartTime, in.EndTime)
	events = slices.DeleteFunc(events, func(e event) bool { return !within.has(e.at) })
	page := from.page(events, limit)
	out := &GetLogEventsOutput{Events: []OutputLogEvent{}}
	for _, e := range page {
		out.Events = append(out.Events, OutputLogEvent{e.at.UnixMilli(), e.message + "\n", e.at.UnixMilli()})
	}
	out.NextForwardToken, out.NextBackwardToken = from.tokens(page)
	return out, nil
}
