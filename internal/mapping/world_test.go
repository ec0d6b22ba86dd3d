package mapping_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/mapping"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	visibility  = 30 * time.Second
	maxReceives = 3
)

// A world is a mapping that runs between a real store and a function.
type world struct {
	*mapping.Mapping
	t     *testing.T
	store *spy
	queue string
	start time.Time

	mu    sync.Mutex
	told  activitytest.Journal
	calls []call
	busy  int
	most  int // how many ran at a time
}

// A call is one invocation of the function.
type call struct {
	after time.Duration // since the world began
	ids   []string
	size  int
}

// A function is what a test has in place of a lambda.Host.
type function func(ctx context.Context, e events.SQSEvent) (string, error)

// errFailed is a function's own failure; other errors say it was not run.
var errFailed = errors.New("no oven")

// newWorld starts a mapping in a bubble of virtual time, with the settings of
// change if it is not nil.
func newWorld(t *testing.T, f function, change func(*plan.Subscription)) *world {
	t.Helper()
	sub := plan.Subscription{
		Function:   "topics/order_placed/kitchen",
		Queue:      plan.Queue{Name: "kitchen", Visibility: visibility, Retention: 4 * 24 * time.Hour, MaxReceives: maxReceives},
		DeadLetter: plan.Queue{Name: "kitchen-dlq", Visibility: visibility, Retention: 14 * 24 * time.Hour},
		Mapping:    plan.Mapping{BatchSize: 10, Concurrency: 10},
	}
	if change != nil {
		change(&sub)
	}
	store, err := queue.Open(t.Context(), ":memory:", queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	fifo := strings.HasSuffix(sub.Queue.Name, ".fifo")
	spec := queue.Spec{Name: sub.Queue.Name, FIFO: fifo, Visibility: sub.Queue.Visibility, Retention: sub.Queue.Retention}
	if sub.Queue.MaxReceives > 0 {
		spec.DeadLetter, spec.MaxReceives = sub.DeadLetter.Name, sub.Queue.MaxReceives
	}
	err = store.Ensure(t.Context(), spec,
		queue.Spec{Name: sub.DeadLetter.Name, FIFO: fifo, Visibility: sub.DeadLetter.Visibility, Retention: sub.DeadLetter.Retention})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: &spy{Store: store}, queue: sub.Queue.Name, start: time.Now()}
	w.Mapping = mapping.New(mapping.Options{
		Topic: "order_placed", Subscription: sub, Store: w.store, Invoker: w.invoker(f), Sink: w.tell,
	})
	w.Start()
	t.Cleanup(func() {
		if err := w.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return w
}

type invoker func(ctx context.Context, function string, payload []byte) (lambda.Result, error)

func (i invoker) Invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error) {
	return i(ctx, function, payload)
}

func (w *world) invoker(f function) invoker {
	return func(ctx context.Context, name string, payload []byte) (lambda.Result, error) {
		if name != "topics/order_placed/kitchen" {
			w.t.Errorf("the function %q is run", name)
		}
		var e events.SQSEvent
		if err := json.Unmarshal(payload, &e); err != nil {
			w.t.Errorf("event: %v: %s", err, payload)
		}
		c := call{after: time.Since(w.start), size: len(payload)}
		for _, r := range e.Records {
			c.ids = append(c.ids, r.MessageId)
		}
		w.mu.Lock()
		w.calls = append(w.calls, c)
		n := len(w.calls)
		w.busy++
		w.most = max(w.most, w.busy)
		w.mu.Unlock()
		began := time.Now()
		answer, err := f(ctx, e)
		w.mu.Lock()
		w.busy--
		w.mu.Unlock()
		result := lambda.Result{RequestID: "r" + strconv.Itoa(n), Duration: time.Since(began), Payload: []byte(answer)}
		switch {
		case errors.Is(err, errFailed):
			result.FunctionError = lambda.Unhandled
			result.Payload = []byte(`{"errorMessage":"` + err.Error() + `","errorType":"errorString"}`)
		case err != nil:
			return lambda.Result{}, err
		}
		return result, nil
	}
}

func (w *world) tell(e activity.Event) {
	if e.Function != "topics/order_placed/kitchen" || e.Topic != "order_placed" || e.Queue != w.queue || !e.Time.Equal(time.Now()) {
		w.t.Errorf("told as %+v", e)
	}
	w.told.Record(e)
}

// messages returns the ids of what was told of a kind, sorted.
func (w *world) messages(kind activity.Kind) []string {
	var ids []string
	for _, e := range w.told.Of(kind) {
		ids = append(ids, e.MessageID)
	}
	slices.Sort(ids)
	return ids
}

func (w *world) invocations() []call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

func (w *world) mostAtATime() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.most
}

// send puts messages with these ids into the queue, in one transaction.
func (w *world) send(ids ...string) {
	w.t.Helper()
	entries := make([]queue.Entry, len(ids))
	for i, id := range ids {
		entries[i] = queue.Entry{Queue: "kitchen", ID: id, Body: []byte(`{}`), Attributes: map[string]queue.Attribute{
			"ce-correlationid": {Type: "String", String: "c-" + id},
		}}
	}
	w.put(entries...)
}

func (w *world) put(entries ...queue.Entry) {
	w.t.Helper()
	if _, err := w.store.Send(w.t.Context(), entries...); err != nil {
		w.t.Fatal(err)
	}
}

// left returns the ids of what is in a queue, sorted.
func (w *world) left(name string) []string {
	w.t.Helper()
	messages, err := w.store.Peek(w.t.Context(), name, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, m := range messages {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return ids
}

// after lets virtual time pass, and then all that is due happen.
func (w *world) after(d time.Duration) {
	time.Sleep(d) // in the bubble's virtual time
	synctest.Wait()
}

// numbered returns n ids.
func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = "m" + strconv.Itoa(1000+i)
	}
	return ids
}

// A spy is a store that counts calls and can be told to fail.
type spy struct {
	*queue.Store

	mu                sync.Mutex
	receives, deletes int
	failing           error
}

func (s *spy) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = err
}

func (s *spy) counts() (receives, deletes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.receives, s.deletes
}

func (s *spy) count(n *int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	*n++
	return s.failing
}

func (s *spy) Receive(ctx context.Context, name string, r queue.Receive) ([]queue.Message, error) {
	if err := s.count(&s.receives); err != nil {
		return nil, err
	}
	return s.Store.Receive(ctx, name, r)
}

func (s *spy) Delete(ctx context.Context, name string, receipts ...string) ([]error, error) {
	if err := s.count(&s.deletes); err != nil {
		return nil, err
	}
	return s.Store.Delete(ctx, name, receipts...)
}
