package operate

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/uuid"

	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/eventbridge"
	"github.com/less-go/less/internal/gateway"
	"github.com/less-go/less/internal/mapping"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/target"
)

// A Call is what a function is invoked with.
type Call struct {
	// Event is the message of a subscriber, and the body of a request.
	Event
	// Path is a route's, where it has parameters or a query; Method where it is not
	// the route's own.
	Method, Path string
	Header       http.Header
}

// An Invocation is what came of it.
type Invocation struct {
	Function      string `json:"function"`
	MessageID     string `json:"message_id,omitempty"`
	CorrelationID string `json:"correlation_id,omitempty"`
	// Status and Header are a route's answer.
	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	// Result is what the function returned, the body of a route's answer; a body
	// that is not JSON is a JSON string.
	Result json.RawMessage `json:"result"`
	// Error says why it failed, in its own words where it has any.
	Error    string        `json:"error,omitempty"`
	Duration time.Duration `json:"duration_ns"`
	// Log is the end of what it logged, of 4 KB at most.
	Log []string `json:"log,omitempty"`
}

// Invoke calls a function as API Gateway, its queue or its rule would, and waits for it. A
// message that fails is not tried again, and goes to no dead-letter queue.
func (d Deployment) Invoke(ctx context.Context, f plan.Function, c Call) (Invocation, error) {
	out := Invocation{Function: f.ID}
	api, route := Route(d.Plan, f)
	var payload []byte
	var err error
	switch cron, isCron := Cron(d.Plan, f); {
	case route.Function != "":
		payload, err = c.request(api, route)
	case isCron:
		payload, err = d.scheduled(ctx, cron, &out)
	default:
		payload, err = d.message(ctx, f, c.Event, &out)
	}
	if err != nil {
		return out, err
	}
	return d.call(ctx, f, payload, out)
}

// Replay calls a function with a dead letter, as its queue would. It is for a place
// where that does no harm.
func (d Deployment) Replay(ctx context.Context, f plan.Function, l DeadLetter) (Invocation, error) {
	out := Invocation{Function: f.ID, MessageID: l.EventID, CorrelationID: l.CorrelationID}
	arn, err := d.Target.ARN(ctx, "sqs", f.Name)
	if err != nil {
		return out, err
	}
	attributes := make(map[string]queue.Attribute, len(l.message.MessageAttributes))
	for name, a := range l.message.MessageAttributes {
		attributes[name] = queue.Attribute{Type: aws.ToString(a.DataType), String: aws.ToString(a.StringValue), Binary: a.BinaryValue}
	}
	return d.call(ctx, f, mapping.Event(queue.Message{
		ID: l.ID, Receipt: "less-cli replay", Body: []byte(aws.ToString(l.message.Body)), Attributes: attributes,
		Sent: l.Sent, FirstReceived: time.Now(), Receives: 1,
	}, arn), out)
}

// call invokes a function and completes out with what comes of it.
func (d Deployment) call(ctx context.Context, f plan.Function, payload []byte, out Invocation) (Invocation, error) {
	_, route := Route(d.Plan, f)
	began := time.Now()
	// Once: whoever invokes by hand wants to see what happens, and does not expect it twice.
	answer, err := d.Target.Lambda().Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(f.Name), Payload: payload, LogType: types.LogTypeTail,
	}, func(o *lambda.Options) { o.RetryMaxAttempts = 1 })
	if target.NotFound(err) {
		return out, d.absent("function", f.Name)
	}
	if err != nil {
		return out, d.Target.Explain(err)
	}
	out.Duration = time.Since(began)
	tail, _ := base64.StdEncoding.DecodeString(aws.ToString(answer.LogResult)) // no log is no reason to fail
	if text := strings.TrimSuffix(string(tail), "\n"); text != "" {
		out.Log = strings.Split(text, "\n")
	}
	out.Result = asJSON(answer.Payload)
	switch {
	case answer.FunctionError != nil:
		out.Error = cmp.Or(failure(answer.Payload), *answer.FunctionError)
	case route.Function != "":
		out.answered(answer.Payload)
	default:
		out.handled(answer.Payload)
	}
	return out, nil
}

