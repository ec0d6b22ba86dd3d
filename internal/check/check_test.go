package check_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/check"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/plan"
)

// A shop is an application with the topics placed, paid and failed, each with one
// subscriber of the topic's name, made by what these publish.
func shop(publishes map[string][]flow.Publish) (app.App, graph.Graph, flow.Flow) {
	a := app.App{Module: "example.com/shop"}
	var f flow.Flow
	for _, topic := range []string{"failed", "paid", "placed"} {
		a.Topics = append(a.Topics, app.Topic{
			Name: topic, GoName: strings.ToUpper(topic[:1]) + topic[1:], Pos: app.Pos("less/topics/" + topic + "/message.go:3"),
			Subscribers: []app.Subscriber{{Topic: topic, Name: "on_" + topic}},
		})
		f.Functions = append(f.Functions, flow.Function{ID: "topics/" + topic + "/on_" + topic, Publishes: publishes[topic]})
	}
	return a, graph.New(a, plan.New(a, f, plan.Options{}), f), f
}

func to(topic string, condition flow.Condition) []flow.Publish {
	return []flow.Publish{{Topic: topic, Condition: condition, Pos: app.Pos("less/" + topic + ".go:7")}}
}

func rules(findings []check.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, string(f.Rule)+" "+string(f.Pos))
	}
	return out
}

func TestACycleWithoutAWayOutIsFound(t *testing.T) {
	for name, tt := range map[string]struct {
		condition flow.Condition
		want      []string
	}{
		"always":      {flow.Always, []string{"endless-cycle less/paid.go:7"}},
		"on success":  {flow.OnSuccess, []string{"endless-cycle less/paid.go:7"}},
		"conditional": {flow.Conditional, nil},
		"on failure":  {flow.OnFailure, nil},
	} {
		t.Run(name, func(t *testing.T) {
			a, g, f := shop(map[string][]flow.Publish{
				"placed": append(to("paid", flow.Always), to("failed", flow.OnFailure)...),
				"paid":   to("placed", tt.condition),
			})
			got := check.All(fstest.MapFS{}, a, g, f)
			if diff := cmp.Diff(tt.want, rules(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(got) > 0 && !strings.Contains(got[0].Message, "paid/on_paid -> placed -> placed/on_placed -> paid") {
				t.Errorf("the cycle is not named: %s", got[0].Message)
			}
		})
	}
}

func TestTopicsWithoutPublishersOrSubscribersAreFound(t *testing.T) {
	a, _, f := shop(map[string][]flow.Publish{"placed": to("paid", flow.Always)})
	a.Topics[1].Subscribers = nil // paid
	g := graph.New(a, plan.New(a, f, plan.Options{}), f)
	got := rules(check.All(fstest.MapFS{}, a, g, f))
	want := []string{
		"no-subscriber less/paid.go:7",
		"no-publisher less/topics/failed/message.go:3",
		"no-publisher less/topics/placed/message.go:3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAFindingIsAcceptedWithAReasonOnItsLineOrTheOneAbove(t *testing.T) {
	finding := flow.Finding{Rule: flow.IgnoredError, Pos: "x.go:3", Message: "m"}
	for code, want := range map[string]string{
		"package x\n\nf() //less:allow ignored-error it hurts nobody\n": "it hurts nobody",
		"package x\n//less:allow ignored-error it hurts nobody\nf()\n":  "it hurts nobody",
		"//less:allow ignored-error too far away\n\nf()\n":              "",
		"package x\n//less:allow no-subscriber another rule\nf()\n":     "",
		"package x\n//less:allow ignored-error\nf()\n":                  "",
		"package x\n//less:allow ignored-error \nf()\n":                 "",
		"package x\n// less:allow ignored-error with a space\nf()\n":    "",
		"": "",
	} {
		files := fstest.MapFS{"x.go": {Data: []byte(code)}}
		got := check.All(files, app.App{}, graph.Graph{}, flow.Flow{Functions: []flow.Function{{Findings: []flow.Finding{finding}}}})
		if len(got) != 1 || got[0].Allowed != want {
			t.Errorf("%q: accepted %+v, want %q", code, got, want)
		}
		if open := check.Open(got); (len(open) == 0) != (want != "") {
			t.Errorf("%q: open %+v", code, open)
		}
	}
}

func TestRefusalsAreFindings(t *testing.T) {
	f := flow.Flow{Functions: []flow.Function{
		{ID: "a", Refusals: []flow.Refusal{{Pos: "x.go:10", Message: "m"}}, Findings: []flow.Finding{{Rule: flow.IgnoredError, Pos: "x.go:9", Message: "n"}}},
		{ID: "b", Refusals: []flow.Refusal{{Pos: "x.go:10", Message: "m"}}},
	}}
	want := []string{"ignored-error x.go:9", "not-followed x.go:10"}
	if diff := cmp.Diff(want, rules(check.All(fstest.MapFS{}, app.App{}, graph.Graph{}, f))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnExternalTopicWithoutASubscriberIsFound(t *testing.T) {
	a := app.App{Module: "example.com/shop", External: []app.ExternalTopic{
		{App: "chat", Name: "message_sent", Pos: "less/external_topics/chat/message_sent/message.go:3", Subscribers: []app.Subscriber{{App: "chat", Topic: "message_sent", Name: "notify"}}},
		{App: "chat", Name: "room_closed", Pos: "less/external_topics/chat/room_closed/message.go:3"},
	}}
	f := flow.Flow{Functions: []flow.Function{{ID: "external_topics/chat/message_sent/notify"}}}
	got := check.All(fstest.MapFS{}, a, graph.New(a, plan.New(a, f, plan.Options{}), f), f)
	if diff := cmp.Diff([]string{"no-subscriber less/external_topics/chat/room_closed/message.go:3"}, rules(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
