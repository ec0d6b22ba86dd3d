package less

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/less-go/less/internal/event"
)

// A record is one message of the event that Lambda makes of an SQS batch.
type record struct {
	MessageID         string                     `json:"messageId"`
	ReceiptHandle     string                     `json:"receiptHandle"`
	Body              string                     `json:"body"`
	Attributes        systemAttributes           `json:"attributes"`
	MessageAttributes map[string]recordAttribute `json:"messageAttributes"`
	EventSource       string                     `json:"eventSource"`
	EventSourceARN    string                     `json:"eventSourceARN"`
}

type systemAttributes struct {
	ApproximateReceiveCount string `json:"ApproximateReceiveCount"`
	SentTimestamp           string `json:"SentTimestamp"` // milliseconds
}

type recordAttribute struct {
	StringValue string `json:"stringValue"`
	BinaryValue []byte `json:"binaryValue"`
}

func (a recordAttribute) value() string {
	if a.BinaryValue != nil {
		return string(a.BinaryValue)
	}
	return a.StringValue
}

// decodeRecords reads the event. What it cannot read is an error for the whole
// batch, as is a record without an id: it could not be reported as failed.
func decodeRecords(payload []byte) ([]record, error) {
	var e struct {
		Records []record `json:"Records"`
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, fmt.Errorf("read SQS event: %w", err)
	}
	if e.Records == nil {
		return nil, errors.New("the payload is not an SQS event: it has no Records")
	}
	for i, r := range e.Records {
		if r.EventSource != "aws:sqs" || r.MessageID == "" {
			return nil, fmt.Errorf("record %d of the payload is not an SQS message: its source is %q and its id %q", i, r.EventSource, r.MessageID)
		}
	}
	return e.Records, nil
}

// message returns the facts about r, which may have been sent by hand and then
// has no context of its own.
func (r record) message(topic string) Message {
	attribute := func(name, otherwise string) string {
		if v := r.MessageAttributes[name].value(); v != "" {
			return v
		}
		return otherwise
	}
	m := Message{
		ID:          attribute(event.ID, r.MessageID),
		Topic:       topic,
		Attempt:     1,
		CausationID: attribute(event.CausationID, ""),
		Source:      attribute(event.Source, ""),
		TraceParent: attribute(event.TraceParent, ""),
		Attributes:  map[string]string{},
	}
	m.CorrelationID = attribute(event.CorrelationID, m.ID)
	if n, err := strconv.Atoi(r.Attributes.ApproximateReceiveCount); err == nil {
		m.Attempt = n
	}
	if t, err := time.Parse(time.RFC3339, attribute(event.Time, "")); err == nil {
		m.Time = t
	} else if ms, err := strconv.ParseInt(r.Attributes.SentTimestamp, 10, 64); err == nil {
		m.Time = time.UnixMilli(ms).UTC()
	}
	for name, a := range r.MessageAttributes {
		if !strings.HasPrefix(name, "ce-") && name != event.TraceParent {
			m.Attributes[name] = a.value()
		}
	}
	return m
}
