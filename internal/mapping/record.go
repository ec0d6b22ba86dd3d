package mapping

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sqs"
)

// maxEvent is Lambda's limit on what a function is called with.
const maxEvent = 6 << 20

// A record is a message as a function gets it, its fields in AWS's order.
type record struct {
	MessageID     string                     `json:"messageId"`
	ReceiptHandle string                     `json:"receiptHandle"`
	Body          string                     `json:"body"`
	Attributes    systemAttributes           `json:"attributes"`
	Message       map[string]recordAttribute `json:"messageAttributes"`
	DigestOfAttrs string                     `json:"md5OfMessageAttributes,omitempty"`
	DigestOfBody  string                     `json:"md5OfBody"`
	EventSource   string                     `json:"eventSource"`
	SourceARN     string                     `json:"eventSourceARN"`
	Region        string                     `json:"awsRegion"`
}

// systemAttributes are strings all, numbers and times included.
type systemAttributes struct {
	Receives         string `json:"ApproximateReceiveCount"`
	Sent             string `json:"SentTimestamp"`
	Sender           string `json:"SenderId"`
	FirstReceived    string `json:"ApproximateFirstReceiveTimestamp"`
	SequenceNumber   string `json:"SequenceNumber,omitempty"`
	GroupID          string `json:"MessageGroupId,omitempty"`
	DeduplicationID  string `json:"MessageDeduplicationId,omitempty"`
	TraceHeader      string `json:"AWSTraceHeader,omitempty"`
	DeadLetterSource string `json:"DeadLetterQueueSourceArn,omitempty"`
}

// A recordAttribute carries two lists that SQS has no use for but always sends.
type recordAttribute struct {
	String     *string  `json:"stringValue,omitempty"`
	Binary     []byte   `json:"binaryValue,omitempty"`
	StringList []string `json:"stringListValues"`
	BinaryList []string `json:"binaryListValues"`
	Type       string   `json:"dataType"`
}

func newRecord(m queue.Message, sourceARN string) record {
	r := record{
		MessageID:     m.ID,
		ReceiptHandle: m.Receipt,
		Body:          string(m.Body),
		Attributes: systemAttributes{
			Receives:        strconv.Itoa(m.Receives),
			Sent:            millis(m.Sent),
			Sender:          awsapi.Account,
			FirstReceived:   millis(m.FirstReceived),
			GroupID:         m.GroupID,
			DeduplicationID: m.DeduplicationID,
			TraceHeader:     m.TraceHeader,
		},
		Message:       make(map[string]recordAttribute, len(m.Attributes)),
		DigestOfAttrs: sqs.AttributesMD5(m.Attributes),
		DigestOfBody:  sqs.BodyMD5(m.Body),
		EventSource:   "aws:sqs",
		SourceARN:     sourceARN,
		Region:        awsapi.DefaultRegion,
	}
	if m.DeduplicationID != "" {
		r.Attributes.SequenceNumber = sqs.SequenceNumber(m.Sequence)
	}
	if m.DeadLetterSource != "" {
		r.Attributes.DeadLetterSource = awsapi.LocalARN("sqs", awsapi.DefaultRegion, m.DeadLetterSource)
	}
	for name, a := range m.Attributes {
		out := recordAttribute{StringList: []string{}, BinaryList: []string{}, Type: a.Type}
		if strings.HasPrefix(a.Type, "Binary") {
			out.Binary = a.Binary
		} else {
			out.String = &a.String
		}
		r.Message[name] = out
	}
	return r
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// A batch is the messages of one invocation, and the event that tells of them.
type batch struct {
	messages []queue.Message
	event    []byte
}

// Event is what a function is called with for one message of a queue.
func Event(m queue.Message, sourceARN string) []byte {
	return batches([]queue.Message{m}, sourceARN)[0].event
}

const (
	eventStart = `{"Records":[`
	eventEnd   = `]}`
)

// batches encodes messages into as few events as Lambda's limit allows. The
// largest message there can be fits into one.
func batches(messages []queue.Message, sourceARN string) []batch {
	var out []batch
	for _, msg := range messages {
		encoded := encode(newRecord(msg, sourceARN))
		last := len(out) - 1
		if last < 0 || len(out[last].event)+len(",")+len(encoded)+len(eventEnd) > maxEvent {
			out = append(out, batch{event: []byte(eventStart)})
			last++
		} else {
			out[last].event = append(out[last].event, ',')
		}
		out[last].messages = append(out[last].messages, msg)
		out[last].event = append(out[last].event, encoded...)
	}
	for i := range out {
		out[i].event = append(out[i].event, eventEnd...)
	}
	return out
}

func encode(r record) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(r) // strings and byte slices always encode
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
