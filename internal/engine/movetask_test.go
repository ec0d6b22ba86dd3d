package engine_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
)

const (
	loyalty         = "topics/restaurant_confirmed_order/loyalty_service_add_loyalty_points"
	restaurantQueue = "less-payment_success-restaurant_service_confirm_order"
)

// A dead letter's whole way: five attempts, the dead-letter queue, a move task of
// an AWS client, and a function that has been mended.
func TestADeadLetterIsMovedBackAndHandledOnce(t *testing.T) {
	d := startDemo(t, t.TempDir(), time.Second)
	d.order("crash")
	dead := d.journal.Await(d.t, 1, activitytest.Kind(activity.DeadLetter))[0]
	if dead.Attempt != 5 || dead.Function != restaurant {
		t.Fatalf("the dead letter is %+v", dead)
	}
	client := sqs.NewFromConfig(d.config())
	deadLetterURL := aws.String(d.AWS() + "/000000000000/" + restaurantQueue + "-dlq")
	seen, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: deadLetterURL, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}, VisibilityTimeout: 0,
	})
	if err != nil || len(seen.Messages) != 1 {
		t.Fatalf("the dead-letter queue has %v (%v)", seen, err)
	}
	if m := seen.Messages[0]; *m.MessageId != dead.MessageID || m.Attributes["ApproximateReceiveCount"] != "6" ||
		m.Attributes["DeadLetterQueueSourceArn"] != "arn:aws:sqs:us-east-1:000000000000:"+restaurantQueue {
		t.Errorf("the dead letter is %s with %v, want %s", *m.MessageId, m.Attributes, dead.MessageID)
	}
	if _, err := client.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: deadLetterURL, ReceiptHandle: seen.Messages[0].ReceiptHandle}); err != nil {
		t.Fatal(err)
	}

	d.apply(d.with(restaurant, d.built[loyalty])) // any that succeeds
	if _, err := client.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: aws.String("arn:aws:sqs:us-east-1:000000000000:" + restaurantQueue + "-dlq")}); err != nil {
		t.Fatal(err)
	}
	done := d.journal.Await(d.t, 1, func(e activity.Event) bool { return e.Kind == activity.Done && e.Function == restaurant })[0]
	if done.Attempt != 1 || done.MessageID == dead.MessageID {
		t.Errorf("handled as %+v, want a new message at its first attempt", done)
	}
	for _, name := range []string{restaurantQueue, restaurantQueue + "-dlq"} {
		out, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: aws.String(d.AWS() + "/000000000000/" + name), AttributeNames: []types.QueueAttributeName{"All"},
		})
		if err != nil || out.Attributes["ApproximateNumberOfMessages"] != "0" || out.Attributes["ApproximateNumberOfMessagesNotVisible"] != "0" {
			t.Errorf("%s has %v (%v)", name, out.Attributes, err)
		}
	}
}
