package lambda_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/less-go/less/internal/lambda"
)

func hold(text string) []byte { return payload(request{Do: "hold", Text: text}) }

func TestAWarmProcessIsUsedAgain(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	pid := f.facts(t, id).PID
	for range 20 {
		if again := f.facts(t, id).PID; again != pid {
			t.Fatalf("process %d after %d", again, pid)
		}
	}
}

func TestMoreProcessesUnderLoadAndALineBeyond(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", func(f *lambda.Function) { f.MaxConcurrency = 2 })
	first := f.call(t.Context(), id, hold("first"))
	a := f.next(t)
	second := f.call(t.Context(), id, hold("second"))
	b := f.next(t)
	if a.PID == b.PID {
		t.Fatal("one process had two invocations at a time")
	}

	// Those who come now wait, and get their turn in the order in which they came.
	var line []*call
	for i := range 4 {
		line = append(line, f.call(t.Context(), id, hold(fmt.Sprint(i))))
		until(func() bool { return f.Stats(id).Waiting == i+1 })
	}
	if got, want := f.Stats(id), (lambda.Stats{Processes: 2, Busy: 2, Waiting: 4}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	a.goOn()
	first.want(t, `"first"`)
	for i, c := range line {
		on := f.next(t)
		if want := fmt.Sprint(i); on.Name != want || on.PID != a.PID {
			t.Errorf("%s runs in %d, want %s in %d", on.Name, on.PID, want, a.PID)
		}
		on.goOn()
		c.want(t, fmt.Sprintf(`"%d"`, i))
	}
	b.goOn()
	second.want(t, `"second"`)
}

func TestWhoeverLeavesTheLineIsNotRun(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", func(f *lambda.Function) { f.MaxConcurrency = 1 })
	first := f.call(t.Context(), id, hold("first"))
	a := f.next(t)
	ctx, leave := context.WithCancel(t.Context())
	second := f.call(ctx, id, hold("second"))
	until(func() bool { return f.Stats(id).Waiting == 1 })
	third := f.call(t.Context(), id, hold("third"))
	until(func() bool { return f.Stats(id).Waiting == 2 })
	leave()
	<-second.done
	if !errors.Is(second.err, context.Canceled) {
		t.Errorf("got %v", second.err)
	}
	a.goOn()
	first.want(t, `"first"`)
	b := f.next(t)
	if b.Name != "third" {
		t.Errorf("%s runs, want third", b.Name)
	}
	b.goOn()
	third.want(t, `"third"`)
}

func TestTheProcessUsedLastIsUsedFirst(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", nil)
	// two returns two processes that hold.
	two := func() (a, b *actor) {
		f.call(t.Context(), id, hold("a"))
		a = f.next(t)
		f.call(t.Context(), id, hold("b"))
		return a, f.next(t)
	}
	// release lets both go on, last after the other is idle.
	release := func(other, last *actor) {
		other.goOn()
		until(func() bool { return f.Stats(id).Busy == 1 })
		last.goOn()
		until(func() bool { return f.Stats(id).Busy == 0 })
	}
	a, b := two()
	release(a, b)
	if got := f.facts(t, id).PID; got != b.PID {
		t.Errorf("process %d was used, want %d", got, b.PID)
	}
	until(func() bool { return f.Stats(id).Busy == 0 })
	b, a = two() // b is used first again
	release(b, a)
	if got := f.facts(t, id).PID; got != a.PID {
		t.Errorf("process %d was used, want %d", got, a.PID)
	}
}

func TestIdleProcessesAreReaped(t *testing.T) {
	f := newFixture(t, lambda.Options{IdleTimeout: 20 * time.Millisecond})
	id := f.set("handler", nil)
	pid := f.facts(t, id).PID
	until(func() bool { return f.Stats(id).Processes == 0 })
	if !ended(pid) {
		t.Error("the process is still there")
	}
	f.facts(t, id)
}

func TestAProcessThatAnswersAndHangsHoldsNobodyUp(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("puppet", nil)
	first := f.call(t.Context(), id, []byte(`1`))
	a := newPuppet(t, f.next(t))
	a.next(t).respond(t, "one")
	first.want(t, "one")
	second := f.call(t.Context(), id, []byte(`2`))
	b := newPuppet(t, f.next(t)) // a has not polled again
	b.next(t).respond(t, "two")
	second.want(t, "two")
}

func TestASwapFailsNothing(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	old := func(f *lambda.Function) { f.MaxConcurrency = 1; f.Env["VERSION"] = "old" }
	id := f.set("handler", old)
	running := f.call(t.Context(), id, hold("running"))
	a := f.next(t)
	waiting := f.call(t.Context(), id, payload(request{Do: "facts"}))
	until(func() bool { return f.Stats(id).Waiting == 1 })

	f.set("handler", func(f *lambda.Function) { old(f); f.Env["VERSION"] = "new" })
	a.goOn()
	running.want(t, `"running"`)
	<-waiting.done
	var got facts
	unmarshal(t, waiting.result.Payload, &got)
	if !strings.Contains(strings.Join(got.Env, "\n")+"\n", "VERSION=new\n") || got.PID == a.PID {
		t.Errorf("what waited ran in %d (old: %d) with %v", got.PID, a.PID, got.Env)
	}
	until(func() bool { return ended(a.PID) })

	// An idle process ends at once.
	pid := f.facts(t, id).PID
	until(func() bool { return f.Stats(id).Busy == 0 })
	f.set("handler", old)
	until(func() bool { return ended(pid) })
}

// Swapping over and over while invocations come in must not fail one of them,
// whatever moment of a process's life it meets.
func TestSwapsUnderLoadFailNothing(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", func(f *lambda.Function) { f.MaxConcurrency = 3 })
	done := make(chan error)
	const callers, calls = 4, 25
	for range callers {
		go func() {
			for range calls {
				r, err := f.Invoke(t.Context(), id, payload(request{Do: "echo", Text: "x"}))
				if err == nil && string(r.Payload) != `"x"` {
					err = errors.New(string(r.Payload))
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	swaps := time.NewTicker(20 * time.Millisecond)
	defer swaps.Stop()
	for left := callers; left > 0; {
		select {
		case err := <-done:
			left--
			if err != nil {
				t.Error(err)
			}
		case <-swaps.C:
			f.set("handler", func(f *lambda.Function) { f.MaxConcurrency = 3 })
			// Let one through, or the new processes never get to work.
			f.invoke(t, id, request{Do: "echo"})
		}
	}
}

func TestARemovedFunctionEndsWhatRuns(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("handler", func(f *lambda.Function) { f.MaxConcurrency = 1 })
	running := f.call(t.Context(), id, hold("running"))
	a := f.next(t)
	waiting := f.call(t.Context(), id, hold("waiting"))
	until(func() bool { return f.Stats(id).Waiting == 1 })
	f.Remove(id)
	<-waiting.done
	if !errors.Is(waiting.err, lambda.ErrNoFunction) {
		t.Errorf("what waited got %v", waiting.err)
	}
	a.goOn()
	running.want(t, `"running"`)
	until(func() bool { return ended(a.PID) })
	f.Remove(id) // once more is nothing
}
