package sns_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
)

// newFIFORig is a rig with the FIFO topic "ordered.fifo", to which "first.fifo"
// (raw), "second.fifo" and the standard queue "raw" are subscribed.
func newFIFORig(t *testing.T, attributes map[string]string) (rig, string) {
	t.Helper()
	r := newRig(t)
	r.ensure(t, queue.Spec{Name: "dead.fifo", FIFO: true}, queue.Spec{Name: "first.fifo", FIFO: true}, queue.Spec{Name: "second.fifo", FIFO: true})
	all := map[string]string{"FifoTopic": "true"}
	maps.Copy(all, attributes)
	arn := r.createTopic(t, "ordered.fifo", all)
	r.subscribe(t, arn, "first.fifo", map[string]string{"RawMessageDelivery": "true", "RedrivePolicy": `{"deadLetterTargetArn":"` + queueARN("dead.fifo") + `"}`})
	r.subscribe(t, arn, "second.fifo", nil)
	r.subscribe(t, arn, "raw", nil)
	return r, arn
}

func inGroup(arn, message, group, deduplication string) *awssns.PublishInput {
	in := &awssns.PublishInput{TopicArn: aws.String(arn), Message: aws.String(message), MessageGroupId: aws.String(group)}
	if deduplication != "" {
		in.MessageDeduplicationId = aws.String(deduplication)
	}
	return in
}

