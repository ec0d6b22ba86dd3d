package sns_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
)

var errDisk = errors.New("the disk is full")

// A troubled store does what before says ahead of each method's work, and fails
// where that does.
type troubled struct {
	*queue.Store
	before func(method string) error
}

func (s troubled) Send(ctx context.Context, entries ...queue.Entry) ([]queue.Sent, error) {
	if err := s.before("Send"); err != nil {
		return nil, err
	}
	return s.Store.Send(ctx, entries...)
}

func (s troubled) SendOnce(ctx context.Context, once queue.Once, entries ...queue.Entry) (queue.Sent, error) {
	if err := s.before("SendOnce"); err != nil {
		return queue.Sent{}, err
	}
	return s.Store.SendOnce(ctx, once, entries...)
}

func (s troubled) Keep(ctx context.Context, documents ...queue.Document) error {
	if err := s.before("Keep"); err != nil {
		return err
	}
	return s.Store.Keep(ctx, documents...)
}

func (s troubled) Receive(ctx context.Context, name string, r queue.Receive) ([]queue.Message, error) {
	if err := s.before("Receive"); err != nil {
		return nil, err
	}
	return s.Store.Receive(ctx, name, r)
}

func TestAQueueThatGoesWhileAMessageIsPublished(t *testing.T) {
	store := openStore(t, ":memory:")
	gone := false
	service, l := start(t, troubled{store, func(method string) error {
		if method != "Send" || gone {
			return nil
		}
		gone = true
		return store.DeleteQueue(t.Context(), "raw")
	}}, sns.Options{})
	service.SetTopics(shopTopics())
	if _, err := service.Publish(t.Context(), &sns.PublishInput{TopicARN: orders, Outgoing: sns.Outgoing{Message: "x"}}); err != nil {
		t.Fatal(err)
	}
	r := rig{store: store}
	if n, m := len(r.peek(t, "envelope")), len(r.peek(t, "dead")); n != 1 || m != 1 {
		t.Errorf("envelope %d, dead %d, want 1 and 1", n, m)
	}
	events := l.all()
	if line := events[len(events)-1].Line; !strings.HasSuffix(line, "is in the dead-letter queue dead: there is no queue raw") {
		t.Errorf("activity says %q", line)
	}
}

func TestABatchThatFailsInTheMiddle(t *testing.T) {
	store := openStore(t, ":memory:")
	sends := 0
	service, l := start(t, troubled{store, func(method string) error {
		if method != "SendOnce" {
			return nil
		}
		if sends++; sends == 2 {
			return errDisk
		}
		return nil
	}}, sns.Options{})
	topic, err := service.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: "a.fifo", Attributes: map[string]string{"FifoTopic": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	in := &sns.PublishBatchInput{TopicARN: topic.TopicARN}
	for _, id := range []string{"1", "2", "3"} {
		in.Entries = append(in.Entries, sns.PublishBatchEntry{ID: id, Outgoing: sns.Outgoing{Message: "x", MessageGroupID: aws.String("g"), MessageDeduplicationID: aws.String(id)}})
	}
	out, err := service.PublishBatch(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	const internal = "An internal error occurred; the engine's log says which."
	want := []sns.BatchResultErrorEntry{{"2", "InternalError", internal, false}, {"3", "InternalError", internal, false}}
	if diff := cmp.Diff(want, out.Failed); diff != "" || len(out.Successful) != 1 || out.Successful[0].ID != "1" {
		t.Errorf("successful %v, failed (-want +got):\n%s", out.Successful, diff)
	}
	events := l.all()
	if line := events[len(events)-1].Line; line != "a batch for topic a.fifo stopped after 1 messages: the disk is full" {
		t.Errorf("activity says %q", line)
	}
}

func TestWhatIsNotKeptDoesNotHappen(t *testing.T) {
	store := openStore(t, ":memory:")
	full := false
	service, _ := start(t, troubled{store, func(method string) error {
		if method == "Keep" && full {
			return errDisk
		}
		return nil
	}}, sns.Options{Transport: &endpoint{}})
	service.SetTopics(shopTopics())
	mine, err := service.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: "mine"})
	if err != nil {
		t.Fatal(err)
	}
	sub, err := service.Subscribe(t.Context(), &sns.SubscribeInput{TopicARN: mine.TopicARN, Protocol: "sqs", Endpoint: queueARN("raw")})
	if err != nil {
		t.Fatal(err)
	}
	full = true
	ctx := t.Context()
	for name, err := range map[string]error{
		"CreateTopic":               do(ctx, service.CreateTopic, &sns.CreateTopicInput{Name: "other"}),
		"DeleteTopic":               do(ctx, service.DeleteTopic, &sns.DeleteTopicInput{TopicARN: mine.TopicARN}),
		"SetTopicAttributes":        do(ctx, service.SetTopicAttributes, &sns.SetTopicAttributesInput{TopicARN: mine.TopicARN, AttributeName: "DisplayName", AttributeValue: "x"}),
		"TagResource":               do(ctx, service.TagResource, &sns.TagResourceInput{ResourceARN: mine.TopicARN, Tags: []sns.Tag{{"k", "v"}}}),
		"Subscribe":                 do(ctx, service.Subscribe, &sns.SubscribeInput{TopicARN: mine.TopicARN, Protocol: "http", Endpoint: "http://localhost/"}),
		"SetSubscriptionAttributes": do(ctx, service.SetSubscriptionAttributes, &sns.SetSubscriptionAttributesInput{SubscriptionARN: sub.SubscriptionARN, AttributeName: "RawMessageDelivery", AttributeValue: "true"}),
		"Unsubscribe":               do(ctx, service.Unsubscribe, &sns.UnsubscribeInput{SubscriptionARN: sub.SubscriptionARN}),
	} {
		if !errors.Is(err, errDisk) {
			t.Errorf("%s: %v, want the store's error", name, err)
		}
	}
	topics, err := service.ListTopics(ctx, &sns.ListTopicsInput{})
	if err != nil || len(topics.Topics) != 3 {
		t.Errorf("topics %v, %v, want 3", topics, err)
	}
	got, err := service.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionARN: sub.SubscriptionARN})
	if err != nil || got.Attributes["RawMessageDelivery"] != "false" {
		t.Errorf("the subscription is %v, %v", got, err)
	}
	attributes, err := service.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicARN: mine.TopicARN})
	if err != nil || attributes.Attributes["DisplayName"] != "" || attributes.Attributes["SubscriptionsPending"] != "0" {
		t.Errorf("the topic is %v, %v", attributes, err)
	}
}

func TestACourierBearsAStoreThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := openStore(t, ":memory:")
		receives := 0
		web := &web{t: t, store: store, endpoint: &endpoint{}}
		web.service, web.log = start(t, troubled{store, func(method string) error {
			if method != "Receive" {
				return nil
			}
			if receives++; receives < 4 {
				return errDisk
			}
			return nil
		}}, sns.Options{Transport: web.endpoint})
		topic, err := web.service.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: "news"})
		if err != nil {
			t.Fatal(err)
		}
		web.topic = topic.TopicARN
		web.subscribe(nil)
		time.Sleep(time.Second)
		if n := len(web.endpoint.all()); n != 1 {
			t.Errorf("%d posts, want the confirmation", n)
		}
		told := 0
		for _, e := range web.log.all() {
			if e.Kind == activity.Notice && e.Err == errDisk.Error() {
				told++
			}
		}
		if told != 1 {
			t.Errorf("the error was told %d times, want once", told)
		}
	})
}

func TestUnsubscribingCanNeedASignature(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, w *web) {
		sub := w.subscribe(nil)
		synctest.Wait()
		token := w.lastToken()
		signed := awsapi.WithRequest(t.Context(), awsapi.Request{Region: "us-east-1", URL: "http://localhost:4566", Signed: true})
		if err := do(signed, w.service.ConfirmSubscription, &sns.ConfirmSubscriptionInput{TopicARN: w.topic, Token: token, AuthenticateOnUnsubscribe: "true"}); err != nil {
			t.Fatal(err)
		}
		if got := w.attributes(sub)["ConfirmationWasAuthenticated"]; got != "true" {
			t.Errorf("ConfirmationWasAuthenticated is %s, want true", got)
		}
		err := do(t.Context(), w.service.Unsubscribe, &sns.UnsubscribeInput{SubscriptionARN: sub})
		if e := awsapi.AsError(err); err == nil || e.Code != "AuthorizationError" {
			t.Errorf("unsigned: %v", err)
		}
		if err := do(signed, w.service.Unsubscribe, &sns.UnsubscribeInput{SubscriptionARN: sub}); err != nil {
			t.Errorf("signed: %v", err)
		}
	})
}

func TestATopicsDeliveryPolicyHoldsForItsSubscriptions(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, w *web) {
		sub := w.subscribe(map[string]string{"DeliveryPolicy": `{"healthyRetryPolicy":{"numRetries":7}}`})
		set := func(disable bool) {
			policy := fmt.Sprintf(`{"http":{"defaultHealthyRetryPolicy":{"numRetries":1,"minDelayTarget":2},"disableSubscriptionOverrides":%v,"defaultRequestPolicy":{"headerContentType":"text/csv"}}}`, disable)
			if err := do(t.Context(), w.service.SetTopicAttributes, &sns.SetTopicAttributesInput{TopicARN: w.topic, AttributeName: "DeliveryPolicy", AttributeValue: policy}); err != nil {
				t.Fatal(err)
			}
		}
		effective := func(retries int) string {
			return fmt.Sprintf(`{"healthyRetryPolicy":{"minDelayTarget":2,"maxDelayTarget":20,"numRetries":%d,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,`+
				`"backoffFunction":"linear"},"sicklyRetryPolicy":null,"throttlePolicy":null,"requestPolicy":{"headerContentType":"text/csv"},"guaranteed":false}`, retries)
		}
		set(false)
		if diff := cmp.Diff(effective(7), w.attributes(sub)["EffectiveDeliveryPolicy"]); diff != "" {
			t.Errorf("effective policy (-want +got):\n%s", diff)
		}
		set(true)
		if diff := cmp.Diff(effective(1), w.attributes(sub)["EffectiveDeliveryPolicy"]); diff != "" {
			t.Errorf("effective policy without overrides (-want +got):\n%s", diff)
		}
	})
}
