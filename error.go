package less

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
)

// An Error is answered by [Typed] with its status and, as JSON, what it says:
// {"message": "...", "field": "items"}. It is for the client to read: nothing
// secret belongs into Message and Problems.
type Error struct {
	// Status is the HTTP status, 400 to 599; anything else is answered 500.
	Status int
	// Message says what is wrong and what to do about it; the status's own text
	// where it is empty.
	Message string
	// Problems say which parts of the request are wrong. The first one's field
	// is answered as "field", and all of them, where there are several, as "problems".
	Problems []Problem
	// Err is the cause, for [errors.Is] and [errors.As]. It is not sent.
	Err error
}

// A Problem is one thing that is wrong with a request.
type Problem struct {
	// Field is the name of the parameter or of the JSON field, "" for the body as a whole.
	Field string `json:"field,omitempty"`
	// Message says what is wrong with it.
	Message string `json:"message"`
}

// Errorf returns an [*Error] with the given status and the formatted text as its
// message. An error that format wraps with %w becomes its cause; mind that its
// text is part of the message then.
func Errorf(status int, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Error{Status: status, Message: err.Error(), Err: errors.Unwrap(err)}
}

// BadRequest is [Errorf] with status 400.
func BadRequest(format string, args ...any) error {
	return Errorf(http.StatusBadRequest, format, args...)
}

// Unauthorized is [Errorf] with status 401: it is not known who asks.
func Unauthorized(format string, args ...any) error {
	return Errorf(http.StatusUnauthorized, format, args...)
}

// Forbidden is [Errorf] with status 403: it is known who asks, and they may not.
func Forbidden(format string, args ...any) error {
	return Errorf(http.StatusForbidden, format, args...)
}

// NotFound is [Errorf] with status 404.
func NotFound(format string, args ...any) error {
	return Errorf(http.StatusNotFound, format, args...)
}

// Conflict is [Errorf] with status 409.
func Conflict(format string, args ...any) error {
	return Errorf(http.StatusConflict, format, args...)
}

// Error is what the client is told.
func (e *Error) Error() string { return cmp.Or(e.Message, http.StatusText(e.status())) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) status() int {
	if e.Status < 400 || e.Status > 599 {
		return http.StatusInternalServerError
	}
	return e.Status
}

// Respond implements [Responder].
func (e *Error) Respond(http.Header) (int, any) {
	body := struct {
		Message  string    `json:"message"`
		Field    string    `json:"field,omitempty"`
		Problems []Problem `json:"problems,omitempty"`
	}{Message: e.Error()}
	if len(e.Problems) > 0 {
		body.Field = e.Problems[0].Field
	}
	if len(e.Problems) > 1 {
		body.Problems = e.Problems
	}
	return e.status(), body
}
