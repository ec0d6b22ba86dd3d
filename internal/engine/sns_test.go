package engine_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/plan"
)

func TestATopicOfAClientInvokesAFunctionAndCallsAnEndpoint(t *testing.T) {
	state := t.TempDir()
	d := startDemo(t, state, 0)
	client := sns.NewFromConfig(d.config())
	topic, err := client.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("news")})
	if err != nil {
		t.Fatal(err)
	}
	subscribe := func(protocol, endpoint string) {
		t.Helper()
		if _, err := client.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String(protocol), Endpoint: aws.String(endpoint)}); err != nil {
			t.Fatal(err)
		}
	}
	subscribe("lambda", "arn:aws:lambda:us-east-1:000000000000:function:"+paymentName)
	got := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
	}))
	defer server.Close()
	defer server.CloseClientConnections()
	subscribe("http", server.URL)
	var confirmation struct{ SubscribeURL string }
	if err := json.Unmarshal([]byte(<-got), &confirmation); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(confirmation.SubscribeURL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}

	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	// All of that is there still, and is good before the next engine has a plan.
	d = newDemo(t, state, 0)
	client = sns.NewFromConfig(d.config())
	if _, err := client.Publish(t.Context(), &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	d.apply(d.built)
	d.journal.Await(d.t, 1, func(e activity.Event) bool { return e.Kind == activity.Start && e.Function == payment })
	if message := <-got; !strings.Contains(message, `"Message":"hello"`) {
		t.Errorf("the endpoint got %s", message)
	}
}

func TestWhatATopicHasForAFunctionThatApplyIsAtIsRun(t *testing.T) {
	const news = "arn:aws:sns:us-east-1:000000000000:news"
	var client *sns.Client
	d := newDemo(t, t.TempDir(), time.Minute, func(e activity.Event) {
		if e.Kind != activity.Swap { // which Apply tells before it is done
			return
		}
		if _, err := client.Publish(t.Context(), &sns.PublishInput{TopicArn: aws.String(news), Message: aws.String("hello")}); err != nil {
			t.Error(err)
		}
	})
	client = sns.NewFromConfig(d.config())
	whole := d.plan
	added, _ := whole.Function("apis/orders/orders/post")
	d.plan.APIs = nil
	d.plan.Functions = slices.DeleteFunc(slices.Clone(whole.Functions), func(f plan.Function) bool { return f.ID == added.ID })
	d.apply(d.built)
	if _, err := client.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("news")}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: aws.String(news), Protocol: aws.String("lambda"), Endpoint: aws.String("arn:aws:lambda:us-east-1:000000000000:function:" + added.Name),
	}); err != nil {
		t.Fatal(err)
	}
	d.plan = whole
	d.apply(d.with(restaurant, copyOf(t, d.built[restaurant])))
	if lost := d.journal.Of(activity.Notice); len(lost) != 0 {
		t.Fatalf("it is lost: %+v", lost)
	}
	d.journal.Await(d.t, 1, func(e activity.Event) bool { return e.Kind == activity.Start && e.Function == added.ID })
}
