package sns_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/sns"
)

func TestRetriesAndDeadLetter(t *testing.T) {
	for _, tt := range []struct {
		name   string
		policy string
		status int
		err    error
		want   []time.Duration
		reason string
	}{
		{name: "AWS's policy", status: 503, want: []time.Duration{0, 20, 40, 60}, reason: "the endpoint answered 503 Service Unavailable"},
		{name: "no answer", err: errors.New("connection refused"), want: []time.Duration{0, 20, 40, 60}, reason: `the endpoint does not answer: Post "http://localhost:8080/news": connection refused`},
		{name: "too many requests", status: 429, want: []time.Duration{0, 20, 40, 60}, reason: "the endpoint answered 429 Too Many Requests"},
		{name: "a permanent error", status: 404, want: []time.Duration{0}, reason: "the endpoint answered 404 Not Found"},
		{name: "a redirect", status: 302, want: []time.Duration{0}, reason: "the endpoint answered 302 Found"},
		{
			name:   "phases",
			policy: `{"healthyRetryPolicy":{"numRetries":8,"numNoDelayRetries":1,"numMinDelayRetries":2,"numMaxDelayRetries":2,"minDelayTarget":1,"maxDelayTarget":9,"backoffFunction":"linear"}}`,
			status: 500, want: []time.Duration{0, 0, 1, 2, 3, 8, 17, 26, 35}, reason: "the endpoint answered 500 Internal Server Error",
		},
		{
			name:   "a delay longer than a queue's",
			policy: `{"healthyRetryPolicy":{"numRetries":1,"minDelayTarget":2400,"maxDelayTarget":2400}}`,
			status: 503, want: []time.Duration{0, 2400}, reason: "the endpoint answered 503 Service Unavailable",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T, w *web) {
				attributes := map[string]string{"RawMessageDelivery": "true", "RedrivePolicy": subscribed}
				if tt.policy != "" {
					attributes["DeliveryPolicy"] = tt.policy
				}
				w.subscribe(attributes)
				w.confirm(t.Context())
				w.endpoint.answer = func(int) (int, error) { return tt.status, tt.err }
				id, at := w.publish("x"), time.Since(epoch)
				time.Sleep(50 * time.Minute)
				var got []time.Duration
				for _, p := range w.endpoint.all()[1:] {
					got = append(got, (p.after-at)/time.Second)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("attempts after seconds (-want +got):\n%s", diff)
				}
				dead, err := w.store.Peek(t.Context(), "dead", 10)
				if err != nil || len(dead) != 1 || string(dead[0].Body) != "x" || dead[0].Attributes["kind"].String != "a" {
					t.Errorf("dead letters %+v, %v, want x with its attribute", dead, err)
				}
				want := activity.Event{
					Kind: activity.Notice, Topic: "news", MessageID: id, Err: tt.reason,
					Line: "message " + id + " of topic news is in the dead-letter queue dead: " + tt.reason,
				}
				if events := w.log.all(); !slices.Contains(events, want) {
					t.Errorf("activity %+v\nhas no   %+v", events, want)
				}
			})
		})
	}
}

func TestAnEndpointThatDoesNotAnswerInTime(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, w *web) {
		w.subscribe(map[string]string{"DeliveryPolicy": `{"healthyRetryPolicy":{"numRetries":1}}`})
		w.confirm(t.Context())
		w.endpoint.hold = make(chan struct{})
		at := time.Since(epoch)
		w.publish("x")
		time.Sleep(time.Hour)
		var got []time.Duration
		for _, p := range w.endpoint.all()[1:] {
			got = append(got, p.after-at)
		}
		if diff := cmp.Diff([]time.Duration{0, 35 * time.Second}, got); diff != "" {
			t.Errorf("attempts, each of 15 s and 20 s between them (-want +got):\n%s", diff)
		}
	})
}

func TestATopicThatThePlanHasNoLongerKeepsItsDeliveryPolicy(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, w *web) {
		w.service.SetTopics(shopTopics())
		w.topic = orders
		if err := do(t.Context(), w.service.SetTopicAttributes, &sns.SetTopicAttributesInput{
			TopicARN: w.topic, AttributeName: "DeliveryPolicy", AttributeValue: `{"http":{"defaultHealthyRetryPolicy":{"numRetries":1}}}`,
		}); err != nil {
			t.Fatal(err)
		}
		w.subscribe(nil)
		w.confirm(t.Context())
		w.endpoint.answer = func(int) (int, error) { return 503, nil }
		w.publish("x")
		w.service.SetTopics(nil)
		time.Sleep(time.Hour)
		if n := len(w.endpoint.all()) - 1; n != 2 {
			t.Errorf("%d attempts, want 2", n)
		}
	})
}
