package lambda_test

import (
	"strings"
	"testing"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/lambda"
)

func TestAnInitThatFailsRunsAgainInsideTheInvocation(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("exit at first", nil)
	f.call(t.Context(), id, payload(request{Do: "echo", Text: "hello"})).want(t, `"hello"`)
	notices := f.journal.Of(activity.Notice)
	if len(notices) != 1 || !strings.HasPrefix(notices[0].Line, "INIT_REPORT Init Duration: ") || notices[0].Err != "Runtime exited with error: exit status 7" {
		t.Errorf("got notices %+v, want one INIT_REPORT", notices)
	}
}

func TestAnInitThatTakesTooLongRunsAgainInsideTheInvocation(t *testing.T) {
	f := newFixture(t, lambda.Options{InitTimeout: 50 * time.Millisecond})
	id := f.set("starts when told", nil)
	c := f.call(t.Context(), id, payload(request{Do: "echo", Text: "hello"}))
	notice := f.journal.Await(t, 1, activitytest.Kind(activity.Notice))[0]
	if !strings.HasPrefix(notice.Line, "INIT_REPORT Init Duration: ") || !strings.HasSuffix(notice.Line, "Status: timeout") {
		t.Errorf("got %+v", notice)
	}
	// The first process may have been killed before or after it entered; it
	// does no harm to tell it too.
	go func() {
		for {
			conn, err := f.l.Accept()
			if err != nil {
				return // the test is over
			}
			defer conn.Close()
			(&actor{conn: conn}).goOn()
		}
	}()
	c.want(t, `"hello"`)
}

func TestAnInitErrorIsReportedToTheCaller(t *testing.T) {
	f := newFixture(t, lambda.Options{})
	id := f.set("init error", nil)
	got := f.invoke(t, id, request{})
	if string(got.Payload) != `{"errorMessage":"no oven","errorType":"Function.NoOven"}` || got.FunctionError != "Unhandled" {
		t.Errorf("got %s (%q)", got.Payload, got.FunctionError)
	}
	end := f.of(activity.End, got.RequestID)
	if len(end) != 1 || end[0].Err != "Function.NoOven: no oven" {
		t.Errorf("end is %+v", end)
	}
}

func TestAnInitThatNeverEndsIsATimeout(t *testing.T) {
	f := newFixture(t, lambda.Options{InitTimeout: 50 * time.Millisecond})
	id := f.set("never starts", func(f *lambda.Function) { f.Timeout = 100 * time.Millisecond })
	got := f.invoke(t, id, request{})
	if !strings.Contains(string(got.Payload), "Task timed out after 0.10 seconds") {
		t.Errorf("got %s", got.Payload)
	}
}
