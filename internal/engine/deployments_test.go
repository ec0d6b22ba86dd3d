package engine_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/plan"
)

// startEmpty starts an engine whose own plan has nothing, as in an empty folder.
func startEmpty(t testing.TB, state string) *demo {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("what is deployed are programs for Linux")
	}
	d := newDemo(t, state, 0)
	d.plan = plan.Plan{Name: "nothing"}
	d.apply(nil)
	return d
}

// zipped is the deployment package of the function id.
func (d *demo) zipped(id string) []byte {
	d.t.Helper()
	binary, err := os.Open(d.built[id])
	if err != nil {
		d.t.Fatal(err)
	}
	defer binary.Close()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: "bootstrap"} // not deflated, which takes longer than all else here
	header.SetMode(0o755)
	w, err := z.CreateHeader(header)
	if err == nil {
		_, err = io.Copy(w, binary)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return out.Bytes()
}

// hostArchitecture is that of this machine.
func hostArchitecture() types.Architecture {
	if runtime.GOARCH == "amd64" {
		return types.ArchitectureX8664
	}
	return types.ArchitectureArm64
}

// deploy makes a function of a client, of the program of the function id, in a role that
// may do everything with queues and topics.
func (d *demo) deploy(name, id string) *lambda.CreateFunctionOutput {
	d.t.Helper()
	d.createRole(name)
	d.allow(name, `"Action":["sns:*","sqs:*"],"Resource":"*"`)
	return d.create(name, id)
}

