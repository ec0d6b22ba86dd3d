package sqs_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func newFIFO(t *testing.T, attributes map[string]string) rig {
	t.Helper()
	r := newRig(t)
	if attributes == nil {
		attributes = map[string]string{}
	}
	attributes["FifoQueue"] = "true"
	check(t, r.create(t, "orders.fifo", attributes))
	return r
}

func (r rig) sendFIFO(t *testing.T, body, group, id string) (*awssqs.SendMessageOutput, error) {
	t.Helper()
	in := &awssqs.SendMessageInput{QueueUrl: r.URL("orders.fifo"), MessageBody: &body}
	if group != "" {
		in.MessageGroupId = &group
	}
	if id != "" {
		in.MessageDeduplicationId = &id
	}
	return r.SendMessage(t.Context(), in)
}

func TestFIFOMessagesTellTheirOrder(t *testing.T) {
	r := newFIFO(t, nil)
	first, err := r.sendFIFO(t, "1", "g", "a")
	check(t, err)
	again, err := r.sendFIFO(t, "another body", "g", "a")
	check(t, err)
	second, err := r.sendFIFO(t, "2", "g", "b")
	check(t, err)
	if *again.MessageId != *first.MessageId || *again.SequenceNumber != *first.SequenceNumber {
		t.Errorf("a repeated send tells of %s %s, want %s %s", *again.MessageId, *again.SequenceNumber, *first.MessageId, *first.SequenceNumber)
	}
	if len(*first.SequenceNumber) != 20 || *second.SequenceNumber <= *first.SequenceNumber {
		t.Errorf("sequence numbers are %s and %s", *first.SequenceNumber, *second.SequenceNumber)
	}
	m := r.receive(t, "orders.fifo")
	if len(m) != 2 || *m[0].Body != "1" || *m[1].Body != "2" {
		t.Fatalf("received %d messages", len(m))
	}
	for name, want := range map[string]string{"MessageGroupId": "g", "MessageDeduplicationId": "a", "SequenceNumber": *first.SequenceNumber} {
		if got := m[0].Attributes[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestContentBasedDeduplicationIsByTheBodysSHA256(t *testing.T) {
	r := newFIFO(t, map[string]string{"ContentBasedDeduplication": "true"})
	_, err := r.sendFIFO(t, "x", "g", "")
	check(t, err)
	_, err = r.sendFIFO(t, "x", "g", "")
	check(t, err)
	m := r.receive(t, "orders.fifo")
	sum := sha256.Sum256([]byte("x"))
	if len(m) != 1 || m[0].Attributes["MessageDeduplicationId"] != hex.EncodeToString(sum[:]) {
		t.Errorf("received %+v", m)
	}
}

func TestFIFOMistakes(t *testing.T) {
	r := newFIFO(t, nil)
	send := func(body, group, id string) error {
		_, err := r.sendFIFO(t, body, group, id)
		return err
	}
	const noID = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
	checkError(t, send("x", "", "a"), "MissingParameter", "The request must contain the parameter MessageGroupId.")
	checkError(t, send("x", "g", ""), "InvalidParameterValue", noID)
	long := strings.Repeat("a", 129)
	checkError(t, send("x", "g", long), "InvalidParameterValue", "Value "+long+" for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length.")
	_, err := r.SendMessage(t.Context(), &awssqs.SendMessageInput{
		QueueUrl: r.URL("orders.fifo"), MessageBody: aws.String("x"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("a"), DelaySeconds: 2,
	})
	checkError(t, err, "InvalidParameterValue", "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.")
	// One entry that cannot be put in order fails the batch.
	_, err = r.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{QueueUrl: r.URL("orders.fifo"), Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("1"), MessageBody: aws.String("x"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("a")},
		{Id: aws.String("2"), MessageBody: aws.String("x"), MessageDeduplicationId: aws.String("b")},
	}})
	checkError(t, err, "InvalidParameterValue", "The request must contain the parameter MessageGroupId.")
	r.checkCounts(t, "orders.fifo", "0 0 0")
	_, err = r.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: r.URL("jobs"), ReceiveRequestAttemptId: aws.String("a")})
	checkError(t, err, "InvalidParameterValue", "Value a for parameter ReceiveRequestAttemptId is invalid. Reason: The request include parameter that is not valid for this queue type.")
}

func TestAReceiptOfAFIFOQueueExpires(t *testing.T) {
	r := newFIFO(t, nil)
	_, err := r.sendFIFO(t, "x", "g", "a")
	check(t, err)
	m := r.receive(t, "orders.fifo")[0]
	r.release(t, "orders.fifo", m)
	_, err = r.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: r.URL("orders.fifo"), ReceiptHandle: m.ReceiptHandle})
	checkError(t, err, "InvalidParameterValue", "Value "+*m.ReceiptHandle+" for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.")
	r.checkCounts(t, "orders.fifo", "1 0 0")
}
