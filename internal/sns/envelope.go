package sns

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// An envelope is what a queue or an HTTP endpoint gets of a message that is not
// delivered raw. The order of the keys is AWS's; one of a FIFO topic has a sequence
// number and no signature.
type envelope struct {
	Type              string
	MessageID         string `json:"MessageId"`
	SequenceNumber    string `json:",omitempty"`
	TopicARN          string `json:"TopicArn"`
	Subject           string `json:",omitempty"`
	Message           string
	Timestamp         string
	SignatureVersion  string `json:",omitempty"`
	Signature         string `json:",omitempty"`
	SigningCertURL    string `json:",omitempty"`
	UnsubscribeURL    string
	MessageAttributes map[string]envelopeAttribute `json:",omitempty"`
}

type envelopeAttribute struct {
	Type, Value string
}

// unsigned stands where AWS puts a signature: only AWS can make one that a
// receiver would accept. It is "not signed", in the Base64 that a receiver expects.
var unsigned = base64.StdEncoding.EncodeToString([]byte("not signed"))

func certificateURL(req awsapi.Request) string { return req.URL + "/SimpleNotificationService.pem" }

func unsubscribeURL(sub *subscription, req awsapi.Request) string {
	return req.URL + "/?Action=Unsubscribe&SubscriptionArn=" + sub.arn(req.Region)
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (m *message) envelope(t *topic, sub *subscription) []byte {
	e := envelope{
		Type:              notification,
		MessageID:         m.id,
		SequenceNumber:    m.sequence,
		TopicARN:          t.arn(m.req.Region),
		Message:           m.body(sub.Protocol),
		Timestamp:         timestamp(m.time),
		UnsubscribeURL:    unsubscribeURL(sub, m.req),
		MessageAttributes: m.envelopeAttributes(),
	}
	if m.Subject != nil {
		e.Subject = *m.Subject
	}
	if !t.fifo {
		e.SignatureVersion, e.Signature, e.SigningCertURL = t.signature, unsigned, certificateURL(m.req)
	}
	return encode(e)
}

func (m *message) envelopeAttributes() map[string]envelopeAttribute {
	out := map[string]envelopeAttribute{}
	if !m.withAttributes() {
		return out
	}
	for name, a := range m.MessageAttributes {
		value := a.StringValue
		if a.binary() {
			value = base64.StdEncoding.EncodeToString(a.BinaryValue)
		}
		out[name] = envelopeAttribute{a.DataType, value}
	}
	return out
}

// A lambdaEvent is what a function gets. It spells some keys in another way, and
// has all of them always.
type lambdaEvent struct {
	Records [1]lambdaRecord
}

type lambdaRecord struct {
	EventSource          string
	EventVersion         string
	EventSubscriptionARN string `json:"EventSubscriptionArn"`
	SNS                  struct {
		Type              string
		MessageID         string `json:"MessageId"`
		TopicARN          string `json:"TopicArn"`
		Subject           *string
		Message           string
		Timestamp         string
		SignatureVersion  string
		Signature         string
		SigningCertURL    string `json:"SigningCertUrl"`
		UnsubscribeURL    string `json:"UnsubscribeUrl"`
		MessageAttributes map[string]envelopeAttribute
	} `json:"Sns"`
}

// event is the message for a function.
func (m *message) event(t *topic, sub *subscription) []byte {
	var e lambdaEvent
	r := &e.Records[0]
	r.EventSource, r.EventVersion, r.EventSubscriptionARN = "aws:sns", "1.0", sub.arn(m.req.Region)
	r.SNS.Type = notification
	r.SNS.MessageID = m.id
	r.SNS.TopicARN = t.arn(m.req.Region)
	r.SNS.Subject = m.Subject
	r.SNS.Message = m.body(sub.Protocol)
	r.SNS.Timestamp = timestamp(m.time)
	r.SNS.SignatureVersion = t.signature
	r.SNS.Signature = unsigned
	r.SNS.SigningCertURL = certificateURL(m.req)
	r.SNS.UnsubscribeURL = unsubscribeURL(sub, m.req)
	r.SNS.MessageAttributes = m.envelopeAttributes()
	return encode(e)
}

// encode is v as JSON that leaves <, > and & as they are.
func encode(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // strings into memory
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
