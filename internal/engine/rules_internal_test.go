package engine

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/async"
	"github.com/less-go/less/internal/eventsapi"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/lambdaapi"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

// host notes what is invoked.
type host struct {
	mu   sync.Mutex
	runs []string
}

func (h *host) Invoke(_ context.Context, function string, payload []byte) (lambda.Result, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.runs = append(h.runs, function+" "+string(payload))
	return lambda.Result{}, nil
}

func (h *host) take() []string {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.runs
	h.runs = nil
	return out
}

func TestARuleOfAClientInvokesAFunctionThatLetsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := queue.Open(t.Context(), ":memory:", queue.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		h, journal := &host{}, &activitytest.Journal{}
		invoker := async.New(async.Options{Store: store, Host: h, Sink: journal.Record})
		defer func() { _ = invoker.Stop(context.Background()) }()
		if err := invoker.Set(t.Context(), []async.Function{{ID: "report", Name: "report"}, {ID: "crons/own", Name: "own"}}); err != nil {
			t.Fatal(err)
		}
		functions := lambdaapi.New(lambdaapi.Options{})
		know := func(permissions ...lambdaapi.Permission) {
			functions.SetFunctions([]lambdaapi.Function{
				{ID: "report", Name: "report", Deployment: &lambdaapi.Deployment{Permissions: permissions}}, {ID: "crons/own", Name: "own"},
			})
		}
		know()
		r := newRules(invoker, functions, journal.Record)
		defer r.scheduler.Stop()
		if err := r.apply(plan.Plan{Crons: []plan.Cron{{Function: "crons/own", Rule: "own", Schedule: "rate(1 day)"}}}); err != nil {
			t.Fatal(err)
		}
		rule := &eventsapi.Rule{
			Name: "hourly", Region: Region, Schedule: "rate(1 hour)",
			Targets: []eventsapi.Target{{ID: "function", ARN: "arn:aws:lambda:us-east-1:000000000000:function:report", Input: `{"a":1}`}},
		}
		if err := r.set([]*eventsapi.Rule{rule, {Name: "events", Pattern: `{"source":["x"]}`, Targets: rule.Targets}}); err != nil {
			t.Fatal(err)
		}

		time.Sleep(time.Hour)
		if got := h.take(); got != nil {
			t.Errorf("without a permission %q ran", got)
		}
		if e := journal.Events(); len(e) != 1 || !strings.Contains(e[0].Line, "the function report does not let the rule hourly invoke it") {
			t.Errorf("events %+v", e)
		}
		know(lambdaapi.Permission{Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com", SourceARN: rule.ARN()})
		time.Sleep(time.Hour)
		if diff := cmp.Diff([]string{`report {"a":1}`}, h.take()); diff != "" {
			t.Error(diff)
		}
		disabled := *rule
		disabled.Disabled = true
		if err := r.set([]*eventsapi.Rule{&disabled}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(23 * time.Hour)
		// The plan's own goes on, and needs no permission.
		if got := h.take(); len(got) != 1 || !strings.HasPrefix(got[0], "crons/own ") {
			t.Errorf("then %q ran", got)
		}
		if !r.planned("own") || r.planned("hourly") {
			t.Error("the rules of the plan are not known")
		}
	})
}
