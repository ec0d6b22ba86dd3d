package lambda_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/lambda"
)

func TestInvokeReturnsTheAnswer(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	got := f.invoke(t, id, request{Do: "echo", Text: "hello"})
	if string(got.Payload) != `"hello"` || got.FunctionError != "" || got.Duration <= 0 {
		t.Errorf("got %+v", got)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(got.RequestID) {
		t.Errorf("request id %q is no UUID", got.RequestID)
	}
}

func TestAnAnswerIsWhateverTheFunctionWrote(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	if got := f.invoke(t, id, request{Do: "garbage"}); string(got.Payload) != "\x00 no JSON" || got.FunctionError != "" {
		t.Errorf("got %q, %q", got.Payload, got.FunctionError)
	}
	if got := f.invoke(t, id, request{Do: "kept alive"}); !strings.Contains(string(got.Payload), "unknown request") {
		t.Errorf("the next invocation got %q", got.Payload)
	}
}

// Every way to fail: what the caller gets, what the END event says, and whether
// the process lives on.
func TestFailures(t *testing.T) {
	tests := []struct {
		name    string
		request request
		timeout time.Duration
		payload string // with ID for the request's; a prefix where it ends in ...
		why     string
		status  string
		lives   bool
	}{
		{
			name:    "handler error",
			request: request{Do: "error", Text: "no oven"},
			payload: `{"errorMessage":"no oven","errorType":"errorString"}`,
			why:     "errorString: no oven",
			status:  "error",
			lives:   true,
		},
		{
			name:    "answer breaks off",
			request: request{Do: "break off"},
			payload: `{"errorMessage":"broken off","errorType":"errorString"}`,
			why:     "errorString: broken off",
			status:  "error",
			lives:   true,
		},
		{
			name:    "panic",
			request: request{Do: "panic", Text: "on fire"},
			payload: `{"errorMessage":"on fire","errorType":"string","stackTrace":...`,
			why:     "string: on fire",
			status:  "error",
		},
		{
			name:    "exit 0",
			request: request{Do: "exit"},
			payload: `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited without providing a reason"}`,
			why:     "Runtime exited without providing a reason",
			status:  "error",
		},
		{
			name:    "exit 3",
			request: request{Do: "exit", N: 3},
			payload: `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 3"}`,
			why:     "Runtime exited with error: exit status 3",
			status:  "error",
		},
		{
			name:    "signal",
			request: request{Do: "kill"},
			payload: `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: signal: killed"}`,
			why:     "Runtime exited with error: signal: killed",
			status:  "error",
		},
		{
			name:    "memory",
			request: request{Do: "eat", N: 1 << 20},
			payload: `{"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: ID Error: Runtime exited with error: signal: killed"}`,
			why:     "Runtime exited with error: signal: killed: it used more than its 256 MB of memory",
			status:  "error\tError Type: Runtime.OutOfMemory",
		},
		{
			name:    "timeout",
			request: request{Do: "hold"},
			timeout: 250 * time.Millisecond,
			payload: `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ID Error: Task timed out after 0.25 seconds"}`,
			why:     "Task timed out after 0.25 seconds",
			status:  "timeout",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t, lambda.Options{})
			id := f.set("handler", nil)
			pid := f.facts(t, id).PID
			if test.timeout != 0 {
				// The process is swapped for one with little time, warm already.
				id = f.set("handler", func(f *lambda.Function) { f.Timeout = test.timeout; f.ID += "/hasty" })
				f.warm(t, id)
			}
			got := f.invoke(t, id, test.request)
			want := strings.ReplaceAll(test.payload, "ID", got.RequestID)
			if prefix, cut := strings.CutSuffix(want, "..."); cut && strings.HasPrefix(string(got.Payload), prefix) {
				want = string(got.Payload)
			}
			if string(got.Payload) != want || got.FunctionError != "Unhandled" {
				t.Errorf("got %s (%q), want %s", got.Payload, got.FunctionError, want)
			}
			end := f.of(activity.End, got.RequestID)
			if len(end) != 1 || end[0].Err != test.why || !strings.Contains(end[0].Line, "\tStatus: "+test.status+"\t") {
				t.Errorf("end is %+v, want one with %q and status %s", end, test.why, test.status)
			}
			if test.timeout != 0 {
				if got.Duration < test.timeout {
					t.Errorf("it timed out after %v, want %v at least", got.Duration, test.timeout)
				}
				return // the little time may be over again before an answer
			}
			if again := f.facts(t, id).PID; (again == pid) != test.lives {
				t.Errorf("process %d, then %d; want the same: %t", pid, again, test.lives)
			}
		})
	}
}

// warm invokes until an invocation was in time, which on a busy machine may not
// be the first.
func (f *fixture) warm(t *testing.T, id string) {
	t.Helper()
	for f.invoke(t, id, request{Do: "echo"}).FunctionError != "" {
	}
}

