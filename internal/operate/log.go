package operate

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"golang.org/x/sync/errgroup"

	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/target"
)

// A logQuery says which events of a log group are wanted. A zero time is open.
type logQuery struct {
	pattern  string
	from, to time.Time
}

// errNoLog is a log group that does not exist: nothing made it yet.
var errNoLog = errors.New("no log group")

// A logEvent is one line of a function's log.
type logEvent struct {
	id      string
	at      time.Time
	message string // without the newline at its end
}

// events calls yield with each event of a function's log that a query means, in
// order. It returns errNoLog where there is no such log.
func (d Deployment) events(ctx context.Context, f plan.Function, q logQuery, yield func(logEvent) error) error {
	in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(f.LogGroup())}
	if q.pattern != "" {
		in.FilterPattern = aws.String(q.pattern)
	}
	if !q.from.IsZero() {
		in.StartTime = aws.Int64(q.from.UnixMilli())
	}
	if !q.to.IsZero() {
		in.EndTime = aws.Int64(q.to.UnixMilli())
	}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(d.Target.Logs(), in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if target.NotFound(err) {
			return errNoLog
		}
		if err != nil {
			return d.Target.Explain(err)
		}
		for _, e := range page.Events {
			message := strings.TrimRight(aws.ToString(e.Message), "\r\n")
			if err := yield(logEvent{aws.ToString(e.EventId), time.UnixMilli(aws.ToInt64(e.Timestamp)), message}); err != nil {
				return err
			}
		}
	}
	return nil
}

// LogOptions say which lines of functions are wanted.
type LogOptions struct {
	Since time.Time
	// Filter is a text that lines have, or a filter pattern of CloudWatch Logs in braces.
	Filter string
	// Order is the correlation id of an order: only what was logged for it.
	Order string
}

// A Line is one that a function has logged, or Lambda about it.
type Line struct {
	Time     time.Time `json:"time"`
	Function string    `json:"function"`
	// Message is the line: the object that it is, or a JSON string.
	Message json.RawMessage `json:"message"`
	// Text is the line as it was written.
	Text string `json:"-"`

	id string
}

// Platform says whether the line is Lambda's own about an invocation, not the
// function's.
func (l Line) Platform() bool {
	for _, prefix := range []string{"START RequestId: ", "END RequestId: ", "REPORT RequestId: ", "INIT_START ", "INIT_REPORT "} {
		if strings.HasPrefix(l.Text, prefix) {
			return true
		}
	}
	return false
}

// pattern is what CloudWatch Logs looks for, and keep what is left to look for here.
func (o LogOptions) pattern() (pattern string, keep func(text string) bool, err error) {
	keep = func(text string) bool { return strings.Contains(text, o.Filter) }
	braces := strings.HasPrefix(o.Filter, "{")
	switch {
	case o.Order != "" && braces:
		return "", nil, errors.New("a filter pattern and an order are two patterns: put '$.correlation_id = \"...\"' into yours")
	case o.Order != "":
		if err := CheckCorrelationID(o.Order); err != nil {
			return "", nil, err
		}
		return orderPattern(o.Order), keep, nil
	case braces:
		return o.Filter, func(string) bool { return true }, nil
	case o.Filter == "" || strings.ContainsAny(o.Filter, `"\`):
		return "", keep, nil
	}
	return `"` + o.Filter + `"`, keep, nil
}

// orderPattern is of all lines that belong to one order.
func orderPattern(correlation string) string { return `{ $.correlation_id = "` + correlation + `" }` }

// Log returns the lines of functions, in the order of their times.
func (d Deployment) Log(ctx context.Context, functions []plan.Function, o LogOptions) ([]Line, error) {
	pattern, keep, err := o.pattern()
	if err != nil {
		return nil, err
	}
	lists := make([][]Line, len(functions))
	var without atomic.Int32
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, f := range functions {
		group.Go(func() error {
			err := d.events(ctx, f, logQuery{pattern: pattern, from: o.Since}, func(e logEvent) error {
				if keep(e.message) {
					lists[i] = append(lists[i], Line{e.at.UTC(), f.ID, asJSON([]byte(e.message)), e.message, e.id})
				}
				return nil
			})
			if errors.Is(err, errNoLog) {
				without.Add(1)
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if n := len(functions); n > 0 && int(without.Load()) == n {
		return nil, d.absent("log group", functions[0].LogGroup())
	}
	lines := slices.Concat(lists...)
	slices.SortStableFunc(lines, func(a, b Line) int { return a.Time.Compare(b.Time) })
	return lines, nil
}

// Follow calls yield with the lines of [Deployment.Log] and with those that come
// later, until ctx ends.
func (d Deployment) Follow(ctx context.Context, functions []plan.Function, o LogOptions, yield func(Line)) error {
	// CloudWatch Logs shows lines a few seconds late, and not in order.
	late, pause := 15*time.Second, 2*time.Second
	if d.Target.Local {
		late, pause = time.Second, 500*time.Millisecond
	}
	next := time.NewTicker(pause)
	defer next.Stop()
	seen := map[string]time.Time{} // by function and event
	for {
		lines, err := d.Log(ctx, functions, o)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		for _, l := range lines {
			key := l.Function + " " + l.id
			if _, before := seen[key]; before {
				continue
			}
			seen[key] = l.Time
			yield(l)
			if from := l.Time.Add(-late); from.After(o.Since) {
				o.Since = from
			}
		}
		maps.DeleteFunc(seen, func(_ string, at time.Time) bool { return at.Before(o.Since) })
		select {
		case <-next.C:
		case <-ctx.Done():
			return nil
		}
	}
}
