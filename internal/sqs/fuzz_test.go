package sqs_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sqs"
)

// An echo is a store of one message: what was sent last is what is received.
type echo struct {
	sqs.Store // for what it is not asked
	entry     queue.Entry
}

func (e *echo) Queue(name string) (queue.Info, bool) {
	return queue.Info{Spec: queue.Spec{Name: name}}, true
}

func (e *echo) Send(_ context.Context, entries ...queue.Entry) ([]queue.Sent, error) {
	for _, entry := range entries {
		e.entry = entry
	}
	return make([]queue.Sent, len(entries)), nil
}

func (e *echo) Receive(context.Context, string, queue.Receive) ([]queue.Message, error) {
	return []queue.Message{{Body: e.entry.Body, Attributes: e.entry.Attributes, GroupID: e.entry.GroupID, TraceHeader: e.entry.TraceHeader}}, nil
}

// FuzzSendMessage checks that a message is refused, or received as it was sent
// and with the checksums that its sender was told.
func FuzzSendMessage(f *testing.F) {
	f.Add("body", "name", "String", "value")
	f.Add("\t\r\n\ufffd", "a.b", "Number.x", "-1.5e10")
	f.Add("", "aws.x", "Text", "\x00")
	f.Fuzz(func(t *testing.T, body, name, kind, value string) {
		h := awsapi.NewHandler(awsapi.Options{}, sqs.New(&echo{}).API())
		call := func(action string, in any, out any) int {
			text, err := json.Marshal(in)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(string(text)))
			r.Header.Set("X-Amz-Target", "AmazonSQS."+action)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
				t.Fatalf("%s: %v", w.Body, err)
			}
			return w.Code
		}
		attributes := map[string]sqs.MessageAttribute{name: {DataType: kind, StringValue: value}}
		var sent sqs.SendMessageOutput
		status := call("SendMessage", map[string]any{"QueueUrl": "q", "MessageBody": body, "MessageAttributes": attributes}, &sent)
		if status == http.StatusBadRequest {
			return
		}
		var received sqs.ReceiveMessageOutput
		if status != http.StatusOK || call("ReceiveMessage", map[string]any{"QueueUrl": "q", "MessageAttributeNames": []string{"All"}}, &received) != http.StatusOK {
			t.Fatalf("SendMessage: status %d", status)
		}
		// Marshal makes valid UTF-8 of everything.
		m, valid := received.Messages[0], func(s string) string { return strings.ToValidUTF8(s, "\ufffd") }
		if len(m.Body) == 0 || m.MD5OfBody != sent.MD5OfMessageBody || m.MD5OfMessageAttributes != sent.MD5OfMessageAttributes {
			t.Errorf("sent %+v, received %+v", sent, m)
		}
		if a := m.MessageAttributes[name]; len(m.MessageAttributes) != 1 || a.DataType != valid(kind) {
			t.Errorf("attributes %+v, want those that were sent: %+v", m.MessageAttributes, attributes)
		}
	})
}
