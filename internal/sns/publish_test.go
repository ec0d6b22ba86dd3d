package sns_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/policy"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
)

func text(s string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(s)}
}

func TestPublishReachesEverySubscription(t *testing.T) {
	r := newRig(t)
	out, err := r.Publish(t.Context(), &awssns.PublishInput{
		TopicArn:       aws.String(orders),
		Message:        aws.String(`{"id":"<1>"}`),
		Subject:        aws.String("New order"),
		MessageGroupId: aws.String("customer-7"),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"ce-correlationid": text("c1"),
			"count":            {DataType: aws.String("Number"), StringValue: aws.String("3")},
			"bytes":            {DataType: aws.String("Binary"), BinaryValue: []byte{0, 255}},
			"list":             {DataType: aws.String("String.Array"), StringValue: aws.String(`["a"]`)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}

	raw := r.peek(t, "raw")
	if len(raw) != 1 {
		t.Fatalf("%d messages in the raw queue, want 1", len(raw))
	}
	if got := string(raw[0].Body); got != `{"id":"<1>"}` {
		t.Errorf("raw body %s", got)
	}
	wantAttributes := map[string]queue.Attribute{
		"ce-correlationid": {Type: "String", String: "c1"},
		"count":            {Type: "Number", String: "3"},
		"bytes":            {Type: "Binary", Binary: []byte{0, 255}},
		"list":             {Type: "String.Array", String: `["a"]`},
	}
	if diff := cmp.Diff(wantAttributes, raw[0].Attributes); diff != "" {
		t.Errorf("raw attributes (-want +got):\n%s", diff)
	}
	if raw[0].GroupID != "customer-7" {
		t.Errorf("the group is %q, want customer-7", raw[0].GroupID)
	}
	if raw[0].ID == *out.MessageId {
		t.Error("the queue's message has the id of SNS's")
	}

	wrapped := r.peek(t, "envelope")
	if len(wrapped) != 1 || len(wrapped[0].Attributes) != 0 {
		t.Fatalf("the envelope queue has %+v, want one message without attributes", wrapped)
	}
	var envelope struct {
		Timestamp, SigningCertURL, UnsubscribeURL string
	}
	if err := json.Unmarshal(wrapped[0].Body, &envelope); err != nil {
		t.Fatal(err)
	}
	want := `{"Type":"Notification","MessageId":"` + *out.MessageId + `","TopicArn":"` + orders + `","Subject":"New order",` +
		`"Message":"{\"id\":\"<1>\"}","Timestamp":"` + envelope.Timestamp + `","SignatureVersion":"1","Signature":"bm90IHNpZ25lZA==",` +
		`"SigningCertURL":"` + r.endpoint + `/SimpleNotificationService.pem","UnsubscribeURL":"` + envelope.UnsubscribeURL + `",` +
		`"MessageAttributes":{"bytes":{"Type":"Binary","Value":"AP8="},"ce-correlationid":{"Type":"String","Value":"c1"},` +
		`"count":{"Type":"Number","Value":"3"},"list":{"Type":"String.Array","Value":"[\"a\"]"}}}`
	if diff := cmp.Diff(want, string(wrapped[0].Body)); diff != "" {
		t.Errorf("envelope (-want +got):\n%s", diff)
	}
	if prefix := r.endpoint + "/?Action=Unsubscribe&SubscriptionArn=" + orders + ":"; !strings.HasPrefix(envelope.UnsubscribeURL, prefix) {
		t.Errorf("UnsubscribeURL is %s, want %s...", envelope.UnsubscribeURL, prefix)
	}

	wantEvents := []activity.Event{{Kind: activity.Publish, Topic: "orders", MessageID: *out.MessageId, CorrelationID: "c1"}}
	if diff := cmp.Diff(wantEvents, r.log.all()); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
}

func TestPublishWithoutHTTP(t *testing.T) {
	r := newRig(t)
	out, err := r.service.Publish(t.Context(), &sns.PublishInput{TopicARN: orders, Outgoing: sns.Outgoing{Message: "x"}})
	if err != nil || out.MessageID == "" {
		t.Fatalf("got %+v, %v", out, err)
	}
	if n := len(r.peek(t, "raw")); n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
}

func TestWaysToNameATopic(t *testing.T) {
	r := newRig(t)
	publish := func(in awssns.PublishInput) error {
		in.Message = aws.String("x")
		_, err := r.Publish(t.Context(), &in)
		return err
	}
	for _, in := range []awssns.PublishInput{
		{TopicArn: aws.String("arn:aws:sns:eu-west-1:123456789012:shop-orders")},
		{TargetArn: aws.String(orders)},
	} {
		if err := publish(in); err != nil {
			t.Error(err)
		}
	}
	// A signature is for one region. Who signs nothing, such as curl, is in none.
	const elsewhere = "arn:aws:sns:us-east-1:000000000000:shop-orders"
	checkError(t, publish(awssns.PublishInput{TopicArn: aws.String(elsewhere)}), "InvalidParameter", "Invalid parameter: TopicArn")
	for _, arn := range []string{orders, elsewhere} {
		if got := r.form(t, "Publish", "TopicArn", arn, "Message", "x"); got.Status != 200 {
			t.Errorf("%s: %+v", arn, got)
		}
	}
	if n := len(r.peek(t, "raw")); n != 4 {
		t.Errorf("%d messages, want 4", n)
	}
}

func TestTopicWithoutSubscriptionsTakesMessages(t *testing.T) {
	r := newRig(t)
	out, err := r.Publish(t.Context(), &awssns.PublishInput{TopicArn: aws.String("arn:aws:sns:eu-west-1:000000000000:shop-nobody"), Message: aws.String("x")})
	if err != nil {
		t.Fatal(err)
	}
	want := []activity.Event{{Kind: activity.Publish, Topic: "shop-nobody", MessageID: *out.MessageId}}
	if diff := cmp.Diff(want, r.log.all()); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
}

func TestTopicsCanBeReplaced(t *testing.T) {
	r := newRig(t)
	r.service.SetTopics([]sns.Topic{{Name: "new", Subscriptions: []sns.Subscription{{Queue: "dead", Raw: true}}}})
	publish := func(topic string) error {
		_, err := r.Publish(t.Context(), &awssns.PublishInput{TopicArn: aws.String("arn:aws:sns:eu-west-1:000000000000:" + topic), Message: aws.String("x")})
		return err
	}
	if err := publish("new"); err != nil {
		t.Error(err)
	}
	checkError(t, publish("shop-orders"), "NotFound", "Topic does not exist")
	if n := len(r.peek(t, "dead")); n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
}

func TestRawDeliveryWithElevenAttributes(t *testing.T) {
	r := newRig(t)
	in := &awssns.PublishInput{TopicArn: aws.String(orders), Message: aws.String("x"), MessageAttributes: map[string]types.MessageAttributeValue{}}
	for i := range 11 {
		in.MessageAttributes[fmt.Sprint("a", i)] = text("x")
	}
	out, err := r.Publish(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	dead := r.peek(t, "dead")
	if len(r.peek(t, "raw")) != 0 || len(r.peek(t, "envelope")) != 1 || len(dead) != 1 {
		t.Fatalf("raw %d, envelope %d, dead %d, want 0, 1 and 1", len(r.peek(t, "raw")), len(r.peek(t, "envelope")), len(dead))
	}
	if string(dead[0].Body) != "x" || len(dead[0].Attributes) != 11 {
		t.Errorf("the dead letter is %s with %d attributes, want x with 11", dead[0].Body, len(dead[0].Attributes))
	}
	const problem = "it has 11 attributes and SQS takes 10 of a raw delivery"
	want := []activity.Event{
		{Kind: activity.Publish, Topic: "orders", MessageID: *out.MessageId},
		{
			Kind: activity.Notice, Topic: "orders", Queue: "raw", MessageID: *out.MessageId, Err: problem,
			Line: "message " + *out.MessageId + " of topic orders is in the dead-letter queue dead: " + problem,
		},
	}
	if diff := cmp.Diff(want, r.log.all()); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
}

func TestSubscriptionWhoseQueueIsGone(t *testing.T) {
	r := newRig(t)
	publish := func() {
		t.Helper()
		if _, err := r.Publish(t.Context(), &awssns.PublishInput{TopicArn: aws.String(orders), Message: aws.String("x")}); err != nil {
			t.Fatal(err)
		}
	}
	lastLine := func() string { events := r.log.all(); return events[len(events)-1].Line }
	remove := func(name string) {
		t.Helper()
		if err := r.store.DeleteQueue(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	remove("raw")
	publish()
	if n, m := len(r.peek(t, "envelope")), len(r.peek(t, "dead")); n != 1 || m != 1 {
		t.Errorf("envelope %d, dead %d, want 1 and 1", n, m)
	}
	if line := lastLine(); !strings.HasSuffix(line, "is in the dead-letter queue dead: there is no queue raw") {
		t.Errorf("the last event says %q", line)
	}
	remove("dead")
	publish()
	if n := len(r.peek(t, "envelope")); n != 2 {
		t.Errorf("envelope %d, want 2", n)
	}
	if line := lastLine(); !strings.HasSuffix(line, "is dropped, for the subscription has no dead-letter queue: there is no queue raw") {
		t.Errorf("the last event says %q", line)
	}
	remove("envelope")
	publish()
}

func TestPublishBatch(t *testing.T) {
	r := newRig(t)
	out, err := r.PublishBatch(t.Context(), &awssns.PublishBatchInput{
		TopicArn: aws.String(orders),
		PublishBatchRequestEntries: []types.PublishBatchRequestEntry{
			{Id: aws.String("a"), Message: aws.String("1"), MessageAttributes: map[string]types.MessageAttributeValue{"ce-correlationid": text("c1")}},
			{Id: aws.String("b"), Message: aws.String(`{"default":"2","sqs":"3"}`), MessageStructure: aws.String("json")},
			{Id: aws.String("c"), Message: aws.String("4")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Failed) != 0 || len(out.Successful) != 3 || *out.Successful[0].Id != "a" || *out.Successful[2].Id != "c" {
		t.Fatalf("successful %+v, failed %+v, want a, b and c, and none", out.Successful, out.Failed)
	}
	var bodies []string
	for _, m := range r.peek(t, "raw") {
		bodies = append(bodies, fmt.Sprint(string(m.Body), " ", m.Attributes["ce-correlationid"].String))
	}
	if diff := cmp.Diff([]string{"1 c1", "3 ", "4 "}, bodies); diff != "" {
		t.Errorf("raw bodies (-want +got):\n%s", diff)
	}
	want := []activity.Event{{Kind: activity.Publish, Topic: "orders", MessageID: *out.Successful[0].MessageId, CorrelationID: "c1"}}
	for _, s := range out.Successful[1:] {
		want = append(want, activity.Event{Kind: activity.Publish, Topic: "orders", MessageID: *s.MessageId})
	}
	if diff := cmp.Diff(want, r.log.all()); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
}

func TestOneBadMessageRefusesABatch(t *testing.T) {
	r := newRig(t)
	_, err := r.PublishBatch(t.Context(), &awssns.PublishBatchInput{
		TopicArn: aws.String(orders),
		PublishBatchRequestEntries: []types.PublishBatchRequestEntry{
			{Id: aws.String("a"), Message: aws.String("1")},
			{Id: aws.String("b"), Message: aws.String("2"), MessageAttributes: map[string]types.MessageAttributeValue{"attr1": text("")}},
		},
	})
	checkError(t, err, "ParameterValueInvalid", "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.")
	if n := len(r.peek(t, "raw")); n != 0 {
		t.Errorf("%d messages were published all the same", n)
	}
}

type refuseFunctions struct{}

func (refuseFunctions) Decide(p awsapi.Principal, action, _ string) policy.Decision {
	return policy.Decision{Allowed: p.Administrator() || action != "sns:Publish"}
}

func TestRefusalIsAWSs(t *testing.T) {
	r := rigWith(t, awsapi.Options{
		Function: func(string) (awsapi.Principal, bool) {
			return awsapi.Principal{Function: "apis/a/b/post", Name: "shop-b"}, true
		},
		Authorizer: refuseFunctions{},
	})
	const message = "User: arn:aws:sts::000000000000:assumed-role/shop-b/shop-b is not authorized to perform: SNS:Publish on resource: " +
		orders + " because no identity-based policy allows the SNS:Publish action"
	_, err := r.Publish(t.Context(), &awssns.PublishInput{TopicArn: aws.String(orders), Message: aws.String("x")})
	checkError(t, err, "AuthorizationError", message)
	if _, ok := errors.AsType[*types.AuthorizationErrorException](err); !ok {
		t.Errorf("%T is not an AuthorizationErrorException", err)
	}
	_, err = r.PublishBatch(t.Context(), &awssns.PublishBatchInput{TopicArn: aws.String(orders), PublishBatchRequestEntries: []types.PublishBatchRequestEntry{{Id: aws.String("a"), Message: aws.String("x")}}})
	checkError(t, err, "AuthorizationError", message)
	if _, err := r.ListTopics(t.Context(), nil); err != nil {
		t.Errorf("what is allowed: %v", err)
	}
	if n := len(r.peek(t, "raw")); n != 0 {
		t.Errorf("%d messages were published all the same", n)
	}
}

func TestActivityNamesTheFunctionThatPublishes(t *testing.T) {
	r := rigWith(t, awsapi.Options{
		Function: func(string) (awsapi.Principal, bool) { return awsapi.Principal{Function: "apis/a/b/post"}, true },
	})
	if _, err := r.Publish(t.Context(), &awssns.PublishInput{TopicArn: aws.String(orders), Message: aws.String("x")}); err != nil {
		t.Fatal(err)
	}
	if f := r.log.all()[0].Function; f != "apis/a/b/post" {
		t.Errorf("the event's function is %q, want apis/a/b/post", f)
	}
}

// checkError checks the code and the text of an error from the SDK.
func checkError(t *testing.T, err error, code, message string) {
	t.Helper()
	apiError, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Errorf("error %v, want an API error", err)
		return
	}
	if apiError.ErrorCode() != code || apiError.ErrorMessage() != message {
		t.Errorf("error %s: %s\nwant  %s: %s", apiError.ErrorCode(), apiError.ErrorMessage(), code, message)
	}
}
