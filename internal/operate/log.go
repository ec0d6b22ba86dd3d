package operate

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/target"
)

// A logQuery says which events of a log group are wanted. A zero time is open.
type logQuery struct {
	pattern  string
	from, to time.Time
}

// A logEvent is one line of a function's log.
type logEvent struct {
	id      string
	at      time.Time
	message string // without the newline at its end
}

// events calls yield with each event of a function's log that a query means, in
// order. A function without a log has not run yet: it has no events.
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
			return nil
		}
		if err != nil {
			return d.Target.Explain(err)
		}
		for _, e := range page.Events {
			message := aws.ToString(e.Message)
			for len(message) > 0 && (message[len(message)-1] == '\n' || message[len(message)-1] == '\r') {
				message = message[:len(message)-1]
			}
			if err := yield(logEvent{aws.ToString(e.EventId), time.UnixMilli(aws.ToInt64(e.Timestamp)), message}); err != nil {
				return err
			}
		}
	}
	return nil
}
