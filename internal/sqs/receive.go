package sqs

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

const (
	maxReceive    = 10
	maxWait       = 20     // s
	maxVisibility = 43_200 // s
)

// ReceiveMessageInput is the input of ReceiveMessage.
type ReceiveMessageInput struct {
	Queue
	// AttributeNames is the old name of MessageSystemAttributeNames.
	AttributeNames              []string `query:"AttributeName"`
	MessageSystemAttributeNames []string `query:"MessageSystemAttributeName"`
	MessageAttributeNames       []string `query:"MessageAttributeName"`
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
	ReceiveRequestAttemptID     *string `json:"ReceiveRequestAttemptId"`
}

// A Message is a received message.
type Message struct {
	MessageID              string `json:"MessageId"`
	ReceiptHandle          string
	MD5OfBody              string
	Body                   string
	Attributes             map[string]string           `json:",omitempty" query:"Attribute,flat"`
	MD5OfMessageAttributes string                      `json:",omitempty"`
	MessageAttributes      map[string]MessageAttribute `json:",omitempty" query:"MessageAttribute,flat"`
}

// ReceiveMessageOutput is the output of ReceiveMessage.
type ReceiveMessageOutput struct {
	Messages []Message `json:",omitempty" query:"Message,flat"`
}

// ReceiveMessage receives messages, and waits for a first one where the request
// says so. Their receive counts are durable when it returns.
func (s *Service) ReceiveMessage(ctx context.Context, in *ReceiveMessageInput) (*ReceiveMessageOutput, error) {
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	system := slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames)
	if awsapi.RequestFrom(ctx).Query && len(in.MessageSystemAttributeNames) > 0 {
		system = in.MessageSystemAttributeNames // so it was recorded on AWS
	}
	for _, attribute := range system {
		if attribute != "All" && !slices.Contains(systemAttributes, attribute) {
			return nil, unknownAttribute(attribute)
		}
	}
	receive, err := in.receive(q)
	if err != nil {
		return nil, err
	}
	messages, err := s.store.Receive(ctx, q.Name, receive)
	if err != nil {
		return nil, failure(err, "")
	}
	out := &ReceiveMessageOutput{Messages: make([]Message, len(messages))}
	for i, m := range messages {
		selected := selectAttributes(m.Attributes, in.MessageAttributeNames)
		out.Messages[i] = Message{
			MessageID:              m.ID,
			ReceiptHandle:          m.Receipt,
			MD5OfBody:              BodyMD5(m.Body),
			Body:                   string(m.Body),
			Attributes:             systemAttributesOf(m, system, awsapi.RequestFrom(ctx).Region),
			MD5OfMessageAttributes: AttributesMD5(selected),
			MessageAttributes:      present(selected),
		}
	}
	return out, nil
}

func (in *ReceiveMessageInput) receive(q queue.Info) (queue.Receive, error) {
	r := queue.Receive{Max: 1, Wait: time.Duration(settingsOf(q).ReceiveWait) * time.Second}
	if n := in.MaxNumberOfMessages; n != nil {
		if *n < 1 || *n > maxReceive {
			return r, invalidValue(*n, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
		}
		r.Max = *n
	}
	if in.VisibilityTimeout != nil {
		visibility, err := visibilityOf(in.VisibilityTimeout, ", if provided")
		if err != nil {
			return r, err
		}
		r.Visibility = &visibility
	}
	if n := in.WaitTimeSeconds; n != nil {
		if *n < 0 || *n > maxWait {
			return r, invalidValue(*n, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
		}
		r.Wait = time.Duration(*n) * time.Second
	}
	if id := in.ReceiveRequestAttemptID; id != nil {
		switch {
		case !validID(*id):
			return r, invalidID(*id, "ReceiveRequestAttemptId")
		case !q.FIFO:
			return r, invalidValue(*id, "ReceiveRequestAttemptId", wrongForType)
		}
		r.Attempt = *id
	}
	return r, nil
}

// The system attributes that a receiver may ask for. Two of them only the messages
// of FIFO queues have.
var systemAttributes = []string{
	"SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp",
	"SequenceNumber", "MessageDeduplicationId", "MessageGroupId", traceHeader, "DeadLetterQueueSourceArn",
}

// systemAttributesOf returns those system attributes of m that are asked for.
func systemAttributesOf(m queue.Message, names []string, region string) map[string]string {
	if len(names) == 0 {
		return nil
	}
	values := map[string]string{
		"SenderId":                         awsapi.Account,
		"SentTimestamp":                    milliseconds(m.Sent),
		"ApproximateReceiveCount":          strconv.Itoa(m.Receives),
		"ApproximateFirstReceiveTimestamp": milliseconds(m.FirstReceived),
		"MessageGroupId":                   m.GroupID,
		"MessageDeduplicationId":           m.DeduplicationID,
		traceHeader:                        m.TraceHeader,
	}
	if m.DeduplicationID != "" {
		values["SequenceNumber"] = SequenceNumber(m.Sequence)
	}
	if m.DeadLetterSource != "" {
		values["DeadLetterQueueSourceArn"] = arn(region, m.DeadLetterSource)
	}
	all := slices.Contains(names, "All")
	for name, value := range values {
		if value == "" || !all && !slices.Contains(names, name) {
			delete(values, name)
		}
	}
	return values
}

func milliseconds(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// selectAttributes returns the attributes that names ask for: by name, by prefix
// ("order.*"), or all of them ("All", ".*", "*").
func selectAttributes(attributes map[string]queue.Attribute, names []string) map[string]queue.Attribute {
	selected := map[string]queue.Attribute{}
	for name, a := range attributes {
		if slices.ContainsFunc(names, func(pattern string) bool {
			prefix, isPrefix := strings.CutSuffix(pattern, ".*")
			return pattern == name || pattern == "All" || pattern == "*" || isPrefix && strings.HasPrefix(name, prefix)
		}) {
			selected[name] = a
		}
	}
	return selected
}

func present(attributes map[string]queue.Attribute) map[string]MessageAttribute {
	out := make(map[string]MessageAttribute, len(attributes))
	for name, a := range attributes {
		out[name] = MessageAttribute{DataType: a.Type, StringValue: a.String, BinaryValue: a.Binary}
	}
	return out
}
