// Package mapping is Lambda's event source mapping for SQS: it receives the
// messages of one queue in batches, has the function run on each, and deletes
// what the function has handled.
//
// A message that failed is left alone until its visibility timeout ends, as on
// AWS: that is the pause before the next attempt. What the function answers is
// read as with ReportBatchItemFailures, so it can fail some messages of a batch
// and have the others deleted.
//
// One goroutine receives, in a long poll that a new message ends at once. Up to
// Concurrency batches run beside it. While others run, a batch first waits a few
// milliseconds for one of them to end: a function that is done by then needs no
// second process, and meanwhile the next batch fills up. A slow function is
// started again for each batch, so it loses no more than these milliseconds.
//
// Stopping lets what runs end. What has not ended by then stays hidden until its
// visibility timeout does, or until the store ends the leases at the next start.
package mapping

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

// A Store is what a mapping needs of queue.Store.
type Store interface {
	Receive(ctx context.Context, queue string, r queue.Receive) ([]queue.Message, error)
	Delete(ctx context.Context, queue string, receipts ...string) ([]error, error)
	ChangeVisibility(ctx context.Context, queue, receipt string, d time.Duration) error
}

// An Invoker runs a function once. An error means that it was not run, or that
// ctx ended; a function that failed is told by the result.
type Invoker interface {
	Invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error)
}

// Options are what a mapping works with.
type Options struct {
	// Topic is the name of the topic that feeds the queue, for the activity.
	Topic string
	// Subscription names the queue and the function, and has the numbers.
	Subscription plan.Subscription
	Store        Store
	Invoker      Invoker
	// WholeBatches has a batch succeed or fail as a whole: what the function answers
	// is not read.
	WholeBatches bool
	// Sink is told what became of each message. It may be nil.
	Sink activity.Sink
}

// A Mapping feeds one function from one queue. Its methods may be called
// concurrently.
type Mapping struct {
	opts   Options
	arn    string // the queue's
	hidden hidden

	busy    atomic.Int32  // batches that run; only poll adds to it
	blocked atomic.Int32  // those of them whose function cannot be run
	freed   chan struct{} // told when a batch has ended; only poll listens

	mu     sync.Mutex // guards the following, which are nil while stopped
	cancel context.CancelFunc
	abort  context.CancelFunc
	ended  chan struct{}
}

// New returns a mapping that is not running yet.
func New(opts Options) *Mapping {
	if opts.Sink == nil {
		opts.Sink = func(activity.Event) {}
	}
	return &Mapping{
		opts:  opts,
		arn:   awsapi.LocalARN("sqs", awsapi.DefaultRegion, opts.Subscription.Queue.Name),
		freed: make(chan struct{}, 1),
	}
}

// Queue is the name of the queue that the mapping receives from.
func (m *Mapping) Queue() string { return m.opts.Subscription.Queue.Name }

// Start begins to receive, unless the mapping runs already. A mapping that was
// stopped can be started again, which makes the two a pause.
func (m *Mapping) Start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended != nil {
		return
	}
	receiving, cancel := context.WithCancel(context.Background())
	running, abort := context.WithCancel(context.Background())
	ended := make(chan struct{})
	m.cancel, m.abort, m.ended = cancel, abort, ended
	go func() {
		defer close(ended)
		m.poll(receiving, running)
	}()
}

// Stop receives no more, and returns when what ran has ended. When ctx ends
// first, it gives up the invocations that are left: their messages stay hidden
// until their visibility timeout ends, and the error says so. It does nothing
// to a mapping that does not run.
func (m *Mapping) Stop(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended == nil {
		return nil
	}
	m.cancel()
	var err error
	select {
	case <-m.ended:
	case <-ctx.Done():
		err = fmt.Errorf("stop %s: gave up what was still running: %w", m.opts.Subscription.Function, context.Cause(ctx))
	}
	m.abort()
	<-m.ended
	m.cancel, m.abort, m.ended = nil, nil, nil
	return err
}

// emit tells the sink what became of msg.
func (m *Mapping) emit(e activity.Event, msg queue.Message) {
	e.MessageID = msg.ID
	e.CorrelationID = msg.Attributes[event.CorrelationID].String
	e.Attempt = msg.Receives
	e.MaxAttempts = m.opts.Subscription.Queue.MaxReceives
	m.tell(e)
}

// tell completes e with what all events of a mapping share.
func (m *Mapping) tell(e activity.Event) {
	e.Time = time.Now()
	e.Function = m.opts.Subscription.Function
	e.Topic = m.opts.Topic
	e.Queue = m.opts.Subscription.Queue.Name
	m.opts.Sink(e)
}

func (m *Mapping) notice(format string, args ...any) {
	m.tell(activity.Event{Kind: activity.Notice, Line: fmt.Sprintf(format, args...)})
}
