package sns

import (
	"fmt"
	"math"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// A retryPolicy says how often and when a delivery to an HTTP endpoint is repeated.
// What is not given is as in defaultRetries. The order of the keys is AWS's.
type retryPolicy struct {
	MinDelay        *int    `json:"minDelayTarget,omitempty"` // seconds
	MaxDelay        *int    `json:"maxDelayTarget,omitempty"`
	Retries         *int    `json:"numRetries,omitempty"`
	MaxDelayRetries *int    `json:"numMaxDelayRetries,omitempty"`
	NoDelayRetries  *int    `json:"numNoDelayRetries,omitempty"`
	MinDelayRetries *int    `json:"numMinDelayRetries,omitempty"`
	Backoff         *string `json:"backoffFunction,omitempty"`
}

func defaultRetries() *retryPolicy {
	return &retryPolicy{
		MinDelay: new(20), MaxDelay: new(20), Retries: new(3),
		MaxDelayRetries: new(0), NoDelayRetries: new(0), MinDelayRetries: new(0), Backoff: new("linear"),
	}
}

// or returns p with what it leaves open as in q.
func (p *retryPolicy) or(q *retryPolicy) *retryPolicy {
	if p == nil {
		return q
	}
	out := *q
	for _, f := range []struct{ to, from **int }{
		{&out.MinDelay, &p.MinDelay},
		{&out.MaxDelay, &p.MaxDelay},
		{&out.Retries, &p.Retries},
		{&out.MaxDelayRetries, &p.MaxDelayRetries},
		{&out.NoDelayRetries, &p.NoDelayRetries},
		{&out.MinDelayRetries, &p.MinDelayRetries},
	} {
		if *f.from != nil {
			*f.to = *f.from
		}
	}
	if p.Backoff != nil {
		out.Backoff = p.Backoff
	}
	return &out
}

// The limits of a retry policy; times are in seconds.
const (
	maxRetries   = 100
	maxRetryTime = 3600
)

// check says what SNS would say against the policy found at path. What it says of a
// policy that takes too long was not seen.
func (p *retryPolicy) check(path string) *awsapi.Error {
	if p == nil {
		return nil
	}
	refuse := func(field, format string, args ...any) *awsapi.Error {
		return invalid("DeliveryPolicy: %s.%s %s", path, field, fmt.Sprintf(format, args...))
	}
	all := p.or(defaultRetries())
	for _, f := range []struct {
		name             string
		value, low, high int
	}{
		{"minDelayTarget", *all.MinDelay, 1, maxRetryTime},
		{"maxDelayTarget", *all.MaxDelay, 1, maxRetryTime},
		{"numRetries", *all.Retries, 0, maxRetries},
		{"numNoDelayRetries", *all.NoDelayRetries, 0, maxRetries},
		{"numMinDelayRetries", *all.MinDelayRetries, 0, maxRetries},
		{"numMaxDelayRetries", *all.MaxDelayRetries, 0, maxRetries},
	} {
		if f.value < f.low {
			return refuse(f.name, "must be greater than or equal to %d", f.low)
		}
		if f.value > f.high {
			return refuse(f.name, "must be less than or equal to %d", f.high)
		}
	}
	if *all.MaxDelay < *all.MinDelay {
		return refuse("maxDelayTarget", "must be greater than or equal to minDelayTarget")
	}
	if *all.NoDelayRetries+*all.MinDelayRetries+*all.MaxDelayRetries > *all.Retries {
		return refuse("numRetries", "must be greater than or equal to total of numMinDelayRetries, numNoDelayRetries and numMaxDelayRetries")
	}
	if _, known := backoffFunctions[*all.Backoff]; !known {
		return invalid("DeliveryPolicy: %s.backoffFunction: the value [%s] is not a valid backoff function", path, *all.Backoff)
	}
	var total time.Duration
	for retry := range *all.Retries {
		total += all.delay(retry + 1)
	}
	if total > maxRetryTime*time.Second {
		return refuse("numRetries", "must not take more than %d seconds in total", maxRetryTime)
	}
	return nil
}

// delay is how long after a failure the n-th retry comes, n from 1: at once, after
// the shortest delay, after growing ones, and after the longest delay, as many times
// as the policy has them. p has all its fields.
func (p *retryPolicy) delay(n int) time.Duration {
	growing := *p.Retries - *p.NoDelayRetries - *p.MinDelayRetries - *p.MaxDelayRetries
	at := n - *p.NoDelayRetries - *p.MinDelayRetries
	seconds := float64(*p.MaxDelay)
	switch {
	case n <= *p.NoDelayRetries:
		return 0
	case at <= 0:
		seconds = float64(*p.MinDelay)
	case at <= growing:
		progress := 0.0
		if growing > 1 {
			progress = float64(at-1) / float64(growing-1)
		}
		seconds = backoffFunctions[*p.Backoff](float64(*p.MinDelay), float64(*p.MaxDelay), progress)
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
}

// backoffFunctions are the functions by which a delay grows from the shortest to the longest
// while progress goes from 0 to 1. AWS names them and shows that they differ in how
// early they rise; the formulas are not published.
var backoffFunctions = map[string]func(shortest, longest, progress float64) float64{
	"linear": func(shortest, longest, progress float64) float64 {
		return shortest + (longest-shortest)*progress
	},
	"arithmetic": func(shortest, longest, progress float64) float64 {
		return shortest + (longest-shortest)*progress*(1+progress)/2
	},
	"geometric": func(shortest, longest, progress float64) float64 {
		return shortest + (longest-shortest)*(math.Pow(2, 4*progress)-1)/15
	},
	"exponential": func(shortest, longest, progress float64) float64 {
		return shortest * math.Pow(longest/shortest, progress)
	},
}
