package async

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/backoff"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/queue"
)

// Lambda's numbers.
const (
	// maxAttempts is how often a function may fail: MaximumRetryAttempts is 2.
	maxAttempts = 3
	// maxAge is MaximumEventAgeInSeconds.
	maxAge = 6 * time.Hour
	// minPause and maxPause are between attempts to run a function that cannot be
	// run; the pause doubles in between.
	minPause = time.Second
	maxPause = 5 * time.Minute
)

// retryDelay is the time until the next attempt, after so many failed ones.
func retryDelay(failed int) time.Duration { return time.Duration(failed) * time.Minute }

// saveTimeout is how long it may take to note what became of an event, also
// while the engine is stopping.
const saveTimeout = 30 * time.Second

// What an event that has failed carries on its next way through the queue.
const (
	attrFailed   = "failed"   // how often the function has failed
	attrAccepted = "accepted" // when it was sent first, in milliseconds since 1970
)

// history reads what msg carries. What is not there says that nothing has happened yet.
func history(msg queue.Message) (failed int, accepted time.Time) {
	failed, _ = strconv.Atoi(msg.Attributes[attrFailed].String)
	accepted = msg.Sent
	if ms, err := strconv.ParseInt(msg.Attributes[attrAccepted].String, 10, 64); err == nil {
		accepted = time.UnixMilli(ms)
	}
	return failed, accepted
}

// run has the function run on an event and does with that what follows.
func (w *worker) run(receiving, running context.Context, msg queue.Message) {
	failed, accepted := history(msg)
	expires := accepted.Add(maxAge)
	if failed > 0 && !time.Now().Before(expires) {
		w.drop(running, msg, "An event was dropped: 6 hours have passed since it was accepted, and its function had failed.", "")
		return
	}
	result, err := w.invoke(receiving, running, msg, expires)
	switch {
	case err != nil && receiving.Err() != nil:
		// Stopping. The next who works on this queue may take it at once.
		ctx, cancel := saving(running)
		defer cancel()
		_ = w.opts.Store.ChangeVisibility(ctx, w.function.Queue(), msg.Receipt, 0) // or the next start does it
	case err != nil:
		w.drop(running, msg, "An event was dropped: its function could not be run for 6 hours.", err.Error())
	case result.FunctionError == "":
		w.done(running, msg, result, failed+1)
	default:
		w.failed(running, msg, result, failed+1, accepted)
	}
}

// invoke runs the function, and tries to as long as it cannot be run and the
// event has not expired. Meanwhile no other event is received.
func (w *worker) invoke(receiving, running context.Context, msg queue.Message, expires time.Time) (lambda.Result, error) {
	ctx := lambda.WithRequestID(running, msg.ID)
	if msg.TraceHeader != "" {
		ctx = lambda.WithTrace(ctx, msg.TraceHeader)
	}
	hope := w.hope.wait()
	result, err := w.opts.Host.Invoke(ctx, w.function.ID, msg.Body)
	if err == nil || receiving.Err() != nil || !time.Now().Before(expires) {
		return result, err
	}
	w.notice(msg, err, "The function cannot be run, and its events wait.")
	defer w.room.block()()
	retry := backoff.Backoff{Min: minPause, Max: maxPause}
	for {
		backoff.Sleep(receiving, min(retry.Next(), time.Until(expires)), hope)
		if receiving.Err() != nil || !time.Now().Before(expires) {
			return result, err
		}
		hope = w.hope.wait()
		if result, err = w.opts.Host.Invoke(ctx, w.function.ID, msg.Body); err == nil {
			return result, nil
		}
	}
}

// done deletes an event that the function has handled.
func (w *worker) done(running context.Context, msg queue.Message, result lambda.Result, attempt int) {
	if err := w.delete(running, msg); err != nil {
		w.notice(msg, err, "An event was handled but cannot be deleted, so it will be handled again.")
		return
	}
	w.tell(msg, activity.Event{
		Kind: activity.Done, RequestID: result.RequestID, Duration: result.Duration,
		Attempt: attempt, MaxAttempts: maxAttempts,
	})
}

// failed puts an event off until its next attempt, or drops it after the last.
func (w *worker) failed(running context.Context, msg queue.Message, result lambda.Result, failed int, accepted time.Time) {
	e := activity.Event{
		Kind: activity.Retry, RequestID: result.RequestID, Duration: result.Duration,
		Attempt: failed, MaxAttempts: maxAttempts, Err: result.Message(),
	}
	if failed >= maxAttempts {
		w.tell(msg, e)
		w.drop(running, msg, "An event was dropped: its function has failed 3 times.", e.Err)
		return
	}
	delay := retryDelay(failed)
	ctx, cancel := saving(running)
	defer cancel()
	err := w.opts.Store.Replace(ctx, w.function.Queue(), msg.Receipt, queue.Entry{
		ID: msg.ID, Body: msg.Body, TraceHeader: msg.TraceHeader, Delay: &delay,
		Attributes: map[string]queue.Attribute{
			attrFailed:   {Type: "Number", String: strconv.Itoa(failed)},
			attrAccepted: {Type: "Number", String: strconv.FormatInt(accepted.UnixMilli(), 10)},
		},
	})
	if err != nil {
		w.notice(msg, err, "An event has failed, and cannot be put off: it is run again after the next start.")
		return
	}
	e.Next = time.Now().Add(delay)
	w.tell(msg, e)
}

// drop deletes an event that was not handled, and says so.
func (w *worker) drop(running context.Context, msg queue.Message, line, why string) {
	if err := w.delete(running, msg); err != nil {
		w.notice(msg, err, "An event cannot be dropped, so it will be tried again.")
		return
	}
	w.tell(msg, activity.Event{Kind: activity.Notice, Line: line, Err: why})
}

func (w *worker) delete(running context.Context, msg queue.Message) error {
	ctx, cancel := saving(running)
	defer cancel()
	outcomes, err := w.opts.Store.Delete(ctx, w.function.Queue(), msg.Receipt)
	return errors.Join(err, errors.Join(outcomes...))
}

// saving is a context for what must be noted even while the engine is stopping.
func saving(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
}
