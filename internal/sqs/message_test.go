package sqs_test

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func text(s string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(s)}
}

var ignoreSmithy = cmp.Options{
	cmpopts.IgnoreUnexported(types.Message{}, types.MessageAttributeValue{}, types.BatchResultErrorEntry{},
		types.SendMessageBatchResultEntry{}, types.DeleteMessageBatchResultEntry{}, types.ChangeMessageVisibilityBatchResultEntry{}),
}

// receive receives at most ten messages with everything there is to them.
func (r rig) receive(t *testing.T, queue string) []types.Message {
	t.Helper()
	out, err := r.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{
		QueueUrl:                    r.URL(queue),
		MaxNumberOfMessages:         10,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
		MessageAttributeNames:       []string{"All"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Messages
}

func (r rig) send(t *testing.T, queue, body string) *awssqs.SendMessageOutput {
	t.Helper()
	out, err := r.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: r.URL(queue), MessageBody: &body})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// release makes a received message visible again.
func (r rig) release(t *testing.T, queue string, m types.Message) {
	t.Helper()
	_, err := r.ChangeMessageVisibility(t.Context(), &awssqs.ChangeMessageVisibilityInput{
		QueueUrl: r.URL(queue), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 0,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMessageArrivesAsItWasSent(t *testing.T) {
	r := newRig(t)
	body := "a <tag> & \"quotes\"\r\n\té 😀"
	attributes := map[string]types.MessageAttributeValue{
		"General": text("Kenobi"),
		"Hello":   text("There"),
		"Help.Me": text("Me"),
	}
	sent, err := r.SendMessage(t.Context(), &awssqs.SendMessageInput{
		QueueUrl:          r.URL("jobs"),
		MessageBody:       &body,
		MessageAttributes: attributes,
		MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
			"AWSTraceHeader": {DataType: aws.String("String"), StringValue: aws.String("Root=1-2-3")},
		},
		MessageGroupId: aws.String("customer-7"),
	})
	if err != nil {
		t.Fatal(err)
	}
	// As AWS answered for these attributes.
	const checksum = "4c360f3fdafd970e05fae2f149d997f5"
	if got := aws.ToString(sent.MD5OfMessageAttributes); got != checksum {
		t.Errorf("MD5OfMessageAttributes is %s, want %s", got, checksum)
	}
	if sent.MD5OfMessageSystemAttributes == nil {
		t.Error("no MD5OfMessageSystemAttributes")
	}

	messages := r.receive(t, "jobs")
	if len(messages) != 1 {
		t.Fatalf("received %d messages, want 1", len(messages))
	}
	m := messages[0]
	sentAt, first := m.Attributes["SentTimestamp"], m.Attributes["ApproximateFirstReceiveTimestamp"]
	if n, err := strconv.ParseInt(sentAt, 10, 64); err != nil || n < 1e12 {
		t.Errorf("SentTimestamp is %q, want milliseconds", sentAt)
	}
	want := types.Message{
		MessageId:              sent.MessageId,
		ReceiptHandle:          m.ReceiptHandle,
		Body:                   &body,
		MD5OfBody:              sent.MD5OfMessageBody,
		MessageAttributes:      attributes,
		MD5OfMessageAttributes: aws.String(checksum),
		Attributes: map[string]string{
			"SenderId":                         "000000000000",
			"SentTimestamp":                    sentAt,
			"ApproximateReceiveCount":          "1",
			"ApproximateFirstReceiveTimestamp": first,
			"AWSTraceHeader":                   "Root=1-2-3",
			"MessageGroupId":                   "customer-7",
		},
	}
	if diff := cmp.Diff(want, m, ignoreSmithy); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

func TestBinaryAndNumberAttributes(t *testing.T) {
	r := newRig(t)
	send := func(name string, a types.MessageAttributeValue) *awssqs.SendMessageOutput {
		out, err := r.SendMessage(t.Context(), &awssqs.SendMessageInput{
			QueueUrl: r.URL("jobs"), MessageBody: aws.String("test"),
			MessageAttributes: map[string]types.MessageAttributeValue{name: a},
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	out := send("attr1", types.MessageAttributeValue{
		DataType:    aws.String("Binary"),
		BinaryValue: []byte("traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01"),
	})
	// As AWS answered for this attribute.
	if got, want := aws.ToString(out.MD5OfMessageAttributes), "8cbe4db156db8a94db8b801b7addb984"; got != want {
		t.Errorf("MD5OfMessageAttributes is %s, want %s", got, want)
	}
	send("n", types.MessageAttributeValue{DataType: aws.String("Number.float"), StringValue: aws.String("-1.5e-3")})

	got := map[string]types.MessageAttributeValue{}
	for _, m := range r.receive(t, "jobs") {
		maps.Copy(got, m.MessageAttributes)
	}
	want := map[string]types.MessageAttributeValue{
		"attr1": {DataType: aws.String("Binary"), BinaryValue: []byte("traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01")},
		"n":     {DataType: aws.String("Number.float"), StringValue: aws.String("-1.5e-3")},
	}
	if diff := cmp.Diff(want, got, ignoreSmithy); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestReceiverChoosesAttributes(t *testing.T) {
	r := newRig(t)
	_, err := r.SendMessage(t.Context(), &awssqs.SendMessageInput{
		QueueUrl: r.URL("dead"), MessageBody: aws.String("msg"),
		MessageAttributes: map[string]types.MessageAttributeValue{"General": text("Kenobi"), "Hello": text("There"), "Help.Me": text("Me")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		names, want []string
		checksum    string // as AWS answered
	}{
		{nil, nil, ""},
		{[]string{"All"}, []string{"General", "Hello", "Help.Me"}, "4c360f3fdafd970e05fae2f149d997f5"},
		{[]string{"*"}, []string{"General", "Hello", "Help.Me"}, "4c360f3fdafd970e05fae2f149d997f5"},
		{[]string{".*"}, []string{"General", "Hello", "Help.Me"}, "4c360f3fdafd970e05fae2f149d997f5"},
		{[]string{"General", "Hello"}, []string{"General", "Hello"}, "fca026605781cb4126a1e9044df24232"},
		{[]string{"Foo", "Hello"}, []string{"Hello"}, "a311262e065454b75da111d535b8dacd"},
		{[]string{"Hel.*"}, []string{"Hello", "Help.Me"}, "83fee93c1bcd8b9a5a923ffacdc636c7"},
		{[]string{"Foo", "Help"}, nil, ""},
	} {
		out, err := r.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{
			QueueUrl: r.URL("dead"), MessageAttributeNames: tt.names,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) != 1 {
			t.Fatalf("%v: received %d messages, want 1", tt.names, len(out.Messages))
		}
		m := out.Messages[0]
		if got := slices.Sorted(maps.Keys(m.MessageAttributes)); !slices.Equal(got, tt.want) {
			t.Errorf("%v: attributes %v, want %v", tt.names, got, tt.want)
		}
		if got := aws.ToString(m.MD5OfMessageAttributes); got != tt.checksum {
			t.Errorf("%v: MD5OfMessageAttributes %s, want %s", tt.names, got, tt.checksum)
		}
		if m.Attributes != nil {
			t.Errorf("%v: system attributes %v, want none", tt.names, m.Attributes)
		}
		r.release(t, "dead", m)
	}
}

func TestReceiverChoosesSystemAttributes(t *testing.T) {
	r := newRig(t)
	r.send(t, "jobs", "x")
	out, err := r.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{
		QueueUrl:                    r.URL("jobs"),
		AttributeNames:              []types.QueueAttributeName{"SenderId"}, //nolint:staticcheck // older clients use it
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"ApproximateReceiveCount", "AWSTraceHeader"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"SenderId": "000000000000", "ApproximateReceiveCount": "1"}
	if diff := cmp.Diff(want, out.Messages[0].Attributes); diff != "" {
		t.Errorf("system attributes (-want +got):\n%s", diff)
	}
}

func TestDeletedMessageIsGone(t *testing.T) {
	r := newRig(t)
	r.send(t, "jobs", "x")
	m := r.receive(t, "jobs")[0]
	for range 2 { // a second delete is no error
		if _, err := r.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: r.URL("jobs"), ReceiptHandle: m.ReceiptHandle}); err != nil {
			t.Fatal(err)
		}
	}
	r.checkCounts(t, "jobs", "0 0 0")
}

func TestReleasedMessageIsReceivedAgain(t *testing.T) {
	r := newRig(t)
	r.send(t, "jobs", "x")
	first := r.receive(t, "jobs")[0]
	if again := r.receive(t, "jobs"); len(again) != 0 {
		t.Fatalf("received %d messages while the only one is in flight", len(again))
	}
	r.release(t, "jobs", first)
	second := r.receive(t, "jobs")[0]
	if *second.MessageId != *first.MessageId || *second.ReceiptHandle == *first.ReceiptHandle {
		t.Errorf("want the same message with a new receipt, got %s %s and %s %s",
			*first.MessageId, *first.ReceiptHandle, *second.MessageId, *second.ReceiptHandle)
	}
	if n := second.Attributes["ApproximateReceiveCount"]; n != "2" {
		t.Errorf("ApproximateReceiveCount is %s, want 2", n)
	}
}

func TestDeadLetterKeepsItsIdentity(t *testing.T) {
	r := newRig(t)
	r.send(t, "jobs", "x")
	first := r.receive(t, "jobs")[0]
	r.release(t, "jobs", first)
	r.release(t, "jobs", r.receive(t, "jobs")[0])
	if third := r.receive(t, "jobs"); len(third) != 0 {
		t.Fatalf("a message of two receives at most was received %d times", 3)
	}
	dead := r.receive(t, "dead")
	if len(dead) != 1 {
		t.Fatalf("%d messages in the dead-letter queue, want 1", len(dead))
	}
	if *dead[0].MessageId != *first.MessageId {
		t.Errorf("MessageId became %s, was %s", *dead[0].MessageId, *first.MessageId)
	}
	want := maps.Clone(first.Attributes)
	want["ApproximateReceiveCount"] = "3"
	want["DeadLetterQueueSourceArn"] = "arn:aws:sqs:eu-west-1:000000000000:jobs"
	got := maps.Clone(dead[0].Attributes)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("system attributes (-want +got):\n%s", diff)
	}
}
