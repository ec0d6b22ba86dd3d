package less

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// A Topic carries events of type M from the functions that publish them to every
// subscriber. Topics are declared by folders: less/topics/order_placed, and its
// Message, become topics.OrderPlaced in the generated package topics, which is
// where to get one. A Topic is a plain value: copy and compare it freely.
type Topic[M any] struct {
	name string
}

// NewTopic returns the topic with the given folder name. It is for generated
// code; a topic that no folder declares has no subscribers and no address.
func NewTopic[M any](name string) Topic[M] {
	return Topic[M]{name: name}
}

// Name is the topic's folder name: order_placed.
func (t Topic[M]) Name() string { return t.name }

// Publish sends m, as JSON, to every subscriber of t. When it returns nil, each
// of them will get the event, at least once; when it returns an error, none may,
// or all may: publishing again is safe where subscribers are idempotent.
//
// The event carries a new id and, from the message or request that ctx belongs
// to, the correlation id, the causation id and the trace. Body and attributes
// together are at most 262,144 bytes, which is the limit of SNS.
//
// Publish is safe for concurrent use.
func (t Topic[M]) Publish(ctx context.Context, m M, opts ...PublishOption) error {
	body, err := encodeJSON(m)
	if err == nil {
		err = publish(ctx, t.name, body, opts)
	}
	if err != nil {
		return fmt.Errorf("publish %s: %w", t.name, err)
	}
	return nil
}

// A PublishOption changes one call of [Topic.Publish].
type PublishOption func(*publication)

type publication struct {
	attributes []attribute
}

type attribute struct{ name, value string }

// WithAttribute adds an attribute to the event, which subscribers find in
// [Message.Attributes]. An event can have two, because SQS takes ten and eight
// are the event's own.
//
// A name has the characters A-Z a-z 0-9 _ - and, not at either end and not
// twice in a row, the dot. It must not begin with "ce-", "AWS." or "Amazon.", or
// be "traceparent". Name and value must not be empty.
func WithAttribute(name, value string) PublishOption {
	return func(p *publication) { p.attributes = append(p.attributes, attribute{name, value}) }
}

// encodeJSON is json.Marshal that leaves <, > and & as they are: what it encodes
// is never put into HTML, and people read it.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
