package less

import (
	"fmt"
	"time"
)

// maxRetryAfter is the longest delay that SQS certainly grants. A message can be
// hidden for 12 hours from its receipt, and by the time its handler asks it may
// have been in the function's hands for 15 minutes, Lambda's longest timeout.
const maxRetryAfter = 12*time.Hour - 15*time.Minute

// RetryAfter returns an error that asks for the message to be tried again d from
// now, rather than when its queue's visibility timeout ends. The attempt counts
// like any other failure: after the last one, the message is in the dead-letter
// queue. It may be wrapped, and wraps err.
//
// A negative d is 0, and one of more than 11 hours 45 minutes is that. Should
// SQS refuse the delay, the message is tried again when it would be otherwise.
// The message is tried again also where err is nil.
func RetryAfter(d time.Duration, err error) error {
	return &retryError{min(max(d, 0), maxRetryAfter), err}
}

// Discard returns an error that says that the message cannot be handled, and
// that trying again will not help. It is logged and deleted as if it had been
// handled: use it for what should not end in the dead-letter queue either. It
// may be wrapped, and wraps err.
func Discard(err error) error { return &discardError{err} }

type retryError struct {
	after time.Duration
	err   error
}

func (e *retryError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("retry after %v", e.after)
	}
	return fmt.Sprintf("%v (retry after %v)", e.err, e.after)
}

func (e *retryError) Unwrap() error { return e.err }

type discardError struct{ err error }

func (e *discardError) Error() string {
	if e.err == nil {
		return "discard"
	}
	return e.err.Error()
}

func (e *discardError) Unwrap() error { return e.err }