func TestWhatCannotBeRun(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	if _, err := f.Invoke(t.Context(), "nobody", nil); !errors.Is(err, lambda.ErrNoFunction) {
		t.Errorf("unknown function: %v", err)
	}
	id := f.set("handler", nil)
	if _, err := f.Invoke(t.Context(), id, make([]byte, lambda.MaxPayload+1)); !errors.Is(err, lambda.ErrPayloadTooLarge) {
		t.Errorf("large payload: %v", err)
	}
	id = f.set("handler", func(f *lambda.Function) { f.Binary = "/no/such/file" })
	if _, err := f.Invoke(t.Context(), id, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing binary: %v", err)
	}
	if got := f.Stats(id); got != (lambda.Stats{}) {
		t.Errorf("a missing binary has left %+v", got)
	}
}

func TestEnvironmentIsBuiltFromAnAllowList(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "the developer's")
	t.Setenv("AWS_PROFILE", "the developer's")
	t.Setenv("CANARY", "the developer's")
	f := newFixture(t, lambda.Options{Region: "eu-west-1", Account: "123456789012"})
	id := f.set("handler", func(f *lambda.Function) {
		f.Credentials = lambda.Credentials{AccessKeyID: "key", SecretAccessKey: "secret", SessionToken: "token"}
		f.Env["LESS_FUNCTION"] = "topics/order_placed/test"
		f.Env["AWS_REGION"] = "mars" // reserved
		f.Env["LANG"] = "C"          // not reserved
	})
	got := f.facts(t, id)
	env := map[string]string{}
	for _, entry := range got.Env {
		key, value, _ := strings.Cut(entry, "=")
		if _, twice := env[key]; twice {
			t.Errorf("%s is there twice", key)
		}
		env[key] = value
	}
	for _, free := range []string{"AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_LOG_STREAM_NAME", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "TMPDIR"} {
		if env[free] == "" {
			t.Errorf("%s is missing", free)
		}
	}
	if env["TMPDIR"] != got.Dir {
		t.Errorf("it works in %s, want its own folder %s", got.Dir, env["TMPDIR"])
	}
	if !regexp.MustCompile(`^\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}$`).MatchString(env["AWS_LAMBDA_LOG_STREAM_NAME"]) {
		t.Errorf("log stream %q", env["AWS_LAMBDA_LOG_STREAM_NAME"])
	}
	for _, free := range []string{
		"AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_LOG_STREAM_NAME", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "TMPDIR",
		roleVar, stageVar, "GORACE", "_X_AMZN_TRACE_ID", // the client sets the last itself
	} {
		delete(env, free)
	}
	want := map[string]string{
		"_HANDLER":                        "bootstrap",
		"AWS_REGION":                      "eu-west-1",
		"AWS_DEFAULT_REGION":              "eu-west-1",
		"AWS_EXECUTION_ENV":               "AWS_Lambda_provided.al2023",
		"AWS_LAMBDA_FUNCTION_NAME":        "test-function",
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/test-function",
		"AWS_ACCESS_KEY_ID":               "key",
		"AWS_SECRET_ACCESS_KEY":           "secret",
		"AWS_SESSION_TOKEN":               "token",
		"AWS_EC2_METADATA_DISABLED":       "true",
		"LANG":                            "C",
		"TZ":                              ":UTC",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin:/opt/bin",
		"LESS_FUNCTION":                   "topics/order_placed/test",
	}
	if diff := cmp.Diff(want, env); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

func TestWhatAHandlerIsTold(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	earliest := time.Now().Add(timeout).UnixMilli()
	ctx := lambda.WithTrace(t.Context(), "Root=1-2-3")
	ctx = lambda.WithClientContext(lambda.WithRequestID(ctx, "the-caller's"), `{"custom":{"phone":"mine"}}`)
	c := f.call(ctx, id, payload(request{Do: "facts"}))
	<-c.done
	var got facts
	unmarshal(t, c.result.Payload, &got)
	if got.RequestID != "the-caller's" || c.result.RequestID != got.RequestID || got.Client["phone"] != "mine" || got.ARN != "arn:aws:lambda:us-east-1:000000000000:function:test-function" || got.Trace != "Root=1-2-3" {
		t.Errorf("got %+v", got)
	}
	if got.Deadline < earliest {
		t.Errorf("deadline %d, want %d at least", got.Deadline, earliest)
	}
	if again := f.facts(t, id); again.Trace != "" || len(again.Client) != 0 || again.RequestID == got.RequestID {
		t.Errorf("the next invocation was told %+v", again)
	}
}

func TestLogLines(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	for i := range 3 {
		got := f.invoke(t, id, request{Do: "say", Text: "hello"})
		rid := got.RequestID
		// Everything is there when Invoke returns, in this order.
		var lines []string
		for _, e := range f.journal.Events() {
			if e.RequestID == rid {
				lines = append(lines, string(e.Kind)+" "+e.Function+" "+e.Line)
			}
		}
		if len(lines) != 4 {
			t.Fatalf("got %q", lines)
		}
		slices.Sort(lines[1:3]) // two streams of Go, one pipe: their order is the process's affair
		want := []string{
			"start " + id + " START RequestId: " + rid + " Version: $LATEST",
			"log " + id + " hello",
			"log " + id + " hello without an end",
		}
		if diff := cmp.Diff(want, lines[:3]); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		init := ""
		if i == 0 {
			init = `Init Duration: \d+\.\d\d ms\t`
		}
		report := `^end ` + id + ` END RequestId: ` + rid + `\nREPORT RequestId: ` + rid +
			`\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\t` + init + `$`
		if !regexp.MustCompile(report).MatchString(lines[3]) {
			t.Errorf("got %q, want %s", lines[3], report)
		}
	}
}

