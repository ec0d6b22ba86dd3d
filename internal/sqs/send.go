package sqs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

const (
	// maxMessage is the size of the largest message, and of a batch of them:
	// bodies and attributes.
	maxMessage   = 1 << 20
	maxDelay     = 900 // s
	traceHeader  = "AWSTraceHeader"
	wrongForType = "The request include parameter that is not valid for this queue type."
)

// Outgoing is a message to be sent.
type Outgoing struct {
	MessageBody             string
	DelaySeconds            *int
	MessageAttributes       map[string]MessageAttribute `query:"MessageAttribute"`
	MessageSystemAttributes map[string]MessageAttribute `query:"MessageSystemAttribute"`
	MessageGroupID          *string                     `json:"MessageGroupId"`
	MessageDeduplicationID  *string                     `json:"MessageDeduplicationId"`
}

// SendMessageInput is the input of SendMessage.
type SendMessageInput struct {
	Queue
	Outgoing
}

// SendMessageOutput is the output of SendMessage.
type SendMessageOutput struct {
	MD5OfMessageAttributes       string `json:",omitempty"`
	MD5OfMessageBody             string
	MD5OfMessageSystemAttributes string `json:",omitempty"`
	MessageID                    string `json:"MessageId"`
	SequenceNumber               string `json:",omitempty"`
}

// SendMessage sends a message. It is durable when SendMessage returns.
func (s *Service) SendMessage(ctx context.Context, in *SendMessageInput) (*SendMessageOutput, error) {
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	if err := in.checkOrder(q); err != nil {
		return nil, err
	}
	m, err := in.check(ctx, q, "are invalid")
	if err != nil {
		return nil, err
	}
	sent, err := s.store.Send(ctx, m.entry)
	if err != nil {
		return nil, failure(err, "")
	}
	out := m.output(sent[0])
	return &out, nil
}

// A checked message is fit to be sent.
type checked struct {
	entry  queue.Entry
	system map[string]queue.Attribute
}

// check returns the message for the queue, or what is wrong with it. A batch has
// another word than one message for what is too long.
func (o *Outgoing) check(ctx context.Context, q queue.Info, tooLong string) (checked, error) {
	if o.MessageBody == "" {
		return checked{}, missing("MessageBody")
	}
	if !ValidText(o.MessageBody) {
		return checked{}, awsapi.Errorf("InvalidMessageContents", "%s", invalidText)
	}
	attributes, err := attributesOf(o.MessageAttributes)
	if err != nil {
		return checked{}, err
	}
	if limit := settingsOf(q).maxMessage(); o.size() > limit {
		return checked{}, invalid("One or more parameters %s. Reason: Message must be shorter than %d bytes.", tooLong, limit)
	}
	m := checked{entry: queue.Entry{
		Queue:       q.Name,
		Body:        []byte(o.MessageBody),
		Attributes:  attributes,
		TraceHeader: awsapi.RequestFrom(ctx).TraceHeader,
	}}
	if err := o.checkSystem(&m); err != nil {
		return checked{}, err
	}
	if o.DelaySeconds != nil {
		if *o.DelaySeconds < 0 || *o.DelaySeconds > maxDelay {
			return checked{}, invalidValue(*o.DelaySeconds, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
		}
		if q.FIFO && *o.DelaySeconds > 0 {
			return checked{}, invalidValue(*o.DelaySeconds, "DelaySeconds", wrongForType)
		}
		delay := time.Duration(*o.DelaySeconds) * time.Second
		m.entry.Delay = &delay
	}
	if o.MessageGroupID != nil {
		if !validID(*o.MessageGroupID) {
			return checked{}, invalidID(*o.MessageGroupID, "MessageGroupId")
		}
		m.entry.GroupID = *o.MessageGroupID
	}
	if id := o.MessageDeduplicationID; id != nil {
		if !validID(*id) {
			return checked{}, invalidID(*id, "MessageDeduplicationId")
		}
		if !q.FIFO {
			return checked{}, invalidValue(*id, "MessageDeduplicationId", wrongForType)
		}
		m.entry.DeduplicationID = *id
	}
	if q.FIFO && o.MessageDeduplicationID == nil {
		sum := sha256.Sum256(m.entry.Body)
		m.entry.DeduplicationID = hex.EncodeToString(sum[:])
	}
	return m, nil
}

// checkOrder checks that a FIFO queue learns what it has to know.
func (o *Outgoing) checkOrder(q queue.Info) error {
	switch {
	case !q.FIFO:
	case o.MessageGroupID == nil:
		return missing("MessageGroupId")
	case o.MessageDeduplicationID == nil && !settingsOf(q).ContentBasedDeduplication:
		return invalid("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	}
	return nil
}

// size is what counts towards the limits: body and attributes, not system attributes.
func (o *Outgoing) size() int {
	size := len(o.MessageBody)
	for name, a := range o.MessageAttributes {
		size += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return size
}

// checkSystem moves the one system attribute that a sender may set to m.
func (o *Outgoing) checkSystem(m *checked) error {
	for name, a := range o.MessageSystemAttributes {
		if name != traceHeader {
			return invalid("Message system attribute name '%s' is invalid.", name)
		}
		if a.DataType != "String" {
			return invalid("The type of message system attribute '%s' must be String.", name)
		}
		system, err := attributeOf(name, a)
		if err != nil {
			return err
		}
		m.system = map[string]queue.Attribute{name: system}
		m.entry.TraceHeader = a.StringValue
	}
	return nil
}

func (m checked) output(sent queue.Sent) SendMessageOutput {
	out := SendMessageOutput{
		MD5OfMessageAttributes:       AttributesMD5(m.entry.Attributes),
		MD5OfMessageBody:             BodyMD5(m.entry.Body),
		MD5OfMessageSystemAttributes: AttributesMD5(m.system),
		MessageID:                    sent.ID,
	}
	if m.entry.DeduplicationID != "" {
		out.SequenceNumber = SequenceNumber(sent.Sequence)
	}
	return out
}

// SequenceNumber is a sequence number as AWS writes it, in twenty digits.
func SequenceNumber(sequence int64) string {
	return strconv.FormatUint(10_000_000_000_000_000_000+uint64(sequence), 10)
}

// validID checks the id of a group or of a deduplication: 1 to 128 letters,
// digits and punctuation characters.
func validID(id string) bool {
	return id != "" && len(id) <= 128 && strings.IndexFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

func invalidID(id, parameter string) *awsapi.Error {
	return invalidValue(id, parameter, parameter+" can only include alphanumeric and punctuation characters. 1 to 128 in length.")
}
