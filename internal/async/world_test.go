package async_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const charge = "topics/order_placed/charge"

var chargeFunction = async.Function{ID: charge, Name: "shop-order_placed-charge"}

const chargeQueue = "async/shop-order_placed-charge"

var (
	errFailed = errors.New("no money")       // the function's own failure
	errNoFile = errors.New("no such binary") // it was not run
)

// A world is an invoker between a real store and functions.
type world struct {
	*async.Invoker
	t     *testing.T
	store *queue.Store
	start time.Time

	mu    sync.Mutex
	told  activitytest.Journal
	calls []call
	busy  int
	most  int // how many ran at a time
}

// A call is one invocation.
type call struct {
	after   time.Duration // since the world began
	payload string
}

// A function is what a test has in place of a lambda.Host.
type function func(ctx context.Context, payload string) error

// inWorld runs a test in virtual time, with an invoker for the function charge.
func inWorld(t *testing.T, f function, test func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		store, err := queue.Open(t.Context(), ":memory:", queue.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, store: store, start: time.Now()}
		defer func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		}()
		w.begin(f)
		defer func() { w.end() }()
		w.set(chargeFunction)
		test(w)
	})
}

// begin makes an invoker over the store, as an engine that starts.
func (w *world) begin(f function) {
	w.t.Helper()
	if err := w.store.EndLeases(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.Invoker = async.New(async.Options{Store: w.store, Host: host(func(ctx context.Context, id string, payload []byte) (lambda.Result, error) {
		return w.invoke(ctx, id, payload, f)
	}), Sink: w.tell})
}

func (w *world) end() {
	w.t.Helper()
	if err := w.Stop(context.Background()); err != nil {
		w.t.Error(err)
	}
}

type host func(ctx context.Context, function string, payload []byte) (lambda.Result, error)

func (h host) Invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error) {
	return h(ctx, function, payload)
}

func (w *world) invoke(ctx context.Context, id string, payload []byte, f function) (lambda.Result, error) {
	if id != charge {
		w.t.Errorf("the function %s is run", id)
	}
	w.mu.Lock()
	w.calls = append(w.calls, call{time.Since(w.start).Truncate(time.Second), string(payload)})
	w.busy++
	w.most = max(w.most, w.busy)
	w.mu.Unlock()
	err := f(ctx, string(payload))
	w.mu.Lock()
	w.busy--
	w.mu.Unlock()
	switch {
	case errors.Is(err, errFailed):
		return lambda.Result{FunctionError: lambda.Unhandled, Payload: []byte(`{"errorMessage":"no money"}`)}, nil
	case err != nil:
		return lambda.Result{}, err
	}
	return lambda.Result{Payload: []byte("null")}, nil
}

func (w *world) set(functions ...async.Function) {
	w.t.Helper()
	if err := w.Set(w.t.Context(), functions); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) enqueue(payloads ...string) {
	w.t.Helper()
	for _, p := range payloads {
		if err := w.Enqueue(w.t.Context(), async.Event{Function: charge, ID: "id-" + p, Payload: []byte(p)}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) tell(e activity.Event) {
	if e.Function != charge || e.Queue != chargeQueue || !e.Time.Equal(time.Now()) {
		w.t.Errorf("told as %+v", e)
	}
	w.told.Record(e)
}

// times are when the function was called, since the world began.
func (w *world) times() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []time.Duration
	for _, c := range w.calls {
		out = append(out, c.after)
	}
	return out
}

// left is how many events there are, in any state.
func (w *world) left() int {
	w.t.Helper()
	stats, err := w.store.Stats(w.t.Context(), chargeQueue)
	if err != nil {
		w.t.Fatal(err)
	}
	return stats.Visible + stats.InFlight + stats.Delayed
}

// after lets virtual time pass, and then all that is due happen.
func (w *world) after(d time.Duration) {
	time.Sleep(d) // in the bubble's virtual time
	synctest.Wait()
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(1000 + i)
	}
	return out
}
