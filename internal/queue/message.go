package queue

import "time"

// A Spec is a queue's name and settings. Durations are whole milliseconds.
type Spec struct {
	// Name is 1 to 80 characters of A-Z a-z 0-9 - _, the last five of them ".fifo"
	// for a FIFO queue. A name with slashes, such as "async/charge-card", is of a
	// queue that the engine keeps for itself and no AWS client can name.
	Name       string
	Visibility time.Duration // 0 to 12 h
	Delay      time.Duration // 0 to 15 min
	Retention  time.Duration // 1 min to 14 days, from the message's sent time
	// DeadLetter names the queue that takes a message received more than
	// MaxReceives times; empty for none, and the queue itself is none too.
	DeadLetter  string
	MaxReceives int
	// FIFO is fixed when the queue is made; see the package's doc.
	FIFO bool
	// DeduplicateByGroup lets two groups of a FIFO queue use the same deduplication
	// id; otherwise an id counts for the whole queue.
	DeduplicateByGroup bool
	// Settings is text that the store keeps with the queue for those who make
	// queues, and does not read. [Store.Ensure] leaves it as it is where it is empty.
	Settings string
}

// An Info is a queue as it is: its Spec, and when it was made and last changed.
type Info struct {
	Spec
	Created, Modified time.Time
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
	// GroupID is the MessageGroupId system attribute. In a FIFO queue, which needs
	// one, it says whose turn a message has to wait for.
	GroupID string
	// DeduplicationID is what a FIFO queue, which needs one, knows a repeated send by.
	DeduplicationID string
}

// Sent tells of a message that was sent.
type Sent struct {
	ID string
	// Sequence rises with every message of the store.
	Sequence int64
	// Duplicate says that nothing was sent, because ID was, within the last five
	// minutes.
	Duplicate bool
}

// A Message is a message as it was received.
type Message struct {
	ID         string
	Receipt    string
	Body       []byte
	Attributes map[string]Attribute
	// ID, Attributes and Receives survive a move to a dead-letter queue, and so does
	// Sent where that is no FIFO queue.
	Sent          time.Time
	FirstReceived time.Time
	// Receives counts this receive too: 1 the first time.
	Receives int
	// VisibleAt is when another receive can return the message again.
	VisibleAt   time.Time
	TraceHeader string
	GroupID     string
	// DeduplicationID is empty in a standard queue.
	DeduplicationID string
	// Sequence is what Send told.
	Sequence int64
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
	// Attempt names this receive from a FIFO queue, so that a caller who did not get
	// the answer can have the same messages again; see [Store.Receive].
	Attempt string
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
