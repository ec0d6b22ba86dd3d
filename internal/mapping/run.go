package mapping

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/backoff"
	"github.com/less-go/less/internal/failpoint"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/queue"
)

// deleteTimeout is how long the deletion of handled messages may take, also
// while the engine is stopping.
const deleteTimeout = 30 * time.Second

// sequences are what may run side by side: each batch, and those of a FIFO queue,
// which may be parts of one group, all as one.
func sequences(all []batch) [][]batch {
	if len(all) > 0 && all[0].messages[0].DeduplicationID != "" {
		return [][]batch{all}
	}
	return slices.Collect(slices.Chunk(all, 1))
}

// runInOrder runs one batch after another, as long as all messages are handled.
// What comes after one that was not waits for its own visibility timeout, and its
// group with it.
func (m *Mapping) runInOrder(receiving, running context.Context, sequence []batch) {
	handled := true
	for i, b := range sequence {
		switch {
		case i > 0 && receiving.Err() != nil:
			m.giveUp(b)
		case !handled:
			m.retry(lambda.Result{}, "not run, because a message before it has failed", b.messages...)
		default:
			handled = m.run(receiving, running, b)
		}
	}
}

// giveUp forgets a batch when the mapping stops: nobody has handled it, nor failed to.
func (m *Mapping) giveUp(b batch) {
	for _, msg := range b.messages {
		m.hidden.forget(msg)
	}
}

// run has the function run on b and does with its messages what follows. It reports
// whether the function has handled them all.
func (m *Mapping) run(receiving, running context.Context, b batch) (handled bool) {
	failpoint.Hit(failpoint.Dispatch)
	result, err := m.invoke(receiving, running, b)
	failpoint.Hit(failpoint.Returned)
	if err != nil && receiving.Err() != nil {
		m.giveUp(b)
		return false
	}
	if err == nil && result.FunctionError != "" {
		err = errors.New(result.Message())
	}
	var a answer
	if err == nil && !m.opts.WholeBatches {
		a, err = parseAnswer(result.Payload, b.messages)
	}
	if err != nil {
		m.retry(result, err.Error(), b.messages...)
		return false
	}
	if complaint := a.complaint(); complaint != "" {
		m.notice("%s", complaint)
	}
	var done []queue.Message
	for _, msg := range b.messages {
		if a.failed[msg.ID] {
			m.retry(result, "", msg) // why is in what the function wrote
		} else {
			done = append(done, msg)
		}
	}
	m.delete(running, result, done)
	return len(done) == len(b.messages)
}

// invoke runs the function. While it cannot be run at all, nothing more is
// received, which would only use up receives, and the batch is tried again until
// its visibility ends.
func (m *Mapping) invoke(receiving, running context.Context, b batch) (lambda.Result, error) {
	function := m.opts.Subscription.Function
	result, err := m.opts.Invoker.Invoke(running, function, b.event)
	if err == nil || receiving.Err() != nil {
		return result, err
	}
	m.notice("The function cannot be run, and its messages wait: %v", err)
	m.blocked.Add(1)
	defer m.blocked.Add(-1)
	visible := b.messages[0].VisibleAt // the first, as it was received first
	retry := backoff.Backoff{Min: minPause, Max: maxPause}
	for {
		backoff.Sleep(receiving, min(retry.Next(), time.Until(visible)), nil)
		if receiving.Err() != nil || !time.Now().Before(visible) {
			return result, err
		}
		if result, err = m.opts.Invoker.Invoke(running, function, b.event); err == nil {
			return result, nil
		}
	}
}

// retry leaves messages to their visibility timeout, and says what is next.
func (m *Mapping) retry(result lambda.Result, why string, messages ...queue.Message) {
	for _, msg := range messages {
		e := activity.Event{
			Kind:      activity.Retry,
			RequestID: result.RequestID,
			Duration:  result.Duration,
			Err:       why,
			Next:      m.hidden.fail(msg),
		}
		if last := m.opts.Subscription.Queue.MaxReceives; last > 0 && msg.Receives >= last {
			e.Next = time.Time{} // the dead-letter queue is next
		}
		m.emit(e, msg)
	}
}

// delete removes messages that are handled, in one call, and even when the
// mapping is stopping: they must not be handled again.
func (m *Mapping) delete(ctx context.Context, result lambda.Result, messages []queue.Message) {
	if len(messages) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deleteTimeout)
	defer cancel()
	receipts := make([]string, len(messages))
	for i, msg := range messages {
		receipts[i] = msg.Receipt
	}
	errs, err := m.opts.Store.Delete(ctx, m.opts.Subscription.Queue.Name, receipts...)
	failpoint.Hit(failpoint.Deleted)
	for i, msg := range messages {
		e := activity.Event{Kind: activity.Done, RequestID: result.RequestID, Duration: result.Duration}
		latest := m.hidden.forget(msg)
		failure := err // of all, or of this one
		if failure == nil {
			failure = errs[i]
		}
		switch {
		case failure != nil:
			e.Kind = activity.Notice
			e.Line = "A message was handled but cannot be deleted, so it will be handled again."
			e.Err = failure.Error()
		case !latest:
			e.Kind = activity.Notice
			e.Line = "A message was handled only after its visibility timeout had ended, so it is handled again. " +
				"Make the function faster, or its visibility timeout longer."
		}
		m.emit(e, msg)
	}
}
