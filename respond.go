package less

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// A Responder says how it is answered. A handler of [Typed] can return one as its
// result or, where it is also an error, as its error, wrapped or not.
type Responder interface {
	// Respond returns the status and what is encoded as the JSON body, nil for
	// none. It may set headers in h.
	Respond(h http.Header) (status int, body any)
}

// Created answers 201 with Body.
type Created[T any] struct{ Body T }

// Respond implements [Responder].
func (c Created[T]) Respond(http.Header) (int, any) { return http.StatusCreated, c.Body }

// Accepted answers 202 with Body: the request is understood, and the work goes on.
type Accepted[T any] struct{ Body T }

// Respond implements [Responder].
func (a Accepted[T]) Respond(http.Header) (int, any) { return http.StatusAccepted, a.Body }

// NoContent answers 204, without a body.
type NoContent struct{}

// Respond implements [Responder].
func (NoContent) Respond(http.Header) (int, any) { return http.StatusNoContent, nil }

// internalServerError is what a client is told of a failure that is not its own,
// in API Gateway's words.
var internalServerError = map[string]string{"message": http.StatusText(http.StatusInternalServerError)}

// respondResult answers with what a handler returned.
func respondResult(w http.ResponseWriter, r *http.Request, result any) {
	if responder, ok := result.(Responder); ok {
		status, body := responder.Respond(w.Header())
		writeBody(w, r, status, body)
		return
	}
	writeBody(w, r, http.StatusOK, &result) // a pointer, so that nil is answered as null
}

// respondError answers with the error that a handler returned. What is the
// client's fault is not logged, and what is not is not told to the client, unless
// the error says itself what to tell.
func respondError(w http.ResponseWriter, r *http.Request, err error) {
	status, body := http.StatusInternalServerError, any(internalServerError)
	var responder Responder
	if errors.As(err, &responder) {
		status, body = responder.Respond(w.Header())
	}
	if status >= 500 {
		log := Logger(r.Context())
		if e := (*Error)(nil); errors.As(err, &e) && e.Err != nil {
			log = log.With("cause", e.Err)
		}
		log.Error("request failed", "err", err)
	}
	writeBody(w, r, status, body)
}

// writeBody answers with body as JSON, or without one where it is nil.
func writeBody(w http.ResponseWriter, r *http.Request, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	data, err := encodeJSON(body)
	if err != nil {
		Logger(r.Context()).Error("request failed", "err", fmt.Errorf("encode the answer: %w", err))
		writeInternalServerError(w)
		return
	}
	writeJSON(w, status, data)
}

func writeInternalServerError(w http.ResponseWriter) {
	data, _ := json.Marshal(internalServerError) // a map of strings cannot fail
	writeJSON(w, http.StatusInternalServerError, data)
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error is the connection's, which has nobody left to tell
}
