package sns

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/backoff"
	"github.com/less-go/less/internal/queue"
)

// A courier brings what is in the queue of one subscription to its HTTP endpoint.
type courier struct {
	service *Service
	id      string // the subscription's
	queue   string
}

const (
	// courierLoad is how many deliveries to one endpoint run side by side.
	courierLoad = 10
	// courierWait is how long one receive waits. Nothing depends on it: a message
	// that arrives ends the wait.
	courierWait = 20 * time.Second
	// minPause and maxPause are between attempts to receive where that fails.
	minPause = 100 * time.Millisecond
	maxPause = 2 * time.Second
	// maxDelay is the longest that a queue delays a message.
	maxDelay = 15 * time.Minute
)

// reconcile starts the couriers that are missing and stops those that are not wanted
// any more. The caller holds mu.
func (s *Service) reconcile() {
	for id, stop := range s.running {
		if s.closed || s.stored[id] == nil {
			stop()
			delete(s.running, id)
		}
	}
	if s.closed {
		return
	}
	for id, sub := range s.stored {
		if s.running[id] != nil || !sub.overHTTP() || !onLoopback(sub.Endpoint) {
			continue
		}
		receiving, stop := context.WithCancel(s.posting)
		s.running[id] = stop
		s.couriers.Go(func() { courier{s, id, sub.target}.run(receiving) })
	}
}

// current returns the subscription as it is now, and its topic; nil where either is
// gone.
func (c courier) current() (*topic, *subscription) {
	c.service.mu.Lock()
	defer c.service.mu.Unlock()
	sub := c.service.stored[c.id]
	if sub == nil {
		return nil, nil
	}
	t := c.service.snapshot.Load().topics[sub.Topic]
	if t == nil { // hidden, until the plan has it again
		r := c.service.records[sub.Topic]
		r.Name = sub.Topic
		t = newTopic(r)
	}
	return t, sub
}

// run receives until receiving ends, and returns when all deliveries have.
func (c courier) run(receiving context.Context) {
	var started sync.WaitGroup
	defer started.Wait()
	room := make(chan struct{}, courierLoad)
	retry := backoff.Backoff{Min: minPause, Max: maxPause}
	for {
		select {
		case room <- struct{}{}:
		case <-receiving.Done():
			return
		}
		messages, err := c.service.store.Receive(receiving, c.queue, queue.Receive{Max: 1, Wait: courierWait, Lease: true})
		if err != nil || len(messages) == 0 {
			<-room
			switch {
			case receiving.Err() != nil, errors.Is(err, queue.ErrNoQueue), errors.Is(err, queue.ErrClosed), errors.Is(err, queue.ErrFailed):
				return
			case err != nil:
				if retry.News(err) {
					c.troubled(err)
				}
				backoff.Sleep(receiving, retry.Next(), nil)
			}
			continue
		}
		retry.Reset()
		for _, m := range messages {
			started.Go(func() {
				defer func() { <-room }()
				err := c.bring(c.service.posting, m)
				if err != nil && !errors.Is(err, queue.ErrNoQueue) && c.service.posting.Err() == nil {
					c.troubled(err)
				}
			})
		}
	}
}

func (c courier) troubled(err error) {
	c.service.sink(activity.Event{Time: time.Now(), Kind: activity.Notice, Line: "SNS cannot use the queue " + c.queue + ": " + err.Error(), Err: err.Error()})
}

// bring delivers a message, or decides when it is tried again, or gives it up.
func (c courier) bring(ctx context.Context, m queue.Message) error {
	t, sub := c.current()
	if sub == nil {
		return nil
	}
	p, err := openParcel(m)
	if err != nil {
		return err
	}
	if p.Wait > 0 {
		return c.putOff(ctx, m, p, p.Wait)
	}
	policy := sub.delivery.effective(t.delivery)
	r := c.service.post(ctx, sub, p, policy)
	// What the outcome means is stored also while the service ends, unless it ended
	// this delivery.
	if ctx.Err() != nil {
		c.service.abandoned.Add(1)
		return nil
	}
	p.Failed++
	switch {
	case r.delivered:
		return c.done(ctx, m)
	case !r.permanent && p.Failed <= *policy.Retries.Retries:
		return c.putOff(ctx, m, p, policy.Retries.delay(p.Failed))
	}
	return c.giveUp(ctx, t, sub, m, p, r.problem)
}

// putOff replaces a message by p, which comes after wait; where that is longer than a
// queue delays anything, it comes earlier and is put off again.
func (c courier) putOff(ctx context.Context, m queue.Message, p parcel, wait time.Duration) error {
	delay := min(wait, maxDelay)
	p.Wait = wait - delay
	return c.service.store.Replace(ctx, c.queue, m.Receipt, queue.Entry{
		ID: m.ID, Body: encode(p), Attributes: m.Attributes, TraceHeader: m.TraceHeader, Delay: &delay,
	})
}

func (c courier) done(ctx context.Context, m queue.Message) error {
	_, err := c.service.store.Delete(ctx, c.queue, m.Receipt)
	return err
}

// giveUp sends a message where its subscription's failures go. That is done before
// the message is deleted, so that a crash between the two repeats it and loses nothing.
func (c courier) giveUp(ctx context.Context, t *topic, sub *subscription, m queue.Message, p parcel, problem string) error {
	deadLetter := ""
	if _, exists := c.service.store.Queue(sub.deadLetter); exists && p.Type == notification {
		deadLetter = sub.deadLetter
		entry := queue.Entry{Queue: deadLetter, Body: []byte(p.Body), TraceHeader: m.TraceHeader}
		if p.Raw {
			entry.Attributes = m.Attributes
		}
		if _, err := c.service.store.Send(ctx, entry); err != nil {
			return err
		}
	}
	if err := c.done(ctx, m); err != nil {
		return err
	}
	c.service.lost(t, sub, p.MessageID, deadLetter, problem)
	return nil
}
