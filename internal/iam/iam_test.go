package iam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/iam"
	"github.com/less-go/less/internal/plan"
)

// roles are those of an application with one subscriber, which publishes to topics.
func roles(topics ...string) []iam.Role {
	a := app.App{Module: "example.com/shop", Topics: []app.Topic{{
		Name: "placed", Subscribers: []app.Subscriber{{Topic: "placed", Name: "charge", Pos: "less/topics/placed/charge/process.go:9"}},
	}}}
	fn := flow.Function{ID: "topics/placed/charge"}
	for i, topic := range topics {
		fn.Publishes = append(fn.Publishes, flow.Publish{
			Topic: topic, Pos: app.Pos(fmt.Sprintf("less/x.go:%d", 10+i)),
			Path: []flow.Step{{Function: "charge.Process"}, {Function: "charge.done"}},
		})
	}
	f := flow.Flow{Functions: []flow.Function{fn}}
	return iam.Roles(a, plan.New(a, f, plan.Options{}), f)
}

func TestARoleAllowsTheLogTheTopicsAndTheQueueOnly(t *testing.T) {
	var got []string
	for _, r := range roles("paid", "paid") {
		for _, s := range r.Statements {
			for _, reason := range s.Reasons {
				got = append(got, fmt.Sprintf("%s on %s: %s %s", strings.Join(s.Actions, " "), s.Resource, reason.Pos, reason.Text))
			}
		}
	}
	const arn = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:%s"
	want := []string{
		"logs:CreateLogStream logs:PutLogEvents on " + fmt.Sprintf(arn, "logs", "log-group:/aws/lambda/shop-placed-charge:*") +
			": less/topics/placed/charge/process.go:9 its log",
		"sns:Publish on " + fmt.Sprintf(arn, "sns", "shop-paid") + ": less/x.go:10 charge.Process > charge.done publishes",
		"sns:Publish on " + fmt.Sprintf(arn, "sns", "shop-paid") + ": less/x.go:11 charge.Process > charge.done publishes",
		"sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage on " + fmt.Sprintf(arn, "sqs", "shop-placed-charge") +
			": less/topics/placed/charge/process.go:9 its queue, of the topic placed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDiffTellsWhatGrewFirst(t *testing.T) {
	var got []string
	for _, c := range iam.Diff(roles("paid", "noted"), roles("paid", "failed")) {
		got = append(got, fmt.Sprint(c.Grown, " ", c.Action, " ", c.Resource[strings.LastIndexByte(c.Resource, ':')+1:]))
	}
	want := []string{"true sns:Publish shop-failed", "false sns:Publish shop-noted"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if same := iam.Diff(roles("paid"), roles("paid")); len(same) != 0 {
		t.Errorf("nothing has changed, and the diff is %v", same)
	}
}

func TestTheTopicsAPIMayPublishToEachTopic(t *testing.T) {
	a := app.App{Module: "example.com/shop", Topics: []app.Topic{{Name: "paid"}, {Name: "placed"}}}
	all := iam.Roles(a, plan.New(a, flow.Flow{}, plan.Options{TopicsAPI: true}), flow.Flow{})
	if len(all) != 1 || all[0].Function != iam.TopicsAPI || len(all[0].Statements) != 2 {
		t.Fatalf("roles %+v", all)
	}
	for i, topic := range []string{"shop-paid", "shop-placed"} {
		s := all[0].Statements[i]
		if s.Name != topic || strings.Join(s.Actions, " ") != "sns:Publish" || s.Reasons[0] != (iam.Reason{Pos: "less.config", Text: "topics_api"}) {
			t.Errorf("statement %+v", s)
		}
	}
}

func TestAKeyIsForReadingAndForPublishing(t *testing.T) {
	a := app.App{Module: "example.com/shop", Topics: []app.Topic{{Name: "placed", Subscribers: []app.Subscriber{
		{Topic: "placed", Name: "charge"}, {Topic: "placed", Name: "notify"},
	}}}}
	f := flow.Flow{Functions: []flow.Function{{ID: "topics/placed/charge", Publishes: []flow.Publish{{Topic: "placed"}}}}}
	want := map[string]string{"topics/placed/charge": "kms:Decrypt kms:GenerateDataKey", "topics/placed/notify": "kms:Decrypt"}
	for _, r := range iam.Roles(a, plan.New(a, f, plan.Options{Key: "alias/shop"}), f) {
		s := r.Statements[len(r.Statements)-1]
		if got := strings.Join(s.Actions, " "); got != want[r.Function] || s.Name != "alias/shop" || s.Condition == nil {
			t.Errorf("%s: %+v", r.Function, s)
		}
	}
}
