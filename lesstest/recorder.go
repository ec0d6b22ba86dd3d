// Package lesstest tests a Less application without processes and without a
// network: one handler, or all of them together.
//
// A handler is a function, and [New] gives it the context it wants: one that
// records what it publishes and writes what it logs to the test.
//
//	ctx, rec := lesstest.New(t)
//	if err := payment.Process(ctx, order); err != nil {
//		t.Fatal(err)
//	}
//	got := lesstest.Published(rec, topics.PaymentSuccess) // []order.Order
//
// [RunApp] runs the whole choreography in memory and in virtual time, with the
// queues, the retries and the dead letters of AWS:
//
//	lesstest.RunApp(t, functions.App(), func(t *testing.T, app *lesstest.App) {
//		app.Call("POST", "/orders", order)
//		app.Settle()
//		if dead := app.DeadLetters(); len(dead) > 0 {
//			t.Errorf("not handled: %+v", dead)
//		}
//	})
package lesstest

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/less-go/less"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/logs"
)

// A Recorder takes the place of AWS and keeps what was published to it. It is
// safe for concurrent use.
type Recorder struct {
	t testing.TB

	mu     sync.Mutex
	events []Event
	err    error
}

// An Event is one publication.
type Event struct {
	// Topic is the folder name of the topic.
	Topic string
	// Body is the message as it would be on the queue.
	Body json.RawMessage
	// Attributes are its context (ce-id, ce-correlationid, ...) and those that
	// the publisher added.
	Attributes map[string]string
}

// New returns a context to call handlers with, and what records their doings. The
// context ends with the test. [less.WithMessage] adds the facts about a message,
// for a handler that asks for them.
func New(t testing.TB) (context.Context, *Recorder) {
	r := &Recorder{t: t}
	ctx := logs.With(t.Context(), logs.NewHandler(t.Output(), slog.LevelDebug))
	return event.WithCloud(ctx, cloud{r}), r
}

// FailPublish makes every further publication fail with err, and succeed again
// where err is nil.
func (r *Recorder) FailPublish(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

// Events returns everything that was published, in order.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// Published returns the messages that were published to topic, in order. One that
// is not a valid M ends the test.
func Published[M any](r *Recorder, topic less.Topic[M]) []M {
	r.t.Helper()
	var messages []M
	for _, e := range r.Events() {
		if e.Topic != topic.Name() {
			continue
		}
		var m M
		if err := json.Unmarshal(e.Body, &m); err != nil {
			r.t.Fatalf("a message published to %s is not a valid %T: %v", e.Topic, m, err)
		}
		messages = append(messages, m)
	}
	return messages
}

// cloud keeps the methods of event.Cloud out of Recorder's.
type cloud struct{ r *Recorder }

func (c cloud) Publish(ctx context.Context, e event.Outgoing) error {
	if err := ctx.Err(); err != nil { // as every call to AWS does
		return err
	}
	c.r.mu.Lock()
	defer c.r.mu.Unlock()
	if c.r.err != nil {
		return c.r.err
	}
	c.r.events = append(c.r.events, Event{
		Topic:      e.Topic,
		Body:       slices.Clone(e.Body),
		Attributes: maps.Clone(e.Attributes),
	})
	return nil
}

// ChangeVisibility accepts everything: a Recorder has no queues.
func (c cloud) ChangeVisibility(ctx context.Context, _, _ string, _ time.Duration) error {
	return ctx.Err()
}
