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
	message *message
	topic   *topic
	sub     *subscription
	// problem says why the message cannot go where the subscription wants it.
	problem string
}

// deliver stores messages of a standard topic for all subscriptions whose filters
// let them pass, and then says so.
func (s *Service) deliver(ctx context.Context, t *topic, messages ...*message) error {
	deliveries := s.deliveries(t, messages...)
	err := s.send(deliveries, func(entries []queue.Entry) error {
		if len(entries) == 0 {
			return nil
		}
		_, err := s.store.Send(ctx, entries...)
		return err
	})
	if err != nil {
		return err
	}
	s.report(t, messages, deliveries)
	return nil
}

func (s *Service) deliveries(t *topic, messages ...*message) []delivery {
	deliveries := make([]delivery, 0, len(messages)*len(t.confirmed))
	for _, m := range messages {
		for _, sub := range t.confirmed {
			if sub.accepts(m) {
				deliveries = append(deliveries, s.newDelivery(t, m, sub))
			}
		}
	}
	return deliveries
}

func (s *Service) newDelivery(t *topic, m *message, sub *subscription) delivery {
	d := delivery{message: m, topic: t, sub: sub}
	switch {
	case sub.overHTTP():
		d.Entry = m.parcel(t, sub).entry(sub)
		if sub.raw {
			d.Attributes = m.queueAttributes()
		}
	case sub.Protocol == protocolLambda:
		entry, err := s.functions.Entry(t.arn(m.req.Region), sub.Endpoint, m.event(t, sub))
		if d.Entry = entry; err != nil {
			d.fail(err.Error())
		}
	default:
		d.Entry = m.letter(t, sub)
		d.Queue = sub.target
		if n := len(d.Attributes); n > event.MaxAttributes {
			d.fail(fmt.Sprintf("it has %d attributes and SQS takes %d of a raw delivery", n, event.MaxAttributes))
		} else if err := s.allowed(t, m, sub); err != nil {
			d.fail(err.Error())
		}
	}
	d.TraceHeader = m.req.TraceHeader
	s.place(&d)
	return d
}

// allowed says whether the subscribed queue takes what the topic sends.
func (s *Service) allowed(t *topic, m *message, sub *subscription) error {
	if sub.planned {
		return nil
	}
	return s.maySend(t.arn(m.req.Region), sub.target)
}

// letter is the message as a queue gets it.
func (m *message) letter(t *topic, sub *subscription) queue.Entry {
	if !sub.raw {
		return queue.Entry{Body: m.envelope(t, sub)}
	}
	return queue.Entry{Body: []byte(m.body(sub.Protocol)), Attributes: m.queueAttributes()}
}

// fail sends the message where its subscription's failures go, if anywhere.
func (d *delivery) fail(problem string) {
	d.problem = problem
	d.Entry = d.message.letter(d.topic, d.sub)
	d.TraceHeader = d.message.req.TraceHeader
	d.Queue = d.sub.deadLetter
}

// place fails a delivery to a queue that is not there, and drops what has no
// dead-letter queue either. It gives the others what their queue is to know.
func (s *Service) place(d *delivery) {
	q, exists := s.store.Queue(d.Queue)
	if !exists && d.problem == "" {
		missing := d.Queue
		d.fail("there is no queue " + missing)
		q, exists = s.store.Queue(d.Queue)
	}
	if !exists {
		d.Queue = ""
		return
	}
	d.GroupID, d.DeduplicationID = "", ""
	group := d.message.MessageGroupID
	switch {
	case q.Internal():
	case q.FIFO && d.topic.fifo:
		d.GroupID, d.DeduplicationID = *group, d.message.deduplication
	case q.FIFO:
		d.problem, d.Queue = "the FIFO queue "+d.Queue+" takes no message of a standard topic", ""
	case !d.topic.fifo && group != nil:
		d.GroupID = *group
	}
}

// send stores what has a queue to go to. Queues come and go while SNS runs.
func (s *Service) send(deliveries []delivery, store func([]queue.Entry) error) error {
	err := store(entriesOf(deliveries))
	for attempts := 0; errors.Is(err, queue.ErrNoQueue) && attempts < 3; attempts++ {
		for i := range deliveries {
			if d := &deliveries[i]; d.Queue != "" {
				s.place(d)
			}
		}
		err = store(entriesOf(deliveries))
	}
	return err
}

func entriesOf(deliveries []delivery) []queue.Entry {
	entries := make([]queue.Entry, 0, len(deliveries))
	for i := range deliveries {
		if deliveries[i].Queue != "" {
			entries = append(entries, deliveries[i].Entry)
		}
	}
	return entries
}

// report tells of what was published, and of what did not reach its subscription.
func (s *Service) report(t *topic, messages []*message, deliveries []delivery) {
	now := time.Now()
	for _, m := range messages {
		s.sink(activity.Event{
			Time:          now,
			Kind:          activity.Publish,
			Function:      m.req.Principal.Function,
			Topic:         t.title(),
			MessageID:     m.id,
			CorrelationID: m.MessageAttributes[event.CorrelationID].StringValue,
		})
	}
	for i := range deliveries {
		if d := &deliveries[i]; d.problem != "" {
			s.lost(d.topic, d.sub, d.message.id, d.Queue, d.problem)
		}
	}
}

// lost tells of a message that a subscription did not get, and of the dead-letter
// queue that has it, if one does.
func (s *Service) lost(t *topic, sub *subscription, messageID, deadLetter, problem string) {
	outcome := "is dropped, for the subscription has no dead-letter queue"
	if deadLetter != "" {
		outcome = "is in the dead-letter queue " + deadLetter
	}
	e := activity.Event{
		Time:      time.Now(),
		Kind:      activity.Notice,
		Topic:     t.title(),
		MessageID: messageID,
		Line:      fmt.Sprintf("message %s of topic %s %s: %s", messageID, t.title(), outcome, problem),
		Err:       problem,
	}
	if sub.Protocol == protocolSQS {
		e.Queue = sub.target
	}
	s.sink(e)
}
