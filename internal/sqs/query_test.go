package sqs_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestQueryProtocol lives through a message's life as a client from before the
// JSON protocol does, and looks at every byte of the answers.
func TestQueryProtocol(t *testing.T) {
	r := newRig(t)
	const (
		head = `<?xml version="1.0"?>` + "\n"
		ns   = ` xmlns="http://queue.amazonaws.com/doc/2012-11-05/"`
		meta = `<ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata>`
	)
	ids := regexp.MustCompile(`<MessageId>[0-9a-f-]{36}</MessageId>`)
	receipts := regexp.MustCompile(`<ReceiptHandle>([^<]+)</ReceiptHandle>`)
	times := regexp.MustCompile(`<Value>\d{13}</Value>`)
	check := func(got answer, want string) {
		t.Helper()
		body := ids.ReplaceAllString(got.Body, "<MessageId>M</MessageId>")
		body = receipts.ReplaceAllString(body, "<ReceiptHandle>R</ReceiptHandle>")
		body = times.ReplaceAllString(body, "<Value>T</Value>")
		if diff := cmp.Diff(head+want, body); diff != "" || got.Status != 200 {
			t.Errorf("status %d (-want +got):\n%s", got.Status, diff)
		}
	}
	receipt := func(got answer) string {
		t.Helper()
		match := receipts.FindStringSubmatch(got.Body)
		if match == nil {
			t.Fatalf("no receipt in %s", got.Body)
		}
		return match[1]
	}

	check(r.form(t, "", "GetQueueUrl", "QueueName", "jobs"),
		`<GetQueueUrlResponse`+ns+`><GetQueueUrlResult><QueueUrl>`+*r.URL("jobs")+`</QueueUrl></GetQueueUrlResult>`+meta+`</GetQueueUrlResponse>`)
	check(r.form(t, "", "ListQueues", "QueueNamePrefix", "jobs"),
		`<ListQueuesResponse`+ns+`><ListQueuesResult><QueueUrl>`+*r.URL("jobs")+`</QueueUrl></ListQueuesResult>`+meta+`</ListQueuesResponse>`)
	check(r.form(t, "jobs", "GetQueueAttributes", "AttributeName.1", "QueueArn", "AttributeName.2", "VisibilityTimeout"),
		`<GetQueueAttributesResponse`+ns+`><GetQueueAttributesResult><Attribute><Name>QueueArn</Name><Value>arn:aws:sqs:us-east-1:000000000000:jobs</Value></Attribute>`+
			`<Attribute><Name>VisibilityTimeout</Name><Value>30</Value></Attribute></GetQueueAttributesResult>`+meta+`</GetQueueAttributesResponse>`)

	check(r.form(t, "jobs", "ReceiveMessage"),
		`<ReceiveMessageResponse`+ns+`><ReceiveMessageResult></ReceiveMessageResult>`+meta+`</ReceiveMessageResponse>`)
	check(r.form(t, "jobs", "SendMessage", "MessageBody", "msg\n<1>", "MessageAttribute.1.Name", "Foo",
		"MessageAttribute.1.Value.DataType", "String", "MessageAttribute.1.Value.StringValue", "Bar"),
		`<SendMessageResponse`+ns+`><SendMessageResult><MD5OfMessageAttributes>ae7155c6026991b6d54b11589678bf9c</MD5OfMessageAttributes>`+
			`<MD5OfMessageBody>ffb7c827dff4a1434a2559739073e524</MD5OfMessageBody><MessageId>M</MessageId></SendMessageResult>`+meta+`</SendMessageResponse>`)
	received := r.form(t, "", "ReceiveMessage", "QueueUrl", *r.URL("jobs"), "AttributeName.1", "All", "MessageAttributeName.1", "All", "VisibilityTimeout", "0")
	check(received,
		`<ReceiveMessageResponse`+ns+`><ReceiveMessageResult><Message><MessageId>M</MessageId><ReceiptHandle>R</ReceiptHandle>`+
			`<MD5OfBody>ffb7c827dff4a1434a2559739073e524</MD5OfBody><Body>msg&#xA;&lt;1&gt;</Body>`+
			`<Attribute><Name>ApproximateFirstReceiveTimestamp</Name><Value>T</Value></Attribute><Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>`+
			`<Attribute><Name>SenderId</Name><Value>000000000000</Value></Attribute><Attribute><Name>SentTimestamp</Name><Value>T</Value></Attribute>`+
			`<MD5OfMessageAttributes>ae7155c6026991b6d54b11589678bf9c</MD5OfMessageAttributes>`+
			`<MessageAttribute><Name>Foo</Name><Value><DataType>String</DataType><StringValue>Bar</StringValue></Value></MessageAttribute>`+
			`</Message></ReceiveMessageResult>`+meta+`</ReceiveMessageResponse>`)

	second := receipt(r.form(t, "jobs", "ReceiveMessage"))
	if second == receipt(received) {
		t.Error("two receives gave the same receipt")
	}
	check(r.form(t, "jobs", "ChangeMessageVisibility", "ReceiptHandle", second, "VisibilityTimeout", "60"),
		`<ChangeMessageVisibilityResponse`+ns+`>`+meta+`</ChangeMessageVisibilityResponse>`)
	check(r.form(t, "jobs", "ChangeMessageVisibilityBatch", "ChangeMessageVisibilityBatchRequestEntry.1.Id", "a",
		"ChangeMessageVisibilityBatchRequestEntry.1.ReceiptHandle", second, "ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout", "60"),
		`<ChangeMessageVisibilityBatchResponse`+ns+`><ChangeMessageVisibilityBatchResult><ChangeMessageVisibilityBatchResultEntry><Id>a</Id>`+
			`</ChangeMessageVisibilityBatchResultEntry></ChangeMessageVisibilityBatchResult>`+meta+`</ChangeMessageVisibilityBatchResponse>`)
	check(r.form(t, "jobs", "DeleteMessage", "ReceiptHandle", second),
		`<DeleteMessageResponse`+ns+`>`+meta+`</DeleteMessageResponse>`)

	check(r.form(t, "jobs", "SendMessageBatch", "SendMessageBatchRequestEntry.1.Id", "a", "SendMessageBatchRequestEntry.1.MessageBody", "x",
		"SendMessageBatchRequestEntry.2.Id", "b"),
		`<SendMessageBatchResponse`+ns+`><SendMessageBatchResult><SendMessageBatchResultEntry><Id>a</Id>`+
			`<MD5OfMessageBody>9dd4e461268c8034f5c8564e155c67a6</MD5OfMessageBody><MessageId>M</MessageId></SendMessageBatchResultEntry>`+
			`<BatchResultErrorEntry><Id>b</Id><SenderFault>true</SenderFault><Code>MissingParameter</Code>`+
			`<Message>The request must contain the parameter MessageBody.</Message></BatchResultErrorEntry></SendMessageBatchResult>`+meta+`</SendMessageBatchResponse>`)
	third := receipt(r.form(t, "jobs", "ReceiveMessage"))
	check(r.form(t, "jobs", "DeleteMessageBatch", "DeleteMessageBatchRequestEntry.1.Id", "a", "DeleteMessageBatchRequestEntry.1.ReceiptHandle", third),
		`<DeleteMessageBatchResponse`+ns+`><DeleteMessageBatchResult><DeleteMessageBatchResultEntry><Id>a</Id></DeleteMessageBatchResultEntry>`+
			`</DeleteMessageBatchResult>`+meta+`</DeleteMessageBatchResponse>`)
	r.checkCounts(t, "jobs", "0 0 0")
}

