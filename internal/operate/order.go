package operate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"

	"github.com/less-go/less/internal/logs"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/trace"
)

// Order gathers what is known of an order since a time: its runs from the logs of
// all functions, and its dead letters. A run that has not ended and has
// logged nothing is not known.
func (d Deployment) Order(ctx context.Context, correlation string, since time.Time) (trace.Facts, error) {
	facts := trace.Facts{CorrelationID: correlation}
	if err := CheckCorrelationID(correlation); err != nil {
		return facts, err
	}
	var mu sync.Mutex
	without := 0
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, f := range d.Plan.Functions {
		group.Go(func() error {
			runs, err := d.runs(inner, f, correlation, since)
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, errNoLog) {
				without++
				return nil
			}
			facts.Runs = append(facts.Runs, runs...)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return facts, err
	}
	if n := len(d.Plan.Functions); n > 0 && without == n {
		return facts, d.absent("log group", d.Plan.Functions[0].LogGroup())
	}
	group, inner = errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, s := range d.Plan.Subscriptions() {
		group.Go(func() error {
			dead, err := d.lettersOf(inner, s, correlation)
			mu.Lock()
			defer mu.Unlock()
			facts.DeadLetters = append(facts.DeadLetters, dead...)
			return err
		})
	}
	return facts, group.Wait()
}

// lettersOf are a subscriber's dead letters that belong to an order.
func (d Deployment) lettersOf(ctx context.Context, s plan.Subscription, correlation string) ([]trace.DeadLetter, error) {
	q, err := d.deadQueue(ctx, s.DeadLetter.Name)
	if err != nil || q.visible == 0 {
		return nil, err
	}
	var out []trace.DeadLetter
	n := 0
	err = q.scan(ctx, func(m types.Message) (bool, error) {
		if l := newDeadLetter(m, s); l.CorrelationID == correlation {
			out = append(out, trace.DeadLetter{Function: s.Function, Event: l.EventID, Message: l.ID, Sent: l.Sent})
		}
		if n++; n == MaxPeek {
			return false, errEnough
		}
		return false, nil
	})
	return out, err
}

// runs are the attempts of one function in an order.
func (d Deployment) runs(ctx context.Context, f plan.Function, correlation string, since time.Time) ([]trace.Run, error) {
	type key struct {
		request, event string
		attempt        int
	}
	byKey := map[key]*trace.Run{}
	var order []key
	err := d.events(ctx, f, logQuery{pattern: orderPattern(correlation), from: since}, func(e logEvent) error {
		l, ok := parseLine(e.message)
		if !ok || l.CorrelationID != correlation {
			return nil
		}
		k := key{l.RequestID, l.MessageID, l.Attempt}
		run := byKey[k]
		if run == nil {
			run = &trace.Run{Function: f.ID, Event: l.MessageID, Attempt: trace.Attempt{
				Number: l.Attempt, Time: e.at.UTC(), RequestID: l.RequestID, Running: true,
			}}
			byKey[k] = run
			order = append(order, k)
		}
		if l.ended() {
			run.Attempt.Running, run.Attempt.Duration = false, l.duration()
		}
		switch {
		case l.final():
			run.Attempt.Error = l.reason()
		case l.Msg == logs.Discarded:
			run.Attempt.Discarded = l.reason()
		case l.Msg == logs.Answered && l.Outcome == "failed":
			run.Attempt.Error = cmp.Or(run.Attempt.Error, fmt.Sprintf("answered %d", l.Status))
		}
		return nil
	})
	if err != nil || len(order) == 0 {
		return nil, err
	}
	first, last := byKey[order[0]].Attempt.Time, byKey[order[len(order)-1]].Attempt.Time
	var ids []string
	for _, k := range order {
		ids = append(ids, k.request)
	}
	reports, err := d.reports(ctx, f, ids, first, last)
	if err != nil {
		return nil, err
	}
	runs := make([]trace.Run, len(order))
	for i, k := range order {
		runs[i] = *byKey[k]
		a := &runs[i].Attempt
		r, found := reports[k.request]
		if !found {
			continue
		}
		if !r.start.IsZero() {
			a.Time = r.start
		}
		a.Running = a.Running && !r.ended
		a.Duration = cmp.Or(a.Duration, r.duration) // the attempt's own, of several in an invocation
		if r.status != "" && r.status != "success" {
			a.Error = cmp.Or(a.Error, r.reason, "the invocation ended with "+r.status)
		}
	}
	return runs, nil
}

// A report is what Lambda says of an invocation.
type report struct {
	start    time.Time
	ended    bool
	duration time.Duration
	status   string // empty for a good one
	reason   string
}

var (
	platformLine = regexp.MustCompile(`^(START|REPORT) RequestId: (\S+)`)
	durationPart = regexp.MustCompile(`\tDuration: ([0-9.]+) ms`)
	statusPart   = regexp.MustCompile(`\tStatus: (\w+)`)
	timedOut     = regexp.MustCompile(`^\S+ (\S+) (Task timed out after .*)$`)
	exited       = regexp.MustCompile(`^RequestId: (\S+) Error: (.*)$`)
)

// longestRun is how long Lambda lets a function run.
const longestRun = 15 * time.Minute

// reports reads what Lambda says of invocations between two times.
func (d Deployment) reports(ctx context.Context, f plan.Function, ids []string, first, last time.Time) (map[string]report, error) {
	out := map[string]report{}
	const many = 20 // ids, for a pattern of at most 1024 characters
	for len(ids) > 0 {
		n := min(many, len(ids))
		terms := make([]string, n)
		for i, id := range ids[:n] {
			terms[i] = `?"` + id + `"`
		}
		ids = ids[n:]
		pattern := strings.Join(terms, " ")
		if n == 1 {
			pattern = pattern[1:]
		}
		err := d.events(ctx, f, logQuery{pattern: pattern, from: first.Add(-longestRun), to: last.Add(longestRun)}, func(e logEvent) error {
			if m := timedOut.FindStringSubmatch(e.message); m != nil {
				r := out[m[1]]
				r.reason = m[2]
				out[m[1]] = r
			} else if m := exited.FindStringSubmatch(e.message); m != nil {
				r := out[m[1]]
				r.reason = m[2]
				out[m[1]] = r
			}
			m := platformLine.FindStringSubmatch(e.message)
			if m == nil {
				return nil
			}
			r := out[m[2]]
			if m[1] == "START" {
				r.start = e.at.UTC()
			} else {
				r.ended = true
				if d := durationPart.FindStringSubmatch(e.message); d != nil {
					ms, _ := strconv.ParseFloat(d[1], 64) // digits
					r.duration = time.Duration(ms * float64(time.Millisecond))
				}
				if s := statusPart.FindStringSubmatch(e.message); s != nil {
					r.status = s[1]
				}
			}
			out[m[2]] = r
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
