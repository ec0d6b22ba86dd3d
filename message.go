package less

import (
	"context"
	"time"
)

// A Message is what is known of the event being handled besides its body.
type Message struct {
	// ID is the event's id, the same for every subscriber and for every attempt:
	// the key to recognize an event by that was handled before. An event that was
	// not published by this package has the id that its queue gave it.
	ID string
	// Topic is the folder name of the topic it was received from, with the
	// application before it where that is another one: "chat/message_sent".
	Topic string
	// Attempt counts how often it was received, this time included.
	Attempt int
	// CorrelationID is shared by all events that one request or first event caused.
	CorrelationID string
	// CausationID is the id of the event in whose handling this one was
	// published; "" where it was none.
	CausationID string
	// Source is "/" and the identity of the function that published it.
	Source string
	// Time is when it was published.
	Time time.Time
	// TraceParent is its W3C trace context, or "".
	TraceParent string
	// Attributes are those that the publisher added, see [WithAttribute].
	Attributes map[string]string
}

// MessageFrom returns the message that ctx was made for, and the zero Message
// elsewhere, as in a route.
func MessageFrom(ctx context.Context) Message {
	if s := scopeFrom(ctx); s != nil {
		return s.message
	}
	return Message{}
}

// WithMessage returns a context in which m is the message being handled: it is
// what [MessageFrom] returns, what [Logger] adds to each line, and the cause of
// what is published. [ServeTopic] does this for each message; tests, and programs
// that get their events elsewhere, can do it themselves.
func WithMessage(ctx context.Context, m Message) context.Context {
	s := &scope{message: m}
	if outer := scopeFrom(ctx); outer != nil {
		s.function, s.requestID = outer.function, outer.requestID
	}
	return withScope(ctx, s)
}
