package sns

import (
	"net/http"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

const invalidPrefix = "Invalid parameter: "

func invalid(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("InvalidParameter", invalidPrefix+format, args...)
}

// inAttributes says that what e complains of is in the map of attributes by which a
// topic or a subscription is made.
func inAttributes(e *awsapi.Error) *awsapi.Error {
	reason, found := strings.CutPrefix(e.Message, invalidPrefix)
	if !found {
		return e
	}
	return invalid("Attributes Reason: %s", reason)
}

func validation(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("ValidationError", "1 validation error detected: "+format, args...)
}

func notFound(what string) *awsapi.Error {
	return &awsapi.Error{Code: "NotFound", Status: http.StatusNotFound, Message: what + " does not exist"}
}

func denied(d awsapi.Denial) *awsapi.Error {
	return &awsapi.Error{
		Code:    "AuthorizationError",
		Status:  http.StatusForbidden,
		Message: d.Sentence("SNS:" + d.Action),
	}
}
