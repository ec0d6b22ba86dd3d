package lambda

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/less-go/less/internal/activity"
)

// A state is what an environment is doing.
type state int

const (
	// away: the process runs but does not poll. It initialises, or its poll broke off.
	away state = iota
	// idle: the process polls and has nothing to do.
	idle
	// busy: it has an invocation that is not answered.
	busy
	// settling: it has answered and not polled again, which Lambda counts as a
	// part of the invocation.
	settling
	// ending: it has been told to end, or killed, or has ended.
	ending
)

const (
	// settleTime is how long other invocations wait for a process that has
	// answered to poll again, before one more process is started for them.
	settleTime = 100 * time.Millisecond
	// A process with an extension gets SIGTERM and this long before SIGKILL: 30 %
	// of Lambda's 2 seconds.
	terminateTime = 600 * time.Millisecond
	// initErrorTime is how long a process that has reported an init error may
	// take to exit.
	initErrorTime = time.Second
	// connectionTime is how long connections may outlive their process, where
	// one that left the process group has inherited them.
	connectionTime = time.Second
	// maxAttempts bounds how often an invocation is given to another process
	// because one died before it had read the event.
	maxAttempts = 3
)

// An environment is one process behind its own Runtime API. Its life is run, on
// a goroutine of its own; a timer and the handlers of its API drive its state.
// The host's mutex guards the fields, but for the first group, which do not
// change once the process is started.
type environment struct {
	host     *Host
	pool     *pool
	function *Function
	output   *output

	state      state
	invocation *invocation   // that is not over: busy or settling
	wake       chan struct{} // closed when there is an invocation
	polls      int           // handlers that wait for wake
	slow       bool          // not polling for longer than others should wait

	timer *time.Timer // one for all states
	due   time.Time   // when the current one is over

	process     *os.Process
	gone        bool // the process has ended, its id may be another's
	ended       time.Time
	killed      bool
	told        bool // to end: nobody is to blame
	expired     bool // its invocation or initialisation has timed out
	exhausted   bool // it has used more memory than it has
	launched    time.Time
	initialised bool          // it has polled
	init        time.Duration // what that took, until a REPORT line has told it
	initError   *outcome      // what it has said of its own initialisation
	extensions  map[string]bool
	conn        *conn // that carried the last event
}

func newEnvironment(p *pool) *environment {
	e := &environment{
		host:       p.host,
		pool:       p,
		function:   p.function,
		launched:   time.Now(),
		extensions: map[string]bool{},
		wake:       make(chan struct{}),
	}
	e.timer = time.AfterFunc(p.host.opts.InitTimeout, e.timeUp)
	e.due = e.launched.Add(p.host.opts.InitTimeout)
	return e
}

// run is the life of the environment. inv is what it is started inside of, if
// its initialisation is a part of an invocation.
func (e *environment) run(inv *invocation) {
	if inv != nil {
		e.host.start(e.function, inv)
	}
	state, err := e.execute(inv)
	e.over(state, err)
}

// execute starts the process and returns when it has ended, and everything has
// been heard that it said over its connections and on its output.
func (e *environment) execute(inv *invocation) (*os.ProcessState, error) {
	temp, err := e.pool.temp()
	if err != nil {
		return nil, err
	}
	output, w, err := newOutput(func(requestID, line string) {
		e.host.opts.Sink(activity.Event{
			Time:      time.Now(),
			Kind:      activity.Log,
			Function:  e.function.ID,
			RequestID: requestID,
			Line:      line,
		})
	})
	if err != nil {
		return nil, err
	}
	defer output.close()
	defer w.Close()
	if inv != nil {
		output.attribute(inv.id)
	}
	e.output = output
	api, err := serve(e)
	if err != nil {
		return nil, err
	}
	defer api.close()

	binary, err := filepath.Abs(e.function.Binary) // it is started in another folder
	if err != nil {
		return nil, err
	}
	env := e.function.environ(e.host.opts, filepath.Dir(binary), api.address, temp)
	process, err := e.host.forker.start(binary, temp, env, w)
	if err != nil {
		return nil, err
	}
	e.host.mu.Lock()
	e.process = process
	if e.killed {
		e.kill()
	}
	e.host.mu.Unlock()
	return wait(process, e.left)
}

// left is called when the process has ended. An answer of it may still be on its
// way, so an invocation is not over yet.
func (e *environment) left() {
	e.host.mu.Lock()
	defer e.host.mu.Unlock()
	e.kill() // what is left of its group
	e.gone = true
	e.ended = time.Now()
	e.timer.Stop()
	if e.state == idle || e.state == away {
		e.pool.rest(e)
		e.state = ending
	}
}

