package mapping

import (
	"context"
	"sync"
	"time"

	"github.com/less-go/less/internal/backoff"
	"github.com/less-go/less/internal/queue"
)

const (
	// longPoll is how long one receive waits for a message, as AWS's do. Nothing
	// depends on it: a message that arrives ends the wait.
	longPoll = 20 * time.Second
	// patience is how long a batch waits for another to end before it runs beside it.
	patience = 5 * time.Millisecond
	// minPause and maxPause are between attempts at what did not work.
	minPause = 100 * time.Millisecond
	maxPause = 2 * time.Second
)

// poll receives until receiving ends, and returns when all batches have ended.
// They run with the context running.
func (m *Mapping) poll(receiving, running context.Context) {
	var started sync.WaitGroup
	defer started.Wait()
	retry := backoff.Backoff{Min: minPause, Max: maxPause}
	for m.room(receiving) {
		messages, err := m.receive(receiving)
		switch {
		case err != nil && receiving.Err() != nil:
			return
		case err != nil:
			if retry.News(err) {
				m.notice("No message can be received, and it is tried again: %v", err)
			}
			backoff.Sleep(receiving, retry.Next(), nil)
			continue
		}
		retry.Reset()
		m.hidden.add(messages)
		for i, sequence := range sequences(batches(messages, m.arn)) {
			if i > 0 && !m.room(receiving) {
				return
			}
			m.letOthersEnd(receiving)
			m.busy.Add(1)
			started.Go(func() {
				m.runInOrder(receiving, running, sequence)
				m.busy.Add(-1)
				select {
				case m.freed <- struct{}{}:
				default:
				}
			})
		}
	}
}

// room waits until one more batch may run, and reports whether that came before
// the end of ctx.
func (m *Mapping) room(ctx context.Context) bool {
	limit := int32(max(1, m.opts.Subscription.Mapping.Concurrency))
	for m.busy.Load() >= limit || m.blocked.Load() > 0 {
		select {
		case <-m.freed:
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil
}

// letOthersEnd returns when no other batch runs, when one ends, or when patience does.
func (m *Mapping) letOthersEnd(ctx context.Context) {
	select {
	case <-m.freed: // told of one that ended earlier
	default:
	}
	if m.busy.Load() == 0 {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-m.freed:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// receive returns the messages of the next batch. Without a window these are the
// ones that are there; with one, those that come within it too.
func (m *Mapping) receive(ctx context.Context) ([]queue.Message, error) {
	settings := m.opts.Subscription.Mapping
	r := queue.Receive{Max: max(1, settings.BatchSize), Wait: longPoll, Lease: true}
	messages, err := m.opts.Store.Receive(ctx, m.opts.Subscription.Queue.Name, r)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	end := time.Now().Add(settings.Window)
	for size := r.Max; len(messages) < size; {
		r.Max, r.Wait = size-len(messages), time.Until(end)
		if r.Wait <= 0 {
			break
		}
		more, err := m.opts.Store.Receive(ctx, m.opts.Subscription.Queue.Name, r)
		if err != nil {
			break // what is here is run; the next receive tells of the error
		}
		messages = append(messages, more...)
	}
	return messages, nil
}
