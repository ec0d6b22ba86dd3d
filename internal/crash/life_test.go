package crash

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/failpoint"
	"github.com/less-go/less/internal/plan"
)

// What makes the test binary an engine that is there to be killed: the folder of its
// state, the program of its function, and the step at which it ends itself.
const (
	stateVariable   = "LESS_CRASH_STATE"
	programVariable = "LESS_CRASH_PROGRAM"
	stepVariable    = "LESS_CRASH_STEP"
)

func TestMain(m *testing.M) {
	if state := os.Getenv(stateVariable); state != "" {
		fmt.Fprintln(os.Stderr, serve(state))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// The queues, by what happens to their messages.
const (
	handledQueue  = "crash-handled"
	handledDead   = "crash-handled-dead"
	consumedQueue = "consumed"
	consumedDead  = "consumed-dead"
	ledgerQueue   = "ledger"
	orderedQueue  = "ordered.fifo"

	topicResource = "crash-events"
	handler       = "topics/events/handle"
	maxReceives   = 3
	// visibility is short, so that failures are tried again within a life or two.
	visibility = 2 * time.Second
)

// thePlan has a topic with one subscriber. Clients add the other queues.
func thePlan() plan.Plan {
	return plan.Plan{
		Name: "crash", TopicPrefix: "crash-",
		Topics: []plan.Topic{{
			ID: "topics/events", Name: "events", Resource: topicResource,
			Subscriptions: []plan.Subscription{{
				Topic: "events", Function: handler,
				Queue:      plan.Queue{Name: handledQueue, Visibility: visibility, Retention: 96 * time.Hour, MaxReceives: maxReceives},
				DeadLetter: plan.Queue{Name: handledDead, Visibility: visibility, Retention: 336 * time.Hour},
				Mapping:    plan.Mapping{BatchSize: 10, Concurrency: 4},
			}},
		}},
		Functions: []plan.Function{{
			ID: handler, Name: "crash-handle", Main: "internal/crash/testdata/handler", Timeout: 30 * time.Second, Memory: 128,
		}},
	}
}

// serve is the engine's process.
func serve(state string) error {
	if step, count, found := strings.Cut(os.Getenv(stepVariable), ":"); found {
		n, err := strconv.ParseInt(count, 10, 64)
		if err != nil {
			return err
		}
		var hits atomic.Int64
		failpoint.Watch(func(s failpoint.Step) {
			if s == failpoint.Step(step) && hits.Add(1) == n {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {} // it is not to take one more step
			}
		})
	}
	ctx := context.Background()
	e, err := engine.Start(ctx, engine.Options{State: state})
	if err != nil {
		return err
	}
	if err := e.Apply(ctx, thePlan(), map[string]string{handler: os.Getenv(programVariable)}); err != nil {
		return err
	}
	fmt.Println(e.AWS())
	select {} // until it is killed
}

// A life is one process of the engine.
type life struct {
	cmd  *exec.Cmd
	url  string
	dead chan struct{} // closed when the process has ended
}

// An end says how a life ends: at a step's nth time, or after a time.
type end struct {
	step  failpoint.Step // "" for none
	times int
	after time.Duration
}

func (e end) String() string {
	if e.step != "" {
		return fmt.Sprintf("%s %d", e.step, e.times)
	}
	return e.after.String()
}

// chooseEnd takes every step in turn, and between them random moments.
func chooseEnd(random *rand.Rand, number int) end {
	e := end{after: time.Duration(20+random.IntN(500)) * time.Millisecond}
	if number%2 == 0 {
		return e
	}
	steps := failpoint.Steps()
	e.step, e.after = steps[number/2%len(steps)], 1500*time.Millisecond
	switch e.step {
	case failpoint.Checkpoint, failpoint.Checkpointed, failpoint.Bury, failpoint.Move:
		e.times = 1 + random.IntN(3)
	case failpoint.Migrate, failpoint.Migrated: // a store is made once
		e.step, e.times = failpoint.Commit, 1+random.IntN(5)
	default:
		e.times = 1 + random.IntN(300)
	}
	return e
}

// born starts the engine. Where its end comes before it has said where it listens, the
// life has no url.
func born(t *testing.T, state, program string, e end) *life {
	t.Helper()
	l := &life{cmd: exec.Command(os.Args[0]), dead: make(chan struct{})}
	l.cmd.Env = append(os.Environ(), stateVariable+"="+state, programVariable+"="+program)
	if e.step != "" {
		l.cmd.Env = append(l.cmd.Env, fmt.Sprintf("%s=%s:%d", stepVariable, e.step, e.times))
	}
	said, err := os.OpenFile(filepath.Join(state, "..", "engine.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	l.cmd.Stderr = said
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if lines.Scan() {
		l.url = lines.Text()
	}
	t.Cleanup(func() { // where the test ended before the life did
		_ = l.cmd.Process.Kill()
		<-l.dead
	})
	go func() {
		defer close(l.dead)
		for lines.Scan() { // it says nothing more, until its pipe ends
		}
		_ = l.cmd.Wait() // that it was killed is no news
		said.Close()
	}()
	return l
}

// killed ends the life, and fails the test where it has ended otherwise.
func (l *life) killed(t *testing.T) {
	t.Helper()
	if err := l.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	<-l.dead
	if status := l.cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGKILL {
		t.Fatalf("the engine ended by itself: %v", l.cmd.ProcessState)
	}
}
