package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// clients are all that work with one life of the engine.
type clients struct {
	sns    *sns.Client
	sqs    *sqs.Client
	url    string
	report string // where the handler tells of attempts
	record *record
}

func newClients(url, report string, r *record) *clients {
	config := aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(url),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
		// An error is to be told, not tried again.
		Retryer:    func() aws.Retryer { return aws.NopRetryer{} },
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
	}
	return &clients{sns: sns.NewFromConfig(config), sqs: sqs.NewFromConfig(config), url: url, report: report, record: r}
}

func arn(service, name string) string {
	return "arn:aws:" + service + ":us-east-1:000000000000:" + name
}

func (c *clients) queueURL(name string) *string {
	return aws.String(c.url + "/000000000000/" + name)
}

// fromTopic is the policy of a queue that takes what the plan's topic sends.
func fromTopic(queue string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":%q,
		"Principal":{"Service":"sns.amazonaws.com"},"Condition":{"ArnEquals":{"aws:SourceArn":%q}}}}`, arn("sqs", queue), arn("sns", topicResource))
}

// setUp makes the queues beside the plan's, and subscribes them.
func (c *clients) setUp(t *testing.T) {
	t.Helper()
	for _, q := range []struct {
		name       string
		attributes map[string]string
	}{
		{consumedDead, nil},
		{consumedQueue, map[string]string{
			"VisibilityTimeout": fmt.Sprint(visibility.Seconds()),
			"Policy":            fromTopic(consumedQueue),
			"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arn("sqs", consumedDead), maxReceives),
		}},
		{ledgerQueue, map[string]string{"Policy": fromTopic(ledgerQueue)}},
		{orderedQueue, map[string]string{"FifoQueue": "true", "VisibilityTimeout": fmt.Sprint(visibility.Seconds())}},
	} {
		if _, err := c.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &q.name, Attributes: q.attributes}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{consumedQueue, ledgerQueue} {
		if _, err := c.sns.Subscribe(t.Context(), &sns.SubscribeInput{
			TopicArn: aws.String(arn("sns", topicResource)), Protocol: aws.String("sqs"), Endpoint: aws.String(arn("sqs", name)),
			Attributes: map[string]string{"RawMessageDelivery": "true"},
		}); err != nil {
			t.Fatal(err)
		}
	}
}

const (
	writers   = 8
	consumers = 4
	groups    = 2
	// backlog is how many events may be on their way.
	backlog = 2000
)

// work has everybody work until ctx ends. It returns when all have stopped.
func (c *clients) work(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	for n := range writers {
		all.Go(func() { c.publish(ctx, n) })
	}
	for range consumers {
		all.Go(func() { c.consume(ctx) })
	}
	for n := range groups {
		all.Go(func() { c.sendInOrder(ctx, fmt.Sprintf("group%d", n)) })
	}
	all.Go(func() { c.consumeInOrder(ctx) })
	if c.record.redriving() {
		all.Go(func() { c.redrive(ctx) })
	}
}

// publish publishes until an error, which is mostly the engine's death.
func (c *clients) publish(ctx context.Context, writer int) {
	for i := 0; c.pause(ctx); i++ {
		name := fmt.Sprintf("%d-%d-%d", c.record.life, writer, i)
		e := &seen{spared: i%16 == 9}
		switch {
		case i%16 == 3:
			e.fails = maxReceives
		case i%8 == 5:
			e.fails = 1
		}
		body, err := json.Marshal(map[string]any{"name": name, "report": c.report, "fail": e.fails})
		if err != nil {
			panic(err)
		}
		c.record.change(func() { c.record.events[name] = e })
		if _, err := c.sns.Publish(ctx, &sns.PublishInput{TopicArn: aws.String(arn("sns", topicResource)), Message: aws.String(string(body))}); err != nil {
			return
		}
		c.record.change(func() { e.acknowledged = true; c.record.acknowledged++ })
	}
}

// pause waits while too much is on its way, and reports whether to go on.
func (c *clients) pause(ctx context.Context) bool {
	for c.record.unfinished() > backlog {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	return ctx.Err() == nil
}

func (c *clients) consume(ctx context.Context) {
	for ctx.Err() == nil {
		got, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: c.queueURL(consumedQueue), MaxNumberOfMessages: 10, WaitTimeSeconds: 1,
			MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{"ApproximateReceiveCount"},
		})
		if err != nil {
			return
		}
		for _, m := range got.Messages {
			var body struct{ Name string }
			receives, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
			if err != nil || json.Unmarshal([]byte(*m.Body), &body) != nil {
				c.record.change(func() { c.record.wrong("received %v %s", m.Attributes, *m.Body) })
				continue
			}
			remove, old := c.record.receive(body.Name, receives, *m.ReceiptHandle)
			if !remove {
				if old != "" {
					_, _ = c.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: c.queueURL(consumedQueue), ReceiptHandle: &old}) // it may be a dead letter by now
				}
				continue
			}
			if _, err := c.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: c.queueURL(consumedQueue), ReceiptHandle: m.ReceiptHandle}); err != nil {
				return
			}
			c.record.change(func() {
				if e := c.record.events[body.Name]; e != nil {
					e.deleted = true
				}
				c.record.deleted++
			})
		}
	}
}

// sendInOrder sends the numbers of a group one after the other, and one whose
// acknowledgement it did not get once more.
func (c *clients) sendInOrder(ctx context.Context, group string) {
	for ctx.Err() == nil {
		var number int
		c.record.change(func() {
			s := c.record.ordered[group]
			if s == nil {
				s = &sequence{}
				c.record.ordered[group] = s
			}
			s.sending = s.sent + 1
			number = s.sending
		})
		text := strconv.Itoa(number)
		if _, err := c.sqs.SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: c.queueURL(orderedQueue), MessageBody: &text, MessageGroupId: &group, MessageDeduplicationId: aws.String(group + "-" + text),
		}); err != nil {
			return
		}
		c.record.change(func() { c.record.ordered[group].sent = number; c.record.acknowledged++ })
	}
}

func (c *clients) consumeInOrder(ctx context.Context) {
	for ctx.Err() == nil {
		got, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: c.queueURL(orderedQueue), MaxNumberOfMessages: 10, WaitTimeSeconds: 1,
			MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{"MessageGroupId"},
		})
		if err != nil {
			return
		}
		for _, m := range got.Messages {
			group := m.Attributes["MessageGroupId"]
			number, err := strconv.Atoi(*m.Body)
			if err != nil {
				c.record.change(func() { c.record.wrong("received %s", *m.Body) })
				continue
			}
			c.record.receiveInOrder(group, number)
			if _, err := c.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: c.queueURL(orderedQueue), ReceiptHandle: m.ReceiptHandle}); err != nil {
				return
			}
			c.record.change(func() {
				s := c.record.ordered[group]
				s.deleted = max(s.deleted, number)
			})
		}
	}
}

// redrive moves dead letters back, again and again.
func (c *clients) redrive(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
		_, _ = c.sqs.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(arn("sqs", consumedDead))}) // one may be running
	}
}
