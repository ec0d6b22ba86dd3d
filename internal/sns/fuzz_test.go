package sns_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/sns"
)

// FuzzPublish checks that a publish is either refused or reported, whatever it
// has in it.
func FuzzPublish(f *testing.F) {
	f.Add(orders, "x", "subject", "name", "String", "value")
	f.Add("arn:aws:sns:::", "", "\n", "a.b", "Binary", "AA==")
	f.Add(orders, "\ufffe", "", "..", "Number", "1e999")
	f.Fuzz(func(t *testing.T, topic, message, subject, name, kind, value string) {
		published := 0
		service, err := sns.New(t.Context(), forgetful{}, sns.Options{Sink: func(e activity.Event) {
			if e.Kind == activity.Publish {
				published++
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer service.Close(t.Context())
		service.SetTopics(shopTopics())
		form := url.Values{
			"Action": {"Publish"}, "TopicArn": {topic}, "Message": {message}, "Subject": {subject},
			"MessageAttributes.entry.1.Name":              {name},
			"MessageAttributes.entry.1.Value.DataType":    {kind},
			"MessageAttributes.entry.1.Value.StringValue": {value},
			"MessageAttributes.entry.1.Value.BinaryValue": {value},
		}
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		awsapi.NewHandler(awsapi.Options{}, service.API()).ServeHTTP(w, r)
		if (w.Code == http.StatusOK) != (published == 1) || w.Code >= 500 {
			t.Errorf("status %d with %d published: %s", w.Code, published, w.Body)
		}
	})
}

// FuzzAttributes sets attributes of a topic and of a subscription to anything. What
// is taken is there afterwards, and is no obstacle to the next start.
func FuzzAttributes(f *testing.F) {
	f.Add("DeliveryPolicy", `{"http":{"defaultHealthyRetryPolicy":{"numRetries":3,"backoffFunction":"geometric","numNoDelayRetries":1}}}`)
	f.Add("DeliveryPolicy", `{"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":1000,"numRetries":10},"throttlePolicy":{}}`)
	f.Add("Policy", `{"Statement":{"Sid":"a","Action":["SNS:Publish"]}}`)
	f.Add("RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"}`)
	f.Add("FilterPolicy", `{"a":[{"prefix":"b"}]}`)
	f.Add("FilterPolicyScope", "MessageBody")
	f.Add("SQSSuccessFeedbackSampleRate", "100")
	f.Fuzz(func(t *testing.T, name, value string) {
		store := openStore(t, ":memory:")
		service, _ := start(t, store, sns.Options{Transport: &endpoint{}})
		topic, err := service.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: "t"})
		if err != nil {
			t.Fatal(err)
		}
		sub, err := service.Subscribe(t.Context(), &sns.SubscribeInput{TopicARN: topic.TopicARN, Protocol: "http", Endpoint: "http://localhost/", ReturnSubscriptionARN: true})
		if err != nil {
			t.Fatal(err)
		}
		check := func(service *sns.Service) {
			_, topicErr := service.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicARN: topic.TopicARN})
			_, subErr := service.GetSubscriptionAttributes(t.Context(), &sns.GetSubscriptionAttributesInput{SubscriptionARN: sub.SubscriptionARN})
			_, publishErr := service.Publish(t.Context(), &sns.PublishInput{TopicARN: topic.TopicARN, Outgoing: sns.Outgoing{Message: value + "x"}})
			if topicErr != nil || subErr != nil || publishErr != nil && awsapi.AsError(publishErr).Status >= 500 {
				t.Errorf("%s %q: %v, %v, %v", name, value, topicErr, subErr, publishErr)
			}
		}
		for _, err := range []error{
			do(t.Context(), service.SetTopicAttributes, &sns.SetTopicAttributesInput{TopicARN: topic.TopicARN, AttributeName: name, AttributeValue: value}),
			do(t.Context(), service.SetSubscriptionAttributes, &sns.SetSubscriptionAttributesInput{SubscriptionARN: sub.SubscriptionARN, AttributeName: name, AttributeValue: value}),
		} {
			if e := awsapi.AsError(err); err != nil && e.Code == "InternalError" {
				t.Errorf("%s %q: %v", name, value, err)
			}
		}
		do(t.Context(), service.AddPermission, &sns.AddPermissionInput{TopicARN: topic.TopicARN, Label: "x", AccountIDs: []string{"1"}, Actions: []string{"Publish"}})
		check(service)
		again, _ := start(t, store, sns.Options{Transport: &endpoint{}})
		check(again)
	})
}

func do[In, Out any](ctx context.Context, action func(context.Context, *In) (*Out, error), in *In) error {
	_, err := action(ctx, in)
	return err
}
