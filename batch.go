package less

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/less-go/less/internal/logs"
)

// A subscriber is the part of a topic's function that does not depend on the
// type of its messages.
type subscriber struct {
	function string
	topic    string
	process  func(ctx context.Context, body []byte) error // decodes and handles
}

// A batchResponse tells the event source mapping which messages to keep. The
// list is never null, and holds only ids of the batch: anything else there would
// make Lambda fail, or delete, all of it.
type batchResponse struct {
	BatchItemFailures []batchItemFailure `json:"batchItemFailures"`
}

type batchItemFailure struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

// invoke handles the messages of one batch, each on a goroutine of its own. A
// message that outlives the batch is reported as failed, and its result, if it
// ever comes, is dropped.
func (s *subscriber) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	records, err := decodeRecords(payload)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	ctx, cancel := beforeDeadline(ctx)
	defer cancel()

	contexts := make([]context.Context, len(records))
	finished := make(chan result, len(records)) // with room for all, so that no goroutine is left waiting
	for i, r := range records {
		contexts[i] = withScope(ctx, &scope{function: s.function, requestID: invocationID(ctx), message: r.message(s.topic)})
		go func() {
			res := result{index: i}
			defer func() { finished <- res }() // also after runtime.Goexit, as a failure
			res.done = s.handle(contexts[i], r)
		}()
	}
	done, running := wait(ctx, finished, len(records))

	response := batchResponse{BatchItemFailures: []batchItemFailure{}}
	for i, r := range records {
		if running[i] {
			logEnd(contexts[i], slog.LevelError, logs.Running+" shortly before the function's deadline, reported as failed", failed, began)
		}
		if !done[i] {
			response.BatchItemFailures = append(response.BatchItemFailures, batchItemFailure{r.MessageID})
		}
	}
	return json.Marshal(response)
}

type result struct {
	index int
	done  bool
}

// wait collects n results, or those there are when ctx ends.
func wait(ctx context.Context, finished <-chan result, n int) (done, running []bool) {
	done, running = make([]bool, n), make([]bool, n)
	for i := range running {
		running[i] = true
	}
	take := func(r result) { done[r.index], running[r.index] = r.done, false }
	for range n {
		select {
		case r := <-finished:
			take(r)
		case <-ctx.Done():
			for { // what finished at the same moment has finished
				select {
				case r := <-finished:
					take(r)
				default:
					return done, running
				}
			}
		}
	}
	return done, running
}

// handle runs one attempt and reports whether the message is done with.
func (s *subscriber) handle(ctx context.Context, r record) (isDone bool) {
	began := time.Now()
	defer func() {
		if p := recover(); p != nil {
			logEnd(ctx, slog.LevelError, logs.Failed+": the handler panicked", failed, began, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	err := s.process(ctx, []byte(r.Body))
	var retry *retryError
	var discard *discardError
	switch {
	case err == nil:
		logEnd(ctx, slog.LevelInfo, logs.Handled, done, began)
		return true
	case errors.As(err, &discard):
		logEnd(ctx, slog.LevelWarn, logs.Discarded, discarded, began, "err", err)
		return true
	case errors.As(err, &retry):
		logEnd(ctx, slog.LevelError, logs.Failed, failed, began, "err", err, "retry_after", retry.after.String())
		if err := cloudFrom(ctx).ChangeVisibility(ctx, r.EventSourceARN, r.ReceiptHandle, retry.after); err != nil {
			Logger(ctx).Error("the delay of the retry could not be set, the queue's visibility timeout applies", "err", err)
		}
		return false
	}
	logEnd(ctx, slog.LevelError, logs.Failed, failed, began, "err", err)
	return false
}

// beforeDeadline returns a context that ends a tenth of the remaining time, at
// most a second, before ctx does. The rest is for the answer: Lambda kills a
// function that gives it late, and then everything it did is repeated.
func beforeDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-min(time.Until(deadline)/10, time.Second)))
}
