package sns

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sqs"
)

// maxMessage is the size of the largest message, and of a batch of them: bodies
// and attributes. It is not SQS's.
const maxMessage = 256 << 10

// Outgoing is a message to be published.
type Outgoing struct {
	Message           string
	Subject           *string
	MessageStructure  string
	MessageAttributes map[string]MessageAttribute
	// MessageGroupID is passed on to the queues, whose receivers see it.
	MessageGroupID         *string `json:"MessageGroupId"`
	MessageDeduplicationID *string `json:"MessageDeduplicationId"`
}

// A MessageAttribute is the value of a message attribute.
type MessageAttribute struct {
	DataType    string
	StringValue string
	BinaryValue []byte
}

// size is what counts towards the limit.
func (o *Outgoing) size() int {
	size := len(o.Message)
	for name, a := range o.MessageAttributes {
		size += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return size
}

// check says what SNS would say against the message.
func (o *Outgoing) check() error {
	switch {
	case o.MessageStructure != "":
		return awsapi.NotImplemented("MessageStructure %q of SNS", o.MessageStructure)
	case o.Message == "":
		return invalid("Empty message")
	case o.Subject != nil && !validSubject(*o.Subject):
		return invalid("Subject")
	case o.size() > maxMessage:
		return invalid("Message too long")
	case !sqs.ValidText(o.Message):
		// A queue cannot take it; AWS accepts it and fails to deliver.
		return invalid("Message Reason: it has a character that SQS does not allow: a control character, U+FFFE or U+FFFF")
	case o.MessageGroupID != nil && !validGroup.MatchString(*o.MessageGroupID):
		return invalid("MessageGroupId Reason: it can only include alphanumeric and punctuation characters, 1 to 128 in length")
	case o.MessageDeduplicationID != nil:
		return invalid("MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type")
	}
	for _, name := range slices.Sorted(maps.Keys(o.MessageAttributes)) {
		if e := o.MessageAttributes[name].check(name); e != nil {
			return e
		}
	}
	return nil
}

var validGroup = regexp.MustCompile(`^[!-~]{1,128}$`)

// validSubject checks a subject: 1 to 100 characters, none of them a control character.
func validSubject(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= 100 && strings.IndexFunc(s, unicode.IsControl) < 0
}

var attributeName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

func (a MessageAttribute) check(name string) *awsapi.Error {
	refuse := func(format string, args ...any) *awsapi.Error {
		return awsapi.Errorf("ParameterValueInvalid", format, args...)
	}
	empty := a.StringValue == ""
	if a.DataType == "Binary" {
		empty = len(a.BinaryValue) == 0
	}
	switch {
	case len(name) > 256 || !attributeName.MatchString(name):
		return refuse("The message attribute name '%s' must have 1 to 256 alphanumeric characters, hyphens, underscores and single dots between them.", name)
	case a.DataType == "":
		return refuse("The message attribute '%s' must contain non-empty message attribute type.", name)
	case a.DataType != "String" && a.DataType != "String.Array" && a.DataType != "Number" && a.DataType != "Binary":
		return refuse("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	case empty:
		return refuse("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", name, a.DataType)
	case a.DataType == "Number" && !sqs.ValidNumber(a.StringValue):
		return refuse("Could not cast message attribute '%s' value to number.", name)
	case a.DataType == "String.Array" && !json.Valid([]byte(a.StringValue)):
		return refuse("The message attribute '%s' must contain a JSON array for message attribute type 'String.Array'.", name)
	case a.DataType != "Binary" && !sqs.ValidText(a.StringValue):
		return refuse("The message attribute '%s' has a character that SQS does not allow.", name)
	}
	return nil
}

// A message is one that SNS has accepted, before it is copied for its queues.
type message struct {
	*Outgoing
	id   string
	time time.Time
	req  awsapi.Request
}

// raw is the message for a queue that wants it as it was published.
func (m message) raw() ([]byte, map[string]queue.Attribute) {
	attributes := make(map[string]queue.Attribute, len(m.MessageAttributes))
	for name, a := range m.MessageAttributes {
		attributes[name] = queue.Attribute{Type: a.DataType, String: a.StringValue, Binary: a.BinaryValue}
	}
	return []byte(m.Message), attributes
}

// An envelope is what a queue gets of a message that is not delivered raw. The
// order of the keys is AWS's.
type envelope struct {
	Type              string
	MessageID         string `json:"MessageId"`
	TopicARN          string `json:"TopicArn"`
	Subject           string `json:",omitempty"`
	Message           string
	Timestamp         string
	SignatureVersion  string
	Signature         string
	SigningCertURL    string
	UnsubscribeURL    string
	MessageAttributes map[string]envelopeAttribute `json:",omitempty"`
}

type envelopeAttribute struct {
	Type, Value string
}

// unsigned stands where AWS puts a signature: only AWS can make one that a
// receiver would accept. It is "not signed", in the Base64 that a receiver expects.
var unsigned = base64.StdEncoding.EncodeToString([]byte("not signed"))

func (m message) envelope(t Topic, sub Subscription) []byte {
	e := envelope{
		Type:              "Notification",
		MessageID:         m.id,
		TopicARN:          t.arn(m.req.Region),
		Message:           m.Message,
		Timestamp:         m.time.UTC().Format("2006-01-02T15:04:05.000Z"),
		SignatureVersion:  "1",
		Signature:         unsigned,
		SigningCertURL:    m.req.URL + "/SimpleNotificationService.pem",
		UnsubscribeURL:    m.req.URL + "/?Action=Unsubscribe&SubscriptionArn=" + t.subscriptionARN(sub, m.req.Region),
		MessageAttributes: make(map[string]envelopeAttribute, len(m.MessageAttributes)),
	}
	if m.Subject != nil {
		e.Subject = *m.Subject
	}
	for name, a := range m.MessageAttributes {
		value := a.StringValue
		if a.DataType == "Binary" {
			value = base64.StdEncoding.EncodeToString(a.BinaryValue)
		}
		e.MessageAttributes[name] = envelopeAttribute{a.DataType, value}
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(e) // strings into memory
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

func newMessage(o *Outgoing, req awsapi.Request) message {
	return message{Outgoing: o, id: uuid.NewString(), time: time.Now(), req: req}
}
