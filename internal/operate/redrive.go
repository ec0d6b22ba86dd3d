package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/less-go/less/internal/plan"
)

// MaxRate is SQS's limit on messages moved in a second.
const MaxRate = 500

// A Choice says which dead letters are meant: by ids, by a text in them or in
// their errors, or all.
type Choice struct {
	IDs    []string
	Filter string
	All    bool
	// Rate is how many are sent in a second; 0 does not limit it.
	Rate int
}

// A Redriven tells of what was sent back to its queue.
type Redriven struct {
	Function string `json:"function"`
	Queue    string `json:"queue"`
	Count    int    `json:"count"`
	// Messages are the ids of those that were chosen one by one.
	Messages []string `json:"messages,omitempty"`
}

// Choose looks at the dead letters that a choice means, and leaves them where they are.
func (d Deployment) Choose(ctx context.Context, s plan.Subscription, c Choice) ([]DeadLetter, error) {
	q, err := d.deadQueue(ctx, s.DeadLetter.Name)
	if err != nil {
		return nil, err
	}
	var found []DeadLetter
	if err := q.scan(ctx, func(m types.Message) (bool, error) {
		found = append(found, newDeadLetter(m, s))
		return false, nil
	}); err != nil {
		return nil, err
	}
	if err := d.explain(ctx, s, found); err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(l DeadLetter) bool { return !c.means(l) })
	slices.SortStableFunc(found, oldest)
	for _, id := range c.IDs {
		n := 0
		for _, l := range found {
			if l.is(id) {
				n++
			}
		}
		switch {
		case n == 0:
			return nil, noLetter(s, id, q)
		case n > 1:
			return nil, fmt.Errorf("%s has %d dead letters %q. Name one by more of its id", s.Function, n, id)
		}
	}
	return found, nil
}

func (c Choice) means(l DeadLetter) bool {
	switch {
	case c.All:
		return true
	case c.Filter != "":
		return l.has(c.Filter)
	}
	return slices.ContainsFunc(c.IDs, l.is)
}

// Redrive sends dead letters to the queue of their subscriber, where they begin
// anew: with all attempts, and a new message id. It tells progress how many were
// sent so far. No message is lost, whenever it is interrupted.
func (d Deployment) Redrive(ctx context.Context, s plan.Subscription, c Choice, progress func(moved int)) (Redriven, error) {
	if c.All {
		if out, err := d.redriveAll(ctx, s, c.Rate, progress); !errors.Is(err, errNoMove) {
			return out, err
		}
	}
	out := Redriven{Function: s.Function, Queue: s.Queue.Name}
	chosen, err := d.Choose(ctx, s, c)
	if err != nil || len(chosen) == 0 {
		return out, err
	}
	wanted := map[string]bool{}
	for _, l := range chosen {
		wanted[l.ID] = true
	}
	q, err := d.deadQueue(ctx, s.DeadLetter.Name)
	if err != nil {
		return out, err
	}
	url, err := d.queueURL(ctx, s.Queue.Name)
	if err != nil {
		return out, err
	}
	if c.Rate > 0 {
		const longest = 12 * time.Hour // SQS's limit
		q.hold = min(hold+time.Duration(len(wanted)/c.Rate)*time.Second, longest)
	}
	pace := newPace(c.Rate)
	defer pace.stop()
	err = q.scan(ctx, func(m types.Message) (bool, error) {
		id := *m.MessageId
		if !wanted[id] {
			return false, nil
		}
		if err := pace.wait(ctx); err != nil {
			return false, err
		}
		if _, err := q.move(ctx, url, m, *m.Body); err != nil {
			return false, err
		}
		delete(wanted, id)
		out.Count++
		out.Messages = append(out.Messages, id)
		progress(out.Count)
		if len(wanted) == 0 {
			return true, errEnough
		}
		return true, nil
	})
	if err == nil && len(wanted) > 0 {
		err = fmt.Errorf("%d of %d dead letters were taken by somebody else meanwhile", len(wanted), len(chosen))
	}
	return out, err
}

// A pace lets things happen some times in a second.
type pace struct{ ticker *time.Ticker }

func newPace(rate int) *pace {
	if rate <= 0 {
		return &pace{}
	}
	return &pace{time.NewTicker(time.Second / time.Duration(rate))}
}