func TestJSONAnswersAreBare(t *testing.T) {
	r := newRig(t)
	url := `{"QueueUrl":"` + *r.URL("jobs") + `"`
	if got := r.json(t, "ReceiveMessage", url+"}"); got.Body != "{}" {
		t.Errorf("ReceiveMessage from an empty queue: %s, want {}", got.Body)
	}
	r.send(t, "jobs", "x")
	receipt := *r.receive(t, "jobs")[0].ReceiptHandle
	if got := r.json(t, "ChangeMessageVisibility", url+`,"ReceiptHandle":"`+receipt+`","VisibilityTimeout":60}`); got.Body != "" || got.Status != 200 {
		t.Errorf("ChangeMessageVisibility: %d %q, want nothing", got.Status, got.Body)
	}
	if got := r.json(t, "DeleteMessage", url+`,"ReceiptHandle":"`+receipt+`"}`); got.Body != "" || got.Status != 200 {
		t.Errorf("DeleteMessage: %d %q, want nothing", got.Status, got.Body)
	}
}

func TestErrorInXML(t *testing.T) {
	got := newRig(t).form(t, "jobs", "SendMessage")
	want := `<?xml version="1.0"?>` + "\n" + `<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type><Code>MissingParameter</Code>` +
		`<Message>The request must contain the parameter MessageBody.</Message><Detail></Detail></Error><RequestId>ID</RequestId></ErrorResponse>`
	if got.Body != want || got.Status != 400 {
		t.Errorf("status %d: %s\nwant 400: %s", got.Status, got.Body, want)
	}
	if got := newRig(t).form(t, "", "ListFriends"); got.Status != 501 || !strings.Contains(got.Message, "ListFriends of sqs") {
		t.Errorf("an action that is not there: %+v", got)
	}
}
