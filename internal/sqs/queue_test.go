package sqs_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/policy"
)

// checkCounts compares the counts of visible, in flight and delayed messages.
func (r rig) checkCounts(t *testing.T, queue, want string) {
	t.Helper()
	out, err := r.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{
		QueueUrl:       r.URL(queue),
		AttributeNames: []types.QueueAttributeName{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := out.Attributes
	got := a["ApproximateNumberOfMessages"] + " " + a["ApproximateNumberOfMessagesNotVisible"] + " " + a["ApproximateNumberOfMessagesDelayed"]
	if got != want || len(a) != 3 {
		t.Errorf("queue %s has %s messages visible, in flight and delayed, want %s", queue, got, want)
	}
}

// checkError checks the code and the text of an error from the SDK.
func checkError(t *testing.T, err error, code, message string) {
	t.Helper()
	apiError, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Errorf("error %v, want an API error", err)
		return
	}
	if apiError.ErrorCode() != code || apiError.ErrorMessage() != message {
		t.Errorf("error %s: %s\nwant  %s: %s", apiError.ErrorCode(), apiError.ErrorMessage(), code, message)
	}
}

func TestQueueAttributes(t *testing.T) {
	r := newRig(t)
	out, err := r.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: r.URL("jobs"), AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"CreatedTimestamp", "LastModifiedTimestamp"} {
		if at, err := strconv.ParseInt(out.Attributes[name], 10, 64); err != nil || time.Since(time.Unix(at, 0)) > time.Minute {
			t.Errorf("%s is %q", name, out.Attributes[name])
		}
		delete(out.Attributes, name)
	}
	want := map[string]string{
		"SqsManagedSseEnabled":                  "true",
		"QueueArn":                              "arn:aws:sqs:eu-west-1:000000000000:jobs",
		"ApproximateNumberOfMessages":           "0",
		"ApproximateNumberOfMessagesNotVisible": "0",
		"ApproximateNumberOfMessagesDelayed":    "0",
		"VisibilityTimeout":                     "30",
		"DelaySeconds":                          "0",
		"MessageRetentionPeriod":                "345600",
		"MaximumMessageSize":                    "1048576",
		"ReceiveMessageWaitTimeSeconds":         "0",
		"RedrivePolicy":                         `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dead","maxReceiveCount":2}`,
	}
	if diff := cmp.Diff(want, out.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	// Asked for by name, what the queue has not is not there.
	out, err = r.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{
		QueueUrl: r.URL("other"), AttributeNames: []types.QueueAttributeName{"Policy", "RedrivePolicy", "DelaySeconds"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"DelaySeconds": "3"}, out.Attributes); diff != "" {
		t.Errorf("attributes by name (-want +got):\n%s", diff)
	}
}

func TestQueueCounts(t *testing.T) {
	r := newRig(t)
	r.send(t, "jobs", "in flight")
	r.receive(t, "jobs")
	r.send(t, "jobs", "visible")
	r.send(t, "jobs", "visible")
	_, err := r.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: r.URL("jobs"), MessageBody: aws.String("delayed"), DelaySeconds: 900})
	if err != nil {
		t.Fatal(err)
	}
	r.checkCounts(t, "jobs", "2 1 1")
}

func TestQueueURLsAreOfTheHostThatTheClientUses(t *testing.T) {
	r := newRig(t)
	out, err := r.GetQueueUrl(t.Context(), &awssqs.GetQueueUrlInput{QueueName: aws.String("jobs")})
	if err != nil {
		t.Fatal(err)
	}
	if *out.QueueUrl != *r.URL("jobs") {
		t.Errorf("QueueUrl is %s, want %s", *out.QueueUrl, *r.URL("jobs"))
	}
	// Any URL will do, as long as it ends in the name.
	for _, url := range []string{*r.URL("jobs"), "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs", "http://queue:1/jobs", "jobs"} {
		if _, err := r.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("x")}); err != nil {
			t.Errorf("send to %s: %v", url, err)
		}
	}
	r.checkCounts(t, "jobs", "4 0 0")
}

func TestListQueues(t *testing.T) {
	r := newRig(t)
	list := func(in awssqs.ListQueuesInput) string {
		out, err := r.ListQueues(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		names := strings.ReplaceAll(strings.Join(out.QueueUrls, " "), r.endpoint+"/000000000000/", "")
		if out.NextToken != nil {
			names += " ..." + *out.NextToken
		}
		return names
	}
	first := list(awssqs.ListQueuesInput{MaxResults: aws.Int32(2)})
	names, token, more := strings.Cut(first, " ...")
	if names != "dead jobs" || !more {
		t.Errorf("the first page of 2 is %q", first)
	}
	if got := list(awssqs.ListQueuesInput{MaxResults: aws.Int32(2), NextToken: &token}); got != "other" {
		t.Errorf("the second page of 2 is %q, want other", got)
	}
	if got := list(awssqs.ListQueuesInput{}); got != "dead jobs other" {
		t.Errorf("all queues are %q", got)
	}
	if got := list(awssqs.ListQueuesInput{QueueNamePrefix: aws.String("jo")}); got != "jobs" {
		t.Errorf("the queues with jo are %q", got)
	}
	if got := list(awssqs.ListQueuesInput{QueueNamePrefix: aws.String("x")}); got != "" {
		t.Errorf("the queues with x are %q", got)
	}
}

type refuseAll struct{}

func (refuseAll) Decide(_ awsapi.Principal, action, _ string) policy.Decision {
	return policy.Decision{Explicit: action == "sqs:GetQueueUrl", Resource: action == "sqs:GetQueueUrl"}
}

func TestRefusalIsAWSs(t *testing.T) {
	r := rigOver(t, newStore(t), awsapi.Options{
		Function: func(string) (awsapi.Principal, bool) {
			return awsapi.Principal{Function: "apis/a/b/post", Name: "shop-b"}, true
		},
		Authorizer: refuseAll{},
	})
	_, err := r.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{
		QueueUrl: r.URL("jobs"),
		Entries:  []types.SendMessageBatchRequestEntry{{Id: aws.String("1"), MessageBody: aws.String("x")}},
	})
	checkError(t, err, "AccessDenied", "User: arn:aws:sts::000000000000:assumed-role/shop-b/shop-b is not authorized to perform: sqs:sendmessage "+
		"on resource: arn:aws:sqs:eu-west-1:000000000000:jobs because no identity-based policy allows the sqs:sendmessage action")
	_, err = r.GetQueueUrl(t.Context(), &awssqs.GetQueueUrlInput{QueueName: aws.String("jobs")})
	checkError(t, err, "AccessDenied", "User: arn:aws:sts::000000000000:assumed-role/shop-b/shop-b is not authorized to perform: sqs:getqueueurl "+
		"on resource: arn:aws:sqs:eu-west-1:000000000000:jobs with an explicit deny in a resource-based policy")
}
