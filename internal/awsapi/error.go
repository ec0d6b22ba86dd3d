package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/less-go/less/internal/policy"
)

// An Error is what a caller is told when an action was not done.
type Error struct {
	// Code is the name of the error in the service's model: "QueueDoesNotExist".
	Code string
	// QueryCode is its name in the query protocol and in the header
	// x-amzn-query-error, where that differs: "AWS.SimpleQueueService.NonExistentQueue".
	QueryCode string
	// Status is the HTTP status; 0 is 400.
	Status  int
	Message string
	// QueryMessage replaces Message in the query protocol.
	QueryMessage string
}

// Errorf returns an Error of status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// A Denial is a permission that somebody has not.
type Denial struct {
	// User is the ARN of who asked, and Resource that of what it is about.
	User, Resource string
	// Action is the permission without the service's name: "SendMessage".
	Action string
	// Decision says why.
	Decision policy.Decision
}

// Sentence is how services refuse it. action is the permission as the service writes it:
// "sqs:sendmessage".
func (d Denial) Sentence(action string) string {
	return fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s %s", d.User, action, d.Resource, d.Decision.Because(action))
}

// NotImplemented returns the answer to a request for something that AWS has and
// this engine has not. what completes the sentence "Less does not implement ...".
func NotImplemented(format string, args ...any) *Error {
	return &Error{
		Code:    "NotImplemented",
		Status:  http.StatusNotImplemented,
		Message: "Less does not implement " + fmt.Sprintf(format, args...) + ".",
	}
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// InQuery returns the code by which the query protocol knows the error. The
// entries of a batch answer carry it in either protocol.
func (e *Error) InQuery() string {
	if e.QueryCode != "" {
		return e.QueryCode
	}
	return e.Code
}

// SenderFault says that repeating the same request cannot succeed.
func (e *Error) SenderFault() bool {
	return e.status() < 500 || e.Status == http.StatusNotImplemented
}

func (e *Error) status() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

// fault is AWS's word for whose mistake it was.
func (e *Error) fault() string {
	if e.SenderFault() {
		return "Sender"
	}
	return "Receiver"
}

// AsError returns what a caller is told about err. What is not an Error is no
// business of a caller's: it becomes one that SDKs answer by trying again.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &Error{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable, Message: "The engine is stopping."}
	}
	return &Error{Code: "InternalError", Status: http.StatusInternalServerError, Message: "An internal error occurred; the engine's log says which."}
}
