package plan

import (
	"fmt"
	"time"
)

// An Alarm rings when a metric is too high in one period. No data is no reason.
type Alarm struct {
	// ID names the alarm among those of the same thing.
	ID string
	// Text says what has happened and what to do.
	Text      string
	Namespace string
	Metric    string
	// Statistic is Sum, Maximum, or a percentile such as p99.
	Statistic string
	// Dimensions say which thing is measured. That of an HTTP API lacks ApiId, which
	// AWS gives it.
	Dimensions map[string]string
	// Above is the highest value that is still good.
	Above   float64
	Period  time.Duration
	Periods int
}

// SubscriberAlarms are what watches one subscriber.
func (d Deployment) SubscriberAlarms(s Subscription) []Alarm {
	out := []Alarm{{
		ID:        "DeadLetters",
		Text:      fmt.Sprintf("%s has given up on messages. They are in %s: find the cause in the function's log, and send them back", s.Function, s.DeadLetter.Name),
		Namespace: "AWS/SQS", Metric: "ApproximateNumberOfMessagesVisible", Statistic: "Maximum",
		Dimensions: map[string]string{"QueueName": s.DeadLetter.Name}, Period: time.Minute, Periods: 1,
	}}
	if d.Alarms != FullAlarms {
		return out
	}
	out = append(out, Alarm{
		ID:        "Age",
		Text:      fmt.Sprintf("%s falls behind: its oldest message has waited for more than %d visibility timeouts", s.Function, AgeFactor),
		Namespace: "AWS/SQS", Metric: "ApproximateAgeOfOldestMessage", Statistic: "Maximum",
		Dimensions: map[string]string{"QueueName": s.Queue.Name},
		Above:      (AgeFactor * s.Queue.Visibility).Seconds(), Period: time.Minute, Periods: 5,
	})
	f, _ := d.Function(s.Function)
	return append(out, d.functionAlarms(f)...)
}

// RouteAlarms are what watches the function of one route.
func (d Deployment) RouteAlarms(f Function) []Alarm {
	if d.Alarms != FullAlarms {
		return nil
	}
	return d.functionAlarms(f)
}

// CronAlarms are what watches a cron: a run that fails is tried again twice, and
// then nobody but its alarm knows.
func (d Deployment) CronAlarms(f Function) []Alarm {
	alarms := d.functionAlarms(f)
	if d.Alarms == FullAlarms {
		return alarms
	}
	return alarms[:1]
}

func (d Deployment) functionAlarms(f Function) []Alarm {
	dimensions := map[string]string{"FunctionName": f.Name}
	slow := SlowShare * f.Timeout.Seconds()
	return []Alarm{
		{
			ID: "Errors", Text: f.ID + " fails: its invocations end with an error, a panic or a timeout",
			Namespace: "AWS/Lambda", Metric: "Errors", Statistic: "Sum",
			Dimensions: dimensions, Period: time.Minute, Periods: 5,
		},
		{
			ID: "Throttles", Text: f.ID + " is throttled: the account has no concurrency left for it",
			Namespace: "AWS/Lambda", Metric: "Throttles", Statistic: "Sum",
			Dimensions: dimensions, Period: time.Minute, Periods: 5,
		},
		{
			ID:        "Slow",
			Text:      fmt.Sprintf("%s is about to time out: one invocation of a hundred takes %g s and more, of its timeout of %g s", f.ID, slow, f.Timeout.Seconds()),
			Namespace: "AWS/Lambda", Metric: "Duration", Statistic: "p99",
			Dimensions: dimensions, Above: slow * 1000, Period: time.Minute, Periods: 5,
		},
	}
}

// APIAlarm watches the answers of api, which is of a kind.
func (d Deployment) APIAlarm(api API, kind Gateway) Alarm {
	a := Alarm{
		ID: "ServerErrors", Text: fmt.Sprintf("%s answers with 5xx", api.ID),
		Namespace: "AWS/ApiGateway", Metric: "5xx", Statistic: "Sum",
		Dimensions: map[string]string{}, Period: time.Minute, Periods: 1,
	}
	if kind == REST {
		a.Metric = "5XXError"
		a.Dimensions = map[string]string{"ApiName": d.APIName(api)}
	}
	return a
}

// APIName is the name of api on AWS.
func (d Deployment) APIName(api API) string { return d.Name + "-" + api.Name }
