package lambdaapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/lambda"
)

func notFound(arn string) *awsapi.Error { return missing("Function not found: " + arn) }

// missing says that something is not there.
func missing(message string) *awsapi.Error {
	return &awsapi.Error{Code: "ResourceNotFoundException", Status: http.StatusNotFound, Message: message}
}

func invalidValue(message string) *awsapi.Error {
	return &awsapi.Error{Code: "InvalidParameterValueException", Message: message}
}

// invalidMember is what a value is refused with that the service's model forbids.
func invalidMember(value any, member, constraint string) *awsapi.Error {
	return awsapi.Errorf("ValidationException", "1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: %s", value, member, constraint)
}

// checkRange refuses a number that the service's model says is too small or too large.
func checkRange(n int, member string, least, most int) error {
	switch {
	case n < least:
		return invalidMember(n, member, fmt.Sprintf("Member must have value greater than or equal to %d", least))
	case n > most:
		return invalidMember(n, member, fmt.Sprintf("Member must have value less than or equal to %d", most))
	}
	return nil
}

func invalidContent(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("InvalidRequestContentException", format, args...)
}

// badClientContext is the one error whose type AWS leaves open.
const badClientContext = "Client context must be a valid Base64-encoded JSON object."

// codeTooLarge is what AWS sends. The service's model calls the same error
// RequestTooLargeException, which no recorded answer has.
const codeTooLarge = "RequestEntityTooLargeException"

// requestTooLarge is the answer to a request that is too long for its action.
func requestTooLarge(action string) *awsapi.Error {
	limit := maxPayload
	switch action {
	case "Invoke":
		action = "InvokeFunction"
	case "CreateFunction", "UpdateFunctionCode":
		limit = maxUpload
	}
	return &awsapi.Error{
		Code: codeTooLarge, Status: http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("Request must be smaller than %d bytes for the %s operation", limit, action),
	}
}

// eventTooLarge is the answer to an asynchronous one.
func eventTooLarge(size int) *awsapi.Error {
	return &awsapi.Error{
		Code: codeTooLarge, Status: http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("%d byte payload is too large for the Event invocation type (limit %d bytes)", size, maxEvent),
	}
}

func throttled() *awsapi.Error {
	return &awsapi.Error{Code: "TooManyRequestsException", Status: http.StatusTooManyRequests, Message: "Rate Exceeded."}
}

// pending is the answer for a function that has no binary yet.
func pending() *awsapi.Error {
	return conflict("The operation cannot be performed at this time. The function is currently in the following state: Pending")
}

// conflict refuses what is in the way of what is there.
func conflict(format string, args ...any) *awsapi.Error {
	return &awsapi.Error{Code: "ResourceConflictException", Status: http.StatusConflict, Message: fmt.Sprintf(format, args...)}
}

// staleRevision refuses a change of what has been changed since it was read.
func staleRevision() *awsapi.Error {
	return &awsapi.Error{
		Code: "PreconditionFailedException", Status: http.StatusPreconditionFailed,
		Message: "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
	}
}

// mappingExists refuses a second mapping of a queue to a function.
func mappingExists(queueARN, function, id string) *awsapi.Error {
	return conflict(`An event source mapping with SQS arn (" %s ") and function (" %s ") already exists. `+
		"Please update or delete the existing mapping with UUID %s", queueARN, function, id)
}

// broken tells the caller that the engine failed, and the engine why. That it is
// stopping, or the caller has gone, is no failure: package awsapi answers it with 503.
func broken(err error) error {
	if errors.Is(err, lambda.ErrStopped) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return context.Canceled
	}
	return fmt.Errorf("%w: %w", &awsapi.Error{
		Code: "ServiceException", Status: http.StatusInternalServerError,
		Message: "The engine failed; its log says why.",
	}, err)
}

func denied(d awsapi.Denial) *awsapi.Error {
	return &awsapi.Error{
		Code:    "AccessDeniedException",
		Status:  http.StatusForbidden,
		Message: d.Sentence("lambda:" + d.Action),
	}
}

// errorBody is an error's JSON. Its members are written as in the service's
// model, which has both message and Message.
func errorBody(e *awsapi.Error) any {
	type (
		bare  struct{ Message string }
		lower struct {
			Message string `json:"message"`
		}
		upper  struct{ Type, Message string }
		common struct {
			Reason string `json:",omitempty"`
			Type   *string
			lower
		}
	)
	user := "User"
	switch {
	case e.Code == "ResourceNotFoundException":
		return upper{user, e.Message}
	case e.Code == "ServiceException":
		return upper{"Service", e.Message}
	case e.Code == "AccessDeniedException", e.Code == codeTooLarge:
		return bare{e.Message}
	case e.Code == "TooManyRequestsException":
		return common{"ConcurrentInvocationLimitExceeded", &user, lower{e.Message}}
	case e.Message == badClientContext:
		return common{"", nil, lower{e.Message}}
	case e.Code == "InvalidParameterValueException", e.Code == "InvalidRequestContentException", e.Code == "ResourceConflictException",
		e.Code == "PreconditionFailedException":
		return common{"", &user, lower{e.Message}}
	}
	return lower{e.Message}
}
