package engine_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
)

func TestAClientsQueueGetsWhatTheApplicationPublishes(t *testing.T) {
	d := startDemo(t, t.TempDir(), time.Minute)
	queues, topics := sqs.NewFromConfig(d.config()), sns.NewFromConfig(d.config())
	made, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("audit"), Attributes: map[string]string{"Policy": fromTopics("audit")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := topics.Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: aws.String("arn:aws:sns:us-east-1:000000000000:less-order_placed"), Protocol: aws.String("sqs"),
		Endpoint: aws.String("arn:aws:sqs:us-east-1:000000000000:audit"), Attributes: map[string]string{"RawMessageDelivery": "true"},
	}); err != nil {
		t.Fatal(err)
	}
	id := d.order("confirm")
	out, err := queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: made.QueueUrl, WaitTimeSeconds: 20})
	if err != nil || len(out.Messages) != 1 {
		t.Fatalf("received %d messages (%v)", len(out.Messages), err)
	}
	var order struct{ ID string }
	if err := json.Unmarshal([]byte(*out.Messages[0].Body), &order); err != nil || order.ID != id {
		t.Errorf("the queue has %s, want the order %s", *out.Messages[0].Body, id)
	}
	d.journal.Await(d.t, 8, activitytest.Kind(activity.Done)) // the application's own subscribers, as ever
}
