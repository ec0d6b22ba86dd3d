package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/plan"
)

// shop makes an application of one route, POST /orders, and of subscribers, by
// what they publish and end well with: "placed/charge": "paid or failed!" is a
// subscriber of placed that publishes paid, or on failure failed.
func shop(route string, subscribers ...[2]string) (graph.Graph, flow.Flow) {
	a := app.App{Module: "example.com/shop", APIs: []app.API{{Name: "shop", Routes: []app.Route{{
		API: "shop", Method: "POST", Path: "/orders", Func: "Post",
		Package: app.Package{Dir: "less/apis/shop/orders"}, Pos: "less/apis/shop/orders/post.go:9",
	}}}}}
	f := flow.Flow{Functions: []flow.Function{publishing("apis/shop/orders/post", route)}}
	f.Functions[0].Answers = []flow.Answer{{Status: 201}, {Status: 400, Pos: "less/apis/shop/orders/post.go:11"}}
	for _, s := range subscribers {
		topic, name, _ := strings.Cut(s[0], "/")
		if n := len(a.Topics); n == 0 || a.Topics[n-1].Name != topic {
			a.Topics = append(a.Topics, app.Topic{Name: topic, Pos: app.Pos("less/topics/" + topic + "/message.go:1")})
		}
		if name == "" {
			continue
		}
		t := &a.Topics[len(a.Topics)-1]
		t.Subscribers = append(t.Subscribers, app.Subscriber{Topic: topic, Name: name, Pos: app.Pos("less/topics/" + s[0] + "/process.go:9")})
		f.Functions = append(f.Functions, publishing("topics/"+s[0], s[1]))
	}
	return graph.New(a, plan.New(a, f, plan.Options{}), f), f
}

func publishing(id, outcomes string) flow.Function {
	fn := flow.Function{ID: id}
	alternatives := strings.Split(outcomes, " or ")
	for i, alternative := range alternatives {
		set := []string{}
		for word := range strings.FieldsSeq(alternative) {
			condition := flow.Always
			if len(alternatives) > 1 {
				condition = flow.OnSuccess
			}
			topic, failure := strings.CutSuffix(word, "!")
			if failure {
				condition = flow.OnFailure
			}
			set = append(set, topic)
			fn.Publishes = append(fn.Publishes, flow.Publish{
				Topic: topic, Condition: condition, Pos: app.Pos(fmt.Sprintf("less/%s/process.go:%d", id, 20+i)),
			})
		}
		fn.Outcomes = append(fn.Outcomes, set)
	}
	return fn
}

// ends writes end states for people.
func ends(p graph.Paths) string {
	var out []string
	for _, e := range p.Ends {
		line := fmt.Sprintf("%s %s %d", e.Kind, e.Name, e.Runs)
		if e.Failure {
			line += " failure"
		}
		out = append(out, line+": "+strings.ReplaceAll(strings.Join(e.Chain, " > "), "topics/", ""))
	}
	if p.More {
		out = append(out, "more")
	}
	return strings.Join(out, "\n")
}

