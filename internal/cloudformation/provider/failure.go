package provider

import (
	"errors"
	"fmt"

	"github.com/less-go/less/internal/awsapi"
)

// A Failure is why a resource was not made, changed or deleted, as its events say it.
type Failure struct {
	// Code is one of AWS's handler error codes: "AlreadyExists".
	Code    string
	Message string
}

// The handler error codes that are in use.
const (
	CodeAlreadyExists  = "AlreadyExists"
	CodeInvalidRequest = "InvalidRequest"
	CodeNotFound       = "NotFound"
	CodeAccessDenied   = "AccessDenied"
	CodeGeneral        = "GeneralServiceException"
	CodeInternal       = "InternalFailure"
)

func (f *Failure) Error() string { return f.Message }

// Invalid is the failure of a request that the service would not take.
func Invalid(format string, args ...any) *Failure {
	return &Failure{Code: CodeInvalidRequest, Message: fmt.Sprintf(format, args...)}
}

// AlreadyExists is the failure of a resource whose name is taken.
func AlreadyExists(resourceType, id string) *Failure {
	return &Failure{
		Code:    CodeAlreadyExists,
		Message: fmt.Sprintf("Resource of type '%s' with identifier '%s' already exists.", resourceType, id),
	}
}

// AsFailure returns err as events tell it. An error of a service keeps its message and says where it is from; give it a Code with a
// Failure where AWS's is known.
func AsFailure(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	if e, ok := errors.AsType[*awsapi.Error](err); ok {
		code := CodeGeneral
		switch e.Status {
		case 403:
			code = CodeAccessDenied
		case 404:
			code = CodeNotFound
		case 0, 400:
			code = CodeInvalidRequest
		}
		return &Failure{Code: code, Message: e.Message}
	}
	return &Failure{Code: CodeInternal, Message: err.Error()}
}
