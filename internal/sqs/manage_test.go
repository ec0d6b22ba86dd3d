package sqs_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sqs"
)

// create makes a queue and returns the error of it.
func (r rig) create(t *testing.T, name string, attributes map[string]string) error {
	t.Helper()
	_, err := r.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	return err
}

func (r rig) set(t *testing.T, name string, attributes map[string]string) error {
	t.Helper()
	_, err := r.SetQueueAttributes(t.Context(), &awssqs.SetQueueAttributesInput{QueueUrl: r.URL(name), Attributes: attributes})
	return err
}

// get returns those of the named attributes that the queue has, all where none is named.
func (r rig) get(t *testing.T, name string, attributes ...types.QueueAttributeName) map[string]string {
	t.Helper()
	if len(attributes) == 0 {
		attributes = []types.QueueAttributeName{"All"}
	}
	out, err := r.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: r.URL(name), AttributeNames: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryAttributeComesBackAsItWasSet(t *testing.T) {
	r := newRig(t)
	dead := `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dead.fifo","maxReceiveCount":7}`
	check(t, r.create(t, "dead.fifo", map[string]string{"FifoQueue": "true"}))
	want := map[string]string{
		"FifoQueue": "true", "ContentBasedDeduplication": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId",
		"VisibilityTimeout": "43200", "DelaySeconds": "900", "MessageRetentionPeriod": "60", "MaximumMessageSize": "1024",
		"ReceiveMessageWaitTimeSeconds": "20", "RedrivePolicy": dead, "RedriveAllowPolicy": `{"redrivePermission":"denyAll"}`,
		"Policy": `{"Statement":[]}`, "KmsMasterKeyId": "key", "KmsDataKeyReusePeriodSeconds": "60",
	}
	check(t, r.create(t, "all.fifo", want))
	want["SqsManagedSseEnabled"] = "false"
	got := r.get(t, "all.fifo")
	for _, name := range []string{
		"QueueArn", "CreatedTimestamp", "LastModifiedTimestamp",
		"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
	} {
		if got[name] == "" {
			t.Errorf("there is no %s", name)
		}
		delete(got, name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	// The defaults, set by name, are as if nothing had been set.
	check(t, r.set(t, "all.fifo", map[string]string{"Policy": "", "RedrivePolicy": "", "RedriveAllowPolicy": "", "KmsMasterKeyId": "", "KmsDataKeyReusePeriodSeconds": "300"}))
	got = r.get(t, "all.fifo", "Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled")
	if diff := cmp.Diff(map[string]string{"SqsManagedSseEnabled": "false"}, got); diff != "" {
		t.Errorf("attributes after their defaults were set (-want +got):\n%s", diff)
	}
}

func TestAttributesThatAreRefusedChangeNothing(t *testing.T) {
	store := newStore(t)
	check(t, store.Ensure(t.Context(), queue.Spec{Name: "async/f", Retention: time.Minute}))
	r := rigOver(t, store, awsapi.Options{})
	check(t, r.create(t, "orders.fifo", map[string]string{"FifoQueue": "true"}))
	check(t, r.create(t, "closed", map[string]string{"RedriveAllowPolicy": `{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:eu-west-1:000000000000:jobs"]}`}))
	const other = "arn:aws:sqs:eu-west-1:000000000000:"
	redrive := func(target string) string { return `{"deadLetterTargetArn":"` + target + `","maxReceiveCount":1}` }
	refused := func(policy, reason string) string {
		return "Value " + policy + " for parameter RedrivePolicy is invalid. Reason: " + reason
	}
	for _, test := range []struct{ queue, name, value, code, message string }{
		{"jobs", "Colour", "red", "InvalidAttributeName", "Unknown Attribute Colour."},
		{"jobs", "QueueArn", "x", "InvalidAttributeName", "Unknown Attribute QueueArn."},
		{"jobs", "VisibilityTimeout", "43201", "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout."},
		{"jobs", "VisibilityTimeout", "-1", "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout."},
		{"jobs", "DelaySeconds", "901", "InvalidAttributeValue", "Invalid value for the parameter DelaySeconds."},
		{"jobs", "MessageRetentionPeriod", "59", "InvalidAttributeValue", "Invalid value for the parameter MessageRetentionPeriod."},
		{"jobs", "MaximumMessageSize", "1048577", "InvalidAttributeValue", "Invalid value for the parameter MaximumMessageSize."},
		{"jobs", "ReceiveMessageWaitTimeSeconds", "x", "InvalidAttributeValue", "Invalid value for the parameter ReceiveMessageWaitTimeSeconds."},
		{"jobs", "Policy", "[]", "InvalidAttributeValue", "Invalid value for the parameter Policy."},
		{"jobs", "SqsManagedSseEnabled", "yes", "InvalidAttributeValue", "Invalid value for the parameter SqsManagedSseEnabled."},
		{"jobs", "KmsDataKeyReusePeriodSeconds", "59", "InvalidAttributeValue", "Invalid value for the parameter KmsDataKeyReusePeriodSeconds."},
		{"jobs", "RedriveAllowPolicy", `{"redrivePermission":"byQueue"}`, "InvalidParameterValue", `Value {"redrivePermission":"byQueue"} for parameter RedriveAllowPolicy is invalid. Reason: sourceQueueArns must name 1 to 10 queues.`},
		{"jobs", "FifoQueue", "true", "InvalidAttributeName", "Unknown Attribute FifoQueue."},
		{"jobs", "ContentBasedDeduplication", "false", "InvalidAttributeName", "Unknown Attribute ContentBasedDeduplication."},
		{"jobs", "DeduplicationScope", "queue", "InvalidAttributeName", "You can specify the DeduplicationScope only when FifoQueue is set to true."},
		{"jobs", "FifoThroughputLimit", "perQueue", "InvalidAttributeName", "You can specify the FifoThroughputLimit only when FifoQueue is set to true."},
		{"orders.fifo", "FifoQueue", "false", "InvalidAttributeValue", "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."},
		{"orders.fifo", "FifoThroughputLimit", "perMessageGroupId", "InvalidAttributeValue", "Invalid value for the parameter FifoThroughputLimit. Reason: perMessageGroupId is allowed only when DeduplicationScope is messageGroup."},
		{"jobs", "RedrivePolicy", "x", "InvalidParameterValue", refused("x", "Redrive policy is not a valid JSON map.")},
		{"jobs", "RedrivePolicy", `{"maxReceiveCount":1}`, "InvalidParameterValue", refused(`{"maxReceiveCount":1}`, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")},
		{"jobs", "RedrivePolicy", redrive("x"), "InvalidParameterValue", refused(redrive("x"), "Invalid value for deadLetterTargetArn.")},
		{"jobs", "RedrivePolicy", redrive(other + "async/f"), "InvalidParameterValue", refused(redrive(other+"async/f"), "Invalid value for deadLetterTargetArn.")},
		{"jobs", "RedrivePolicy", redrive(other + "none"), "InvalidParameterValue", refused(redrive(other+"none"), "Dead letter target does not exist.")},
		{"jobs", "RedrivePolicy", redrive(other + "orders.fifo"), "InvalidParameterValue", refused(redrive(other+"orders.fifo"), "Dead-letter queue must be same type of queue as the source.")},
		{"other", "RedrivePolicy", redrive(other + "closed"), "InvalidParameterValue", refused(redrive(other+"closed"), "The dead letter target does not allow this queue as a source.")},
	} {
		before := r.get(t, test.queue)
		// One that is good, and would be set first.
		values := map[string]string{"DelaySeconds": "1"}
		values[test.name] = test.value
		checkError(t, r.set(t, test.queue, values), test.code, test.message)
		if diff := cmp.Diff(before, r.get(t, test.queue)); diff != "" {
			t.Errorf("%s=%s changed (-before +after):\n%s", test.name, test.value, diff)
		}
	}
	check(t, r.set(t, "jobs", map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"` + other + `closed","maxReceiveCount":"1000"}`}))
	if got := r.get(t, "jobs", "RedrivePolicy")["RedrivePolicy"]; !strings.HasSuffix(got, `"maxReceiveCount":1000}`) {
		t.Errorf("RedrivePolicy is %s", got)
	}
	checkError(t, r.set(t, "jobs", map[string]string{"KmsMasterKeyId": "k", "SqsManagedSseEnabled": "true"}), "InvalidAttributeName",
		"You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
}

func TestCreateQueueAgain(t *testing.T) {
	r := newRig(t)
	check(t, r.create(t, "q", map[string]string{"DelaySeconds": "1", "VisibilityTimeout": "5"}))
	check(t, r.create(t, "q", nil))
	check(t, r.create(t, "q", map[string]string{"DelaySeconds": "1"}))
	checkError(t, r.create(t, "q", map[string]string{"DelaySeconds": "2", "VisibilityTimeout": "5"}), "QueueAlreadyExists",
		"A queue already exists with the same name and a different value for attribute DelaySeconds")
	checkError(t, r.create(t, "a.fifo", nil), "InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	checkError(t, r.create(t, "a/b", nil), "InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	checkError(t, r.create(t, "a", map[string]string{"FifoQueue": "true"}), "InvalidParameterValue",
		"The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.")
	checkError(t, r.create(t, "b", map[string]string{"FifoQueue": "false"}), "InvalidAttributeName", "Unknown Attribute FifoQueue.")
}

func TestADeletedNameAndAPurgedQueueRestForAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sqs.New(newStore(t))
		purge := func() error {
			_, err := s.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{Queue: sqs.Queue{QueueURL: "jobs"}})
			return err
		}
		create := func() error {
			_, err := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: "other"})
			return err
		}
		check(t, purge())
		_, err := s.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{Queue: sqs.Queue{QueueURL: "other"}})
		check(t, err)
		time.Sleep(time.Minute - time.Nanosecond)
		for _, test := range []struct {
			err  error
			want string
		}{
			{purge(), "PurgeQueueInProgress: Only one PurgeQueue operation on jobs is allowed every 60 seconds."},
			{create(), "QueueDeletedRecently: You must wait 60 seconds after deleting a queue before you can create another with the same name."},
		} {
			if test.err == nil || test.err.Error() != test.want {
				t.Errorf("error is %v, want %s", test.err, test.want)
			}
		}
		time.Sleep(time.Nanosecond)
		check(t, purge())
		check(t, create())
	})
}

// A gate is a store that does something before it changes a queue.
type gate struct {
	*queue.Store
	before func()
}

func (g *gate) Ensure(ctx context.Context, specs ...queue.Spec) error {
	g.before()
	return g.Store.Ensure(ctx, specs...)
}

func TestADeletedQueueIsNotMadeAnewByAChange(t *testing.T) {
	g := &gate{Store: newStore(t)}
	r := rigOver(t, g, awsapi.Options{})
	deleted := make(chan error, 1)
	g.before = func() {
		go func() {
			_, err := r.DeleteQueue(context.Background(), &awssqs.DeleteQueueInput{QueueUrl: r.URL("other")})
			deleted <- err
			close(deleted)
		}()
		// The delete has to wait for the change, which nobody can see; a moment is
		// given to one that does not.
		select {
		case <-deleted:
		case <-time.After(50 * time.Millisecond):
		}
	}
	check(t, r.set(t, "other", map[string]string{"DelaySeconds": "1"}))
	check(t, <-deleted)
	if _, exists := g.Queue("other"); exists {
		t.Error("the queue exists again")
	}
}

func TestWhatTheStoreCannotDoIsNoMistakeOfTheClients(t *testing.T) {
	store := newStore(t)
	r := rigOver(t, store, awsapi.Options{})
	// Found while the store is there, and refused by it when it is not.
	check(t, store.Close())
	for name, err := range map[string]error{
		"CreateQueue":        r.create(t, "new", nil),
		"SetQueueAttributes": r.set(t, "other", map[string]string{"DelaySeconds": "1"}),
	} {
		response, ok := errors.AsType[*smithyhttp.ResponseError](err)
		if !ok || response.HTTPStatusCode() < 500 {
			t.Errorf("%s: %v, want a failure of the server's", name, err)
		}
	}
}

func TestDeletedQueueDoesNotExist(t *testing.T) {
	r := newRig(t)
	_, err := r.DeleteQueue(t.Context(), &awssqs.DeleteQueueInput{QueueUrl: r.URL("other")})
	check(t, err)
	_, err = r.DeleteQueue(t.Context(), &awssqs.DeleteQueueInput{QueueUrl: r.URL("other")})
	checkError(t, err, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
}

func TestTags(t *testing.T) {
	r := newRig(t)
	want := func(want map[string]string) {
		t.Helper()
		out, err := r.ListQueueTags(t.Context(), &awssqs.ListQueueTagsInput{QueueUrl: r.URL("q")})
		check(t, err)
		if !maps.Equal(out.Tags, want) {
			t.Errorf("tags are %v, want %v", out.Tags, want)
		}
	}
	_, err := r.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: aws.String("q"), Tags: map[string]string{"team": "a"}})
	check(t, err)
	want(map[string]string{"team": "a"})
	_, err = r.TagQueue(t.Context(), &awssqs.TagQueueInput{QueueUrl: r.URL("q"), Tags: map[string]string{"team": "b", "empty": ""}})
	check(t, err)
	want(map[string]string{"team": "b", "empty": ""})
	if got := r.form(t, "q", "ListQueueTags"); !strings.Contains(got.Body, "<Tag><Key>empty</Key><Value></Value></Tag><Tag><Key>team</Key><Value>b</Value></Tag>") {
		t.Errorf("tags in XML: %s", got.Body)
	}
	r.form(t, "q", "TagQueue", "Tag.1.Key", "form", "Tag.1.Value", "yes")
	want(map[string]string{"team": "b", "empty": "", "form": "yes"})
	_, err = r.UntagQueue(t.Context(), &awssqs.UntagQueueInput{QueueUrl: r.URL("q"), TagKeys: []string{"team", "empty", "form", "unknown"}})
	check(t, err)
	want(nil)
}

func TestPermissions(t *testing.T) {
	r := newRig(t)
	add := func(label, action string, accounts ...string) error {
		_, err := r.AddPermission(t.Context(), &awssqs.AddPermissionInput{QueueUrl: r.URL("jobs"), Label: &label, Actions: []string{action}, AWSAccountIds: accounts})
		return err
	}
	remove := func(label string) error {
		_, err := r.RemovePermission(t.Context(), &awssqs.RemovePermissionInput{QueueUrl: r.URL("jobs"), Label: &label})
		return err
	}
	check(t, add("one", "ReceiveMessage", "111111111111"))
	check(t, add("two", "SendMessage", "111111111111", "222222222222"))
	want := `{"Version":"2008-10-17","Id":"arn:aws:sqs:eu-west-1:000000000000:jobs/SQSDefaultPolicy","Statement":[` +
		`{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"SQS:ReceiveMessage","Resource":"arn:aws:sqs:eu-west-1:000000000000:jobs"},` +
		`{"Sid":"two","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::222222222222:root"]},"Action":"SQS:SendMessage","Resource":"arn:aws:sqs:eu-west-1:000000000000:jobs"}]}`
	if got := r.get(t, "jobs", "Policy")["Policy"]; got != want {
		t.Errorf("Policy is %s\nwant %s", got, want)
	}
	checkError(t, add("one", "SendMessage", "111111111111"), "InvalidParameterValue", "Value one for parameter Label is invalid. Reason: Already exists.")
	checkError(t, add("x", "DeleteQueue", "111111111111"), "InvalidParameterValue", "Value SQS:DeleteQueue for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.")
	checkError(t, remove("x"), "InvalidParameterValue", "Value x for parameter Label is invalid. Reason: can't find label.")
	check(t, remove("one"))
	check(t, remove("two"))
	if got := r.get(t, "jobs", "Policy"); len(got) != 0 {
		t.Errorf("without a statement the policy is %v", got)
	}
	check(t, r.set(t, "jobs", map[string]string{"Policy": `{"Statement":{"Sid":"alone"}}`}))
	check(t, add("one", "ReceiveMessage", "111111111111"))
	checkError(t, add("alone", "ReceiveMessage", "111111111111"), "InvalidParameterValue", "Value alone for parameter Label is invalid. Reason: Already exists.")
	check(t, r.set(t, "jobs", map[string]string{"Policy": `{"Statement":"none"}`}))
	checkError(t, add("one", "ReceiveMessage", "111111111111"), "InvalidAttributeValue", "The queue's policy has no statements to change.")
}

func TestWhatWasSetIsKept(t *testing.T) {
	store := newStore(t)
	r := rigOver(t, store, awsapi.Options{})
	check(t, r.set(t, "jobs", map[string]string{"MaximumMessageSize": "1024"}))
	// The plan of the application is applied again.
	check(t, store.Ensure(t.Context(), queue.Spec{
		Name: "jobs", Visibility: 30 * time.Second, Retention: 4 * 24 * time.Hour, DeadLetter: "dead", MaxReceives: 2,
	}))
	_, err := r.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: r.URL("jobs"), MessageBody: aws.String(strings.Repeat("x", 1025))})
	checkError(t, err, "InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.")
}
