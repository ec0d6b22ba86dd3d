package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/secret"
)

// many are n subscribers of topic.
func many(topic string, n int) app.Topic {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("subscriber_%04d", i))
	}
	return subscribers(topic, names...)
}

func routes(api string, n int) app.API {
	out := app.API{Name: api}
	for i := range n {
		out.Routes = append(out.Routes, route(api, fmt.Sprintf("/things_%03d", i), "GET", app.Settings{}))
	}
	return out
}

func deploy(t *testing.T, a app.App, o plan.DeployOptions) plan.Deployment {
	t.Helper()
	d, err := plan.Deploy(newPlan(a), o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func newPlan(a app.App) plan.Plan {
	a.Module = "example.com/shop"
	return plan.New(a, flow.Flow{}, plan.Options{Name: "shop-dev"})
}

// homes are the stacks of subscribers.
func homes(d plan.Deployment) map[string]string {
	out := map[string]string{}
	for _, s := range d.Stacks {
		for _, sub := range s.Subscriptions {
			out[sub.Function] = s.ID
		}
		for _, f := range s.Functions {
			out[f] = s.ID
		}
	}
	return out
}

func TestAStackForEachAPIAndTopic(t *testing.T) {
	a := app.App{APIs: []app.API{routes("orders", 2)}, Topics: []app.Topic{many("order_placed", 2), many("paid", 0)}}
	var got []string
	for _, s := range deploy(t, a, plan.DeployOptions{}).Stacks {
		got = append(got, fmt.Sprint(s.ID, " ", s.Name, " ", len(s.Functions), " ", len(s.Subscriptions)))
	}
	want := []string{
		"topics/order_placed shop-dev-topic-order-placed 0 2", "topics/paid shop-dev-topic-paid 0 0",
		"apis/orders shop-dev-api-orders 2 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stacks (-want +got):\n%s", diff)
	}
}

func TestFunctionsPastTheLimitAreDividedByTheirNames(t *testing.T) {
	for _, n := range []int{41, 200, 1000} {
		a := app.App{Topics: []app.Topic{many("t", n)}}
		before := deploy(t, a, plan.DeployOptions{Layout: plan.Split})
		a.Topics[0].Subscribers = append(a.Topics[0].Subscribers, app.Subscriber{Topic: "t", Name: "a_new_one"})
		after := deploy(t, a, plan.DeployOptions{Layout: plan.Split})
		now := homes(after)
		for f, home := range homes(before) {
			if now[f] != home {
				t.Errorf("%d subscribers: one more moves %s from %s to %s", n, f, home, now[f])
			}
		}
		if len(homes(before)) != n {
			t.Errorf("%d of %d subscribers are in a stack", len(homes(before)), n)
		}
		for _, s := range after.Stacks {
			if len(s.Subscriptions) > plan.MaxSubscribers {
				t.Errorf("%s holds %d subscribers", s.ID, len(s.Subscriptions))
			}
		}
	}
}

func TestTheGatewayStaysTogetherAndComesLast(t *testing.T) {
	d := deploy(t, app.App{APIs: []app.API{routes("orders", 100)}}, plan.DeployOptions{})
	last := d.Stacks[len(d.Stacks)-1]
	if last.API == nil || len(last.Functions) != 0 || len(last.After) != len(d.Stacks)-1 {
		t.Errorf("the last stack is %s, with %d functions, after %v", last.ID, len(last.Functions), last.After)
	}
	if n := len(homes(d)); n != 100 {
		t.Errorf("%d of 100 functions are in a stack", n)
	}
}

func TestATreeThatCannotBeDeployedIsRefusedWithItsFolder(t *testing.T) {
	upper := subscribers("t", "Notify", "notify")
	wide := subscribers("t", "a")
	wide.Subscribers[0].Settings = app.Settings{BatchSize: 100, Concurrency: 1}
	for name, c := range map[string]struct {
		app  app.App
		opts plan.DeployOptions
		want []string
	}{
		"400 routes": {app.App{APIs: []app.API{routes("orders", 400)}}, plan.DeployOptions{}, []string{
			"less/apis/orders: 400 routes, and an API that fits into a stack has at most 160. Move some to another folder of less/apis",
		}},
		"names that meet": {app.App{Topics: []app.Topic{upper}}, plan.DeployOptions{}, []string{
			"less/topics/t/notify: its function would be called shop-dev-t-notify, as that of less/topics/t/Notify. Rename one of the folders",
		}},
		"settings": {app.App{Topics: []app.Topic{wide}}, plan.DeployOptions{}, []string{
			"less/topics/t/a: Concurrency is 1, and an event source mapping takes 2 to 1000",
			"less/topics/t/a: BatchSize is 100",
		}},
		"one stack": {app.App{Topics: []app.Topic{many("t", 60)}}, plan.DeployOptions{Layout: plan.Single}, []string{
			"less/: about 608 resources, and one stack holds 500. Set stacks to nested",
		}},
		"one operation": {app.App{Topics: []app.Topic{many("t", 300)}}, plan.DeployOptions{}, []string{
			"Set stacks to split in less.config, and deploy with --all",
		}},
		"too few shards": {app.App{Topics: []app.Topic{many("t", 100)}}, plan.DeployOptions{Shards: map[string]int{"topics/t": 2}}, []string{
			"less/topics/t: 100 subscribers in 2 stacks put", "Raise its number under shards",
		}},
		"options": {app.App{}, plan.DeployOptions{Layout: "many", Gateway: "soap", Alarms: "none", Ops: "me", Shards: map[string]int{"topics/x": 1}}, []string{
			`api is "soap"`, `stacks is "many"`, `alarms is "none"`, `opsTopic is "me"`, "there is no folder less/topics/x",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := plan.Deploy(newPlan(c.app), c.opts)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v does not say %q", err, want)
				}
			}
		})
	}
}

