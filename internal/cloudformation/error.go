package cloudformation

import (
	"errors"
	"net/http"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/template"
)

// invalid is what the service refuses most requests with.
func invalid(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("ValidationError", format, args...)
}

// refused is the answer to a template that cannot be made.
func refused(err error) error {
	if e, ok := errors.AsType[*template.Error](err); ok {
		return invalid("%s", e)
	}
	return err
}

func noStack(name string) *awsapi.Error { return invalid("Stack with id %s does not exist", name) }

func noChangeSet(name string) *awsapi.Error {
	return &awsapi.Error{Code: "ChangeSetNotFound", Status: http.StatusNotFound, Message: "ChangeSet [" + name + "] does not exist"}
}

func alreadyExists(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("AlreadyExistsException", format, args...)
}