// create makes a function of a client in the role of its name.
func (d *demo) create(name, id string) *lambda.CreateFunctionOutput {
	d.t.Helper()
	out, err := lambda.NewFromConfig(d.config()).CreateFunction(d.t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String(name), Role: aws.String("arn:aws:iam::000000000000:role/" + name), Handler: aws.String("bootstrap"),
		Runtime: types.RuntimeProvidedal2023, Architectures: []types.Architecture{hostArchitecture()}, Timeout: aws.Int32(30),
		Code:        &types.FunctionCode{ZipFile: d.zipped(id)},
		Environment: &types.Environment{Variables: map[string]string{"LESS_FUNCTION": id, "LESS_TOPIC_PREFIX": "arn:aws:sns:us-east-1:000000000000:mine-"}},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// fromTopics is the policy of a queue that takes what every topic sends.
func fromTopics(queue string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Principal":{"Service":"sns.amazonaws.com"},
		"Resource":"arn:aws:sqs:us-east-1:000000000000:` + queue + `"}}`
}

func (d *demo) createQueue(name string) string {
	d.t.Helper()
	out, err := sqs.NewFromConfig(d.config()).CreateQueue(d.t.Context(), &sqs.CreateQueueInput{
		QueueName: aws.String(name), Attributes: map[string]string{"VisibilityTimeout": "180", "Policy": fromTopics(name)},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return *out.QueueUrl
}

func (d *demo) send(queueURL, body string) {
	d.t.Helper()
	if _, err := sqs.NewFromConfig(d.config()).SendMessage(d.t.Context(), &sqs.SendMessageInput{QueueUrl: &queueURL, MessageBody: &body}); err != nil {
		d.t.Fatal(err)
	}
}

func TestAFunctionThatAClientMadeRunsAndSurvivesARestart(t *testing.T) {
	state := t.TempDir()
	d := startEmpty(t, state)
	topics := sns.NewFromConfig(d.config())
	topic, err := topics.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("mine-payment_success")})
	if err != nil {
		t.Fatal(err)
	}
	jobs, paid := d.createQueue("jobs"), d.createQueue("paid")
	if _, err := topics.Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:000000000000:paid"),
	}); err != nil {
		t.Fatal(err)
	}
	d.deploy("worker", payment)
	if _, err := lambda.NewFromConfig(d.config()).CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{
		EventSourceArn: aws.String("arn:aws:sqs:us-east-1:000000000000:jobs"), FunctionName: aws.String("worker"),
		FunctionResponseTypes: []types.FunctionResponseType{types.FunctionResponseTypeReportBatchItemFailures},
	}); err != nil {
		t.Fatal(err)
	}
	// It publishes to the engine, whose endpoint it has not been told by its maker.
	handled := func(d *demo) {
		t.Helper()
		if diff := cmp.Diff(map[string]string{"worker": "mine:" + payment}, d.told.Load()); diff != "" {
			t.Errorf("the functions of trees (-want +got):\n%s", diff)
		}
		d.send(jobs, paidOrder)
		done := d.journal.Await(d.t, 1, activitytest.Kind(activity.Done))[0]
		if done.Function != "worker" {
			t.Errorf("done %+v", done)
		}
		out, err := sqs.NewFromConfig(d.config()).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &paid, WaitTimeSeconds: 20})
		if err != nil || len(out.Messages) != 1 || !strings.Contains(*out.Messages[0].Body, "by-hand") {
			t.Errorf("published %+v, %v", out, err)
		}
	}
	handled(d)
	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	handled(startEmpty(t, state))
}

func TestNewCodeOfAFunctionGetsWhatTheOldHadFailed(t *testing.T) {
	state := t.TempDir()
	d := startEmpty(t, state)
	d.deploy("worker", enemyMain)
	client := lambda.NewFromConfig(d.config())
	jobs := d.createQueue("jobs")
	if _, err := client.CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{
		EventSourceArn: aws.String("arn:aws:sqs:us-east-1:000000000000:jobs"), FunctionName: aws.String("worker"),
	}); err != nil {
		t.Fatal(err)
	}
	d.send(jobs, `{"id":"do-panic","customer":"c","items":["x"],"simulate":"confirm"}`)
	d.journal.Await(d.t, 1, activitytest.Kind(activity.Retry))
	if _, err := sns.NewFromConfig(d.config()).CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("mine-payment_success")}); err != nil {
		t.Fatal(err)
	}
	before := time.Now()
	if _, err := client.UpdateFunctionCode(t.Context(), &lambda.UpdateFunctionCodeInput{FunctionName: aws.String("worker"), ZipFile: d.zipped(payment)}); err != nil {
		t.Fatal(err)
	}
	d.journal.Await(d.t, 1, activitytest.Kind(activity.Done)) // and not only when three minutes have passed
	t.Logf("after %v", time.Since(before))

	if _, err := client.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String("worker")}); err != nil {
		t.Fatal(err)
	}
	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	d = startEmpty(t, state)
	list, err := lambda.NewFromConfig(d.config()).ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
	if err != nil || len(list.Functions) > 0 {
		t.Errorf("functions %+v, %v", list, err)
	}
	if code, _ := os.ReadDir(filepath.Join(state, "code")); len(code) > 0 {
		t.Errorf("its code is still there: %v", code)
	}
}

func TestATopicInvokesAFunctionThatLetsIt(t *testing.T) {
	d := startEmpty(t, t.TempDir())
	function := d.deploy("worker", enemyMain)
	client := sns.NewFromConfig(d.config())
	topic, err := client.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("news")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("lambda"), Endpoint: function.FunctionArn}); err != nil {
		t.Fatal(err)
	}
	publish := func() {
		t.Helper()
		if _, err := client.Publish(t.Context(), &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("hello")}); err != nil {
			t.Fatal(err)
		}
	}
	publish()
	d.journal.Await(d.t, 1, func(e activity.Event) bool {
		return strings.Contains(e.Err, "the function worker does not let the topic invoke it")
	})
	if _, err := lambda.NewFromConfig(d.config()).AddPermission(t.Context(), &lambda.AddPermissionInput{
		FunctionName: aws.String("worker"), StatementId: aws.String("news"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("sns.amazonaws.com"), SourceArn: topic.TopicArn,
	}); err != nil {
		t.Fatal(err)
	}
	publish()
	d.journal.Await(d.t, 1, activitytest.Kind(activity.Done))
	if done := d.journal.Of(activity.Done); len(done) != 1 {
		t.Errorf("handled %+v, want the second alone", done)
	}
}

func TestWhoDeploysDoesNotHoldUpTheEnginesEnd(t *testing.T) {
	d := startEmpty(t, t.TempDir())
	d.deploy("worker", enemyMain)
	client := lambda.NewFromConfig(d.config())
	changed, ended := make(chan struct{}, 1), make(chan struct{})
	for range 4 {
		go func() {
			defer func() { ended <- struct{}{} }()
			for n := int32(1); ; n++ {
				if _, err := client.UpdateFunctionConfiguration(context.Background(), &lambda.UpdateFunctionConfigurationInput{
					FunctionName: aws.String("worker"), Timeout: aws.Int32(n%900 + 1),
				}); err != nil {
					return // the engine has gone
				}
				select {
				case changed <- struct{}{}:
				default:
				}
			}
		}()
	}
	<-changed
	if err := d.Stop(context.Background()); err != nil { // it has all the time there is
		t.Error(err)
	}
	for range 4 {
		<-ended
	}
}

func TestWhatIsDeployedBeforeTheFirstPlanWaitsForIt(t *testing.T) {
	state := t.TempDir()
	d := startEmpty(t, state)
	d.deploy("old", enemyMain)
	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	d = newDemo(t, state, 0)
	d.plan = plan.Plan{Name: "nothing"}
	client := lambda.NewFromConfig(d.config())
	if _, err := client.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("old")}); err != nil {
		t.Errorf("before the plan the function of the former engine: %v", err)
	}
	deleted := make(chan error)
	go func() {
		_, err := client.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String("old")})
		deleted <- err
	}()
	d.apply(nil)
	if err := <-deleted; err != nil {
		t.Errorf("deleted: %v", err)
	}
	if list, err := client.ListFunctions(t.Context(), &lambda.ListFunctionsInput{}); err != nil || len(list.Functions) > 0 {
		t.Errorf("functions %+v, %v", list, err)
	}
}