func TestFIFOTopic(t *testing.T) {
	r, arn := newFIFORig(t, nil)
	first, err := r.Publish(t.Context(), inGroup(arn, "Test", "g1", "d1"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Publish(t.Context(), inGroup(arn, "another", "g2", "d1"))
	if err != nil {
		t.Fatal(err)
	}
	if *again.MessageId != *first.MessageId || *again.SequenceNumber != *first.SequenceNumber {
		t.Errorf("the duplicate is %s, %s, want %s, %s", *again.MessageId, *again.SequenceNumber, *first.MessageId, *first.SequenceNumber)
	}
	second, err := r.Publish(t.Context(), inGroup(arn, "Test", "g1", "d2"))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := *first.SequenceNumber, *second.SequenceNumber; len(a) != 20 || len(b) != 20 || a >= b {
		t.Errorf("sequence numbers %s and %s, want two of 20 digits that rise", a, b)
	}
	raw := r.peek(t, "first.fifo")
	if len(raw) != 2 || string(raw[0].Body) != "Test" || raw[0].GroupID != "g1" || raw[0].DeduplicationID != "d1" {
		t.Errorf("the FIFO queue has %+v, want two messages of group g1", raw)
	}
	for _, name := range []string{"second.fifo", "raw"} {
		messages := r.peek(t, name)
		if len(messages) != 2 {
			t.Fatalf("%d messages in %s, want 2", len(messages), name)
		}
		if name == "raw" && messages[0].GroupID != "" {
			t.Errorf("the standard queue's message is of group %s", messages[0].GroupID)
		}
		var envelope struct{ Timestamp, UnsubscribeURL string }
		if err := json.Unmarshal(messages[0].Body, &envelope); err != nil {
			t.Fatal(err)
		}
		want := `{"Type":"Notification","MessageId":"` + *first.MessageId + `","SequenceNumber":"` + *first.SequenceNumber + `","TopicArn":"` + arn +
			`","Message":"Test","Timestamp":"` + envelope.Timestamp + `","UnsubscribeURL":"` + envelope.UnsubscribeURL + `"}`
		if diff := cmp.Diff(want, string(messages[0].Body)); diff != "" {
			t.Errorf("envelope in %s (-want +got):\n%s", name, diff)
		}
	}
	published := 0
	for _, e := range r.log.all() {
		if e.Kind == activity.Publish {
			published++
		}
	}
	if published != 2 {
		t.Errorf("activity tells of %d publishes, want 2", published)
	}
}

func TestFIFOTopicErrors(t *testing.T) {
	r, arn := newFIFORig(t, nil)
	_, err := r.Publish(t.Context(), &awssns.PublishInput{TopicArn: aws.String(arn), Message: aws.String("x")})
	checkError(t, err, "InvalidParameter", "Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
	_, err = r.Publish(t.Context(), inGroup(arn, "x", "g", ""))
	checkError(t, err, "InvalidParameter", "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	_, err = r.PublishBatch(t.Context(), &awssns.PublishBatchInput{TopicArn: aws.String(arn), PublishBatchRequestEntries: []types.PublishBatchRequestEntry{{Id: aws.String("a"), Message: aws.String("x")}}})
	checkError(t, err, "InvalidParameter", "Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
}

func TestContentBasedDeduplication(t *testing.T) {
	r, arn := newFIFORig(t, map[string]string{"ContentBasedDeduplication": "true"})
	for range 2 {
		if _, err := r.Publish(t.Context(), inGroup(arn, "Test", "g", "")); err != nil {
			t.Fatal(err)
		}
	}
	got := r.peek(t, "first.fifo")
	const hash = "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"
	if len(got) != 1 || got[0].DeduplicationID != hash {
		t.Errorf("the queue has %+v, want one message with the id %s", got, hash)
	}
}

func TestDeduplicationWithinAGroup(t *testing.T) {
	r, arn := newFIFORig(t, map[string]string{"FifoThroughputScope": "MessageGroup"})
	for _, group := range []string{"g1", "g2", "g1"} {
		if _, err := r.Publish(t.Context(), inGroup(arn, group, group, "d")); err != nil {
			t.Fatal(err)
		}
	}
	// A FIFO queue that is not by group takes the id once; a standard one shows both.
	if n := len(r.peek(t, "raw")); n != 2 {
		t.Errorf("%d messages, want one of each group", n)
	}
}

func TestBatchForAFIFOTopic(t *testing.T) {
	r, arn := newFIFORig(t, nil)
	in := &awssns.PublishBatchInput{TopicArn: aws.String(arn)}
	for i := range 3 {
		in.PublishBatchRequestEntries = append(in.PublishBatchRequestEntries, types.PublishBatchRequestEntry{
			Id: aws.String(fmt.Sprint(i)), Message: aws.String(fmt.Sprint("m", i)), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String(fmt.Sprint("d", i)),
		})
	}
	first, err := r.PublishBatch(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.PublishBatch(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range again.Successful {
		if *s.MessageId != *first.Successful[i].MessageId || *s.SequenceNumber != *first.Successful[i].SequenceNumber {
			t.Errorf("message %d is another one when it is published again", i)
		}
	}
	if diff := cmp.Diff([]string{"m0", "m1", "m2"}, r.bodies(t, "first.fifo")); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestDeadLettersOfAFIFOSubscription(t *testing.T) {
	r, arn := newFIFORig(t, nil)
	if err := r.store.DeleteQueue(t.Context(), "first.fifo"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Publish(t.Context(), inGroup(arn, "x", "g", "d")); err != nil {
		t.Fatal(err)
	}
	dead := r.peek(t, "dead.fifo")
	if len(dead) != 1 || string(dead[0].Body) != "x" || dead[0].GroupID != "g" || dead[0].DeduplicationID != "d" {
		t.Errorf("the dead-letter queue has %+v", dead)
	}
}

// TestSequenceNumbersAreInTheOrderOfTheQueue publishes from many at once.
func TestSequenceNumbersAreInTheOrderOfTheQueue(t *testing.T) {
	r, arn := newFIFORig(t, nil)
	var publishers sync.WaitGroup
	for p := range 4 {
		publishers.Go(func() {
			for i := range 10 {
				if _, err := r.service.Publish(t.Context(), &sns.PublishInput{TopicARN: arn, Outgoing: sns.Outgoing{
					Message: "x", MessageGroupID: aws.String("g"), MessageDeduplicationID: aws.String(fmt.Sprint(p, "-", i)),
				}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	publishers.Wait()
	var numbers []string
	for _, m := range r.peek(t, "second.fifo") {
		var envelope struct{ SequenceNumber string }
		if err := json.Unmarshal(m.Body, &envelope); err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, envelope.SequenceNumber)
	}
	if len(numbers) != 40 || !slices.IsSorted(numbers) {
		t.Errorf("%d sequence numbers, sorted %v, want 40 in order: %s", len(numbers), slices.IsSorted(numbers), strings.Join(numbers, " "))
	}
}

func TestDeduplicationOutlivesTheServiceForFiveMinutes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queues.db")
	synctest.Test(t, func(t *testing.T) {
		publish := func() *sns.PublishOutput {
			store := openStore(t, path)
			defer store.Close()
			service, _ := start(t, store, sns.Options{})
			topic, err := service.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: "ordered.fifo", Attributes: map[string]string{"FifoTopic": "true"}})
			if err != nil {
				t.Fatal(err)
			}
			out, err := service.Publish(t.Context(), &sns.PublishInput{TopicARN: topic.TopicARN, Outgoing: sns.Outgoing{
				Message: "x", MessageGroupID: aws.String("g"), MessageDeduplicationID: aws.String("d"),
			}})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		first := publish()
		time.Sleep(4*time.Minute + 59*time.Second)
		if again := publish(); *again != *first {
			t.Errorf("within five minutes %+v, want %+v", again, first)
		}
		time.Sleep(2 * time.Second)
		if later := publish(); later.MessageID == first.MessageID || later.SequenceNumber <= first.SequenceNumber {
			t.Errorf("after five minutes %+v, want another one after %+v", later, first)
		}
	})
}
