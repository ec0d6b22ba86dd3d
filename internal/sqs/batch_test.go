package sqs_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
)

func TestEntriesOfABatchFailAlone(t *testing.T) {
	r := newRig(t)
	sent, err := r.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{
		QueueUrl: r.URL("jobs"),
		Entries: []types.SendMessageBatchRequestEntry{
			{Id: aws.String("good"), MessageBody: aws.String("1"), MessageAttributes: map[string]types.MessageAttributeValue{"Foo": text("Bar")}},
			{Id: aws.String("bad"), MessageBody: aws.String("\x01")},
			{Id: aws.String("late"), MessageBody: aws.String("2"), DelaySeconds: 901},
			{Id: aws.String("good2"), MessageBody: aws.String("3")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantFailed := []types.BatchResultErrorEntry{
		{Id: aws.String("bad"), SenderFault: true, Code: aws.String("InvalidMessageContents"), Message: aws.String("Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")},
		{Id: aws.String("late"), SenderFault: true, Code: aws.String("InvalidParameterValue"), Message: aws.String("Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.")},
	}
	if diff := cmp.Diff(wantFailed, sent.Failed, ignoreSmithy); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
	messages := r.receive(t, "jobs")
	if len(sent.Successful) != 2 || len(messages) != 2 {
		t.Fatalf("%d sent, %d received, want 2 and 2", len(sent.Successful), len(messages))
	}
	// As AWS answered for this attribute.
	if got, want := aws.ToString(sent.Successful[0].MD5OfMessageAttributes), "ae7155c6026991b6d54b11589678bf9c"; got != want {
		t.Errorf("MD5OfMessageAttributes is %s, want %s", got, want)
	}
	ids := map[string]string{}
	for _, s := range sent.Successful {
		ids[*s.Id] = *s.MessageId
	}
	bodies := map[string]string{*messages[0].MessageId: *messages[0].Body, *messages[1].MessageId: *messages[1].Body}
	if bodies[ids["good"]] != "1" || bodies[ids["good2"]] != "3" {
		t.Errorf("the ids %v do not lead to the messages %v", ids, bodies)
	}

	changed, err := r.ChangeMessageVisibilityBatch(t.Context(), &awssqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: r.URL("jobs"),
		Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
			{Id: aws.String("a"), ReceiptHandle: messages[0].ReceiptHandle, VisibilityTimeout: 60},
			{Id: aws.String("b"), ReceiptHandle: messages[1].ReceiptHandle, VisibilityTimeout: 43201},
			{Id: aws.String("c"), ReceiptHandle: aws.String("nonsense"), VisibilityTimeout: 1},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(changed.Successful) != 1 || *changed.Successful[0].Id != "a" || len(changed.Failed) != 2 {
		t.Errorf("changed %v, failed %v, want a; b and c", changed.Successful, changed.Failed)
	}

	deleted, err := r.DeleteMessageBatch(t.Context(), &awssqs.DeleteMessageBatchInput{
		QueueUrl: r.URL("jobs"),
		Entries: []types.DeleteMessageBatchRequestEntry{
			{Id: aws.String("a"), ReceiptHandle: messages[0].ReceiptHandle},
			{Id: aws.String("b"), ReceiptHandle: aws.String("nonsense")},
			{Id: aws.String("c"), ReceiptHandle: messages[1].ReceiptHandle},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantFailed = []types.BatchResultErrorEntry{{
		Id: aws.String("b"), SenderFault: true, Code: aws.String("ReceiptHandleIsInvalid"),
		Message: aws.String(`The input receipt handle "nonsense" is not a valid receipt handle.`),
	}}
	if diff := cmp.Diff(wantFailed, deleted.Failed, ignoreSmithy); diff != "" {
		t.Errorf("failed deletes (-want +got):\n%s", diff)
	}
	r.checkCounts(t, "jobs", "0 0 0")
}

func TestBatchWithoutAnyGoodEntry(t *testing.T) {
	r := newRig(t)
	out, err := r.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{
		QueueUrl: r.URL("jobs"),
		Entries:  []types.SendMessageBatchRequestEntry{{Id: aws.String("bad"), MessageBody: aws.String("\x01")}},
	})
	if err != nil || len(out.Failed) != 1 || len(out.Successful) != 0 {
		t.Errorf("got %+v, %v, want one failed entry", out, err)
	}
}

func TestBatchMayHaveAsManyBytesAsAMessage(t *testing.T) {
	r := newRig(t)
	half := strings.Repeat("x", 1<<19)
	entries := []types.SendMessageBatchRequestEntry{
		{Id: aws.String("1"), MessageBody: &half},
		{Id: aws.String("2"), MessageBody: &half},
	}
	if _, err := r.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{QueueUrl: r.URL("jobs"), Entries: entries}); err != nil {
		t.Fatal(err)
	}
	entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String("3"), MessageBody: aws.String("x")})
	_, err := r.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{QueueUrl: r.URL("jobs"), Entries: entries})
	checkError(t, err, "AWS.SimpleQueueService.BatchRequestTooLong", "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.")
}
