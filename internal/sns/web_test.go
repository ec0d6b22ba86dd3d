package sns_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
)

// An endpoint is an HTTP endpoint in memory.
type endpoint struct {
	mu     sync.Mutex
	posts  []post
	answer func(attempt int) (status int, err error) // 200 where it is nil
	hold   chan struct{}                             // answers wait for it, where there is one
}

type post struct {
	after  time.Duration
	header http.Header
	body   string
}

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // where virtual time begins

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.posts = append(e.posts, post{time.Since(epoch), r.Header, string(body)})
	status := http.StatusOK
	if e.answer != nil {
		status, err = e.answer(len(e.posts))
	}
	e.mu.Unlock()
	if e.hold != nil {
		select {
		case <-e.hold:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status, " ", http.StatusText(status)), Body: io.NopCloser(bytes.NewReader(nil)), Request: r}, nil
}

func (e *endpoint) all() []post {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.posts
}

// A web is SNS with one topic in virtual time, and an endpoint for all URLs.
type web struct {
	t        *testing.T
	store    *queue.Store
	service  *sns.Service
	log      *log
	endpoint *endpoint
	topic    string
}

func newWeb(t *testing.T, store *queue.Store) *web {
	t.Helper()
	w := &web{t: t, store: store, endpoint: &endpoint{}}
	w.service, w.log = start(t, store, sns.Options{Transport: w.endpoint})
	out, err := w.service.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: "news"})
	if err != nil {
		t.Fatal(err)
	}
	w.topic = out.TopicARN
	return w
}

func (w *web) subscribe(attributes map[string]string) string {
	w.t.Helper()
	out, err := w.service.Subscribe(w.t.Context(), &sns.SubscribeInput{
		TopicARN: w.topic, Protocol: "http", Endpoint: "http://localhost:8080/news", Attributes: attributes, ReturnSubscriptionARN: true,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.SubscriptionARN
}

// last decodes the last post.
func (w *web) last() (c struct{ Token, SubscribeURL string }) {
	w.t.Helper()
	posts := w.endpoint.all()
	if err := json.Unmarshal([]byte(posts[len(posts)-1].body), &c); err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *web) lastToken() string { return w.last().Token }

// confirm asks for what the URL in the last post says, and returns the answer.
func (w *web) confirm(ctx context.Context) string {
	w.t.Helper()
	synctest.Wait()
	address := w.last().SubscribeURL
	recorder := httptest.NewRecorder()
	awsapi.NewHandler(awsapi.Options{}, w.service.API()).ServeHTTP(recorder, httptest.NewRequestWithContext(ctx, http.MethodGet, address, nil))
	if recorder.Code != http.StatusOK {
		w.t.Fatalf("GET %s: %s", address, recorder.Body)
	}
	return recorder.Body.String()
}

func (w *web) publish(message string) string {
	w.t.Helper()
	out, err := w.service.Publish(w.t.Context(), &sns.PublishInput{TopicARN: w.topic, Outgoing: sns.Outgoing{
		Message: message, MessageAttributes: map[string]sns.MessageAttribute{"kind": {DataType: "String", StringValue: "a"}},
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.MessageID
}

func (w *web) attributes(subscription string) map[string]string {
	w.t.Helper()
	out, err := w.service.GetSubscriptionAttributes(w.t.Context(), &sns.GetSubscriptionAttributesInput{SubscriptionARN: subscription})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Attributes
}

func inVirtualTime(t *testing.T, test func(t *testing.T, w *web)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newWeb(t, openStore(t, ":memory:"))) })
}

const subscribed = `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"}`
