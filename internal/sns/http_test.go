package sns_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/sns"
)

func TestEndpointConfirmsAndGetsMessages(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, w *web) {
		sub := w.subscribe(map[string]string{"DeliveryPolicy": `{"requestPolicy":{"headerContentType":"application/json"}}`})
		if got := w.attributes(sub); got["PendingConfirmation"] != "true" || got["ConfirmationWasAuthenticated"] != "false" {
			t.Errorf("attributes %v", got)
		}
		w.publish("before it is confirmed")
		if answer := w.confirm(t.Context()); !strings.Contains(answer, "<SubscriptionArn>"+sub+"</SubscriptionArn>") {
			t.Errorf("the answer is %s", answer)
		}
		id := w.publish("after")
		synctest.Wait()
		posts := w.endpoint.all()
		if len(posts) != 2 {
			t.Fatalf("%d posts, want the confirmation and one message: %+v", len(posts), posts)
		}
		var c struct{ MessageId, Token, Timestamp string }
		if err := json.Unmarshal([]byte(posts[0].body), &c); err != nil {
			t.Fatal(err)
		}
		want := `{"Type":"SubscriptionConfirmation","MessageId":"` + c.MessageId + `","Token":"` + c.Token + `","TopicArn":"` + w.topic +
			`","Message":"You have chosen to subscribe to the topic ` + w.topic + `.\nTo confirm the subscription, visit the SubscribeURL included in this message.",` +
			`"SubscribeURL":"http://localhost:4566/?Action=ConfirmSubscription&TopicArn=` + w.topic + `&Token=` + c.Token + `","Timestamp":"` + c.Timestamp +
			`","SignatureVersion":"1","Signature":"bm90IHNpZ25lZA==","SigningCertURL":"http://localhost:4566/SimpleNotificationService.pem"}`
		if diff := cmp.Diff(want, posts[0].body); diff != "" || len(c.Token) != 288 {
			t.Errorf("confirmation (-want +got), token of %d digits:\n%s", len(c.Token), diff)
		}
		header := func(kind, id string, more ...string) http.Header {
			h := http.Header{
				"Content-Type": {"text/plain; charset=UTF-8"}, "User-Agent": {"Amazon Simple Notification Service Agent"}, "Accept-Encoding": {"gzip,deflate"},
				"X-Amz-Sns-Message-Type": {kind}, "X-Amz-Sns-Message-Id": {id}, "X-Amz-Sns-Topic-Arn": {w.topic},
			}
			for i := 0; i < len(more); i += 2 {
				h.Set(more[i], more[i+1])
			}
			return h
		}
		if diff := cmp.Diff(header("SubscriptionConfirmation", c.MessageId), posts[0].header); diff != "" {
			t.Errorf("headers of the confirmation (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(header("Notification", id, "X-Amz-Sns-Subscription-Arn", sub, "Content-Type", "application/json"), posts[1].header); diff != "" {
			t.Errorf("headers of the message (-want +got):\n%s", diff)
		}
		if !strings.HasPrefix(posts[1].body, `{"Type":"Notification","MessageId":"`+id+`"`) {
			t.Errorf("the message is %s", posts[1].body)
		}
		if got := w.attributes(sub); got["PendingConfirmation"] != "false" || got["ConfirmationWasAuthenticated"] != "false" {
			t.Errorf("attributes %v", got)
		}
	})
}

func TestRawDeliveryOverHTTP(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, w *web) {
		w.subscribe(map[string]string{"RawMessageDelivery": "true"})
		w.confirm(t.Context())
		w.publish("plain")
		synctest.Wait()
		got := w.endpoint.all()[1]
		if got.body != "plain" || got.header.Get("X-Amz-Sns-Rawdelivery") != "true" || got.header.Get("X-Amz-Sns-Message-Type") != "Notification" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAnEndpointCanLeaveAndComeBack(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, w *web) {
		sub := w.subscribe(nil)
		w.confirm(t.Context())
		if _, err := w.service.Unsubscribe(t.Context(), &sns.UnsubscribeInput{SubscriptionARN: sub}); err != nil {
			t.Fatal(err)
		}
		w.publish("while it is away")
		synctest.Wait()
		posts := w.endpoint.all()
		last := posts[len(posts)-1]
		if len(posts) != 2 || last.header.Get("X-Amz-Sns-Message-Type") != "UnsubscribeConfirmation" || last.header.Get("X-Amz-Sns-Subscription-Arn") != sub ||
			!strings.Contains(last.body, "You have chosen to deactivate subscription "+sub+`.\nTo cancel this operation and restore the subscription, visit the SubscribeURL`) {
			t.Fatalf("%d posts, the last one %+v", len(posts), last)
		}
		w.confirm(t.Context())
		w.publish("back")
		synctest.Wait()
		if posts := w.endpoint.all(); len(posts) != 3 || !strings.Contains(posts[2].body, `"Message":"back"`) {
			t.Errorf("%d posts, want the message after the return too", len(posts))
		}
		// The owner's word is final.
		ctx := awsapi.WithRequest(t.Context(), awsapi.Request{Region: "us-east-1", URL: "http://localhost:4566", Signed: true})
		if _, err := w.service.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionARN: sub}); err != nil {
			t.Fatal(err)
		}
		w.publish("gone")
		synctest.Wait()
		if n := len(w.endpoint.all()); n != 3 {
			t.Errorf("%d posts, want no other", n)
		}
	})
}

