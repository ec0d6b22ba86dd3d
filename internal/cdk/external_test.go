package cdk_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/plan"
)

// chat is an application that subscribes to a topic of another one.
func chat(subscribers ...string) system {
	t := app.ExternalTopic{App: "chat", Name: "message_sent"}
	for _, name := range subscribers {
		t.Subscribers = append(t.Subscribers, app.Subscriber{App: "chat", Topic: "message_sent", Name: name})
	}
	return system{
		app:     app.App{Module: "example.com/less", External: []app.ExternalTopic{t}},
		planned: plan.Options{External: map[string]string{"chat": "chat-prod"}},
	}
}

func TestASubscriberOfAnotherDeploymentsTopic(t *testing.T) {
	for _, layout := range []plan.Layout{plan.Nested, plan.Single, plan.Split} {
		t.Run(string(layout), func(t *testing.T) {
			s := chat("notify")
			s.opts.Layout = layout
			all := resources(t, s.synth(t))
			if got := count(all); got["AWS::SNS::Topic"] != 0 || got["AWS::SNS::TopicPolicy"] != 0 || got["AWS::SNS::Subscription"] != 1 {
				t.Errorf("resources %v: the topic is the other deployment's, and the subscription ours", got)
			}
			path := "less-dev/external_topics/chat/message_sent/notify"
			if layout == plan.Split {
				path = "less-dev-external-chat-message-sent/notify"
			}
			own := below(all, path)
			if len(own) != 10 {
				t.Fatalf("%d resources below %s, want 10", len(own), path)
			}
			topic := arnStart + ":sns:" + here + ":chat-prod-message_sent"
			subscription := own["Subscription"].Properties
			if subscription["TopicArn"] != topic || subscription["RawMessageDelivery"] != true || subscription["Endpoint"] != "${"+path+"/Queue.Arn}" ||
				mapOf(subscription["RedrivePolicy"])["deadLetterTargetArn"] != "${"+path+"/DeadLetterQueue.Arn}" {
				t.Errorf("subscription %v", subscription)
			}
			for _, id := range []string{"QueuePolicy", "DeadLetterQueuePolicy"} {
				first := mapOf(list(mapOf(own[id].Properties["PolicyDocument"])["Statement"])[0])
				if got := mapOf(mapOf(first["Condition"])["ArnEquals"])["aws:SourceArn"]; got != topic || first["Action"] != "sqs:SendMessage" {
					t.Errorf("%s lets %v send, want %s alone", id, got, topic)
				}
			}
			if got := own["Queue"].Properties["QueueName"]; got != "less-dev-external-chat-message_sent-notify" {
				t.Errorf("the queue is called %v", got)
			}
		})
	}
}

func TestManySubscribersOfAnotherDeploymentsTopicAreDivided(t *testing.T) {
	var names []string
	for i := range 45 {
		names = append(names, fmt.Sprintf("s%02d", i))
	}
	s := chat(names...)
	stacks := map[string]bool{}
	for _, r := range resources(t, s.synth(t)) {
		if r.Type == "AWS::SNS::Subscription" {
			stacks[r.Stack] = true
		}
	}
	if len(stacks) < 2 {
		t.Errorf("45 subscribers are in %d stack", len(stacks))
	}
	var ids []string
	for _, one := range s.deployment(t).Stacks {
		if one.Of != "external_topics/chat/message_sent" || one.Topic != nil || len(one.Subscriptions) == 0 || len(one.After) > 0 {
			t.Errorf("stack %+v", one)
		}
		ids = append(ids, one.ID)
	}
	if !slices.IsSorted(ids) || len(ids) != len(stacks) {
		t.Errorf("stacks %v, and %d templates", ids, len(stacks))
	}
	if diff := cmp.Diff("external_topics/chat/message_sent.0", ids[0]); diff != "" {
		t.Error(diff)
	}
}
