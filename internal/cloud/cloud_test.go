package cloud_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/less-go/less/internal/cloud"
	"github.com/less-go/less/internal/event"
)

func environment(pairs ...string) func(string) string {
	env := map[string]string{
		"AWS_REGION":            "eu-west-1",
		"AWS_ACCESS_KEY_ID":     "AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY": "secret",
		"LESS_TOPIC_PREFIX":     "arn:aws:sns:eu-west-1:123456789012:shop-",
	}
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return env[name] }
}

func TestWhatIsNotSetIsNamed(t *testing.T) {
	for _, variable := range []string{"LESS_TOPIC_PREFIX", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		err := cloud.New(environment(variable, "")).Publish(t.Context(), event.Outgoing{Topic: "order_placed"})
		if err == nil || !strings.HasPrefix(err.Error(), variable+" is not set.") {
			t.Errorf("without %s: %v", variable, err)
		}
	}
	err := cloud.New(environment("AWS_REGION", "")).ChangeVisibility(t.Context(), "arn:aws:sqs:eu-west-1:123456789012:q", "r", 0)
	if err == nil || !strings.HasPrefix(err.Error(), "AWS_REGION is not set.") {
		t.Errorf("got %v", err)
	}
}

func TestTheErrorOfAWSComesThrough(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>`+
			`<Code>AuthorizationError</Code><Message>it may not publish</Message></Error><RequestId>1</RequestId></ErrorResponse>`)
	}))
	defer s.Close()
	err := cloud.New(environment("AWS_ENDPOINT_URL", s.URL)).Publish(t.Context(), event.Outgoing{Topic: "order_placed", Body: []byte("{}")})
	if err == nil || !strings.Contains(err.Error(), "AuthorizationError: it may not publish") {
		t.Errorf("got %v", err)
	}
}

// startSQS answers everything with nothing, as SQS does, and passes on what it was sent.
func startSQS(t *testing.T) (endpoint string, bodies chan string) {
	bodies = make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies <- string(body)
	}))
	t.Cleanup(s.Close)
	return s.URL, bodies
}

func TestVisibilityIsWholeSecondsRoundedUp(t *testing.T) {
	endpoint, bodies := startSQS(t)
	aws := cloud.New(environment("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "AWS_ENDPOINT_URL_SQS", endpoint+"/"))
	for d, want := range map[time.Duration]string{0: ":0", time.Millisecond: ":1", time.Second: ":1", 1500 * time.Millisecond: ":2", 12 * time.Hour: ":43200"} {
		if err := aws.ChangeVisibility(t.Context(), "arn:aws:sqs:eu-west-1:123456789012:shop-payments", "receipt", d); err != nil {
			t.Fatal(err)
		}
		got := <-bodies
		if !strings.Contains(got, `"VisibilityTimeout"`+want) || !strings.Contains(got, `"QueueUrl":"`+endpoint+`/123456789012/shop-payments"`) {
			t.Errorf("%v: sent %s", d, got)
		}
	}
}

func TestWhatIsNoQueueIsRefused(t *testing.T) {
	for _, arn := range []string{"", "shop-payments", "arn:aws:sns:eu-west-1:123456789012:shop"} {
		err := cloud.New(environment()).ChangeVisibility(t.Context(), arn, "receipt", 0)
		if want := fmt.Sprintf("%q is not the ARN of a queue", arn); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Fifty publications at once, again and again, need fifty connections, not one each.
func TestConcurrentPublicationsReuseConnections(t *testing.T) {
	const at, rounds = 50, 10
	var opened atomic.Int64
	var arrived sync.WaitGroup
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived.Done()
		arrived.Wait() // until all of the round are here, each with a connection
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, `<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	aws := cloud.New(environment("AWS_ENDPOINT_URL", s.URL))
	for range rounds {
		arrived.Add(at)
		var done sync.WaitGroup
		for range at {
			done.Go(func() {
				if err := aws.Publish(t.Context(), event.Outgoing{Topic: "order_placed", Body: []byte("{}")}); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
	}
	// A connection returns to the pool a moment after its answer, so a busy machine may open some more.
	if n := opened.Load(); n > at*rounds/2 {
		t.Errorf("%d publications opened %d connections", at*rounds, n)
	}
}