func TestTenMegabytesOfOutput(t *testing.T) {
	const size = 10 << 20
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)

	got := f.invoke(t, id, request{Do: "lines", N: size})
	if lines := f.of(activity.Log, got.RequestID); len(lines) != size/100 {
		t.Errorf("%d lines, want %d", len(lines), size/100)
	}

	got = f.invoke(t, id, request{Do: "line", N: size + 1})
	lines := f.of(activity.Log, got.RequestID)
	total := 0
	for _, l := range lines {
		total += len(l.Line)
		if len(l.Line) > lambda.MaxLine {
			t.Errorf("a line of %d bytes", len(l.Line))
		}
	}
	if total != size+1 || len(lines) != size/lambda.MaxLine+1 {
		t.Errorf("%d bytes in %d lines", total, len(lines))
	}
}

func TestAChildWithThePipeHoldsNothingUp(t *testing.T) {
	for _, kind := range []string{"child", "runaway"} {
		t.Run(kind, func(t *testing.T) {
			f := newFixture(t, lambda.Options{})
			id := f.set("handler", nil)
			f.invoke(t, id, request{Do: kind})
			prop := f.next(t)
			got := f.invoke(t, id, request{Do: "exit", N: 1})
			if !strings.Contains(string(got.Payload), "exit status 1") {
				t.Errorf("got %s", got.Payload)
			}
			if kind == "runaway" { // it has left the group on purpose
				prop.goOn()
			}
			prop.wait()
		})
	}
}

func TestATimeoutKillsTheWholeGroup(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("puppet", func(f *lambda.Function) { f.Timeout = 100 * time.Millisecond })
	c := f.call(t.Context(), id, nil)
	puppet := f.next(t)
	p := newPuppet(t, puppet)
	p.next(t)
	<-c.done
	if c.err != nil || !strings.Contains(string(c.result.Payload), "Task timed out after 0.10 seconds") {
		t.Errorf("got %s, %v", c.result.Payload, c.err)
	}
	puppet.wait()
	if !ended(puppet.PID) {
		t.Error("the process is still there")
	}

	// The same with a child.
	id = f.set("handler", func(f *lambda.Function) { f.ID = "parent" })
	f.invoke(t, id, request{Do: "child"})
	child := f.next(t)
	f.Remove(id)
	child.wait()
}

func TestAnInvocationGoesOnWhenItsCallerLeaves(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	ctx, leave := context.WithCancelCause(t.Context())
	c := f.call(ctx, id, payload(request{Do: "hold", Text: "on"}))
	holding := f.next(t)
	gone := errors.New("hung up")
	leave(gone)
	<-c.done
	if !errors.Is(c.err, gone) {
		t.Errorf("got %v", c.err)
	}
	holding.goOn()
	end := f.journal.Await(t, 1, activitytest.Kind(activity.End))[0]
	if end.Err != "" {
		t.Errorf("it ended with %q", end.Err)
	}
}

func TestAKilledIdleProcessCostsNobodyAnything(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	for i := range 10 {
		pid := f.facts(t, id).PID
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		// The host may or may not know by now.
		text := fmt.Sprint(i)
		if got := f.invoke(t, id, request{Do: "echo", Text: text}); string(got.Payload) != `"`+text+`"` {
			t.Fatalf("got %s", got.Payload)
		}
	}
}

func TestAnEventThatNobodyReadIsGivenToAnotherProcess(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	pid := f.facts(t, id).PID
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var stopped syscall.WaitStatus // each of its threads has to stop first
	if _, err := syscall.Wait4(pid, &stopped, syscall.WUNTRACED, nil); err != nil || !stopped.Stopped() {
		t.Fatalf("the process did not stop: %v, %v", stopped, err)
	}
	before := len(f.journal.Of(activity.Start))
	c := f.call(t.Context(), id, payload(request{Do: "hold", Text: "once"}))
	until(func() bool { return len(f.journal.Of(activity.Start)) > before })
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	holding := f.next(t)
	if holding.PID == pid {
		t.Error("a stopped process has run")
	}
	holding.goOn()
	c.want(t, `"once"`)
	if starts := f.of(activity.Start, c.result.RequestID); len(starts) != 1 {
		t.Errorf("%d START lines, want 1", len(starts))
	}
}

func TestAnEventThatWasReadIsNotGivenToAnotherProcess(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	f.facts(t, id)
	c := f.call(t.Context(), id, payload(request{Do: "hold", Text: "once"}))
	holding := f.next(t)
	if err := syscall.Kill(holding.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-c.done
	if c.err != nil || !strings.Contains(string(c.result.Payload), "signal: killed") {
		t.Errorf("got %s, %v", c.result.Payload, c.err)
	}
}
