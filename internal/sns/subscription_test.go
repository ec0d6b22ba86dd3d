package sns_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/queue"
)

func queueARN(name string) string { return "arn:aws:sqs:eu-west-1:000000000000:" + name }

// subscribe subscribes a queue and returns the subscription's ARN.
func (r rig) subscribe(t *testing.T, topic, queue string, attributes map[string]string) string {
	t.Helper()
	out, err := r.Subscribe(t.Context(), &awssns.SubscribeInput{TopicArn: aws.String(topic), Protocol: aws.String("sqs"), Endpoint: aws.String(queueARN(queue)), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return *out.SubscriptionArn
}

func (r rig) subscriptionAttributes(t *testing.T, arn string) map[string]string {
	t.Helper()
	out, err := r.GetSubscriptionAttributes(t.Context(), &awssns.GetSubscriptionAttributesInput{SubscriptionArn: aws.String(arn)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes
}

func (r rig) setSubscription(t *testing.T, arn, name, value string) error {
	t.Helper()
	_, err := r.SetSubscriptionAttributes(t.Context(), &awssns.SetSubscriptionAttributesInput{SubscriptionArn: aws.String(arn), AttributeName: aws.String(name), AttributeValue: aws.String(value)})
	return err
}

func (r rig) publish(t *testing.T, topic, message string, attributes map[string]types.MessageAttributeValue) {
	t.Helper()
	if _, err := r.Publish(t.Context(), &awssns.PublishInput{TopicArn: aws.String(topic), Message: aws.String(message), MessageAttributes: attributes}); err != nil {
		t.Fatal(err)
	}
}

// bodies are those of the messages in a queue.
func (r rig) bodies(t *testing.T, queue string) (bodies []string) {
	t.Helper()
	for _, m := range r.peek(t, queue) {
		bodies = append(bodies, string(m.Body))
	}
	return bodies
}

func (r rig) ensure(t *testing.T, specs ...queue.Spec) {
	t.Helper()
	for i := range specs {
		specs[i].Visibility, specs[i].Retention = 30*time.Second, time.Hour
	}
	if err := r.store.Ensure(t.Context(), specs...); err != nil {
		t.Fatal(err)
	}
}

func TestSubscription(t *testing.T) {
	r := newRig(t)
	arn := r.createTopic(t, "mine", nil)
	const redrive = `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dead"}`
	sub := r.subscribe(t, arn, "raw", map[string]string{"RawMessageDelivery": "TRUE", "RedrivePolicy": redrive})
	want := map[string]string{
		"SubscriptionArn": sub, "TopicArn": arn, "Owner": "000000000000", "Protocol": "sqs", "Endpoint": queueARN("raw"),
		"PendingConfirmation": "false", "ConfirmationWasAuthenticated": "true", "SubscriptionPrincipal": "arn:aws:iam::000000000000:root",
		"RawMessageDelivery": "true", "RedrivePolicy": redrive,
	}
	if diff := cmp.Diff(want, r.subscriptionAttributes(t, sub)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	for _, attributes := range []map[string]string{nil, {}, {"RawMessageDelivery": "true"}, {"RedrivePolicy": ` {"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:000000000000:dead"} `}} {
		if again := r.subscribe(t, arn, "raw", attributes); again != sub {
			t.Errorf("subscribing again with %v makes %s, want %s", attributes, again, sub)
		}
	}
	_, err := r.Subscribe(t.Context(), &awssns.SubscribeInput{TopicArn: aws.String(arn), Protocol: aws.String("sqs"), Endpoint: aws.String(queueARN("raw")), Attributes: map[string]string{"RawMessageDelivery": "false"}})
	checkError(t, err, "InvalidParameter", "Invalid parameter: Attributes Reason: Subscription already exists with different attributes")

	r.publish(t, arn, "1", nil)
	for range 2 {
		if _, err := r.Unsubscribe(t.Context(), &awssns.UnsubscribeInput{SubscriptionArn: aws.String(sub)}); err != nil {
			t.Fatal(err)
		}
	}
	r.publish(t, arn, "2", nil)
	if diff := cmp.Diff([]string{"1"}, r.bodies(t, "raw")); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestThePlansSubscriptionsCanBeChangedUntilTheNextPlan(t *testing.T) {
	r := newRig(t)
	out, err := r.ListSubscriptionsByTopic(t.Context(), &awssns.ListSubscriptionsByTopicInput{TopicArn: aws.String(orders)})
	if err != nil {
		t.Fatal(err)
	}
	raw, wrapped := *out.Subscriptions[0].SubscriptionArn, *out.Subscriptions[1].SubscriptionArn
	if got := r.subscriptionAttributes(t, raw); got["RawMessageDelivery"] != "true" || got["RedrivePolicy"] != `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dead"}` {
		t.Errorf("attributes %v", got)
	}
	if again := r.subscribe(t, orders, "raw", map[string]string{"RawMessageDelivery": "true"}); again != raw {
		t.Errorf("subscribing again makes %s, want %s", again, raw)
	}
	if err := r.setSubscription(t, raw, "FilterPolicy", `{"kind":["a"]}`); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Unsubscribe(t.Context(), &awssns.UnsubscribeInput{SubscriptionArn: aws.String(wrapped)}); err != nil {
		t.Fatal(err)
	}
	r.publish(t, orders, "1", nil)
	r.service.SetTopics(shopTopics())
	r.publish(t, orders, "2", nil)
	if diff := cmp.Diff([]string{"2"}, r.bodies(t, "raw")); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if n := len(r.peek(t, "envelope")); n != 1 {
		t.Errorf("%d enveloped messages, want 1", n)
	}
}

func TestFilters(t *testing.T) {
	r := newRig(t)
	arn := r.createTopic(t, "mine", nil)
	r.ensure(t, queue.Spec{Name: "body"})
	byAttribute := r.subscribe(t, arn, "raw", map[string]string{"RawMessageDelivery": "true", "FilterPolicy": `{"kind":["a"],"count":[{"numeric":[">",2]}]}`})
	r.subscribe(t, arn, "body", map[string]string{"RawMessageDelivery": "true", "FilterPolicy": `{"order":{"total":[{"numeric":[">=",10]}]}}`, "FilterPolicyScope": "MessageBody"})
	number := func(n string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("Number"), StringValue: aws.String(n)}
	}
	r.publish(t, arn, "1", map[string]types.MessageAttributeValue{"kind": text("a"), "count": number("3")})
	r.publish(t, arn, "2", map[string]types.MessageAttributeValue{"kind": text("a"), "count": number("2")})
	r.publish(t, arn, `{"order":{"total":10}}`, nil)
	r.publish(t, arn, `{"order":{"total":9}}`, nil)
	// Attributes do not go with a message that has a text for each protocol, but
	// filters see them, and that text.
	for _, total := range []string{"10", "9"} {
		_, err := r.Publish(t.Context(), &awssns.PublishInput{
			TopicArn: aws.String(arn), Message: aws.String(fmt.Sprintf(`{"default":"x","sqs":"{\"order\":{\"total\":%s}}"}`, total)), MessageStructure: aws.String("json"),
			MessageAttributes: map[string]types.MessageAttributeValue{"kind": text("a"), "count": number(total)},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"1", `{"order":{"total":10}}`, `{"order":{"total":9}}`}, r.bodies(t, "raw")); diff != "" {
		t.Errorf("by attributes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{`{"order":{"total":10}}`, `{"order":{"total":10}}`}, r.bodies(t, "body")); diff != "" {
		t.Errorf("by body (-want +got):\n%s", diff)
	}
	if n := len(r.peek(t, "raw")[1].Attributes); n != 0 {
		t.Errorf("%d attributes went with a message that has a text for each protocol", n)
	}
	if got := r.subscriptionAttributes(t, byAttribute); got["FilterPolicyScope"] != "MessageAttributes" {
		t.Errorf("attributes %v", got)
	}
	if err := r.setSubscription(t, byAttribute, "FilterPolicy", ""); err != nil {
		t.Fatal(err)
	}
	r.publish(t, arn, "3", nil)
	if got := r.bodies(t, "raw"); got[len(got)-1] != "3" {
		t.Errorf("without its filter the queue has %v", got)
	}
}

func TestEnvelopeOfAMessageWithATextForEachProtocol(t *testing.T) {
	r := newRig(t)
	_, err := r.Publish(t.Context(), &awssns.PublishInput{
		TopicArn: aws.String(orders), Message: aws.String(`{"default":"for all","http":"for http","email":1}`), MessageStructure: aws.String("json"),
		MessageAttributes: map[string]types.MessageAttributeValue{"kind": text("a")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(r.peek(t, "envelope")[0].Body, &got); err != nil {
		t.Fatal(err)
	}
	if got["Message"] != "for all" || got["MessageAttributes"] != nil {
		t.Errorf("envelope %v", got)
	}
}

func TestSubscriptionErrors(t *testing.T) {
	r := newRig(t)
	r.createTopic(t, "mine.fifo", map[string]string{"FifoTopic": "true"})
	sub := r.subscribe(t, orders, "dead", nil)
	subscribe := func(protocol, endpoint string, attributes ...string) []string {
		return append([]string{"TopicArn", orders, "Protocol", protocol, "Endpoint", endpoint}, entries(attributes...)...)
	}
	fifo := func(protocol, endpoint string, attributes ...string) []string {
		return append([]string{"TopicArn", strings.Replace(orders, "shop-orders", "mine.fifo", 1), "Protocol", protocol, "Endpoint", endpoint}, entries(attributes...)...)
	}
	set := func(name, value string) []string {
		return []string{"SubscriptionArn", sub, "AttributeName", name, "AttributeValue", value}
	}
	const redacted = "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]"
	const lambda = "arn:aws:lambda:eu-west-1:000000000000:function:f"
	nobody := orders + ":0f7d5971-aa8b-4bd5-b585-0826e9f93a66"
	for _, tt := range []struct {
		name, action string
		fields       []string
		code         string
		message      string
	}{
		{"unknown topic", "Subscribe", []string{"TopicArn", orders + "x"}, "NotFound", "Topic does not exist"},
		{"what is no topic", "Subscribe", []string{"TopicArn", "randomstring"}, "InvalidParameter", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"},
		{"no protocol", "Subscribe", subscribe("", "x"), "InvalidParameter", "Invalid parameter: Protocol Reason: no value for required parameter"},
		{"unknown protocol", "Subscribe", subscribe("test-protocol", "x"), "InvalidParameter", "Invalid parameter: Amazon SNS does not support this protocol string: test-protocol"},
		{"no endpoint", "Subscribe", subscribe("sqs", ""), "InvalidParameter", "Invalid parameter: Endpoint Reason: no value for required parameter"},
		{"URL of a queue", "Subscribe", subscribe("sqs", "http://localhost:4566/000000000000/raw"), "InvalidParameter", "Invalid parameter: SQS endpoint ARN"},
		{"queue of the engine's own", "Subscribe", subscribe("sqs", queueARN("async/f")), "InvalidParameter", "Invalid parameter: SQS endpoint ARN"},
		{"FIFO queue of a standard topic", "Subscribe", subscribe("sqs", queueARN("a.fifo")), "InvalidParameter", "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"},
		{"queue for a function", "Subscribe", subscribe("lambda", queueARN("raw")), "InvalidParameter", "Invalid parameter: Lambda endpoint ARN"},
		{"http for https", "Subscribe", subscribe("https", "http://localhost/"), "InvalidParameter", "Invalid parameter: Endpoint must match the specified protocol"},
		{"address that is none", "Subscribe", subscribe("email", "this is not an email"), "InvalidParameter", "Invalid parameter: Email address"},
		{"number that is none", "Subscribe", subscribe("sms", "NAA+15551234567"), "InvalidParameter", "Invalid SMS endpoint: NAA+15551234567"},
		{"telephone", "Subscribe", subscribe("sms", "+123123123"), "NotImplemented", "Less does not implement text messages."},
		{"stream", "Subscribe", subscribe("firehose", "arn:aws:firehose:eu-west-1:000000000000:deliverystream/x"), "NotImplemented", "Less does not implement subscriptions of protocol firehose."},
		{"function of a FIFO topic", "Subscribe", fifo("lambda", lambda), "InvalidParameter", "Invalid parameter: Invalid protocol type: lambda"},
		{"standard dead letters of a FIFO queue", "Subscribe", fifo("sqs", queueARN("a.fifo"), "RedrivePolicy", `{"deadLetterTargetArn":"`+queueARN("dead")+`"}`), "InvalidParameter", "Invalid parameter: Attributes Reason: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."},
		{"raw that is no bool", "Subscribe", subscribe("sqs", queueARN("new"), "RawMessageDelivery", "wrongvalue"), "InvalidParameter", "Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false."},
		{"raw for a function", "Subscribe", subscribe("lambda", lambda, "RawMessageDelivery", "true"), "InvalidParameter", "Invalid parameter: Attributes Reason: Delivery protocol [lambda] does not support raw message delivery."},
		{"scope", "Subscribe", subscribe("sqs", queueARN("new"), "FilterPolicyScope", "Foo"), "InvalidParameter", "Invalid parameter: Attributes Reason: FilterPolicyScope: Invalid value [Foo]. Please use either MessageBody or MessageAttributes"},
		{"nested filter of attributes", "Subscribe", subscribe("sqs", queueARN("new"), "FilterPolicy", `{"a":{"b":["c"]}}`), "InvalidParameter", "Invalid parameter: Attributes Reason: Filter policy scope MessageAttributes does not support nested filter policy"},
		{"unknown attribute to set", "SetSubscriptionAttributes", set("Colour", "red"), "InvalidParameter", "Invalid parameter: AttributeName"},
		{"empty raw", "SetSubscriptionAttributes", set("RawMessageDelivery", ""), "InvalidParameter", "Invalid parameter: RawMessageDelivery: Invalid value []. Must be true or false."},
		{"dead letters nowhere", "SetSubscriptionAttributes", set("RedrivePolicy", `{"deadLetterTargetArn":"fake"}`), "InvalidParameter", "Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn"},
		{"dead letters in a topic", "SetSubscriptionAttributes", set("RedrivePolicy", `{"deadLetterTargetArn":"`+orders+`"}`), "InvalidParameter", "Invalid parameter: RedrivePolicy: deadLetterTargetArn must be a SQS queue"},
		{"dead letters in a queue of the engine's own", "SetSubscriptionAttributes", set("RedrivePolicy", `{"deadLetterTargetArn":"`+queueARN("async/f")+`"}`), "InvalidParameter", "Invalid parameter: RedrivePolicy: deadLetterTargetArn must be a SQS queue"},
		{"dead letters without a place", "SetSubscriptionAttributes", set("RedrivePolicy", `{}`), "InvalidParameter", "Invalid parameter: RedrivePolicy: Missing deadLetterTargetArn attribute"},
		{"redrive that is no JSON", "SetSubscriptionAttributes", set("RedrivePolicy", "{invalidjson}"), "InvalidParameter", "Invalid parameter: RedrivePolicy: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name" + redacted},
		{"filter that is no JSON", "SetSubscriptionAttributes", set("FilterPolicy", "{invalidjson}"), "InvalidParameter", "Invalid parameter: FilterPolicy: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name" + redacted},
		{"replay", "SetSubscriptionAttributes", set("ReplayPolicy", "{}"), "NotImplemented", "Less does not implement the archive of FIFO topics."},
		{"attributes of nobody", "GetSubscriptionAttributes", []string{"SubscriptionArn", nobody}, "NotFound", "Subscription does not exist"},
		{"attributes of a topic", "GetSubscriptionAttributes", []string{"SubscriptionArn", orders}, "InvalidParameter", "Invalid parameter: SubscriptionId"},
		{"attributes of what is pending", "GetSubscriptionAttributes", []string{"SubscriptionArn", "PendingConfirmation"}, "InvalidParameter", "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"},
		{"ending nothing", "Unsubscribe", []string{"SubscriptionArn", ""}, "InvalidParameter", "Invalid parameter: SubscriptionArn Reason: no value for required parameter"},
		{"ending what is no subscription", "Unsubscribe", []string{"SubscriptionArn", "arn:aws:sns:us-east-1:random"}, "InvalidParameter", "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 5"},
		{"ending a topic", "Unsubscribe", []string{"SubscriptionArn", orders}, "InvalidParameter", "Invalid parameter: SubscriptionId"},
		{"ending nobody's", "Unsubscribe", []string{"SubscriptionArn", nobody}, "", ""},
		{"token that is none", "ConfirmSubscription", []string{"TopicArn", orders, "Token", "randomtoken"}, "InvalidParameter", "Invalid token"},
		{"unknown token", "ConfirmSubscription", []string{"TopicArn", orders, "Token", "51b2ff3edb475b7d"}, "InvalidParameter", "Invalid parameter: Token"},
		{"token for what is no topic", "ConfirmSubscription", []string{"TopicArn", "not-an-arn", "Token", "51b2ff3edb475b7d"}, "InvalidParameter", "Invalid parameter: Topic"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := r.form(t, tt.action, tt.fields...)
			if got.Code != tt.code || got.Message != tt.message {
				t.Errorf("%s: %s\nwant %s: %s", got.Code, got.Message, tt.code, tt.message)
			}
		})
	}
}

func TestEMailStaysPending(t *testing.T) {
	r := newRig(t)
	out, err := r.Subscribe(t.Context(), &awssns.SubscribeInput{TopicArn: aws.String(orders), Protocol: aws.String("email"), Endpoint: aws.String("cesaria@example.com")})
	if err != nil || *out.SubscriptionArn != "pending confirmation" {
		t.Fatalf("got %v, %v", out, err)
	}
	list, err := r.ListSubscriptionsByTopic(t.Context(), &awssns.ListSubscriptionsByTopicInput{TopicArn: aws.String(orders)})
	if err != nil {
		t.Fatal(err)
	}
	if got := list.Subscriptions[2]; *got.SubscriptionArn != "PendingConfirmation" || *got.Protocol != "email" {
		t.Errorf("the list has %+v", got)
	}
	if got := r.topicAttributes(t, orders); got["SubscriptionsPending"] != "1" || got["SubscriptionsConfirmed"] != "2" {
		t.Errorf("attributes %v", got)
	}
	if events := r.log.all(); len(events) != 1 || events[0].Line != "the subscription of cesaria@example.com to topic orders stays pending: no e-mail is sent from here" {
		t.Errorf("activity %v", events)
	}
}
