package sqs_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const arnPrefix = "arn:aws:sqs:eu-west-1:000000000000:"

// kill sends messages to jobs and has each end in dead.
func (r rig) kill(t *testing.T, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		r.send(t, "jobs", body)
	}
	for range 3 {
		out, err := r.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: r.URL("jobs"), MaxNumberOfMessages: 10})
		check(t, err)
		for _, m := range out.Messages {
			r.release(t, "jobs", m)
		}
	}
}

func (r rig) startMove(t *testing.T, source, destination string, rate *int32) (string, error) {
	t.Helper()
	in := &awssqs.StartMessageMoveTaskInput{SourceArn: aws.String(arnPrefix + source), MaxNumberOfMessagesPerSecond: rate}
	if destination != "" {
		in.DestinationArn = aws.String(arnPrefix + destination)
	}
	out, err := r.StartMessageMoveTask(t.Context(), in)
	if err != nil {
		return "", err
	}
	return *out.TaskHandle, nil
}

func (r rig) moveTasks(t *testing.T, source string) []types.ListMessageMoveTasksResultEntry {
	t.Helper()
	out, err := r.ListMessageMoveTasks(t.Context(), &awssqs.ListMessageMoveTasksInput{SourceArn: aws.String(arnPrefix + source), MaxResults: aws.Int32(10)})
	check(t, err)
	return out.Results
}

var anyTime = cmpopts.IgnoreFields(types.ListMessageMoveTasksResultEntry{}, "StartedTimestamp")

func TestAMoveTaskSendsMessagesBackAsNewOnes(t *testing.T) {
	r := newRig(t)
	r.kill(t, "x")
	r.checkCounts(t, "dead", "1 0 0")
	_, err := r.startMove(t, "dead", "", nil)
	check(t, err)
	m := r.receive(t, "jobs")[0]
	if m.Attributes["ApproximateReceiveCount"] != "1" || m.Attributes["DeadLetterQueueSourceArn"] != "" {
		t.Errorf("attributes of the moved message: %v", m.Attributes)
	}
	tasks := r.moveTasks(t, "dead")
	if age := time.Since(time.UnixMilli(tasks[0].StartedTimestamp)); age < 0 || age > time.Minute {
		t.Errorf("the task started %v ago", age)
	}
	want := []types.ListMessageMoveTasksResultEntry{{
		SourceArn: aws.String(arnPrefix + "dead"), Status: aws.String("COMPLETED"),
		ApproximateNumberOfMessagesMoved: 1, ApproximateNumberOfMessagesToMove: aws.Int64(1),
	}}
	if diff := cmp.Diff(want, tasks, anyTime, cmpopts.IgnoreUnexported(types.ListMessageMoveTasksResultEntry{})); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
}

func TestAMoveTaskThatRunsCanBeCancelled(t *testing.T) {
	r := newRig(t)
	r.kill(t, "1", "2", "3")
	handle, err := r.startMove(t, "dead", "other", aws.Int32(1))
	check(t, err)
	running := r.moveTasks(t, "dead")[0]
	if *running.Status != "RUNNING" || *running.TaskHandle != handle || *running.DestinationArn != arnPrefix+"other" || *running.MaxNumberOfMessagesPerSecond != 1 {
		t.Errorf("the task is %+v", running)
	}
	_, err = r.startMove(t, "dead", "", nil)
	checkError(t, err, "InvalidParameterValue", "There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	cancel := func(handle string) error {
		_, err := r.CancelMessageMoveTask(t.Context(), &awssqs.CancelMessageMoveTaskInput{TaskHandle: &handle})
		return err
	}
	check(t, cancel(handle))
	if got := r.moveTasks(t, "dead")[0]; *got.Status != "CANCELLED" || got.TaskHandle != nil {
		t.Errorf("the cancelled task is %+v", got)
	}
	checkError(t, cancel(handle), "InvalidParameterValue", "Only active tasks can be cancelled.")
	unknown := base64.StdEncoding.EncodeToString([]byte(`{"taskId":"1","sourceArn":"` + arnPrefix + `dead"}`))
	checkError(t, cancel(unknown), "ResourceNotFoundException", "Task does not exist.")
	checkError(t, cancel("foobared"), "InvalidParameterValue", "Value for parameter TaskHandle is invalid.")
	gone := base64.StdEncoding.EncodeToString([]byte(`{"taskId":"1","sourceArn":"` + arnPrefix + `none"}`))
	checkError(t, cancel(gone), "ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.")
}

func TestAMoveTaskNeedsADeadLetterQueue(t *testing.T) {
	r := newRig(t)
	for _, test := range []struct{ source, destination, code, message string }{
		{"other", "", "InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue."},
		{"none", "", "ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist."},
		{"dead", "none", "ResourceNotFoundException", "The resource that you specified for the DestinationArn parameter doesn't exist."},
	} {
		_, err := r.startMove(t, test.source, test.destination, nil)
		checkError(t, err, test.code, test.message)
	}
	_, err := r.startMove(t, "dead", "", aws.Int32(501))
	checkError(t, err, "InvalidParameterValue", "Value 501 for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, if provided.")
	if tasks := r.moveTasks(t, "dead"); len(tasks) != 0 {
		t.Errorf("there are tasks: %+v", tasks)
	}
	out, err := r.ListDeadLetterSourceQueues(t.Context(), &awssqs.ListDeadLetterSourceQueuesInput{QueueUrl: r.URL("dead")})
	check(t, err)
	if diff := cmp.Diff([]string{*r.URL("jobs")}, out.QueueUrls); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}
