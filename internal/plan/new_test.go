package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/plan"
)

func route(api, path, method string, s app.Settings) app.Route {
	dir := "less/apis/" + api + strings.NewReplacer("{", "by_", "}", "").Replace(path)
	return app.Route{
		API: api, Method: method, Path: path, Settings: s,
		Package: app.Package{Dir: strings.TrimSuffix(dir, "/")},
	}
}

func subscribers(topic string, names ...string) app.Topic {
	t := app.Topic{Name: topic}
	for _, n := range names {
		t.Subscribers = append(t.Subscribers, app.Subscriber{Topic: topic, Name: n})
	}
	return t
}

func TestDefaultsOfARouteAndASubscriber(t *testing.T) {
	got := plan.New(app.App{
		Module: "example.com/shop",
		APIs:   []app.API{{Name: "orders", Routes: []app.Route{route("orders", "/orders", "POST", app.Settings{})}}},
		Topics: []app.Topic{subscribers("order_placed", "charge_card")},
	}, flow.Flow{Functions: []flow.Function{{
		ID:        "apis/orders/orders/post",
		Publishes: []flow.Publish{{Topic: "order_placed", Condition: flow.OnSuccess}},
	}}}, plan.Options{})
	want := plan.Plan{
		Name:        "shop",
		TopicPrefix: "shop-",
		APIs: []plan.API{{ID: "apis/orders", Name: "orders", Routes: []plan.Route{
			{Method: "POST", Path: "/orders", Function: "apis/orders/orders/post"},
		}}},
		Topics: []plan.Topic{{
			ID: "topics/order_placed", Name: "order_placed", Resource: "shop-order_placed",
			Subscriptions: []plan.Subscription{{
				Topic: "order_placed", Function: "topics/order_placed/charge_card", Resource: "shop-order_placed",
				Queue: plan.Queue{
					Name: "shop-order_placed-charge_card", Visibility: 3 * time.Minute,
					Retention: 4 * 24 * time.Hour, MaxReceives: 5,
				},
				DeadLetter: plan.Queue{
					Name: "shop-order_placed-charge_card-dlq", Visibility: 30 * time.Second,
					Retention: 14 * 24 * time.Hour,
				},
				Mapping: plan.Mapping{BatchSize: 10, Concurrency: 10},
			}},
		}},
		Functions: []plan.Function{
			{
				ID: "apis/orders/orders/post", Name: "shop-api-orders-orders-post",
				Main: "functions/apis/orders/orders/post", Timeout: 29 * time.Second, Memory: 128,
				Publishes: []string{"order_placed"},
			},
			{
				ID: "topics/order_placed/charge_card", Name: "shop-order_placed-charge_card",
				Main: "functions/topics/order_placed/charge_card", Timeout: 30 * time.Second, Memory: 128,
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

func TestSettingsReplaceDefaults(t *testing.T) {
	a := app.App{Module: "example.com/shop", Topics: []app.Topic{subscribers("order_placed", "charge_card")}}
	a.Topics[0].Subscribers[0].Settings = app.Settings{
		Timeout: 10 * time.Second, Memory: 512, MaxReceives: 2, BatchSize: 1, Concurrency: 3,
	}
	p := plan.New(a, flow.Flow{}, plan.Options{Name: "prod"})
	f, found := p.Function("topics/order_placed/charge_card")
	if !found || f.Timeout != 10*time.Second || f.Memory != 512 || f.Name != "prod-order_placed-charge_card" {
		t.Errorf("function = %+v, found %v", f, found)
	}
	s := p.Topics[0].Subscriptions[0]
	if s.Queue.Visibility != time.Minute || s.Queue.MaxReceives != 2 {
		t.Errorf("queue = %+v: want six timeouts of visibility and 2 receives", s.Queue)
	}
	if want := (plan.Mapping{BatchSize: 1, Concurrency: 3}); s.Mapping != want {
		t.Errorf("mapping = %+v, want %+v", s.Mapping, want)
	}
}

func TestVisibilityOptionReplacesEveryQueues(t *testing.T) {
	a := app.App{Module: "example.com/shop", Topics: []app.Topic{subscribers("order_placed", "a", "b")}}
	for _, s := range plan.New(a, flow.Flow{}, plan.Options{Visibility: 5 * time.Second}).Topics[0].Subscriptions {
		if s.Queue.Visibility != 5*time.Second {
			t.Errorf("%s: visibility %v, want 5s", s.Function, s.Queue.Visibility)
		}
	}
}

func TestNamesKeepWithinLimitsAndApart(t *testing.T) {
	long := strings.Repeat("very_", 30)
	a := app.App{
		Module: "example.com/food_delivery_system/v2",
		APIs: []app.API{{Name: "orders", Routes: []app.Route{
			route("orders", "/a-b/c", "GET", app.Settings{}),
			route("orders", "/a/b-c", "GET", app.Settings{}),
			route("orders", "/", "GET", app.Settings{}),
			route("orders", "/"+long+"1", "GET", app.Settings{}),
			route("orders", "/"+long+"2", "GET", app.Settings{}),
		}}},
		Topics: []app.Topic{
			subscribers("restaurant_order_confirmation_failed", "payment_service_initiate_payment_reversal", "notification_service_notify_user"),
			subscribers("api", "orders_get", "orders"),
			subscribers("orders", "get", "get_dlq"),
			subscribers("t", long+"1", long+"2"),
		},
	}
	p := plan.New(a, flow.Flow{}, plan.Options{})
	seen := map[string]string{}
	check := func(kind, name string, limit int) {
		t.Helper()
		if len(name) > limit {
			t.Errorf("%s %q has %d characters, more than %d", kind, name, len(name), limit)
		}
		key := kind + strings.ToLower(name)
		if seen[key] != "" {
			t.Errorf("two %ss are called %q", kind, name)
		}
		seen[key] = name
	}
	for _, f := range p.Functions {
		check("function", f.Name, 64)
	}
	for _, topic := range p.Topics {
		for _, s := range topic.Subscriptions {
			check("queue", s.Queue.Name, 80)
			check("queue", s.DeadLetter.Name, 80)
		}
	}
	again := plan.New(app.App{Module: a.Module, Topics: a.Topics[3:]}, flow.Flow{}, plan.Options{})
	if want, got := p.Topics[3], again.Topics[0]; !cmp.Equal(want, got) {
		t.Errorf("names move when neighbours go: %s", cmp.Diff(want, got))
	}
}

func external(placeholder, topic string, names ...string) app.ExternalTopic {
	t := app.ExternalTopic{App: placeholder, Name: topic}
	for _, n := range names {
		t.Subscribers = append(t.Subscribers, app.Subscriber{App: placeholder, Topic: topic, Name: n})
	}
	return t
}

func TestAnExternalTopicIsTheNamedDeploymentsWithQueuesOfOnesOwn(t *testing.T) {
	a := app.App{Module: "example.com/shop", External: []app.ExternalTopic{
		external("billing", "paid", "ship"), external("chat", "message_sent", "notify"),
	}}
	p := plan.New(a, flow.Flow{}, plan.Options{External: map[string]string{"chat": "chat-dev"}})
	var got []string
	for _, e := range p.External {
		s := e.Subscriptions[0]
		f, _ := p.Function(s.Function)
		got = append(got, e.Deployment, e.Resource, s.Resource, s.Topic, s.Queue.Name, s.DeadLetter.Name, f.Name, f.Main)
	}
	want := []string{
		"billing", "billing-paid", "billing-paid", "billing/paid",
		"shop-external-billing-paid-ship", "shop-external-billing-paid-ship-dlq",
		"shop-external-billing-paid-ship", "functions/external_topics/billing/paid/ship",
		"chat-dev", "chat-dev-message_sent", "chat-dev-message_sent", "chat/message_sent",
		"shop-external-chat-message_sent-notify", "shop-external-chat-message_sent-notify-dlq",
		"shop-external-chat-message_sent-notify", "functions/external_topics/chat/message_sent/notify",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !p.External[0].Assumed || p.External[1].Assumed {
		t.Error("a deployment is assumed where none is named, and only there")
	}
	if n := len(p.Subscriptions()); n != 2 {
		t.Errorf("the plan has %d subscriptions, want 2", n)
	}
}

func TestApplicationsSideBySideKeepTheirNamesOnAWSAndAreToldApart(t *testing.T) {
	shop := app.App{
		Module:   "example.com/shop",
		APIs:     []app.API{{Name: "orders", Routes: []app.Route{route("orders", "/orders", "POST", app.Settings{})}}},
		Topics:   []app.Topic{subscribers("placed", "charge")},
		External: []app.ExternalTopic{external("chat", "placed", "note")},
		Crons:    []app.Cron{{Name: "report", Schedule: "rate(1 day)"}},
	}
	chat := shop
	chat.Module = "example.com/chat"
	publishes := flow.Flow{Functions: []flow.Function{{ID: "crons/report", Publishes: []flow.Publish{{Topic: "placed"}}}}}
	first, second := plan.New(shop, publishes, plan.Options{}), plan.New(chat, publishes, plan.Options{})
	p := plan.Beside(first, second)

	if diff := cmp.Diff(first, plan.Beside(first)); diff != "" {
		t.Errorf("one alone is as it was (-want +got):\n%s", diff)
	}
	if n := len(second.Topics[0].Subscriptions); n != 1 || second.Topics[0].Subscriptions[0].Function != "topics/placed/charge" {
		t.Errorf("the plan of the other has changed: %+v", second.Topics)
	}
	var got []string
	for _, f := range p.Functions {
		got = append(got, f.ID+" is "+f.Name+", "+f.Identity()+", publishes to "+p.TopicPrefixOf(f))
		if _, found := p.Function(f.ID); !found {
			t.Errorf("%s is not found", f.ID)
		}
	}
	want := []string{
		"apis/orders/orders/post is shop-api-orders-orders-post, apis/orders/orders/post, publishes to shop-",
		"chat:apis/orders/orders/post is chat-api-orders-orders-post, apis/orders/orders/post, publishes to chat-",
		"chat:crons/report is chat-cron-report, crons/report, publishes to chat-",
		"chat:external_topics/chat/placed/note is chat-external-chat-placed-note, external_topics/chat/placed/note, publishes to chat-",
		"chat:topics/placed/charge is chat-placed-charge, topics/placed/charge, publishes to chat-",
		"crons/report is shop-cron-report, crons/report, publishes to shop-",
		"external_topics/chat/placed/note is shop-external-chat-placed-note, external_topics/chat/placed/note, publishes to shop-",
		"topics/placed/charge is shop-placed-charge, topics/placed/charge, publishes to shop-",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
	got = nil
	for _, s := range p.Subscriptions() {
		got = append(got, s.Topic+" > "+s.Function)
	}
	got = append(got, p.APIs[1].Name, p.APIs[1].Routes[0].Function, p.Crons[1].Function)
	want = []string{
		"placed > topics/placed/charge", "chat:placed > chat:topics/placed/charge",
		"chat/placed > external_topics/chat/placed/note", "chat:chat/placed > chat:external_topics/chat/placed/note",
		"chat:orders", "chat:apis/orders/orders/post", "chat:crons/report",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
