package cdk_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/blueprint"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/secret"
)

// shop has something of all that a plan can have, each with settings of its own.
func shop() system {
	a := withRoutes(generated(3, "paid", "shipped"), 4)
	a.APIs[0].Routes[1].Settings = app.Settings{Timeout: 5 * time.Second, Memory: 512}
	a.Topics[0].Subscribers[1].Settings = app.Settings{Timeout: 7 * time.Second, Memory: 1024, MaxReceives: 3, BatchSize: 1, Concurrency: 2}
	a.Crons = []app.Cron{
		{Name: "clean_up", Schedule: "cron(0 3 * * ? *)", Package: app.Package{Dir: "less/crons/clean_up"}},
		{Name: "report", Schedule: "rate(1 day)", Settings: app.Settings{Timeout: time.Minute}, Package: app.Package{Dir: "less/crons/report"}},
	}
	a.External = chat("archive", "notify").app.External
	publish := func(f app.Route, topics ...string) flow.Function {
		out := flow.Function{ID: f.ID()}
		for _, t := range topics {
			out.Publishes = append(out.Publishes, flow.Publish{Topic: t})
		}
		return out
	}
	return system{
		app: a,
		flow: flow.Flow{Functions: []flow.Function{
			publish(a.APIs[0].Routes[0], "paid"), publish(a.APIs[0].Routes[2], "paid", "shipped"),
		}},
		planned: plan.Options{
			Origins: map[string][]string{"": {"https://example.com"}}, Key: plan.CreateKey, Visibility: 90 * time.Second,
			External: map[string]string{"chat": "chat-prod"}, Env: map[string]secret.Text{"CURRENCY": "EUR"},
		},
		opts: plan.DeployOptions{
			Stage: "prod", Tracing: true, Ops: "create", Alarms: plan.FullAlarms, Architecture: plan.X86,
			LogRetention: 5 * 24 * time.Hour, ThrottleRate: 20, ThrottleBurst: 10,
		},
	}
}

// wide is an application of n subscribers, which are divided among stacks where they
// are too many for one.
func wide(n int) system {
	return system{app: withRoutes(generated(n, "paid"), 2), planned: plan.Options{Key: "alias/ours"}}
}

// TestTheTemplatesSayWhatTheTreeSays reads the plan back from the templates. Nothing is
// left out of the comparison.
func TestTheTemplatesSayWhatTheTreeSays(t *testing.T) {
	for name, s := range map[string]system{"food delivery": demo(t), "shop": shop(), "wide": wide(45)} {
		for _, layout := range []plan.Layout{plan.Nested, plan.Single, plan.Split} {
			t.Run(fmt.Sprint(name, " ", layout), func(t *testing.T) {
				s := s
				if name == "wide" && layout == plan.Single {
					s = wide(35) // more do not fit into one stack
				}
				s.opts.Layout = layout
				dir := s.synth(t)
				got, err := blueprint.Read(dir)
				if err != nil {
					t.Fatal(err)
				}
				d := s.deployment(t)
				if name != "wide" && !slices.ContainsFunc(d.Functions, func(f plan.Function) bool { return len(f.Publishes) > 0 }) {
					t.Fatal("no function publishes, so no grant is compared")
				}
				want := blueprint.Blueprint{
					Plan: d.Plan, Stage: d.Stage, Architecture: d.Architecture, Tracing: d.Tracing, OpsTopic: d.OpsTopic,
					LogRetention: d.LogRetention, ThrottleRate: d.ThrottleRate, ThrottleBurst: d.ThrottleBurst, Programs: map[string]string{},
				}
				for _, f := range d.Functions {
					want.Programs[f.ID] = onlyAsset(t, dir)
				}
				// That a list is empty, or that there is none, is the same to a plan.
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("what the tree says (-) and the templates (+):\n%s", diff)
				}
			})
		}
	}
}

// onlyAsset is the folder of the one program that all functions are here.
func onlyAsset(t *testing.T, dir string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "asset.*"))
	if err != nil || len(all) != 1 {
		t.Fatalf("assets %v, %v", all, err)
	}
	return all[0]
}
