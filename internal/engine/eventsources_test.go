package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
)

const paidOrder = `{"id":"by-hand","customer":"c","items":["x"],"simulate":"confirm"}`

func TestAQueueThatAClientMadeFeedsAFunctionAndSurvivesARestart(t *testing.T) {
	state := t.TempDir()
	d := startDemo(t, state, time.Minute)
	queues := sqs.NewFromConfig(d.config())
	made, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("by-hand"), Attributes: map[string]string{"VisibilityTimeout": "180"}})
	if err != nil {
		t.Fatal(err)
	}
	mapped, err := lambda.NewFromConfig(d.config()).CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{
		EventSourceArn: aws.String("arn:aws:sqs:us-east-1:000000000000:by-hand"), FunctionName: aws.String(paymentName),
	})
	if err != nil {
		t.Fatal(err)
	}
	send := func(d *demo) {
		t.Helper()
		if _, err := sqs.NewFromConfig(d.config()).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: aws.String(paidOrder)}); err != nil {
			t.Fatal(err)
		}
	}
	send(d)
	d.journal.Await(d.t, 8, activitytest.Kind(activity.Done)) // the payment from this queue, and the seven that follow
	if err := d.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}

	d = startDemo(t, state, time.Minute)
	send(d)
	d.journal.Await(d.t, 8, activitytest.Kind(activity.Done))
	client := lambda.NewFromConfig(d.config())
	if _, err := client.DeleteEventSourceMapping(t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: mapped.UUID}); err != nil {
		t.Fatal(err)
	}
	list, err := client.ListEventSourceMappings(t.Context(), &lambda.ListEventSourceMappingsInput{FunctionName: aws.String(paymentName)})
	if err != nil || len(list.EventSourceMappings) != 1 || *list.EventSourceMappings[0].State != "Enabled" {
		t.Errorf("mappings of the function are %+v (%v), want its own", list, err)
	}
	send(d)
	out, err := sqs.NewFromConfig(d.config()).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: made.QueueUrl, WaitTimeSeconds: 1})
	if err != nil || len(out.Messages) != 1 {
		t.Errorf("received %d messages (%v), want the one that nobody takes now", len(out.Messages), err)
	}
}
