// Package topicsapi is the Topics API: other systems publish to the application's
// topics by HTTP, with POST /topics/{topic} and the event as JSON.
//
// On AWS it is a REST API that asks for IAM's signature and calls SNS; its answers are
// given here in the same words. Here it is open, and web pages are kept away from it.
package topicsapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/less-go/less"
	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/event"
)

// Source is the source of events that are published this way.
const Source = "/topics_api"

// The errors, which are answered as {"error":"..."}.
const (
	NotFound = "Topic not found"
	NotJSON  = "The body is not JSON"
)

// CorrelationID is what a correlation id is made of; one that a client sends and that is
// not is replaced.
const CorrelationID = `[A-Za-z0-9_.:/+=@-]{1,128}`

var correlationID = regexp.MustCompile(`^` + CorrelationID + `$`)

// maxBody is API Gateway's.
const maxBody = 10 << 20

// New returns the handler. known says whether there is a topic; publish returns when an
// event is durable for every subscriber, and sink is told of each request.
func New(known func(topic string) bool, publish func(context.Context, event.Outgoing) error, sink activity.Sink) http.Handler {
	return awsapi.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := activity.Event{Kind: activity.Request, Method: r.Method, Path: r.URL.EscapedPath()}
		began := time.Now()
		status, body := answer(w, r, known, publish, &e)
		e.Time, e.Duration, e.Status = time.Now(), time.Since(began), status
		sink(e)
		if body == nil {
			w.WriteHeader(status)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body) // a client that went away misses its answer
	}))
}

// answer publishes what r brings, and returns what the client gets.
func answer(w http.ResponseWriter, r *http.Request, known func(string) bool, publish func(context.Context, event.Outgoing) error, e *activity.Event) (int, map[string]string) {
	topic, found := strings.CutPrefix(r.URL.Path, "/topics/")
	if !found || topic == "" || strings.Contains(topic, "/") || r.Method != http.MethodPost {
		return http.StatusForbidden, map[string]string{"message": "Missing Authentication Token"} // a REST API's words for no such method
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Header.Get("Content-Type") != "" && (err != nil || t != "application/json") {
		return http.StatusUnsupportedMediaType, map[string]string{"message": "Unsupported Media Type"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		return http.StatusRequestEntityTooLarge, map[string]string{"message": "Request Too Long"}
	}
	if err != nil || !json.Valid(body) {
		return http.StatusBadRequest, failure(NotJSON)
	}
	if !known(topic) {
		return http.StatusNotFound, failure(NotFound)
	}
	out, err := outgoing(r, topic, body)
	if err == nil {
		e.CorrelationID = out.Attributes[event.CorrelationID]
		err = publish(r.Context(), out)
	}
	if err == nil {
		return http.StatusAccepted, nil
	}
	e.Err = err.Error()
	if refused, ok := errors.AsType[*awsapi.Error](err); ok && !refused.SenderFault() {
		return http.StatusInternalServerError, failure("The event is not published")
	}
	return http.StatusBadRequest, failure(err.Error())
}

func failure(text string) map[string]string { return map[string]string{"error": text} }

// outgoing is the event as package less would send it, which has all the checks.
func outgoing(r *http.Request, topic string, body []byte) (event.Outgoing, error) {
	var caught catcher
	ctx := event.WithCloud(r.Context(), &caught)
	if id := r.Header.Get("X-Correlation-Id"); correlationID.MatchString(id) {
		ctx = less.WithMessage(ctx, less.Message{CorrelationID: id})
	}
	if err := less.NewTopic[json.RawMessage](topic).Publish(ctx, body); err != nil {
		return event.Outgoing{}, err
	}
	out := event.Outgoing(caught)
	out.Attributes = maps.Clone(out.Attributes)
	out.Attributes[event.Source] = Source
	out.Body = body // as it was sent, not as an encoder writes it
	return out, nil
}

// A catcher is a cloud that keeps the event.
type catcher event.Outgoing

func (c *catcher) Publish(_ context.Context, e event.Outgoing) error {
	*c = catcher(e)
	return nil
}

func (c *catcher) ChangeVisibility(context.Context, string, string, time.Duration) error {
	return errors.New("nothing was received here")
}
