package apigatewayv2

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/less-go/less/internal/awsapi"
)

func notFound(format string, args ...any) *awsapi.Error {
	return &awsapi.Error{Code: "NotFoundException", Status: http.StatusNotFound, Message: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("BadRequestException", format, args...)
}

func conflict(format string, args ...any) *awsapi.Error {
	return &awsapi.Error{Code: "ConflictException", Status: http.StatusConflict, Message: fmt.Sprintf(format, args...)}
}

func denied(d awsapi.Denial) *awsapi.Error {
	return &awsapi.Error{
		Code: "AccessDeniedException", Status: http.StatusForbidden,
		Message: d.Sentence("apigateway:" + d.Action),
	}
}

// refuse refuses settings that are not there, and would be lost if they were ignored.
func refuse(of string, settings map[string]json.RawMessage) error {
	for name, value := range settings {
		switch string(value) {
		case "", "null", "false", "{}", "[]", `""`:
		default:
			return awsapi.NotImplemented("%s of %s", name, of)
		}
	}
	return nil
}

// set changes what is given.
func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}
