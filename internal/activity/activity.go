// Package activity is what happens in the engine, as a stream of events: one
// for each thing that happened, in the order in which it did. The parts of the
// engine emit it; the terminal, the log files and the dashboard read it.
package activity

import "time"

// A Kind says what happened.
type Kind string

// The kinds.
const (
	// Log is a line that a function wrote to its standard output or error.
	Log Kind = "log"
	// Start is an invocation that begins: Lambda's START line.
	Start Kind = "start"
	// End is an invocation that ended, well or badly: Lambda's END and REPORT lines.
	End Kind = "end"
	// Request is an HTTP request that an API answered.
	Request Kind = "request"
	// Publish is an event accepted by a topic, durably.
	Publish Kind = "publish"
	// Done is a message that its subscriber has handled, and that is deleted.
	Done Kind = "done"
	// Retry is a failed attempt whose message will be received again at Next.
	Retry Kind = "retry"
	// DeadLetter is a message that has moved to its dead-letter queue.
	DeadLetter Kind = "dead_letter"
	// Swap is a function that serves new code from now on.
	Swap Kind = "swap"
	// Notice is something the engine has to say about itself.
	Notice Kind = "notice"
)

// An Event is one thing that happened. Fields that say nothing are zero.
type Event struct {
	Time time.Time `json:"time"`
	Kind Kind      `json:"kind"`
	// Function is the identity of the function concerned.
	Function string `json:"function,omitempty"`
	Topic    string `json:"topic,omitempty"`
	Queue    string `json:"queue,omitempty"`
	// RequestID is the invocation's, as in the function's own log lines.
	RequestID     string `json:"request_id,omitempty"`
	MessageID     string `json:"message_id,omitempty"`
	CorrelationID string `json:"correlation_id,omitempty"`
	// Attempt is the message's receive count, from 1, of at most MaxAttempts.
	Attempt     int `json:"attempt,omitempty"`
	MaxAttempts int `json:"max_attempts,omitempty"`
	// Next is when a failed message can be received again.
	Next     time.Time     `json:"next,omitzero"`
	Duration time.Duration `json:"duration_ns,omitempty"`
	// Line is the text of a Log or Notice, without its newline.
	Line string `json:"line,omitempty"`
	// Err says why an invocation or an attempt failed.
	Err string `json:"err,omitempty"`
	// Method, Path and Status are of a Request.
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	Status int    `json:"status,omitempty"`
}

// A Sink takes events. It is called from many goroutines at once, must not keep
// the caller waiting for a person, and has the event written when it returns.
type Sink func(Event)
