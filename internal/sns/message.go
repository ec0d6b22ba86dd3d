package sns

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/filter"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sqs"
)

// maxMessage is the size of the largest message, and of a batch of them: bodies
// and attributes. It is not SQS's.
const maxMessage = 256 << 10

// Outgoing is a message to be published.
type Outgoing struct {
	Message string
	Subject *string
	// MessageStructure "json" says that Message has a text for each protocol.
	MessageStructure  string
	MessageAttributes map[string]MessageAttribute
	// MessageGroupID says in a FIFO topic whose order a message belongs to. That of a
	// standard topic is passed on to standard queues, whose receivers see it.
	MessageGroupID         *string `json:"MessageGroupId"`
	MessageDeduplicationID *string `json:"MessageDeduplicationId"`
}

// size is what counts towards the limit.
func (o *Outgoing) size() int {
	size := len(o.Message)
	for name, a := range o.MessageAttributes {
		size += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return size
}

// check says what SNS would say against the message, which the request has at place.
func (o *Outgoing) check(t *topic, place string) error {
	switch {
	case o.Message == "":
		return invalid("Empty message")
	case o.Subject != nil && !validSubject(*o.Subject):
		return invalid("Subject")
	case o.size() > maxMessage:
		return invalid("Message too long")
	case !sqs.ValidText(o.Message):
		return unfit()
	case t.fifo && (o.MessageGroupID == nil || *o.MessageGroupID == ""):
		return invalid("The MessageGroupId parameter is required for FIFO topics")
	case o.MessageGroupID != nil && !validToken.MatchString(*o.MessageGroupID):
		return notToken("MessageGroupId")
	case t.fifo && !t.contentBased && (o.MessageDeduplicationID == nil || *o.MessageDeduplicationID == ""):
		return invalid("The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	case !t.fifo && o.MessageDeduplicationID != nil:
		return invalid("MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type")
	case t.fifo && o.MessageDeduplicationID != nil && *o.MessageDeduplicationID != "" && !validToken.MatchString(*o.MessageDeduplicationID):
		return notToken("MessageDeduplicationId")
	}
	if e := checkAttributes(o.MessageAttributes, place); e != nil {
		return e
	}
	return nil
}

// unfit refuses a text that no queue can take; AWS accepts it and fails to deliver.
func unfit() *awsapi.Error {
	return invalid("Message Reason: it has a character that SQS does not allow: a control character, U+FFFE or U+FFFF")
}

var validToken = regexp.MustCompile(`^[!-~]{1,128}$`)

// notToken has words that were not seen on AWS.
func notToken(parameter string) *awsapi.Error {
	return invalid("%s Reason: it can only include alphanumeric and punctuation characters, 1 to 128 in length", parameter)
}

// validSubject checks a subject: 1 to 100 characters, none of them a control character.
func validSubject(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= 100 && strings.IndexFunc(s, unicode.IsControl) < 0
}

// A message is one that SNS has accepted, before it is copied for its subscriptions.
// One goroutine uses it at a time.
type message struct {
	*Outgoing
	id   string
	time time.Time
	req  awsapi.Request
	// bodies are the texts by protocol, where the message has such.
	bodies map[string]string
	// sequence and deduplication are of the messages of FIFO topics.
	sequence, deduplication string

	// What more than one subscription may want, made for the first that does.
	attributes map[string]queue.Attribute
	filtered   map[string]filter.Attribute
}

// accept makes a message of what a request publishes to t, and has at place.
func accept(t *topic, o *Outgoing, place string, req awsapi.Request) (*message, error) {
	if err := o.check(t, place); err != nil {
		return nil, err
	}
	m := &message{Outgoing: o, id: uuid.NewString(), time: time.Now(), req: req}
	if o.MessageStructure != "" {
		var e *awsapi.Error
		if m.bodies, e = parseStructure(o); e != nil {
			return nil, e
		}
	}
	if t.fifo {
		m.deduplication = o.deduplication()
	}
	return m, nil
}

// body is the text for endpoints of the given protocol.
func (m *message) body(protocol string) string {
	if m.bodies == nil {
		return m.Message
	}
	if text, found := m.bodies[protocol]; found {
		return text
	}
	return m.bodies[defaultText]
}

// withAttributes says whether the attributes go with the message. Those of a message that has
// a text for each protocol do not; filters see them all the same.
func (m *message) withAttributes() bool { return m.bodies == nil }

// queueAttributes are the attributes for a queue that gets the message raw.
func (m *message) queueAttributes() map[string]queue.Attribute {
	if m.attributes == nil && m.withAttributes() {
		m.attributes = make(map[string]queue.Attribute, len(m.MessageAttributes))
		for name, a := range m.MessageAttributes {
			attribute := queue.Attribute{Type: a.DataType, String: a.StringValue}
			if a.binary() {
				attribute = queue.Attribute{Type: a.DataType, Binary: a.BinaryValue}
			}
			m.attributes[name] = attribute
		}
	}
	return m.attributes
}

// filterAttributes are the attributes as filters see them.
func (m *message) filterAttributes() map[string]filter.Attribute {
	if m.filtered == nil {
		m.filtered = make(map[string]filter.Attribute, len(m.MessageAttributes))
		for name, a := range m.MessageAttributes {
			m.filtered[name] = filter.Attribute{Type: a.DataType, Value: a.StringValue}
		}
	}
	return m.filtered
}
