package sns

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/queue"
)

// A delivery is the copy of a message for one subscription.
type delivery struct {
	queue.Entry
	message message
	sub     Subscription
	// problem says why the message cannot go to the subscription's queue.
	problem string
}

// deliver stores the messages in all queues subscribed to t, and then says so.
func (s *Service) deliver(ctx context.Context, t Topic, messages ...message) error {
	var deliveries []delivery
	for _, m := range messages {
		for _, sub := range t.Subscriptions {
			deliveries = append(deliveries, newDelivery(t, m, sub))
		}
	}
	err := s.send(ctx, deliveries)
	// Queues come and go while SNS runs. One that is gone is its subscription's
	// loss and nobody else's.
	for attempts := 0; errors.Is(err, queue.ErrNoQueue) && attempts < 3; attempts++ {
		if err = s.redirect(ctx, deliveries); err == nil {
			err = s.send(ctx, deliveries)
		}
	}
	if err != nil {
		return err
	}
	s.report(t, messages, deliveries)
	return nil
}

func newDelivery(t Topic, m message, sub Subscription) delivery {
	d := delivery{message: m, sub: sub}
	d.Queue = sub.Queue
	d.TraceHeader = m.req.TraceHeader
	if m.MessageGroupID != nil {
		d.GroupID = *m.MessageGroupID
	}
	if !sub.Raw {
		d.Body = m.envelope(t, sub)
		return d
	}
	d.Body, d.Attributes = m.raw()
	if len(d.Attributes) > event.MaxAttributes {
		d.fail(fmt.Sprintf("it has %d attributes and SQS takes %d of a raw delivery", len(d.Attributes), event.MaxAttributes))
	}
	return d
}

// fail sends the message where its subscription's failures go, if anywhere.
func (d *delivery) fail(problem string) {
	d.problem = problem
	d.Queue = d.sub.DeadLetter
}

// send stores what has a queue to go to.
func (s *Service) send(ctx context.Context, deliveries []delivery) error {
	entries := make([]queue.Entry, 0, len(deliveries))
	for _, d := range deliveries {
		if d.Queue != "" {
			entries = append(entries, d.Entry)
		}
	}
	if len(entries) == 0 {
		return nil
	}
	_, err := s.store.Send(ctx, entries...)
	return err
}

// redirect fails the deliveries to queues that do not exist.
func (s *Service) redirect(ctx context.Context, deliveries []delivery) error {
	specs, err := s.store.Queues(ctx)
	if err != nil {
		return err
	}
	exists := map[string]bool{}
	for _, spec := range specs {
		exists[spec.Name] = true
	}
	for i := range deliveries {
		d := &deliveries[i]
		if d.problem == "" && !exists[d.Queue] {
			d.fail("there is no queue " + d.sub.Queue)
		}
		if !exists[d.Queue] {
			d.Queue = "" // nor a dead-letter queue
		}
	}
	return nil
}

// report tells of what was published, and of what did not reach its queue.
func (s *Service) report(t Topic, messages []message, deliveries []delivery) {
	now := time.Now()
	for _, m := range messages {
		s.sink(activity.Event{
			Time:          now,
			Kind:          activity.Publish,
			Function:      m.req.Principal.Function,
			Topic:         t.Label,
			MessageID:     m.id,
			CorrelationID: m.MessageAttributes[event.CorrelationID].StringValue,
		})
	}
	for _, d := range deliveries {
		if d.problem == "" {
			continue
		}
		outcome := "is dropped, for the subscription has no dead-letter queue"
		if d.Queue != "" {
			outcome = "is in the dead-letter queue " + d.Queue
		}
		s.sink(activity.Event{
			Time:      now,
			Kind:      activity.Notice,
			Topic:     t.Label,
			Queue:     d.sub.Queue,
			MessageID: d.message.id,
			Line:      fmt.Sprintf("message %s of topic %s %s: %s", d.message.id, t.Label, outcome, d.problem),
			Err:       d.problem,
		})
	}
}
