package mapping_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/mapping"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

// one is a store with one message, that of a test of what a function gets.
type one struct {
	messages chan queue.Message
}

func (o one) Receive(ctx context.Context, _ string, _ queue.Receive) ([]queue.Message, error) {
	select {
	case m := <-o.messages:
		return []queue.Message{m}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (one) Delete(context.Context, string, ...string) ([]error, error) { return []error{nil}, nil }

func (one) ChangeVisibility(context.Context, string, string, time.Duration) error { return nil }

// eventOf returns what a function gets for msg.
func eventOf(t *testing.T, msg queue.Message) string {
	t.Helper()
	store := one{make(chan queue.Message, 1)}
	got := make(chan string, 1)
	m := mapping.New(mapping.Options{
		Subscription: plan.Subscription{Function: "f", Queue: plan.Queue{Name: "kitchen"}},
		Store:        store,
		Invoker: invoker(func(_ context.Context, _ string, payload []byte) (lambda.Result, error) {
			got <- string(payload)
			return lambda.Result{}, nil
		}),
	})
	store.messages <- msg
	m.Start()
	event := <-got
	if err := m.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	return event
}

func TestAnEventIsAWSs(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	got := eventOf(t, queue.Message{
		ID: "id", Receipt: "receipt", Body: []byte(`{"a":"<&>` + "\u2028" + `"}`), Sent: at, FirstReceived: at.Add(time.Second), Receives: 2,
	})
	want := `{"Records":[{"messageId":"id","receiptHandle":"receipt","body":"{\"a\":\"<&>\u2028\"}",` +
		`"attributes":{"ApproximateReceiveCount":"2","SentTimestamp":"1767323045678","SenderId":"000000000000",` +
		`"ApproximateFirstReceiveTimestamp":"1767323046678"},"messageAttributes":{},"md5OfBody":"c53aac325cc7bc01142ae25139e3f6c2",` +
		`"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:000000000000:kitchen","awsRegion":"us-east-1"}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAnEventWithAllThatAMessageCanHave(t *testing.T) {
	got := eventOf(t, queue.Message{
		ID: "id", Receipt: "receipt", Body: []byte("x"), Sent: time.UnixMilli(1), FirstReceived: time.UnixMilli(2), Receives: 1,
		GroupID: "group", TraceHeader: "Root=1", DeadLetterSource: "elsewhere",
		Attributes: map[string]queue.Attribute{
			"Empty": {Type: "String"},
			"Image": {Type: "Binary.png", Binary: []byte{0xff, 0}},
			"Count": {Type: "Number.int", String: "6"},
		},
	})
	for _, want := range []string{
		`"attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1","SenderId":"000000000000","ApproximateFirstReceiveTimestamp":"2",` +
			`"MessageGroupId":"group","AWSTraceHeader":"Root=1","DeadLetterQueueSourceArn":"arn:aws:sqs:us-east-1:000000000000:elsewhere"}`,
		`"messageAttributes":{` +
			`"Count":{"stringValue":"6","stringListValues":[],"binaryListValues":[],"dataType":"Number.int"},` +
			`"Empty":{"stringValue":"","stringListValues":[],"binaryListValues":[],"dataType":"String"},` +
			`"Image":{"binaryValue":"/wA=","stringListValues":[],"binaryListValues":[],"dataType":"Binary.png"}},` +
			`"md5OfMessageAttributes":"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestTheChecksumOfAttributesIsTheOneAWSComputed(t *testing.T) {
	got := eventOf(t, queue.Message{ID: "id", Attributes: map[string]queue.Attribute{ // recorded from AWS on 2025-11-25
		"WeeksOn": {Type: "Number", String: "6"},
		"Author":  {Type: "String", String: "John Grisham"},
		"Title":   {Type: "String", String: "The Whistler"},
	}})
	if want := `"md5OfMessageAttributes":"d25a6aea97eb8f585bfa92d314504a92"`; !strings.Contains(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Whatever a message says, its function gets the same.
func FuzzEvent(f *testing.F) {
	f.Add("id", `{"a":1}`, "ce-id", "String", "x", []byte{1}, 1)
	f.Add("", "\x00\u2028\"", "", "Binary", "", []byte{}, -1)
	f.Fuzz(func(t *testing.T, id, body, name, kind, text string, binary []byte, receives int) {
		// SQS takes valid text only.
		id, body, name, kind, text = valid(id), valid(body), valid(name), valid(kind), valid(text)
		var e events.SQSEvent
		if err := json.Unmarshal([]byte(eventOf(t, queue.Message{
			ID: id, Receipt: "r", Body: []byte(body), Receives: receives,
			Attributes: map[string]queue.Attribute{name: {Type: kind, String: text, Binary: binary}},
		})), &e); err != nil {
			t.Fatal(err)
		}
		if len(e.Records) != 1 {
			t.Fatalf("%d records", len(e.Records))
		}
		r := e.Records[0]
		a, found := r.MessageAttributes[name]
		if r.MessageId != id || r.Body != body || !found || a.DataType != kind || len(r.Md5OfBody) != 32 || len(r.Md5OfMessageAttributes) != 32 {
			t.Errorf("got %+v", r)
		}
		isBinary := kind == "Binary" || strings.HasPrefix(kind, "Binary.")
		if isBinary != (a.StringValue == nil) || !isBinary && *a.StringValue != text || isBinary && string(a.BinaryValue) != string(binary) {
			t.Errorf("attribute %+v", a)
		}
	})
}

func valid(s string) string { return strings.ToValidUTF8(s, "?") }

func TestAMappingWorksInABubbleWithoutASink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { eventOf(t, queue.Message{ID: "id"}) })
}
