package operate

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/less-go/less/internal/target"
)

const (
	// hold is how long a message that is looked at stays hidden if this program is
	// killed meanwhile. Otherwise its visibility is given back at once.
	hold = time.Minute
	// patience is how long a look waits for a message that should be there: with it
	// SQS asks all of its servers, and without it only some.
	patience = 2 * time.Second
	batch    = 10
)

// A deadQueue is a dead-letter queue, as a client finds it.
type deadQueue struct {
	Deployment
	name, url, arn  string
	visible, hidden int
	hold            time.Duration
}

// deadQueue finds a queue. Its counts are SQS's approximate ones.
func (d Deployment) deadQueue(ctx context.Context, name string) (*deadQueue, error) {
	url, err := d.queueURL(ctx, name)
	if err != nil {
		return nil, err
	}
	out, err := d.Target.SQS().GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(url),
		AttributeNames: []types.QueueAttributeName{
			types.QueueAttributeNameQueueArn, types.QueueAttributeNameApproximateNumberOfMessages,
			types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		},
	})
	if err != nil {
		return nil, d.Target.Explain(err)
	}
	number := func(name types.QueueAttributeName) int {
		n, _ := strconv.Atoi(out.Attributes[string(name)]) // always a number
		return n
	}
	return &deadQueue{
		Deployment: d, name: name, url: url, hold: hold, arn: out.Attributes[string(types.QueueAttributeNameQueueArn)],
		visible: number(types.QueueAttributeNameApproximateNumberOfMessages),
		hidden:  number(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible),
	}, nil
}

func (d Deployment) queueURL(ctx context.Context, name string) (string, error) {
	out, err := d.Target.SQS().GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(name)})
	if target.NotFound(err) {
		return "", d.absent("queue", name)
	}
	if err != nil {
		return "", d.Target.Explain(err)
	}
	return aws.ToString(out.QueueUrl), nil
}

// errEnough ends a scan that has found what it wants.
var errEnough = errors.New("enough")

// scan calls visit with each message that can be received now, once, until visit
// returns an error. What visit has not taken, which is what it returns, can be
// received again when scan returns: no message is moved or lost by a look, though
// SQS counts it as a receive.
func (q *deadQueue) scan(ctx context.Context, visit func(types.Message) (taken bool, err error)) (err error) {
	receipts := map[string]string{} // of what is held, by message
	defer func() { err = errors.Join(err, q.release(context.WithoutCancel(ctx), receipts)) }()
	seen := map[string]bool{}
	for wait := time.Duration(0); ; {
		out, err := q.Target.SQS().ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(q.url), MaxNumberOfMessages: batch,
			VisibilityTimeout: int32(q.hold / time.Second), WaitTimeSeconds: int32(wait / time.Second),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
			MessageAttributeNames:       []string{"All"},
		})
		if err != nil {
			return q.Target.Explain(err)
		}
		fresh := false
		for _, m := range out.Messages {
			receipts[*m.MessageId] = *m.ReceiptHandle
		}
		for _, m := range out.Messages {
			if seen[*m.MessageId] {
				continue // a long scan meets the first ones again
			}
			seen[*m.MessageId], fresh = true, true
			taken, err := visit(m)
			if taken {
				delete(receipts, *m.MessageId)
			}
			if errors.Is(err, errEnough) {
				return nil
			}
			if err != nil {
				return err
			}
		}
		switch {
		case fresh:
			wait = 0
		case len(seen) >= q.visible || wait > 0:
			return nil
		default:
			wait = patience
		}
	}
}

// release makes messages visible again.
func (q *deadQueue) release(ctx context.Context, receipts map[string]string) error {
	var entries []types.ChangeMessageVisibilityBatchRequestEntry
	flush := func() error {
		if len(entries) == 0 {
			return nil
		}
		_, err := q.Target.SQS().ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String(q.url), Entries: entries})
		entries = nil
		if err != nil {
			return fmt.Errorf("the messages looked at stay hidden for %v: %w", q.hold, q.Target.Explain(err))
		}
		return nil
	}
	var errs []error
	for _, receipt := range receipts {
		entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(strconv.Itoa(len(entries))), ReceiptHandle: aws.String(receipt), VisibilityTimeout: 0,
		})
		if len(entries) == batch {
			errs = append(errs, flush())
		}
	}
	return errors.Join(append(errs, flush())...)
}

// send puts a message, with body, into a queue, with all that it carries.
func (q *deadQueue) send(ctx context.Context, url string, m types.Message, body string) (id string, err error) {
	in := &sqs.SendMessageInput{QueueUrl: aws.String(url), MessageBody: aws.String(body), MessageAttributes: m.MessageAttributes}
	if trace := m.Attributes[string(types.MessageSystemAttributeNameAWSTraceHeader)]; trace != "" {
		in.MessageSystemAttributes = map[string]types.MessageSystemAttributeValue{
			string(types.MessageSystemAttributeNameForSendsAWSTraceHeader): {DataType: aws.String("String"), StringValue: aws.String(trace)},
		}
	}
	out, err := q.Target.SQS().SendMessage(ctx, in)
	if err != nil {
		return "", q.Target.Explain(err)
	}
	return aws.ToString(out.MessageId), nil
}

// move sends a message to a queue and then deletes it here: in this order nothing
// is lost, whatever happens between.
func (q *deadQueue) move(ctx context.Context, url string, m types.Message, body string) (id string, err error) {
	if id, err = q.send(ctx, url, m, body); err != nil {
		return "", err
	}
	// What was sent is deleted, also where somebody wants to stop now.
	_, err = q.Target.SQS().DeleteMessage(context.WithoutCancel(ctx), &sqs.DeleteMessageInput{QueueUrl: aws.String(q.url), ReceiptHandle: m.ReceiptHandle})
	if err != nil {
		return id, fmt.Errorf("message %s was sent to its queue, but is still a dead letter too. Do not redrive it again: %w", *m.MessageId, q.Target.Explain(err))
	}
	return id, nil
}