func TestSubscribingAgainAsksAgain(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, w *web) {
		if a, b := w.subscribe(nil), w.subscribe(nil); a != b {
			t.Errorf("two subscriptions %s and %s", a, b)
		}
		synctest.Wait()
		if n := len(w.endpoint.all()); n != 2 {
			t.Errorf("%d confirmations, want 2", n)
		}
		w.confirm(t.Context())
		w.subscribe(nil)
		synctest.Wait()
		if n := len(w.endpoint.all()); n != 2 {
			t.Errorf("%d posts, want none for what is confirmed", n)
		}
	})
}

func TestNothingLeavesTheMachine(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, w *web) {
		for _, url := range []string{"http://example.com/", "https://10.0.0.1/", "http://localhost.example.com/", "http://169.254.169.254/latest"} {
			protocol, _, _ := strings.Cut(url, ":")
			out, err := w.service.Subscribe(t.Context(), &sns.SubscribeInput{TopicARN: w.topic, Protocol: protocol, Endpoint: url})
			if err != nil || out.SubscriptionARN != "pending confirmation" {
				t.Errorf("%s: %v, %v", url, out, err)
			}
			events := w.log.all()
			if line := events[len(events)-1].Line; line != "the subscription of "+url+" to topic news stays pending: it is not on this machine, which nothing leaves" {
				t.Errorf("activity says %q", line)
			}
		}
		time.Sleep(time.Hour)
		if n := len(w.endpoint.all()); n != 0 {
			t.Errorf("%d posts", n)
		}
	})
}

func TestMessagesWaitForTheNextStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queues.db")
	synctest.Test(t, func(t *testing.T) {
		store := openStore(t, path)
		w := newWeb(t, store)
		w.subscribe(nil)
		w.confirm(t.Context())
		w.endpoint.hold = make(chan struct{})
		w.publish("x")
		synctest.Wait() // it is on its way
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.service.Close(ctx); err == nil {
			t.Error("Close says nothing of what it has given up")
		}
		w.publish("y")
		if err := errors.Join(w.service.Close(t.Context()), store.Close()); err != nil {
			t.Fatal(err)
		}

		store = openStore(t, path)
		if err := store.EndLeases(t.Context()); err != nil {
			t.Fatal(err)
		}
		w = newWeb(t, store)
		synctest.Wait()
		got := map[bool]int{}
		for _, p := range w.endpoint.all() {
			got[strings.Contains(p.body, `"Message":"x"`)]++
		}
		if got[true] != 1 || got[false] != 1 {
			t.Errorf("%d posts of what was on its way and %d of what came later, want 1 and 1", got[true], got[false])
		}
	})
}

func TestADeliveryThatAnEndInterruptsIsNoFailure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "queues.db")
	synctest.Test(t, func(t *testing.T) {
		store := openStore(t, path)
		w := newWeb(t, store)
		w.subscribe(map[string]string{"DeliveryPolicy": `{"healthyRetryPolicy":{"numRetries":1}}`})
		w.confirm(t.Context())
		w.endpoint.hold = make(chan struct{})
		w.publish("x")
		synctest.Wait() // it is on its way
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.service.Close(ctx); err == nil {
			t.Error("Close says nothing of what it has given up")
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}

		store = openStore(t, path)
		if err := store.EndLeases(t.Context()); err != nil {
			t.Fatal(err)
		}
		failing := &endpoint{answer: func(int) (int, error) { return http.StatusServiceUnavailable, nil }}
		start(t, store, sns.Options{Transport: failing})
		time.Sleep(time.Hour)
		if n := len(failing.all()); n != 2 {
			t.Errorf("%d attempts after the next start, want 2", n)
		}
	})
}

// TestARealEndpoint goes through sockets, with the default transport.
func TestARealEndpoint(t *testing.T) {
	r := serve(t, openStore(t, ":memory:"), awsapi.Options{}, sns.Options{})
	got := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		got <- req.Header.Get("X-Amz-Sns-Message-Type") + " " + string(body)
	}))
	defer server.Close()
	defer server.CloseClientConnections()
	arn := r.createTopic(t, "news", nil)
	fields := append([]string{"TopicArn", arn, "Protocol", "http", "Endpoint", server.URL}, entries("RawMessageDelivery", "true")...)
	if answer := r.form(t, "Subscribe", fields...); answer.Status != http.StatusOK || !strings.Contains(answer.Body, "<SubscriptionArn>pending confirmation</SubscriptionArn>") {
		t.Fatalf("%+v", answer)
	}
	_, confirmation, _ := strings.Cut(<-got, " ")
	var c struct{ SubscribeURL string }
	if err := json.Unmarshal([]byte(confirmation), &c); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.SubscribeURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := r.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
	r.publish(t, arn, "hello", nil)
	if message := <-got; message != "Notification hello" {
		t.Errorf("got %q", message)
	}
}
