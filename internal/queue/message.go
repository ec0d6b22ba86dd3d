package queue

import "time"

// A Spec is a queue's name and settings. Durations are whole milliseconds.
type Spec struct {
	// Name is 1 to 80 characters of A-Z a-z 0-9 - _.
	Name       string
	Visibility time.Duration // 0 to 12 h
	Delay      time.Duration // 0 to 15 min
	Retention  time.Duration // 1 min to 14 days, from the message's sent time
	// DeadLetter names the queue that takes a message received more than
	// MaxReceives times; empty for none.
	DeadLetter  string
	MaxReceives int
}

// An Attribute is a message attribute, typed as in SQS: "String", "Number",
// "Binary", or one of these with a custom label ("Number.int").
type Attribute struct {
	Type   string
	String string
	Binary []byte
}

// An Entry is one message to be sent to one queue.
type Entry struct {
	Queue string
	// ID becomes the message's id; empty lets the store make a UUID.
	ID         string
	Body       []byte
	Attributes map[string]Attribute
	// Delay replaces the queue's where it is not nil.
	Delay *time.Duration
	// TraceHeader is the AWSTraceHeader system attribute.
	TraceHeader string
	// GroupID is the MessageGroupId system attribute.
	GroupID string
}

// A Message is a message as it was received.
type Message struct {
	ID         string
	Receipt    string
	Body       []byte
	Attributes map[string]Attribute
	// Sent survives a move to a dead-letter queue, and so do ID, Attributes and Receives.
	Sent          time.Time
	FirstReceived time.Time
	// Receives counts this receive too: 1 the first time.
	Receives int
	// VisibleAt is when another receive can return the message again.
	VisibleAt   time.Time
	TraceHeader string
	GroupID     string
	// DeadLetterSource names the queue the message was moved from, on a dead-letter queue.
	DeadLetterSource string
}

// A Receive says what to receive.
type Receive struct {
	// Max is how many messages to return at most.
	Max int
	// Visibility replaces the queue's where it is not nil.
	Visibility *time.Duration
	// Wait is how long to wait for a first message; 0 looks once.
	Wait time.Duration
	// Lease marks the messages as taken by one of the engine's own event source
	// mappings, whose work dies with the process: see [Store.EndLeases].
	Lease bool
}

// A Moved tells of a message that went to a dead-letter queue.
type Moved struct {
	ID         string
	From, To   string
	Receives   int
	Attributes map[string]Attribute
}

// Stats are the approximate numbers of a queue, exact at the moment they are read.
type Stats struct {
	Visible, InFlight, Delayed int
	// Oldest is the sent time of the oldest message; zero for an empty queue.
	Oldest time.Time
}
