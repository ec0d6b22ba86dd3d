package sqs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// oldPrefix stands before the codes that the query protocol gave to the errors
// that SQS defines itself.
const oldPrefix = "AWS.SimpleQueueService."

func denied(d awsapi.Denial) *awsapi.Error {
	return &awsapi.Error{
		Code:      "AccessDeniedException",
		QueryCode: "AccessDenied",
		Status:    http.StatusForbidden,
		// SQS writes the action in lower case.
		Message: d.Sentence("sqs:" + strings.ToLower(d.Action)),
	}
}

func missing(parameter string) *awsapi.Error {
	return &awsapi.Error{
		Code:      "MissingRequiredParameterException",
		QueryCode: "MissingParameter",
		Message:   "The request must contain the parameter " + parameter + ".",
	}
}

func invalid(format string, args ...any) *awsapi.Error {
	return &awsapi.Error{
		Code:      "InvalidParameterValueException",
		QueryCode: "InvalidParameterValue",
		Message:   fmt.Sprintf(format, args...),
	}
}

func invalidValue(value any, parameter, reason string) *awsapi.Error {
	return invalid("Value %v for parameter %s is invalid. Reason: %s", value, parameter, reason)
}

// modeled is an error of SQS's own, which has an old name in the query protocol.
func modeled(code, format string, args ...any) *awsapi.Error {
	return &awsapi.Error{Code: code, QueryCode: oldPrefix + code, Message: fmt.Sprintf(format, args...)}
}

func unknownAttribute(name string) *awsapi.Error {
	return awsapi.Errorf("InvalidAttributeName", "Unknown Attribute %s.", name)
}

func noQueue() *awsapi.Error {
	return &awsapi.Error{
		Code:         "QueueDoesNotExist",
		QueryCode:    oldPrefix + "NonExistentQueue",
		Message:      "The specified queue does not exist.",
		QueryMessage: "The specified queue does not exist for this wsdl version.",
	}
}

// refusal says in SQS's words that the store does not take what a client wants.
// What can be said better is said before, and what the store cannot do at all is no
// mistake of the client's.
func refusal(err error) error {
	for _, own := range []error{queue.ErrFailed, queue.ErrClosed, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, own) {
			return err
		}
	}
	return invalid("%v", err)
}

// failure says in SQS's words what the store refused.
func failure(err error, receipt string) error {
	switch {
	case errors.Is(err, queue.ErrNoQueue):
		return noQueue()
	case errors.Is(err, queue.ErrInvalidReceipt):
		return &awsapi.Error{
			Code:    "ReceiptHandleIsInvalid",
			Status:  http.StatusNotFound,
			Message: fmt.Sprintf("The input receipt handle %q is not a valid receipt handle.", receipt),
		}
	case errors.Is(err, queue.ErrGone):
		return invalidValue(receipt, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")
	case errors.Is(err, queue.ErrReceiptExpired):
		return invalidValue(receipt, "ReceiptHandle", "The receipt handle has expired.")
	case errors.Is(err, queue.ErrOverLimit):
		return &awsapi.Error{Code: "OverLimit", Status: http.StatusForbidden, Message: "Too many messages are in flight."}
	case errors.Is(err, queue.ErrVisibilityTooLong):
		return invalid("Total VisibilityTimeout for the message is beyond the limit [%d seconds]", maxVisibility)
	case errors.Is(err, queue.ErrNotInFlight):
		return modeled("MessageNotInflight", "The message referred to isn't in flight.")
	}
	return err
}
