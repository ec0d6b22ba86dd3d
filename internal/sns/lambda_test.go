package sns_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
)

// fakeFunctions has the functions whose names begin with f, each with a queue.
type fakeFunctions struct{}

func (fakeFunctions) Entry(topicARN, functionARN string, event []byte) (queue.Entry, error) {
	name := functionARN[strings.LastIndex(functionARN, ":")+1:]
	if !strings.HasPrefix(name, "f") || !strings.HasSuffix(topicARN, ":mine") {
		return queue.Entry{}, errors.New("there is no function " + functionARN)
	}
	return queue.Entry{Queue: "async/" + name, Body: event}, nil
}

func TestFunctionsGetEvents(t *testing.T) {
	r := serve(t, openStore(t, ":memory:"), awsapi.Options{}, sns.Options{Functions: fakeFunctions{}})
	r.ensure(t, queue.Spec{Name: "async/f1"})
	arn := r.createTopic(t, "mine", nil)
	subscribe := func(function string) string {
		out, err := r.Subscribe(t.Context(), &awssns.SubscribeInput{
			TopicArn: aws.String(arn), Protocol: aws.String("lambda"), Endpoint: aws.String("arn:aws:lambda:eu-west-1:000000000000:function:" + function),
			Attributes: map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"` + queueARN("dead") + `"}`},
		})
		if err != nil {
			t.Fatal(err)
		}
		return *out.SubscriptionArn
	}
	sub := subscribe("f1")
	out, err := r.Publish(t.Context(), &awssns.PublishInput{
		TopicArn: aws.String(arn), Message: aws.String(`{"default":"for all","lambda":"<for functions>"}`), MessageStructure: aws.String("json"), MessageGroupId: aws.String("g"),
	})
	if err != nil {
		t.Fatal(err)
	}
	message := r.peek(t, "async/f1")[0]
	at := strings.Index(string(message.Body), `"Timestamp":"`) + len(`"Timestamp":"`)
	want := `{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"` + sub + `","Sns":{"Type":"Notification","MessageId":"` + *out.MessageId +
		`","TopicArn":"` + arn + `","Subject":null,"Message":"<for functions>","Timestamp":"` + string(message.Body[at:at+24]) + `","SignatureVersion":"1","Signature":"bm90IHNpZ25lZA==",` +
		`"SigningCertUrl":"` + r.endpoint + `/SimpleNotificationService.pem","UnsubscribeUrl":"` + r.endpoint + `/?Action=Unsubscribe&SubscriptionArn=` + sub + `","MessageAttributes":{}}}]}`
	if diff := cmp.Diff(want, string(message.Body)); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if message.GroupID != "" {
		t.Errorf("the event is of group %s", message.GroupID)
	}

	// What there is no function for, or no queue of it, is the subscription's loss.
	subscribe("unknown")
	subscribe("f2")
	r.publish(t, arn, "x", map[string]types.MessageAttributeValue{"attr1": {DataType: aws.String("Number"), StringValue: aws.String("1")}})
	dead := r.bodies(t, "dead")
	if len(dead) != 2 || len(r.peek(t, "async/f1")) != 2 {
		t.Fatalf("%d dead letters and %d events, want 2 and 2", len(dead), len(r.peek(t, "async/f1")))
	}
	for _, body := range dead {
		if !strings.HasPrefix(body, `{"Type":"Notification","MessageId":"`) || !strings.HasSuffix(body, `"MessageAttributes":{"attr1":{"Type":"Number","Value":"1"}}}`) {
			t.Errorf("the dead letter %s is no envelope", body)
		}
	}
	events := r.log.all()
	if line := events[len(events)-2].Line; !strings.HasSuffix(line, "is in the dead-letter queue dead: there is no function arn:aws:lambda:eu-west-1:000000000000:function:unknown") {
		t.Errorf("activity says %q", line)
	}
}