func TestAnEnvironmentThatIsLongerThanLambdaTakesIsRefused(t *testing.T) {
	a := app.App{Topics: []app.Topic{subscribers("t", "a")}}
	// 136 are for the two variables that every function has, and the names.
	for length, fits := range map[int]bool{4096 - 136: true, 4097 - 136: false} {
		p := plan.New(a, flow.Flow{}, plan.Options{Name: "shop-dev", Env: map[string]secret.Text{
			"PAYMENT_KEY": secret.Text(strings.Repeat("x", length)), "ONE": "&",
		}})
		_, err := plan.Deploy(p, plan.DeployOptions{})
		if fits != (err == nil) {
			t.Errorf("%d bytes: %v", length, err)
		}
		if err != nil && (!strings.HasPrefix(err.Error(), "less/topics/t/a: its environment variables are 4097 bytes") || strings.Contains(err.Error(), "xxx")) {
			t.Error(err)
		}
	}
}

func TestMoreTopicsThanTheRoleOfTheTopicsAPIHoldsAreRefused(t *testing.T) {
	for n, fits := range map[int]bool{80: true, 200: false} {
		var a app.App
		for i := range n {
			a.Topics = append(a.Topics, subscribers(fmt.Sprintf("topic_%03d", i)))
		}
		for asked, fits := range map[bool]bool{true: fits, false: true} {
			_, err := plan.Deploy(plan.New(a, flow.Flow{}, plan.Options{Name: "shop-dev", TopicsAPI: asked}), plan.DeployOptions{})
			if fits != (err == nil) || err != nil && !strings.Contains(err.Error(), "less/topics: 200 topics, more than the policy of the Topics API's role holds") {
				t.Errorf("%d topics, asked for %t: %v", n, asked, err)
			}
		}
	}
}

func TestProductionKeepsItsDataAndIsProtected(t *testing.T) {
	for stage, want := range map[string]bool{"prod": true, "production": true, "dev": false, "": false} {
		if d := deploy(t, app.App{}, plan.DeployOptions{Stage: stage}); d.Retain != want || d.Protect != want {
			t.Errorf("stage %q: retain %v, protect %v", stage, d.Retain, d.Protect)
		}
	}
}

func TestFullAlarmsWatchQueuesAndFunctionsToo(t *testing.T) {
	a := app.App{Topics: []app.Topic{many("t", 40)}}
	for level, want := range map[plan.AlarmLevel]int{plan.BasicAlarms: 1, plan.FullAlarms: 5} {
		d := deploy(t, a, plan.DeployOptions{Alarms: level})
		if got := len(d.SubscriberAlarms(d.Topics[0].Subscriptions[0])); got != want {
			t.Errorf("%s: %d alarms of a subscriber, want %d", level, got, want)
		}
		for _, s := range d.Stacks {
			if n := d.Resources(s); n > 500 {
				t.Errorf("%s: %s holds %d resources", level, s.ID, n)
			}
		}
	}
}

func TestAnExternalTopicHasAStackForItsSubscribersAlone(t *testing.T) {
	a := app.App{Module: "example.com/shop", External: []app.ExternalTopic{external("chat", "message_sent", "notify"), external("chat", "room_closed")}}
	p := plan.New(a, flow.Flow{}, plan.Options{Name: "shop-dev", External: map[string]string{"chat": "chat-dev"}})
	d, err := plan.Deploy(p, plan.DeployOptions{Shards: map[string]int{"external_topics/chat/message_sent": 1}})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Stacks) != 1 || d.Stacks[0].ID != "external_topics/chat/message_sent" || d.Stacks[0].Name != "shop-dev-external-chat-message-sent" ||
		d.Stacks[0].Topic != nil || len(d.Stacks[0].Subscriptions) != 1 {
		t.Errorf("stacks %+v", d.Stacks)
	}
}

func TestAPlaceholderMustStandForAnotherDeployment(t *testing.T) {
	a := app.App{Module: "example.com/shop", External: []app.ExternalTopic{
		external("billing", "paid", "ship"), external("chat", "message_sent", "notify"), external("chat", "room_closed", "notify"),
		external("self", "order_placed", "ship"), external("long", strings.Repeat("x", 300), "notify"),
	}}
	p := plan.New(a, flow.Flow{}, plan.Options{Name: "shop-test", External: map[string]string{"billing": "billing-test", "self": "shop-test", "long": "long"}})
	_, err := plan.Deploy(p, plan.DeployOptions{Stage: "test"})
	if err == nil {
		t.Fatal("a plan without deployments was deployed")
	}
	for _, want := range []string{
		"less/external_topics/chat: nothing says which deployment chat is. Write in less.config: external_topics: {chat: chat-test}, with its name\n",
		"less/external_topics/self: it is shop-test, this deployment itself",
		"the topic would be called long-xxx",
	} {
		if n := strings.Count(err.Error(), want); n != 1 {
			t.Errorf("the error says %d times %q:\n%v", n, want, err)
		}
	}
}