// over decides what becomes of the invocation that was not answered, or of those
// who wait for an initialisation that came to nothing.
func (e *environment) over(state *os.ProcessState, err error) {
	h, p := e.host, e.pool
	h.mu.Lock()
	e.timer.Stop()
	e.state = ending
	p.drop(e)
	inv := e.invocation
	e.invocation = nil
	if inv != nil && inv.answered {
		inv = nil
	}
	killing := h.killing
	badInit := inv == nil && !e.initialised && !e.told && !killing
	switch {
	case badInit && err != nil:
		inv = p.next()
	case badInit:
		if next := p.next(); next != nil {
			p.start(next)
		}
	case inv != nil && err == nil && p.function != nil && !h.stopping && e.unread(inv):
		p.line = slices.Insert(p.line, 0, inv)
		inv = nil
	}
	p.dispatch()
	h.mu.Unlock()

	if badInit && err == nil {
		e.reportInit(state)
	}
	switch {
	case inv == nil:
	case err != nil:
		inv.finish(Result{RequestID: inv.id}, fmt.Errorf("invoke %s: start its process: %w", e.function.ID, err))
	case killing:
		inv.finish(Result{RequestID: inv.id}, fmt.Errorf("invoke %s: %w", e.function.ID, ErrStopped))
	default:
		h.end(e.function, inv, e.failure(inv.id, state), e.ended.Sub(inv.began), 0)
	}
}

// unread says that inv's event never reached the code of the process.
func (e *environment) unread(inv *invocation) bool {
	return e.initialised && !e.expired && !e.exhausted && inv.attempts < maxAttempts &&
		(!inv.delivered || e.conn.broken())
}

// failure is why the process ended without an answer.
func (e *environment) failure(requestID string, state *os.ProcessState) outcome {
	switch {
	case e.initError != nil:
		return *e.initError
	case e.expired:
		return timedOut(requestID, e.function.Timeout)
	case e.exhausted:
		return outOfMemory(requestID, e.function.MemoryMB)
	default:
		return exited(requestID, state)
	}
}

// reportInit tells of an initialisation that failed outside an invocation.
func (e *environment) reportInit(state *os.ProcessState) {
	o, status := exited("", state), "error\tError Type: Runtime.ExitError"
	switch {
	case e.initError != nil:
		o, status = *e.initError, "error"
	case e.expired:
		o, status = timedOut("", e.host.opts.InitTimeout), "timeout"
	case e.exhausted:
		o, status = outOfMemory("", e.function.MemoryMB), "error\tError Type: Runtime.OutOfMemory"
	}
	duration := e.ended.Sub(e.launched)
	e.host.opts.Sink(activity.Event{
		Time:     time.Now(),
		Kind:     activity.Notice,
		Function: e.function.ID,
		Duration: duration,
		Line: fmt.Sprintf("INIT_REPORT Init Duration: %.2f ms\tPhase: init\tStatus: %s",
			milliseconds(duration), status),
		Err: o.why,
	})
}

// The methods below want the host's mutex held.

// arm sets when the current state is over.
func (e *environment) arm(d time.Duration) {
	e.due = time.Now().Add(d)
	e.timer.Reset(d)
}

// timeUp ends a state that has lasted too long.
func (e *environment) timeUp() {
	e.host.mu.Lock()
	defer e.host.mu.Unlock()
	if e.gone || time.Now().Before(e.due) {
		return // it was armed anew, or stopped, while this waited for the mutex
	}
	switch e.state {
	case idle:
		e.end()
	case settling:
		if !e.slow {
			e.slow = true
			e.arm(time.Until(e.invocation.deadline))
			e.pool.dispatch()
			return
		}
		e.expire()
	case away, busy:
		e.expire()
	case ending:
		e.kill()
	}
}

func (e *environment) expire() {
	e.expired = true
	e.state = ending
	e.kill()
}

// take gives the environment an invocation.
func (e *environment) take(inv *invocation) {
	inv.attempts++
	inv.delivered = false
	inv.claimed = false
	inv.began = time.Now()
	inv.deadline = inv.began.Add(e.function.Timeout)
	e.invocation = inv
	e.state = busy
	e.arm(e.function.Timeout)
	close(e.wake)
	e.wake = make(chan struct{})
}

// ready makes the environment idle, or ends it where it is no longer wanted.
func (e *environment) ready() {
	e.invocation = nil
	e.slow = false
	if e.outdated() {
		e.end()
	} else {
		e.state = idle
		e.pool.idle = append(e.pool.idle, e)
		e.arm(e.host.opts.IdleTimeout)
	}
	e.pool.dispatch()
}

// outdated says that nothing is to begin here any more.
func (e *environment) outdated() bool {
	return e.host.stopping || e.function != e.pool.function
}

// comesSoon says that the environment will be idle without further ado.
func (e *environment) comesSoon() bool {
	return (e.state == away || e.state == settling) && !e.slow
}

// end ends a process that has no invocation.
func (e *environment) end() {
	e.pool.rest(e)
	e.told = true
	e.state = ending
	if len(e.extensions) == 0 || e.process == nil || e.gone {
		e.kill()
		return
	}
	_ = e.process.Signal(syscall.SIGTERM) // one that has just ended needs none
	e.arm(terminateTime)
}

// kill kills the process and its group, now or as soon as it is started.
func (e *environment) kill() {
	e.killed = true
	if e.process != nil && !e.gone {
		_ = syscall.Kill(-e.process.Pid, syscall.SIGKILL) // an empty group needs none
	}
}