func (p *pace) wait(ctx context.Context) error {
	if p.ticker == nil {
		return ctx.Err()
	}
	select {
	case <-p.ticker.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pace) stop() {
	if p.ticker != nil {
		p.ticker.Stop()
	}
}

// redriveAll has SQS move everything. The destination is named: what SNS could not
// deliver came from no queue that SQS could send it back to.
func (d Deployment) redriveAll(ctx context.Context, s plan.Subscription, rate int, progress func(int)) (Redriven, error) {
	out := Redriven{Function: s.Function, Queue: s.Queue.Name}
	dead, err := d.deadQueue(ctx, s.DeadLetter.Name)
	if err != nil || dead.visible == 0 {
		return out, err
	}
	live, err := d.deadQueue(ctx, s.Queue.Name)
	if err != nil {
		return out, err
	}
	in := &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(dead.arn), DestinationArn: aws.String(live.arn)}
	if rate > 0 {
		in.MaxNumberOfMessagesPerSecond = aws.Int32(int32(rate))
	}
	client := d.Target.SQS()
	task, err := client.StartMessageMoveTask(ctx, in)
	if unsupported(err) {
		return out, errNoMove
	}
	if err != nil {
		return out, d.Target.Explain(err)
	}
	const often, seldom = 50 * time.Millisecond, time.Second
	for wait := often; ; wait = min(2*wait, seldom) {
		list, err := client.ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{SourceArn: in.SourceArn})
		switch {
		case ctx.Err() != nil:
			return out, errors.Join(ctx.Err(), d.cancelMove(context.WithoutCancel(ctx), task.TaskHandle))
		case err != nil:
			return out, fmt.Errorf("SQS moves the messages, but does not say how far it is: %w", d.Target.Explain(err))
		case len(list.Results) == 0:
			return out, errors.New("SQS has forgotten the move that it was asked for")
		}
		latest := list.Results[0]
		if moved := int(latest.ApproximateNumberOfMessagesMoved); moved != out.Count {
			out.Count = moved
			progress(moved)
		}
		switch status := aws.ToString(latest.Status); status {
		case "COMPLETED":
			return out, nil
		case "FAILED", "CANCELLED":
			return out, fmt.Errorf("SQS has stopped after %d messages: %s %s", out.Count, status, aws.ToString(latest.FailureReason))
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// errNoMove is an endpoint that moves no messages: then they are sent one by one.
var errNoMove = errors.New("StartMessageMoveTask is not supported")

// unsupported says whether an endpoint does not know what it is asked for. Emulators
// say so in many ways, AWS never does.
func unsupported(err error) bool {
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok {
		return false
	}
	api, said := errors.AsType[smithy.APIError](err)
	return response.HTTPStatusCode() >= 500 || said && slices.Contains([]string{
		"InvalidAction", "NotImplemented", "UnknownOperationException", "AWS.SimpleQueueService.UnsupportedOperation",
	}, api.ErrorCode())
}

func (d Deployment) cancelMove(ctx context.Context, handle *string) error {
	_, err := d.Target.SQS().CancelMessageMoveTask(ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: handle})
	if err != nil {
		return fmt.Errorf("SQS goes on moving the messages: %w", d.Target.Explain(err))
	}
	return nil
}

// Edit replaces a dead letter by one with another body, in its subscriber's queue,
// and returns the new message's id. It fails where the dead letter is not as it
// was seen any more.
func (d Deployment) Edit(ctx context.Context, s plan.Subscription, l DeadLetter, body json.RawMessage) (string, error) {
	q, err := d.deadQueue(ctx, s.DeadLetter.Name)
	if err != nil {
		return "", err
	}
	url, err := d.queueURL(ctx, s.Queue.Name)
	if err != nil {
		return "", err
	}
	id := ""
	err = q.scan(ctx, func(m types.Message) (bool, error) {
		if *m.MessageId != l.ID {
			return false, nil
		}
		var err error
		if id, err = q.move(ctx, url, m, string(body)); err != nil {
			return false, err
		}
		return true, errEnough
	})
	if err == nil && id == "" {
		err = fmt.Errorf("the dead letter %s of %s is gone, or somebody else looks at it: nothing was sent", l.ID, s.Function)
	}
	return id, err
}