// request is the event of an HTTP request to a route.
func (c Call) request(api plan.API, route plan.Route) ([]byte, error) {
	path := cmp.Or(c.Path, route.Path)
	if strings.Contains(path, "{") {
		return nil, fmt.Errorf("%s has parameters: say what they are with --path %s", route.Path, example(route.Path))
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	r, err := http.NewRequest(cmp.Or(strings.ToUpper(c.Method), route.Method), "http://localhost"+path, bytes.NewReader(c.Data))
	if err != nil {
		return nil, fmt.Errorf("--path %s cannot be the path of a request: %w", path, err)
	}
	maps.Copy(r.Header, c.Header)
	if len(c.Data) > 0 && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.CorrelationID != "" {
		r.Header.Set("X-Correlation-Id", c.CorrelationID)
	}
	r.RemoteAddr = "127.0.0.1:0"
	r.Header.Set("User-Agent", "less-cli")
	payload, function, found := gateway.Event(api, r, c.Data)
	if !found || function != route.Function {
		return nil, fmt.Errorf("%s %s is not %s %s, which this function serves. Change --method or --path", r.Method, r.URL.Path, route.Method, route.Path)
	}
	return payload, nil
}

// example fills in a path's parameters.
func example(path string) string {
	return strings.NewReplacer("{", "", "}", "", "+", "").Replace(path)
}

// scheduled is the event of a rule that is due.
func (d Deployment) scheduled(ctx context.Context, c plan.Cron, out *Invocation) ([]byte, error) {
	rule, err := d.Target.ARN(ctx, "events", "rule/"+c.Rule)
	if err != nil {
		return nil, err
	}
	payload := eventbridge.Event(rule, time.Now())
	var sent struct{ ID string }
	if err := json.Unmarshal(payload, &sent); err != nil {
		return nil, err
	}
	out.MessageID, out.CorrelationID = sent.ID, sent.ID // package less correlates by the run
	return payload, nil
}

// message is the event of one message from the subscriber's queue.
func (d Deployment) message(ctx context.Context, f plan.Function, e Event, out *Invocation) ([]byte, error) {
	s, err := Subscriber(d.Plan, f.ID)
	if err != nil {
		return nil, err
	}
	sent, err := e.outgoing(ctx, path.Base(path.Dir(s.Function)))
	if err != nil {
		return nil, err
	}
	arn, err := d.Target.ARN(ctx, "sqs", s.Queue.Name)
	if err != nil {
		return nil, err
	}
	out.MessageID, out.CorrelationID = sent.Attributes[event.ID], sent.Attributes[event.CorrelationID]
	attributes := make(map[string]queue.Attribute, len(sent.Attributes))
	for name, value := range sent.Attributes {
		attributes[name] = queue.Attribute{Type: "String", String: value}
	}
	now := time.Now()
	return mapping.Event(queue.Message{
		ID: uuid.NewString(), Receipt: "less-cli invoke", Body: sent.Body, Attributes: attributes,
		Sent: now, FirstReceived: now, Receives: 1,
	}, arn), nil
}

// answered takes a route's answer apart.
func (i *Invocation) answered(payload []byte) {
	var answer struct {
		StatusCode      int               `json:"statusCode"`
		Headers         map[string]string `json:"headers"`
		Body            string            `json:"body"`
		IsBase64Encoded bool              `json:"isBase64Encoded"`
	}
	if json.Unmarshal(payload, &answer) != nil || answer.StatusCode == 0 {
		return // the function answers as it likes
	}
	body := []byte(answer.Body)
	if answer.IsBase64Encoded {
		body, _ = base64.StdEncoding.DecodeString(answer.Body) // or nothing
	}
	i.Status, i.Header, i.Result = answer.StatusCode, answer.Headers, asJSON(body)
	for name, value := range answer.Headers {
		if strings.EqualFold(name, "X-Correlation-Id") {
			i.CorrelationID = value
		}
	}
	if i.Status >= http.StatusInternalServerError {
		i.Error = cmp.Or(lastError(i.Log), http.StatusText(i.Status))
	}
}

// handled notes whether a subscriber has handled its message.
func (i *Invocation) handled(payload []byte) {
	var answer struct {
		BatchItemFailures []json.RawMessage `json:"batchItemFailures"`
	}
	if json.Unmarshal(payload, &answer) == nil && len(answer.BatchItemFailures) > 0 {
		i.Error = cmp.Or(lastError(i.Log), "it says no reason")
	}
}

// asJSON is what data is as JSON: itself, or a string.
func asJSON(data []byte) json.RawMessage {
	if json.Valid(data) {
		return data
	}
	text, _ := json.Marshal(string(data)) // a string always encodes
	return text
}

// failure is why a function failed as a whole.
func failure(payload []byte) string {
	var failed struct {
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	_ = json.Unmarshal(payload, &failed) // or it says nothing
	return cmp.Or(failed.ErrorMessage, failed.ErrorType)
}

// lastError is the reason that the last error of a log gives.
func lastError(log []string) string {
	reason := ""
	for _, text := range log {
		if l, ok := parseLine(text); ok && l.failed() {
			reason = l.reason()
		}
	}
	return reason
}
