package lambda_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/lambda"
)

func TestStopLetsRunningInvocationsEnd(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", func(f *lambda.Function) { f.MaxConcurrency = 1 })
	running := f.call(t.Context(), id, hold("running"))
	a := f.next(t)
	waiting := f.call(t.Context(), id, hold("waiting"))
	until(func() bool { return f.Stats(id).Waiting == 1 })

	stopped := make(chan error)
	go func() { stopped <- f.Stop(context.Background()) }()
	<-waiting.done
	if !errors.Is(waiting.err, lambda.ErrStopped) {
		t.Errorf("what waited got %v", waiting.err)
	}
	if _, err := f.Invoke(t.Context(), id, nil); !errors.Is(err, lambda.ErrStopped) {
		t.Errorf("a new invocation got %v", err)
	}
	a.goOn()
	running.want(t, `"running"`)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if !ended(a.PID) {
		t.Error("the process is still there")
	}
}

func TestStopKillsWhenItsTimeIsUp(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	running := f.call(t.Context(), id, hold("running"))
	a := f.next(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop: %v", err)
	}
	if !ended(a.PID) {
		t.Error("the process is still there")
	}
	<-running.done
	if !errors.Is(running.err, lambda.ErrStopped) {
		t.Errorf("what ran got %+v, %v", running.result, running.err)
	}
}

func TestAnExtensionBuysTimeToSayGoodBye(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("graceful", nil)
	f.invoke(t, id, request{Do: "echo"})
	stubborn := f.set("stubborn", func(f *lambda.Function) { f.ID = "stubborn" })
	pid := f.facts(t, stubborn).PID
	if err := f.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	said := map[string]int{}
	for _, e := range f.journal.Of(activity.Log) {
		said[e.Line]++
	}
	if said["good bye"] != 1 || said["never"] != 1 {
		t.Errorf("got %v", said)
	}
	if !ended(pid) {
		t.Error("the process that ignores SIGTERM is still there")
	}
}

func TestWithoutAnExtensionAProcessIsKilledAtOnce(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	f.invoke(t, id, request{Do: "echo"})
	if err := f.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	if logs := f.journal.Of(activity.Log); len(logs) != 0 {
		t.Errorf("it said %+v", logs)
	}
}

func TestProcessesDieWithTheHost(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux kills children with their parent")
	}
	stage := newStage(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	engine := exec.Command(self)
	engine.Env = append(os.Environ(), roleVar+"=engine", stageVar+"="+stage.l.Addr().String(), "TMPDIR="+t.TempDir())
	engine.Stderr = os.Stderr
	if err := engine.Start(); err != nil {
		t.Fatal(err)
	}
	function := stage.next(t)
	if err := engine.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = engine.Wait() // it was killed
	function.wait()
}
