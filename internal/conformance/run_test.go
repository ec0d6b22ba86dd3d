package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/mapping"
)

// A run is one run of a case.
type run struct {
	ctx      context.Context
	cloud    *cloud
	door     *door
	vars     variables
	function *function
	mapping  *mapping.Mapping

	waiting chan outcome // of the call that began with later
	last    outcome
	judged  bool // the last call was said to succeed or to fail
}

// An outcome is what came of a call, and when.
type outcome struct {
	what string
	answer
	inQuery bool
	err     error
	lasted  time.Duration
}

// do runs the case's steps.
func (f fact) do(t *testing.T, c *cloud, d *door) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel() // a call that waits for ever
	r := &run{
		ctx: ctx, cloud: c, door: d, function: newFunction(), judged: true,
		vars: variables{"account": awsapi.Account, "region": awsapi.DefaultRegion},
	}
	defer func() {
		if err := r.unmap(); err != nil {
			t.Error(err)
		}
		if r.waiting != nil {
			cancel()
			<-r.waiting
		}
	}()
	for _, s := range f.steps {
		if err := s.do(r); err != nil {
			t.Errorf("line %d: %s\n%v", s.line, shorten(s.text), err)
			return
		}
	}
	if err := r.mustHaveSucceeded(); err != nil {
		t.Error(err)
	}
}

func shorten(s string) string {
	if len(s) > 400 {
		return s[:400] + "..."
	}
	return s
}

// mustHaveSucceeded is asked before each call about the one before.
func (r *run) mustHaveSucceeded() error {
	if r.judged {
		return nil
	}
	r.judged = true
	if r.last.err != nil {
		return fmt.Errorf("%s: %w", r.last.what, r.last.err)
	}
	if r.last.status != http.StatusOK {
		return fmt.Errorf("%s was refused: %s", r.last.what, r.last.refusal())
	}
	return nil
}

func (a answer) refusal() string {
	return fmt.Sprintf("%d %s %s %q", a.status, a.code, a.name, a.message)
}

func (r *run) call(service, action string, input any) error {
	done, err := r.begin(service, action, input)
	if err != nil {
		return err
	}
	return r.end(done)
}

func (r *run) later(service, action string, input any) (err error) {
	if r.waiting != nil {
		return errors.New("a call is waiting already")
	}
	r.waiting, err = r.begin(service, action, input)
	synctest.Wait()
	return err
}

func (r *run) arrives() error {
	if r.waiting == nil {
		return errors.New("no call is waiting")
	}
	if err := r.mustHaveSucceeded(); err != nil {
		return err
	}
	done := r.waiting
	r.waiting = nil
	return r.end(done)
}

func (r *run) begin(service, action string, input any) (chan outcome, error) {
	if err := r.mustHaveSucceeded(); err != nil {
		return nil, err
	}
	parameters, err := r.vars.input(input)
	if err != nil {
		return nil, err
	}
	done := make(chan outcome, 1)
	go func() {
		began := time.Now()
		a, err := r.door.call(r.ctx, service, action, parameters.(map[string]any))
		done <- outcome{service + " " + action, a, r.door.inQuery(service), err, time.Since(began)}
	}()
	return done, nil
}

func (r *run) end(done chan outcome) error {
	r.last, r.judged = <-done, false
	return r.last.err
}

func (r *run) answered(pattern any) error {
	if r.last.body == nil && r.last.status == 0 {
		return errors.New("nothing was called")
	}
	r.judged = false
	if err := r.mustHaveSucceeded(); err != nil {
		return err
	}
	return matcher{r.vars, r.last.inQuery}.match("the answer", pattern, r.last.body)
}

func (r *run) refused(status int, code, name string, message any) error {
	r.judged = true
	got := r.last
	if got.status == http.StatusOK || got.status == 0 {
		return fmt.Errorf("%s was not refused: %s", got.what, show(got.body))
	}
	if got.status != status || got.code != code || got.name != name && !got.inQuery {
		return fmt.Errorf("%s was refused: %s, want %d %s %s", got.what, got.refusal(), status, code, name)
	}
	return matcher{vars: r.vars}.match("the message", message, got.message)
}

func (r *run) took(d time.Duration) error {
	if r.last.lasted != d {
		return fmt.Errorf("%s took %v, want %v", r.last.what, r.last.lasted, d)
	}
	return nil
}

func (r *run) wait(d time.Duration) error {
	if err := r.mustHaveSucceeded(); err != nil {
		return err
	}
	time.Sleep(d)
	synctest.Wait()
	return nil
}

// must calls an action that has to succeed, and returns its answer.
func (r *run) must(service, action string, input map[string]any) (map[string]any, error) {
	if err := r.call(service, action, object{members: input}); err != nil {
		return nil, err
	}
	if err := r.mustHaveSucceeded(); err != nil {
		return nil, err
	}
	body, _ := r.last.body.(map[string]any)
	return body, nil
}

func (r *run) capture(name string, body map[string]any, key string) error {
	text, ok := body[key].(string)
	if !ok {
		return fmt.Errorf("%s: the answer has no %s: %s", r.last.what, key, show(body))
	}
	r.vars[name] = text
	return nil
}

func (r *run) queue(queue string, attributes map[string]any) error {
	if strings.HasSuffix(queue, ".fifo") {
		attributes["FifoQueue"] = "true"
	}
	input := map[string]any{"QueueName": queue}
	if len(attributes) > 0 {
		input["Attributes"] = object{members: attributes}
	}
	body, err := r.must("sqs", "CreateQueue", input)
	if err != nil {
		return err
	}
	r.vars[variable(queue)+"_arn"] = awsapi.LocalARN("sqs", awsapi.DefaultRegion, queue)
	return r.capture(variable(queue), body, "QueueUrl")
}

