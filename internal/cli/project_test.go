package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/less-go/less/internal/cli"
	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/projecttest"
)

// hang is how long a test waits for what must happen before it gives up.
const hang = 2 * time.Minute

// A project is a small application in a folder of its own.
type project struct {
	t       *testing.T
	dir     string
	signals chan os.Signal
	// environ are the variables of the developer's shell.
	environ map[string]string
}

func newProject(t *testing.T) *project {
	t.Helper()
	p := &project{t: t, dir: t.TempDir(), signals: make(chan os.Signal, 2)}
	p.write("go.mod", "module example.com/food\n")
	projecttest.UseCheckout(t, p.dir)
	p.write("less/topics/order_placed/message.go", "package orderplaced\n\ntype Message struct{ ID string }\n")
	p.write("less/topics/order_placed/payment_service_charge/process.go", `package paymentservicecharge

import (
	"context"

	orderplaced "example.com/food/less/topics/order_placed"
)

func Process(ctx context.Context, m orderplaced.Message) error { return nil }
`)
	p.write("less/apis/orders/orders/post.go", `package orders

import (
	"context"

	"example.com/food/less/topics"
	orderplaced "example.com/food/less/topics/order_placed"
)

type Answer struct{ Version string }

func Post(ctx context.Context, req struct{}) (Answer, error) {
	return Answer{"v1"}, topics.OrderPlaced.Publish(ctx, orderplaced.Message{ID: "1"})
}
`)
	return p
}

func (p *project) lookupEnv(name string) (string, bool) {
	value, found := p.environ[name]
	return value, found
}

func (p *project) write(name, content string) {
	p.t.Helper()
	path := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) read(name string) string {
	p.t.Helper()
	return readFile(p.t, filepath.Join(p.dir, filepath.FromSlash(name)))
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A running command: less-cli run in a project, on a fake engine.
type running struct {
	engine   *fakeEngine
	out, err *output
	signals  chan<- os.Signal
	code     chan int
}

func (p *project) run(args ...string) *running { return p.start(func(*fakeEngine) {}, args...) }

func (p *project) start(prepare func(*fakeEngine), args ...string) *running {
	p.t.Helper()
	fake := newFakeEngine()
	prepare(fake)
	return p.startOn(fake, func(_ context.Context, opts engine.Options) (cli.Engine, error) {
		if fake.refused != nil {
			return nil, fake.refused
		}
		fake.opts = opts
		if fake.started != nil {
			fake.started()
		}
		return fake, nil
	}, args...)
}

func (p *project) startOn(fake *fakeEngine, start func(context.Context, engine.Options) (cli.Engine, error), args ...string) *running {
	p.t.Helper()
	r := &running{engine: fake, out: newOutput(), err: newOutput(), signals: p.signals, code: make(chan int, 1)}
	env := cli.Env{
		In: strings.NewReader(""), Out: r.out, Err: r.err,
		Getenv: func(string) string { return "" }, LookupEnv: p.lookupEnv, Dir: p.dir, Signals: p.signals,
		StartEngine: start,
	}
	go func() { r.code <- cli.Main(context.Background(), append([]string{"run"}, args...), env) }()
	p.t.Cleanup(func() { // whatever failed, nothing of it outlives the test
		select {
		case <-r.code:
		default:
			fake.releaseOnce()
			r.signal()
			<-r.code
		}
	})
	return r
}

func (r *running) signal() { r.signals <- os.Interrupt }

func (r *running) wantExit(t *testing.T, want int) {
	t.Helper()
	select {
	case code := <-r.code:
		r.code <- code // for the cleanup
		if code != want {
			t.Errorf("exit code %d, want %d:\n%s", code, want, r.err.String())
		}
	case <-time.After(hang):
		t.Fatalf("the command does not end:\n%s%s", r.out.String(), r.err.String())
	}
}

// end stops the command as a person does who has seen enough.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.engine.releaseOnce()
	r.signal()
	r.wantExit(t, 0)
}

// A fakeEngine serves nothing and tells what it is asked to.
type fakeEngine struct {
	opts    engine.Options
	started func() // called when it is started
	refused error  // why it does not start

	mu       sync.Mutex
	refusal  error
	released bool

	topicsAPI atomic.Bool // of the last plan

	applied  chan applied
	stopping chan context.Context
	release  chan struct{} // Stop returns when it is closed, or its context ends
}

type applied struct {
	plan     plan.Plan
	binaries map[string]string
}

func newFakeEngine() *fakeEngine {
	return &fakeEngine{
		applied:  make(chan applied, 10),
		stopping: make(chan context.Context, 1),
		release:  make(chan struct{}),
	}
}

func (e *fakeEngine) Apply(_ context.Context, p plan.Plan, binaries map[string]string) error {
	e.topicsAPI.Store(p.TopicsAPI)
	e.applied <- applied{p, binaries}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.refusal
}

func (e *fakeEngine) APIs() []engine.Endpoint {
	return []engine.Endpoint{{Name: "orders", URL: "http://localhost:3333"}}
}

func (e *fakeEngine) TopicsAPI() string {
	if !e.topicsAPI.Load() {
		return ""
	}
	return "http://localhost:3334"
}

func (e *fakeEngine) AWS() string { return "http://localhost:4566" }

func (e *fakeEngine) Stop(ctx context.Context) error {
	e.stopping <- ctx
	select {
	case <-e.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *fakeEngine) refuse(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refusal = err
}

func (e *fakeEngine) releaseOnce() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.released {
		e.released = true
		close(e.release)
	}
}

func (e *fakeEngine) nextApply(t *testing.T) applied {
	t.Helper()
	select {
	case a := <-e.applied:
		return a
	case <-time.After(hang):
		t.Fatal("nothing is served")
		return applied{}
	}
}

func (e *fakeEngine) waitStopping(t *testing.T) context.Context {
	t.Helper()
	select {
	case ctx := <-e.stopping:
		return ctx
	case <-time.After(hang):
		t.Fatal("the engine is not stopped")
		return nil
	}
}

// An output is what the command writes, for a test that waits for it.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written chan struct{} // closed and replaced at each write
}

func newOutput() *output { return &output{written: make(chan struct{})} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.written)
	o.written = make(chan struct{})
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// wait returns when text has been written, with all that was.
func (o *output) wait(t *testing.T, text string) string {
	t.Helper()
	giveUp := time.After(hang)
	for {
		o.mu.Lock()
		all, written := o.text.String(), o.written
		o.mu.Unlock()
		if strings.Contains(all, text) {
			return all
		}
		select {
		case <-written:
		case <-giveUp:
			t.Fatalf("this is not written: %s\nbut this is:\n%s", text, o.String())
		}
	}
}
