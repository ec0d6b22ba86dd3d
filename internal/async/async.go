// Package async invokes functions later: an event that it has accepted is on
// disk, and is run with the retries of Lambda's asynchronous invocation.
//
// A function that fails is run again after a minute, and after two more; what
// failed three times is dropped, and the activity says so. An event whose
// function cannot be run at all (there is no binary yet, its process does not
// start) is held, and tried again with a growing pause of up to five minutes, at
// once when something has changed. Six hours after it was accepted it is dropped
// too, but never before it was tried once: here nobody works while the engine is
// off, which may be all night.
//
// Delivery is at least once and in no promised order: what ran when the engine
// was killed runs again. Such a run is not counted as a failed one.
//
// Each function has a queue of its own and a worker, which waits for the store to
// wake it; nothing polls. So whoever sends to the queue has the function run.
// Events of a function that is removed stay until it is back.
package async

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/queue"
)

// A Store is what asynchronous invocation needs of queue.Store.
type Store interface {
	Ensure(ctx context.Context, specs ...queue.Spec) error
	Send(ctx context.Context, entries ...queue.Entry) ([]queue.Sent, error)
	Receive(ctx context.Context, queue string, r queue.Receive) ([]queue.Message, error)
	Delete(ctx context.Context, queue string, receipts ...string) ([]error, error)
	Replace(ctx context.Context, queue, receipt string, e queue.Entry) error
	ChangeVisibility(ctx context.Context, queue, receipt string, d time.Duration) error
}

// A Host runs a function once. An error means that it was not run, or that ctx
// ended; a function that failed is told by the result.
type Host interface {
	Invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error)
}

// Options are what an [Invoker] works with.
type Options struct {
	Store Store
	Host  Host
	// Sink is told what became of each event. It may be nil.
	Sink activity.Sink
}

// A Function is one that can be invoked.
type Function struct {
	// ID is its identity.
	ID string
	// Name is its resource name, after which its queue is called.
	Name string
	// Concurrency is how many events run at a time, 10 where it is 0.
	Concurrency int
}

// Queue names the function's queue, after the function's name alone. An entry that
// is sent there is an event, which its sender may send together with others in one
// transaction. With its slash no client of SQS can name the queue.
func (f Function) Queue() string { return "async/" + f.Name }

// An Event is one asynchronous invocation.
type Event struct {
	// Function is the identity of the function.
	Function string
	// ID becomes the request id of the invocation, the same at each attempt;
	// empty lets the store make one.
	ID      string
	Payload []byte
	// TraceHeader is the X-Ray trace that the event belongs to, or "".
	TraceHeader string
}

// The settings of each queue. A receive hides an event for longer than any
// attempt takes: the worker says when it is over, and [queue.Store.EndLeases] where
// that has died. The retention is the longest there is, because an event that
// the store let expire would go without a word.
const (
	visibility = 12 * time.Hour
	retention  = 14 * 24 * time.Hour
)

const defaultConcurrency = 10

// An Invoker accepts events and runs them. Its methods may be called concurrently.
type Invoker struct {
	opts Options

	changing sync.Mutex         // held by Set and Stop, which wait for functions
	workers  map[string]*worker // by function identity; guarded by changing
	stopped  bool               // guarded by changing

	mu        sync.Mutex // guards the following, and is held for moments
	functions map[string]Function
}

// New returns an invoker without functions. End it with [Invoker.Stop].
func New(opts Options) *Invoker {
	if opts.Sink == nil {
		opts.Sink = func(activity.Event) {}
	}
	return &Invoker{opts: opts, functions: map[string]Function{}, workers: map[string]*worker{}}
}

// Queues are the queues of functions. Set makes them too; who sends to the queue
// of a function that Set may not know yet makes it earlier.
func Queues(functions []Function) []queue.Spec {
	specs := make([]queue.Spec, len(functions))
	for i, f := range functions {
		specs[i] = queue.Spec{Name: f.Queue(), Visibility: visibility, Retention: retention}
	}
	return specs
}

// Set replaces all functions. It makes the queues that are missing, goes on with
// the events that wait for a function which is there now, and stops running those
// of one that is not, where it waits for what runs until ctx ends. Events whose
// function could not be run are tried at once.
func (i *Invoker) Set(ctx context.Context, functions []Function) error {
	i.changing.Lock()
	defer i.changing.Unlock()
	wanted := make(map[string]Function, len(functions))
	for _, f := range functions {
		if f.Concurrency == 0 {
			f.Concurrency = defaultConcurrency
		}
		wanted[f.ID] = f
	}
	if err := i.opts.Store.Ensure(ctx, Queues(functions)...); err != nil {
		return fmt.Errorf("create the queues of asynchronous invocations: %w", err)
	}
	i.mu.Lock()
	i.functions = wanted
	i.mu.Unlock()
	var leaving []*worker
	for id, w := range i.workers {
		if wanted[id] != w.function {
			leaving = append(leaving, w)
			delete(i.workers, id)
			continue
		}
		w.hope.rouse()
	}
	err := stopAll(ctx, leaving)
	for id, f := range wanted {
		if i.workers[id] == nil && !i.stopped {
			i.workers[id] = startWorker(i.opts, f)
		}
	}
	return err
}

// Enqueue accepts e: when it returns without an error, the event is on disk. That
// of an unknown function fails with [queue.ErrNoQueue].
func (i *Invoker) Enqueue(ctx context.Context, e Event) error {
	entry := queue.Entry{Queue: i.function(e.Function).Queue(), ID: e.ID, Body: e.Payload, TraceHeader: e.TraceHeader}
	if _, err := i.opts.Store.Send(ctx, entry); err != nil {
		return fmt.Errorf("invoke %s asynchronously: %w", e.Function, err)
	}
	return nil
}

// function is the function with an identity. One that is not there has a queue
// that is not there.
func (i *Invoker) function(id string) Function {
	i.mu.Lock()
	defer i.mu.Unlock()
	if f, found := i.functions[id]; found {
		return f
	}
	return Function{ID: id, Name: id}
}

// Stop runs no more events, and returns when what ran has ended. When ctx ends
// first, it gives up what is left, which is run again after the next start, and
// the error says so. Events are still accepted, for then.
func (i *Invoker) Stop(ctx context.Context) error {
	i.changing.Lock()
	defer i.changing.Unlock()
	i.stopped = true
	leaving := slices.Collect(maps.Values(i.workers))
	clear(i.workers)
	return stopAll(ctx, leaving)
}

func stopAll(ctx context.Context, workers []*worker) error {
	errs := make([]error, len(workers))
	var stopping sync.WaitGroup
	for n, w := range workers {
		stopping.Go(func() { errs[n] = w.stop(ctx) })
	}
	stopping.Wait()
	return errors.Join(errs...)
}
