package less_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/less-go/less"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/logs"
)

type order struct {
	ID    string   `json:"id"`
	Items []string `json:"items,omitempty"`
}

var (
	placed = less.NewTopic[order]("order_placed")
	paid   = less.NewTopic[order]("payment_success")
)

const processPayment = "topics/order_placed/payment_service_process_payment"

// fakeCloud records what functions ask of the cloud.
type fakeCloud struct {
	mu        sync.Mutex
	published []event.Outgoing
	changed   []visibilityChange
	changeErr error
}

type visibilityChange struct {
	QueueARN, Receipt string
	After             time.Duration
}

func (c *fakeCloud) Publish(_ context.Context, e event.Outgoing) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.published = append(c.published, e)
	return nil
}

func (c *fakeCloud) ChangeVisibility(_ context.Context, queueARN, receipt string, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed = append(c.changed, visibilityChange{queueARN, receipt, d})
	return c.changeErr
}

// logBuffer keeps log lines.
type logBuffer struct {
	mu     sync.Mutex
	b      bytes.Buffer
	writes int
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes++
	return l.b.Write(p)
}

// lines returns what was logged, without times and the stack, which vary.
func (l *logBuffer) lines(t *testing.T) []map[string]any {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []map[string]any
	for line := range bytes.Lines(l.b.Bytes()) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatalf("the log line %q is not JSON: %v", line, err)
		}
		delete(m, "time")
		delete(m, "stack")
		delete(m, "duration_ms")
		lines = append(lines, m)
	}
	return lines
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// invocation returns a context as Lambda's runtime makes it, with a fake cloud
// and a log that can be read.
func invocation(t *testing.T) (context.Context, *fakeCloud, *logBuffer) {
	c, l := &fakeCloud{}, &logBuffer{}
	ctx := event.WithCloud(t.Context(), c)
	ctx = logs.With(ctx, logs.NewHandler(l, slog.LevelInfo))
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
	return ctx, c, l
}

// sqsRecord is a message as Lambda delivers it; the attributes are string ones.
func sqsRecord(id, body string, attributes map[string]string) map[string]any {
	message := map[string]any{}
	for name, value := range attributes {
		message[name] = map[string]any{
			"stringValue":      value,
			"stringListValues": []string{},
			"binaryListValues": []string{},
			"dataType":         "String",
		}
	}
	return map[string]any{
		"messageId":     id,
		"receiptHandle": "receipt of " + id,
		"body":          body,
		"attributes": map[string]string{
			"ApproximateReceiveCount":          "2",
			"SentTimestamp":                    "1767225600123",
			"SenderId":                         "AIDAEXAMPLE",
			"ApproximateFirstReceiveTimestamp": "1767225601000",
		},
		"messageAttributes": message,
		"md5OfBody":         "00000000000000000000000000000000",
		"eventSource":       "aws:sqs",
		"eventSourceARN":    "arn:aws:sqs:us-east-1:000000000000:shop-payments",
		"awsRegion":         "us-east-1",
	}
}

func sqsEvent(t *testing.T, records ...map[string]any) []byte {
	t.Helper()
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// invoke runs f and returns its answer, which must be one.
func invoke(t *testing.T, ctx context.Context, f less.Function, payload []byte) string {
	t.Helper()
	answer, err := f.Invoke(ctx, payload)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// with returns a copy of m in which key is value.
func with(m map[string]any, key string, value any) map[string]any {
	m = maps.Clone(m)
	m[key] = value
	return m
}
