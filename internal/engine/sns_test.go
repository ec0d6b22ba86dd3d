package engine_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/less-go/less/internal/activity"
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
