package less

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/cloud"
	"github.com/less-go/less/internal/event"
)

const (
	// maxEventSize is how large body and attributes may be together: SNS's limit.
	maxEventSize = 262_144
	// ownAttributes is how many attributes carry an event's context. Each is
	// counted also where it is absent, so that what can be published in a route
	// can be published in a subscriber.
	ownAttributes = 8
)

// aws is where events go unless the context names another cloud. It reads the
// environment when it is first used.
var aws = sync.OnceValue(func() event.Cloud { return cloud.New(os.Getenv) })

func cloudFrom(ctx context.Context) event.Cloud {
	if c := event.CloudFrom(ctx); c != nil {
		return c
	}
	return aws()
}

// publish is the part of [Topic.Publish] that does not depend on the type.
func publish(ctx context.Context, topic string, body []byte, opts []PublishOption) error {
	if topic == "" {
		return errors.New("the topic has no name: use one of the generated package topics")
	}
	var p publication
	for _, opt := range opts {
		opt(&p)
	}
	attributes := eventAttributes(ctx, topic)
	own := make(map[string]bool, len(p.attributes))
	for _, a := range p.attributes {
		if err := a.check(); err != nil {
			return err
		}
		attributes[a.name] = a.value
		own[a.name] = true
	}
	if n := ownAttributes + len(own); n > event.MaxAttributes {
		return fmt.Errorf("%d attributes are too many: SQS takes %d, and an event's own are %d of them. Put what subscribers need into the message",
			n, event.MaxAttributes, ownAttributes)
	}
	size := len(body)
	for name, value := range attributes {
		size += len(name) + len("String") + len(value)
	}
	if size > maxEventSize {
		return fmt.Errorf("the event has %d bytes, %d more than SNS takes: store the large part elsewhere and publish where it is",
			size, size-maxEventSize)
	}
	return cloudFrom(ctx).Publish(ctx, event.Outgoing{Topic: topic, Body: body, Attributes: attributes})
}

// eventAttributes makes the context of a new event from what ctx belongs to.
func eventAttributes(ctx context.Context, topic string) map[string]string {
	id := newID()
	var function, correlation, causation string
	if s := scopeFrom(ctx); s != nil {
		function, correlation, causation = s.function, s.correlationID(), s.message.ID
	}
	attributes := map[string]string{
		event.ID:            id,
		event.SpecVersion:   "1.0",
		event.Type:          topic,
		event.Source:        "/" + cmp.Or(function, os.Getenv(event.EnvFunction)),
		event.Time:          time.Now().UTC().Format(event.TimeFormat),
		event.CorrelationID: cmp.Or(correlation, id),
	}
	if causation != "" {
		attributes[event.CausationID] = causation
	}
	if trace := traceParent(ctx); trace != "" {
		attributes[event.TraceParent] = trace
	}
	return attributes
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// check says what SNS or SQS would refuse, or drop without a word.
func (a attribute) check() error {
	switch {
	case a.name == "":
		return errors.New("an attribute has an empty name")
	case a.value == "":
		return fmt.Errorf("the attribute %q is empty: leave it out", a.name)
	case strings.HasPrefix(a.name, "ce-"), a.name == event.TraceParent:
		return fmt.Errorf("the attribute name %q is reserved for the event's own context: choose another", a.name)
	case strings.HasPrefix(strings.ToLower(a.name), "aws."), strings.HasPrefix(strings.ToLower(a.name), "amazon."):
		return fmt.Errorf("the attribute name %q is reserved by AWS", a.name)
	case len(a.name) > 256, strings.Trim(a.name, nameCharacters) != "",
		a.name[0] == '.', a.name[len(a.name)-1] == '.', strings.Contains(a.name, ".."):
		return fmt.Errorf("%q cannot be the name of an attribute: use letters, digits, _, - and dots between them", a.name)
	case !isText(a.value):
		return fmt.Errorf("the attribute %q is not text that SQS can carry: encode it, in base64 for example", a.name)
	}
	return nil
}

const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."

// isText says whether s is made of the characters that SQS takes, XML's.
func isText(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
}
