package lambda_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/lambda"
)

// timeout is that of functions that are not to time out.
const timeout = 5 * time.Minute

// A stage is where the test meets the processes of its functions: each connects
// to it, and the connection breaks when the process has ended.
type stage struct {
	l net.Listener
}

func newStage(t *testing.T) *stage {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &stage{l}
}

// An actor is a process that has entered the stage.
type actor struct {
	Name string
	PID  int
	conn net.Conn
}

// next returns the next process that enters.
func (s *stage) next(t *testing.T) *actor {
	t.Helper()
	c, err := s.l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	a := &actor{conn: c}
	line, err := bufio.NewReader(c).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, a); err != nil {
		t.Fatal(err)
	}
	return a
}

// goOn lets the process go on.
func (a *actor) goOn() { a.conn.Write([]byte{1}) }

// wait returns when the process has ended.
func (a *actor) wait() { io.Copy(io.Discard, a.conn) }

// A fixture is a host with everything around it.
type fixture struct {
	*lambda.Host
	*stage
	journal activitytest.Journal
}

// of returns the events of a kind and of one invocation.
func (f *fixture) of(kind activity.Kind, requestID string) []activity.Event {
	return f.journal.Matching(func(e activity.Event) bool { return e.Kind == kind && e.RequestID == requestID })
}

func newFixture(t *testing.T, opts lambda.Options) *fixture {
	t.Helper()
	f := &fixture{stage: newStage(t)}
	opts.Sink = f.journal.Record
	opts.Scratch = t.TempDir()
	f.Host = lambda.New(opts)
	t.Cleanup(func() {
		if err := f.Stop(context.Background()); err != nil {
			t.Errorf("Stop: %v", err)
		}
		left, err := os.ReadDir(opts.Scratch)
		if err != nil || len(left) > 0 {
			t.Errorf("Stop left %v in the scratch folder, %v", left, err)
		}
	})
	return f
}

// function returns a function that plays role.
func (f *fixture) function(role string) lambda.Function {
	binary, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return lambda.Function{
		ID:       "topics/order_placed/test",
		Name:     "test-function",
		Binary:   binary,
		Timeout:  timeout,
		MemoryMB: 256,
		Env: map[string]string{
			roleVar:  role,
			stageVar: f.l.Addr().String(),
			"GORACE": "atexit_sleep_ms=0", // a process under -race is not to take a second to exit
		},
	}
}

// set adds the function that plays role, changed by change.
func (f *fixture) set(role string, change func(*lambda.Function)) string {
	function := f.function(role)
	if change != nil {
		change(&function)
	}
	f.Set(function)
	return function.ID
}

func (f *fixture) invoke(t *testing.T, id string, r request) lambda.Result {
	t.Helper()
	result, err := f.Invoke(t.Context(), id, payload(r))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// A call is an invocation that runs beside the test.
type call struct {
	result lambda.Result
	err    error
	done   chan struct{}
}

func (f *fixture) call(ctx context.Context, id string, payload []byte) *call {
	c := &call{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.result, c.err = f.Invoke(ctx, id, payload)
	}()
	return c
}

// want waits for the call and checks its answer.
func (c *call) want(t *testing.T, payload string) {
	t.Helper()
	<-c.done
	if c.err != nil || c.result.FunctionError != "" || string(c.result.Payload) != payload {
		t.Errorf("got %s (%q), %v; want %s", c.result.Payload, c.result.FunctionError, c.err, payload)
	}
}

// facts invokes a handler for what it sees.
func (f *fixture) facts(t *testing.T, id string) facts {
	t.Helper()
	var got facts
	if err := json.Unmarshal(f.invoke(t, id, request{Do: "facts"}).Payload, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func payload(r request) []byte {
	p, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return p
}

// until returns when is holds. It is for what no event tells of.
func until(is func() bool) {
	ticks := time.NewTicker(time.Millisecond)
	defer ticks.Stop()
	for !is() {
		<-ticks.C
	}
}

// ended reports whether a process that the host had started is gone for good.
func ended(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
