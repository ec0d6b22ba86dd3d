package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type sqsCall = func(ctx context.Context, i int, s *side) (any, error)

// sqsOperations are what is done to SQS. Time is real here, so nothing waits for
// a visibility timeout: it is 0, or longer than the test.
var sqsOperations = []operation{
	{"CreateQueue", 4, func(d *differential) (string, sqsCall) {
		name := d.newName("q-", &d.queues)
		attributes := pick(d, nil, map[string]string{"DelaySeconds": "0"}, map[string]string{"VisibilityTimeout": "600"},
			map[string]string{"MessageRetentionPeriod": "120", "MaximumMessageSize": "2048"})
		return fmt.Sprint(name, attributes), func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.CreateQueue(ctx, &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		}
	}},
	{"CreateQueue", 1, func(d *differential) (string, sqsCall) {
		name := pick(d, "", "a b", "\u00fc")
		return strconv.Quote(name), func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.CreateQueue(ctx, &awssqs.CreateQueueInput{QueueName: &name})
		}
	}},
	{"GetQueueUrl", 2, func(d *differential) (string, sqsCall) {
		name := d.queue()
		return name, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.GetQueueUrl(ctx, &awssqs.GetQueueUrlInput{QueueName: &name})
		}
	}},
	{"GetQueueAttributes", 8, func(d *differential) (string, sqsCall) {
		name, attribute := d.queue(), pick(d, "All", "VisibilityTimeout", "QueueArn", "Policy", "ApproximateNumberOfMessages")
		return name + " " + attribute, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.GetQueueAttributes(ctx, &awssqs.GetQueueAttributesInput{QueueUrl: s.url(name), AttributeNames: []types.QueueAttributeName{types.QueueAttributeName(attribute)}})
		}
	}},
	{"SetQueueAttributes", 2, func(d *differential) (string, sqsCall) {
		name, timeout := d.queue(), pick(d, "0", "600", "43200")
		return name + " " + timeout, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.SetQueueAttributes(ctx, &awssqs.SetQueueAttributesInput{QueueUrl: s.url(name), Attributes: map[string]string{"VisibilityTimeout": timeout}})
		}
	}},
	{"SendMessage", 25, func(d *differential) (string, sqsCall) {
		name, body := d.queue(), d.body()
		var attributes map[string]types.MessageAttributeValue
		switch d.rand.IntN(4) {
		case 0:
			attributes = map[string]types.MessageAttributeValue{"n": {DataType: aws.String("Number"), StringValue: aws.String(strconv.Itoa(d.rand.IntN(9)))}}
		case 1:
			attributes = map[string]types.MessageAttributeValue{
				"s": {DataType: aws.String("String"), StringValue: aws.String("ü")}, "b": {DataType: aws.String("Binary"), BinaryValue: []byte{1, 2, 3}},
			}
		}
		delay := int32(pick(d, 0, 0, 0, 600))
		return fmt.Sprintf("%s %q %d", name, body, delay), func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.SendMessage(ctx, &awssqs.SendMessageInput{QueueUrl: s.url(name), MessageBody: &body, MessageAttributes: attributes, DelaySeconds: delay})
		}
	}},
	{"SendMessageBatch", 6, func(d *differential) (string, sqsCall) {
		name := d.queue()
		var entries []types.SendMessageBatchRequestEntry
		for i := range pick(d, 0, 1, 2, 3, 10, 11) {
			entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String("e" + strconv.Itoa(i)), MessageBody: aws.String(d.body())})
		}
		if len(entries) > 1 && len(entries) < 11 && d.rand.IntN(4) == 0 {
			entries[1].Id = pick(d, aws.String("e0"), aws.String("a:b"))
		}
		return fmt.Sprint(name, len(entries)), func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.SendMessageBatch(ctx, &awssqs.SendMessageBatchInput{QueueUrl: s.url(name), Entries: entries})
		}
	}},
	{"ReceiveMessage", 2, func(d *differential) (string, sqsCall) {
		in := pick(d, awssqs.ReceiveMessageInput{MaxNumberOfMessages: 11}, awssqs.ReceiveMessageInput{WaitTimeSeconds: 21}, awssqs.ReceiveMessageInput{VisibilityTimeout: 43201})
		name := d.queue()
		return fmt.Sprint(name, " ", in.MaxNumberOfMessages, in.WaitTimeSeconds, in.VisibilityTimeout), func(ctx context.Context, _ int, s *side) (any, error) {
			in.QueueUrl = s.url(name)
			return s.sqs.ReceiveMessage(ctx, &in)
		}
	}},
	{"ReceiveMessage", 25, func(d *differential) (string, sqsCall) {
		name := d.queue()
		return name, func(ctx context.Context, i int, s *side) (any, error) {
			messages, err := s.receiveAll(ctx, name)
			for _, m := range messages {
				d.received(i, name, m)
			}
			return messages, err
		}
	}},
	{"DeleteMessage", 10, func(d *differential) (string, sqsCall) {
		receipts, name := d.receipt()
		return name, func(ctx context.Context, i int, s *side) (any, error) {
			return s.sqs.DeleteMessage(ctx, &awssqs.DeleteMessageInput{QueueUrl: s.url(name), ReceiptHandle: &receipts[i]})
		}
	}},
	{"DeleteMessageBatch", 3, func(d *differential) (string, sqsCall) {
		receipts, name := d.receipt()
		return name, func(ctx context.Context, i int, s *side) (any, error) {
			return s.sqs.DeleteMessageBatch(ctx, &awssqs.DeleteMessageBatchInput{QueueUrl: s.url(name), Entries: []types.DeleteMessageBatchRequestEntry{
				{Id: aws.String("1"), ReceiptHandle: &receipts[i]},
			}})
		}
	}},
	{"ChangeMessageVisibility", 6, func(d *differential) (string, sqsCall) {
		receipts, name := d.receipt()
		timeout := int32(pick(d, 0, 600, 43201))
		return fmt.Sprint(name, " ", timeout), func(ctx context.Context, i int, s *side) (any, error) {
			return s.sqs.ChangeMessageVisibility(ctx, &awssqs.ChangeMessageVisibilityInput{QueueUrl: s.url(name), ReceiptHandle: &receipts[i], VisibilityTimeout: timeout})
		}
	}},
	{"ChangeMessageVisibilityBatch", 2, func(d *differential) (string, sqsCall) {
		receipts, name := d.receipt()
		return name, func(ctx context.Context, i int, s *side) (any, error) {
			return s.sqs.ChangeMessageVisibilityBatch(ctx, &awssqs.ChangeMessageVisibilityBatchInput{QueueUrl: s.url(name), Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
				{Id: aws.String("1"), ReceiptHandle: &receipts[i], VisibilityTimeout: 0},
			}})
		}
	}},
	{"TagQueue", 2, func(d *differential) (string, sqsCall) {
		name, value := d.queue(), strconv.Itoa(d.rand.IntN(5))
		return name, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.TagQueue(ctx, &awssqs.TagQueueInput{QueueUrl: s.url(name), Tags: map[string]string{"team": value}})
		}
	}},
	{"ListQueueTags", 2, func(d *differential) (string, sqsCall) {
		name := d.queue()
		return name, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.ListQueueTags(ctx, &awssqs.ListQueueTagsInput{QueueUrl: s.url(name)})
		}
	}},
	{"UntagQueue", 1, func(d *differential) (string, sqsCall) {
		name := d.queue()
		return name, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.UntagQueue(ctx, &awssqs.UntagQueueInput{QueueUrl: s.url(name), TagKeys: []string{"team"}})
		}
	}},
	{"PurgeQueue", 1, func(d *differential) (string, sqsCall) {
		name := d.queue()
		if d.purged[name] {
			return "", nil // a second purge comes too early, but for moto
		}
		d.purged[name] = true
		return name, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.PurgeQueue(ctx, &awssqs.PurgeQueueInput{QueueUrl: s.url(name)})
		}
	}},
	{"ListQueues", 1, func(*differential) (string, sqsCall) {
		return "", func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.ListQueues(ctx, &awssqs.ListQueuesInput{QueueNamePrefix: aws.String("q-")})
		}
	}},
	{"DeleteQueue", 1, func(d *differential) (string, sqsCall) {
		name := d.queue()
		d.deleted[name] = true
		return name, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.DeleteQueue(ctx, &awssqs.DeleteQueueInput{QueueUrl: s.url(name)})
		}
	}},
}

