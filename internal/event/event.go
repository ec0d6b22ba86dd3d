// Package event says how an event travels: as a CloudEvent in binary mode, its
// JSON in the message body and its context in message attributes.
//
// It is shared by package less, which writes and reads the attributes, and by
// the engine, which reads the correlation id from them.
package event

import (
	"context"
	"time"
)

// The message attributes that carry an event's context.
const (
	ID            = "ce-id"
	SpecVersion   = "ce-specversion"
	Type          = "ce-type"
	Source        = "ce-source"
	Time          = "ce-time"
	CorrelationID = "ce-correlationid"
	CausationID   = "ce-causationid"
	TraceParent   = "traceparent"
)

// MaxAttributes is how many attributes an SQS message can carry. SNS discards a
// raw delivery with more, so Publish refuses them.
const MaxAttributes = 10

// TimeFormat is RFC 3339 with milliseconds, as ce-time is written.
const TimeFormat = "2006-01-02T15:04:05.000Z07:00"

// An Outgoing event is ready to be published: encoded, and with its attributes.
type Outgoing struct {
	Topic      string
	Body       []byte
	Attributes map[string]string
}

// A Cloud is what a function needs from the place it runs in. Package less uses
// AWS unless the context carries another.
type Cloud interface {
	// Publish returns nil only when the event is durably accepted for every subscriber.
	Publish(ctx context.Context, e Outgoing) error
	// ChangeVisibility makes a received message visible again after d, 0 to 12 h.
	ChangeVisibility(ctx context.Context, queueARN, receipt string, d time.Duration) error
}

type cloudKey struct{}

// WithCloud returns a context whose functions use cloud instead of AWS.
func WithCloud(ctx context.Context, cloud Cloud) context.Context {
	return context.WithValue(ctx, cloudKey{}, cloud)
}

// CloudFrom returns the cloud of [WithCloud], or nil.
func CloudFrom(ctx context.Context) Cloud {
	cloud, _ := ctx.Value(cloudKey{}).(Cloud)
	return cloud
}

// A Context is what an event carries besides its body.
type Context struct {
	ID            string
	Type          string
	Source        string
	Time          time.Time
	CorrelationID string
	CausationID   string
	TraceParent   string
}
