package sns_test

import (
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
)

func TestEverythingIsThereAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queues.db")
	store := openStore(t, path)
	r := serve(t, store, awsapi.Options{}, sns.Options{})
	r.service.SetTopics(shopTopics())
	mine := r.createTopic(t, "mine", map[string]string{"DisplayName": "Mine"})
	if _, err := r.TagResource(t.Context(), &awssns.TagResourceInput{ResourceArn: aws.String(orders), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}); err != nil {
		t.Fatal(err)
	}
	subs := []string{
		r.subscribe(t, mine, "raw", map[string]string{"RawMessageDelivery": "true", "FilterPolicy": `{"kind":["a"]}`}),
		r.subscribe(t, orders, "dead", map[string]string{"RawMessageDelivery": "true"}),
	}
	gone := r.subscribe(t, mine, "envelope", nil)
	if _, err := r.Unsubscribe(t.Context(), &awssns.UnsubscribeInput{SubscriptionArn: aws.String(gone)}); err != nil {
		t.Fatal(err)
	}
	remember := func(r rig) (all []map[string]string) {
		for _, arn := range []string{mine, orders} {
			all = append(all, r.topicAttributes(t, arn))
		}
		for _, arn := range subs {
			all = append(all, r.subscriptionAttributes(t, arn))
		}
		return all
	}
	before := remember(r)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	r = serve(t, openStore(t, path), awsapi.Options{}, sns.Options{})
	r.service.SetTopics(shopTopics())
	if diff := cmp.Diff(before, remember(r)); diff != "" {
		t.Errorf("attributes (-before +after):\n%s", diff)
	}
	tags, err := r.ListTagsForResource(t.Context(), &awssns.ListTagsForResourceInput{ResourceArn: aws.String(orders)})
	if err != nil || len(tags.Tags) != 1 {
		t.Errorf("tags %v, %v", tags, err)
	}
	r.publish(t, mine, "1", map[string]types.MessageAttributeValue{"kind": text("a")})
	r.publish(t, mine, "2", map[string]types.MessageAttributeValue{"kind": text("b")})
	r.publish(t, orders, "3", nil)
	if diff := cmp.Diff([]string{"1", "3"}, r.bodies(t, "raw")); diff != "" {
		t.Errorf("messages of raw (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"3"}, r.bodies(t, "dead")); diff != "" {
		t.Errorf("messages of dead (-want +got):\n%s", diff)
	}
}

func TestAQueueWithoutItsSubscriptionIsRemoved(t *testing.T) {
	store := openStore(t, ":memory:")
	// A crash between the end of a subscription and that of its queue leaves this.
	const orphan = "sns/0f7d5971-aa8b-4bd5-b585-0826e9f93a66"
	rig{store: store}.ensure(t, queue.Spec{Name: orphan}, queue.Spec{Name: "async/f"})
	start(t, store, sns.Options{})
	if _, found := store.Queue(orphan); found {
		t.Error("the queue is there still")
	}
	if _, found := store.Queue("async/f"); !found {
		t.Error("somebody else's queue is gone")
	}
}

func TestDocumentsThatCannotBeRead(t *testing.T) {
	for _, kind := range []string{"sns-topic", "sns-subscription"} {
		store := openStore(t, ":memory:")
		if err := store.Keep(t.Context(), queue.Document{Kind: kind, Name: "x", Value: []byte("{")}); err != nil {
			t.Fatal(err)
		}
		if _, err := sns.New(t.Context(), store, sns.Options{}); err == nil {
			t.Errorf("a damaged %s was read", kind)
		}
	}
}
