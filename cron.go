package less

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/less-go/less/internal/logs"
)

// Cron holds what a cron may change about its function, in a variable of its
// package: var Config = less.Cron{Timeout: time.Minute}. See [Subscriber].
type Cron struct {
	// Timeout is how long one run may take; 30 s.
	Timeout time.Duration
	// Memory is in MB; 128.
	Memory int
}

// ServeCron is the main function of a cron: it runs process when its schedule is
// due, and never returns.
//
// An error or a panic is logged and fails the run, which Lambda then tries again,
// twice. A run may happen more than once, for this and for EventBridge's own
// reasons: process must be idempotent. Its context ends shortly before the
// function's timeout, by a tenth of it but at most a second. What it publishes is
// correlated by the run.
func ServeCron(process func(context.Context) error) {
	serve(CronFunction(identity(), process))
}

// CronFunction returns the function with the given identity that runs process, as
// [ServeCron] describes. It takes the settings that the cron declares, at most one
// value.
func CronFunction(id string, process func(context.Context) error, settings ...Cron) Function {
	if process == nil {
		panic(fmt.Sprintf("less.CronFunction: %s has no handler", id))
	}
	config := only(id, settings)
	c := cron{function: id, process: process}
	return Function{id: id, cron: &config, invoke: c.invoke}
}

// A cron is the function behind a schedule.
type cron struct {
	function string
	process  func(context.Context) error
}

// A scheduledEvent is what is read of the event that EventBridge sends.
type scheduledEvent struct {
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
}

// invoke runs once. Any payload will do: people invoke a cron by hand.
func (c *cron) invoke(ctx context.Context, payload []byte) (answer []byte, err error) {
	var e scheduledEvent
	if json.Unmarshal(payload, &e) != nil || e.ID == "" {
		e.ID = newID()
	}
	began := time.Now()
	ctx, cancel := beforeDeadline(ctx)
	defer cancel()
	ctx = withScope(ctx, &scope{function: c.function, requestID: invocationID(ctx), message: Message{
		ID: e.ID, CorrelationID: e.ID, Time: e.Time,
	}})
	defer func() {
		if p := recover(); p != nil {
			logEnd(ctx, slog.LevelError, logs.RunFailed+": the handler panicked", failed, began, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("the handler panicked: %v", p)
		}
	}()
	if err := c.process(ctx); err != nil {
		logEnd(ctx, slog.LevelError, logs.RunFailed, failed, began, "err", err)
		return nil, err
	}
	logEnd(ctx, slog.LevelInfo, logs.Ran, done, began)
	return []byte("null"), nil
}