func TestEveryChoiceIsAnEndState(t *testing.T) {
	g, f := shop("placed",
		[2]string{"failed/refund", ""},
		[2]string{"paid/note", ""},
		[2]string{"paid/ship", ""},
		[2]string{"placed/charge", "paid or failed!"},
	)
	want := strings.TrimSpace(`
delivered paid 3: apis/shop/orders/post > placed > placed/charge > paid
delivered failed 2 failure: apis/shop/orders/post > placed > placed/charge > failed
dead_letter topics/placed/charge 0: apis/shop/orders/post > placed > placed/charge
dead_letter topics/failed/refund 0: apis/shop/orders/post > placed > placed/charge > failed > failed/refund
dead_letter topics/paid/note 0: apis/shop/orders/post > placed > placed/charge > paid > paid/note
dead_letter topics/paid/ship 0: apis/shop/orders/post > placed > placed/charge > paid > paid/ship
refused 400 0: apis/shop/orders/post
refused 500 0: apis/shop/orders/post`)
	if diff := cmp.Diff(want, ends(g.PathsFrom("apis/shop/orders/post", f))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want = strings.TrimSpace(`
delivered paid 2: paid
dead_letter topics/paid/note 0: paid > paid/note
dead_letter topics/paid/ship 0: paid > paid/ship`)
	if diff := cmp.Diff(want, ends(g.PathsFrom("topics/paid", f))); diff != "" {
		t.Errorf("from a topic (-want +got):\n%s", diff)
	}
}

func TestChoicesOfSeveralSubscribersMultiply(t *testing.T) {
	g, f := shop("placed",
		[2]string{"a/x", ""},
		[2]string{"b/x", ""},
		[2]string{"placed/one", "a or "},
		[2]string{"placed/two", "b or "},
	)
	want := strings.TrimSpace(`
delivered a, b 4: topics/placed > placed/one > a
delivered a 3: topics/placed > placed/one > a
delivered b 3: topics/placed > placed/two > b
delivered placed 2: topics/placed`)
	got, _, _ := strings.Cut(ends(g.PathsFrom("topics/placed", f)), "\ndead")
	got = strings.ReplaceAll(strings.ReplaceAll(got, ": placed", ": topics/placed"), "topics/topics", "topics")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnEndKnowsWhatRanAndWhatWasPublished(t *testing.T) {
	g, f := shop("placed",
		[2]string{"paid/note", ""},
		[2]string{"placed/charge", "paid or "},
		[2]string{"placed/count", "paid"},
	)
	var got []string
	for _, e := range g.PathsFrom("apis/shop/orders/post", f).Ends[:2] {
		got = append(got, strings.Join(e.Published, " ")+": "+strings.Join(e.Subscribers, " "))
	}
	want := []string{
		"topics/placed topics/paid topics/paid: topics/placed/charge topics/paid/note topics/placed/count topics/paid/note",
		"topics/placed topics/paid: topics/placed/charge topics/placed/count topics/paid/note",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestACycleEnds(t *testing.T) {
	g, f := shop("placed", [2]string{"paid/again", "placed"}, [2]string{"placed/charge", "paid or "})
	want := strings.TrimSpace(`
endless placed 2: apis/shop/orders/post > placed > placed/charge > paid > paid/again > placed
delivered placed 1: apis/shop/orders/post > placed`)
	got, _, _ := strings.Cut(ends(g.PathsFrom("apis/shop/orders/post", f)), "\ndead")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTooManyChoicesAreNotListed(t *testing.T) {
	subscribers := [][2]string{{"end/x", ""}}
	for i := range 12 {
		subscribers = append(subscribers, [2]string{fmt.Sprintf("placed/choose_%02d", i), "end or "})
	}
	g, f := shop("placed", subscribers...)
	p := g.PathsFrom("apis/shop/orders/post", f)
	good := 0
	for _, e := range p.Ends {
		if e.Kind == graph.Delivered {
			good++
		}
	}
	if !p.More || good == 0 || good > graph.MaxEnds {
		t.Errorf("%d ends are listed, more = %v; want at most %d, and more", good, p.More, graph.MaxEnds)
	}
}

func TestEventsStartAtRoutesAndAtTopicsThatNobodyPublishes(t *testing.T) {
	g, _ := shop("placed", [2]string{"imported/load", ""}, [2]string{"placed/charge", ""})
	want := []string{"apis/shop/orders/post", "topics/imported"}
	if diff := cmp.Diff(want, g.Starts()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheGraphHasOneEdgeForEachConditionAndADeadLetterForEachSubscriber(t *testing.T) {
	g, f := shop("placed", [2]string{"failed", ""}, [2]string{"placed/charge", "failed or failed!"})
	f.Functions[1].Publishes = append(f.Functions[1].Publishes, f.Functions[1].Publishes[0])
	var got []string
	for _, e := range g.Edges {
		got = append(got, fmt.Sprintf("%s %s %s %s", e.From, e.Kind, e.To, e.Condition))
	}
	want := []string{
		"apis/shop/orders/post publish topics/placed always",
		"topics/placed subscribe topics/placed/charge always",
		"topics/placed/charge dead_letter dead_letters/placed/charge failure",
		"topics/placed/charge publish topics/failed failure",
		"topics/placed/charge publish topics/failed success",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnotherApplicationsTopicIsABeginningThatNobodyHerePaysFor(t *testing.T) {
	a := app.App{
		Module: "example.com/shop", Topics: []app.Topic{{Name: "paid"}},
		External: []app.ExternalTopic{{App: "chat", Name: "message_sent", Subscribers: []app.Subscriber{
			{App: "chat", Topic: "message_sent", Name: "billing_service_charge"},
		}}},
	}
	f := flow.Flow{Functions: []flow.Function{publishing("external_topics/chat/message_sent/billing_service_charge", "paid")}}
	g := graph.New(a, plan.New(a, f, plan.Options{}), f)
	if diff := cmp.Diff([]string{"external_topics/chat/message_sent"}, g.Starts()); diff != "" {
		t.Errorf("starts (-want +got):\n%s", diff)
	}
	n, _ := g.Node("external_topics/chat/message_sent")
	if n.Kind != graph.ExternalTopic || n.Label != "chat: message_sent" {
		t.Errorf("the topic is %+v", n)
	}
	p := g.PathsFrom(n.ID, f)
	want := strings.TrimSpace(`
delivered paid 1: external_chat/message_sent > external_chat/message_sent/billing_service_charge > paid
dead_letter external_topics/chat/message_sent/billing_service_charge 0: external_chat/message_sent > external_chat/message_sent/billing_service_charge`)
	if diff := cmp.Diff(want, ends(p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"topics/paid"}, p.Ends[0].Published); diff != "" {
		t.Errorf("published here (-want +got):\n%s", diff)
	}
	if _, found := g.Node("dead_letters/chat/message_sent/billing_service_charge"); !found {
		t.Error("the subscriber has no dead-letter queue")
	}
}