// receiveAll receives whatever there is, in the order of the bodies: a standard
// queue promises none.
func (s *side) receiveAll(ctx context.Context, name string) ([]types.Message, error) {
	var all []types.Message
	for {
		out, err := s.sqs.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{
			QueueUrl: s.url(name), MaxNumberOfMessages: 10, VisibilityTimeout: 600,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}, MessageAttributeNames: []string{"All"},
		})
		if err != nil || len(out.Messages) == 0 {
			slices.SortFunc(all, func(a, b types.Message) int { return strings.Compare(published(a), published(b)) })
			return all, err
		}
		all = append(all, out.Messages...)
	}
}

// published is the text that was sent, out of its envelope where it is in one.
func published(m types.Message) string {
	var envelope struct{ Type, Message string }
	if json.Unmarshal([]byte(*m.Body), &envelope) == nil && envelope.Type == "Notification" {
		return envelope.Message
	}
	return *m.Body
}

// A receipt is the latest of a message, on both sides.
type receipt struct {
	queue, body string
	handles     [2]string
}

// received takes in a receipt of side i. What an older one may do is each side's
// own choice, so it is forgotten.
func (d *differential) received(i int, name string, m types.Message) {
	at := slices.IndexFunc(d.receipts, func(r receipt) bool { return r.body == *m.Body })
	if i == 0 {
		if at >= 0 {
			d.receipts = slices.Delete(d.receipts, at, at+1)
		}
		d.receipts = append(d.receipts, receipt{queue: name, body: *m.Body})
		at = len(d.receipts) - 1
	}
	if at >= 0 {
		d.receipts[at].handles[i] = *m.ReceiptHandle
	}
}

// receipt is one of both sides, mostly a late one, or none; and its queue.
func (d *differential) receipt() ([2]string, string) {
	if len(d.receipts) == 0 || d.rand.IntN(15) == 0 {
		return [2]string{"garbage", "garbage"}, d.queue()
	}
	r := d.receipts[max(0, len(d.receipts)-1-d.rand.IntN(8))]
	return r.handles, r.queue
}
