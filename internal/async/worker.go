package async

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/backoff"
	"github.com/less-go/less/internal/queue"
)

const (
	// longWait is how long one receive waits. Nothing depends on it: an event that
	// comes ends the wait.
	longWait = time.Hour
	// maxReceive is how many events are received at a time.
	maxReceive = 10
)

// A worker runs the events of one function.
type worker struct {
	opts     Options
	function Function
	room     *room
	hope     *signal // that a function which could not be run can be

	cancel, abort context.CancelFunc
	ended         chan struct{}
}

func startWorker(opts Options, f Function) *worker {
	receiving, cancel := context.WithCancel(context.Background())
	running, abort := context.WithCancel(context.Background())
	w := &worker{
		opts: opts, function: f, room: newRoom(f.Concurrency), hope: newSignal(),
		cancel: cancel, abort: abort, ended: make(chan struct{}),
	}
	go func() {
		defer close(w.ended)
		w.receive(receiving, running)
	}()
	return w
}

// stop receives no more and waits for what runs, until ctx ends.
func (w *worker) stop(ctx context.Context) error {
	w.cancel()
	var err error
	select {
	case <-w.ended:
	case <-ctx.Done():
		err = fmt.Errorf("stop %s: gave up asynchronous invocations that were still running: %w", w.function.ID, context.Cause(ctx))
	}
	w.abort()
	<-w.ended
	return err
}

// receive takes events until receiving ends, and returns when all have ended
// that it has run, with the context running.
func (w *worker) receive(receiving, running context.Context) {
	var started sync.WaitGroup
	defer started.Wait()
	retry := backoff.Backoff{Min: minPause, Max: maxPause}
	for {
		n := w.room.take(receiving, maxReceive)
		if n == 0 {
			return
		}
		messages, err := w.opts.Store.Receive(receiving, w.function.Queue(), queue.Receive{Max: n, Wait: longWait, Lease: true})
		w.room.give(n - len(messages))
		switch {
		case receiving.Err() != nil && err != nil:
			return
		case err != nil:
			if retry.News(err) {
				w.notice(queue.Message{}, err, "No event can be received, and it is tried again.")
			}
			if !errors.As(err, new(*queue.CorruptError)) { // that one is hidden now
				backoff.Sleep(receiving, retry.Next(), nil)
			}
			continue
		}
		retry.Reset()
		for _, msg := range messages {
			started.Go(func() {
				defer w.room.give(1)
				w.run(receiving, running, msg)
			})
		}
	}
}

// tell completes e and hands it to the sink.
func (w *worker) tell(msg queue.Message, e activity.Event) {
	e.Time = time.Now()
	e.Function = w.function.ID
	e.Queue = w.function.Queue()
	e.MessageID = msg.ID
	w.opts.Sink(e)
}

func (w *worker) notice(msg queue.Message, err error, line string) {
	w.tell(msg, activity.Event{Kind: activity.Notice, Line: line, Err: err.Error()})
}