func (r *run) topic(topic string, attributes map[string]any) error {
	if strings.HasSuffix(topic, ".fifo") {
		attributes["FifoTopic"] = "true"
	}
	input := map[string]any{"Name": topic}
	if len(attributes) > 0 {
		input["Attributes"] = object{members: attributes}
	}
	body, err := r.must("sns", "CreateTopic", input)
	if err != nil {
		return err
	}
	return r.capture(variable(topic), body, "TopicArn")
}

func (r *run) subscribe(topic, queue string, attributes map[string]any) error {
	input := map[string]any{
		"TopicArn": "$" + variable(topic), "Protocol": "sqs", "Endpoint": "$" + variable(queue) + "_arn", "ReturnSubscriptionArn": true,
	}
	if len(attributes) > 0 {
		input["Attributes"] = object{members: attributes}
	}
	body, err := r.must("sns", "Subscribe", input)
	if err != nil {
		return err
	}
	return r.capture(variable(queue)+"_sub", body, "SubscriptionArn")
}

func (r *run) send(queue string, bodies []any) error {
	for _, body := range bodies {
		if _, err := r.must("sqs", "SendMessage", map[string]any{"QueueUrl": "$" + variable(queue), "MessageBody": body}); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) receive(queue string, bodies any) error {
	body, err := r.must("sqs", "ReceiveMessage", map[string]any{"QueueUrl": "$" + variable(queue), "MaxNumberOfMessages": json.Number("10")})
	if err != nil {
		return err
	}
	received := []any{}
	messages, _ := body["Messages"].([]any)
	for _, m := range messages {
		message, _ := m.(map[string]any)
		received = append(received, message["Body"])
	}
	return matcher{vars: r.vars}.match("the bodies received", bodies, received)
}

var countAttributes = map[string]string{
	"visible":  "ApproximateNumberOfMessages",
	"inflight": "ApproximateNumberOfMessagesNotVisible",
	"delayed":  "ApproximateNumberOfMessagesDelayed",
}

func (r *run) expectQueue(queue string, counts map[string]any) error {
	body, err := r.must("sqs", "GetQueueAttributes", map[string]any{"QueueUrl": "$" + variable(queue), "AttributeNames": list{elements: []any{"All"}}})
	if err != nil {
		return err
	}
	attributes, _ := body["Attributes"].(map[string]any)
	for key, want := range counts {
		if got := attributes[countAttributes[key]]; got != want {
			return fmt.Errorf("%v messages of %s are %s, want %v", got, queue, key, want)
		}
	}
	return nil
}

func (r *run) functionAnswers(value any) error {
	in, err := r.vars.input(jsonText{value})
	if err != nil {
		return err
	}
	r.function.say(in.(string))
	return nil
}

func (r *run) startMapping(m mappingSettings) error {
	if err := r.unmap(); err != nil {
		return err
	}
	r.mapping = r.cloud.newMapping(m, r.function)
	r.mapping.Start()
	synctest.Wait()
	return nil
}

func (r *run) unmap() error {
	if r.mapping == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	err := r.mapping.Stop(ctx)
	r.mapping = nil
	return err
}

func (r *run) expectInvoked(lastEvent bool, pattern any) error {
	synctest.Wait()
	events, err := r.function.invocations()
	if err != nil {
		return err
	}
	if lastEvent {
		if len(events) == 0 {
			return errors.New("the function was not invoked")
		}
		return matcher{vars: r.vars}.match("the event", pattern, events[len(events)-1])
	}
	invoked := []any{}
	for _, e := range events {
		event, _ := e.(map[string]any)
		records, _ := event["Records"].([]any)
		bodies := []any{}
		for _, record := range records {
			r, _ := record.(map[string]any)
			bodies = append(bodies, r["body"])
		}
		invoked = append(invoked, bodies)
	}
	return matcher{vars: r.vars}.match("what it was invoked with", pattern, invoked)
}

func (r *run) differ(values []string) error {
	seen := map[string]string{}
	for _, v := range values {
		text, err := r.vars.expand(v)
		if err != nil {
			return err
		}
		if other, found := seen[text]; found {
			return fmt.Errorf("%s and %s are both %s", other, v, text)
		}
		seen[text] = v
	}
	return nil
}

func (r *run) rise(values []string) error {
	var before *big.Int
	for _, v := range values {
		text, err := r.vars.expand(v)
		if err != nil {
			return err
		}
		number, ok := new(big.Int).SetString(text, 10)
		if !ok {
			return fmt.Errorf("%s is %q and no number", v, text)
		}
		if before != nil && number.Cmp(before) <= 0 {
			return fmt.Errorf("%s is %v, and the one before is %v", v, number, before)
		}
		before = number
	}
	return nil
}

// apart takes timestamps in milliseconds, or in seconds where they have ten digits.
func (r *run) apart(first, second string, d time.Duration) error {
	var at [2]time.Duration
	for i, v := range []string{first, second} {
		text, err := r.vars.expand(v)
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		at[i] = time.Duration(n) * time.Millisecond
		if len(text) <= 10 {
			at[i] = time.Duration(n) * time.Second
		}
	}
	if got := at[1] - at[0]; got != d {
		return fmt.Errorf("they are %v apart, want %v", got, d)
	}
	return nil
}
