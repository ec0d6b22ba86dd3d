package engine_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/activity/activitytest"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/engine"
)

const (
	payment     = "topics/order_placed/payment_service_process_payment"
	paymentName = "less-order_placed-payment_service_process_payment"
)

// paymentEvent is what the function payment is given of an order that is paid.
const paymentEvent = `{"Records":[{"messageId":"m","body":"{\"id\":\"by-hand\",\"customer\":\"c\",\"items\":[],\"simulate\":\"confirm\"}",
	"attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1700000000000","ApproximateFirstReceiveTimestamp":"1700000000000"},
	"messageAttributes":{},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:000000000000:q","awsRegion":"us-east-1"}]}`

// config is that of an administrator's clients.
func (d *demo) config() aws.Config {
	config := awsapitest.Config(d.AWS(), nil)
	config.Region = engine.Region
	return config
}

func (d *demo) invoke(in lambda.InvokeInput) *lambda.InvokeOutput {
	d.t.Helper()
	out, err := lambda.NewFromConfig(d.config()).Invoke(d.t.Context(), &in)
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

func TestAClientInvokesAFunctionAndReadsItsLog(t *testing.T) {
	d := startDemo(t, t.TempDir(), 0)
	out := d.invoke(lambda.InvokeInput{FunctionName: aws.String(paymentName), LogType: types.LogTypeTail, Payload: []byte(paymentEvent)})
	if out.StatusCode != 200 || out.FunctionError != nil || string(out.Payload) != `{"batchItemFailures":[]}` {
		t.Errorf("%d %s %s", out.StatusCode, aws.ToString(out.FunctionError), out.Payload)
	}
	id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
	tail, err := base64.StdEncoding.DecodeString(*out.LogResult)
	if err != nil {
		t.Fatal(err)
	}
	// What it has published is handled as any event.
	d.journal.Await(d.t, 7, activitytest.Kind(activity.Done))

	logs := cloudwatchlogs.NewFromConfig(d.config())
	found, err := logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String("/aws/lambda/" + paymentName), FilterPattern: aws.String(`"` + id + `"`),
	})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	for _, e := range found.Events {
		log.WriteString(*e.Message)
	}
	if log.String() != string(tail) {
		t.Errorf("the log has\n%s\nand the tail was\n%s", log.String(), tail)
	}
	for _, want := range []string{"START RequestId: " + id, "Payment succeeded for order: by-hand", "END RequestId: " + id, "REPORT RequestId: " + id} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not have %q:\n%s", want, log.String())
		}
	}
	stream, err := logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String("/aws/lambda/" + paymentName), LogStreamName: found.Events[0].LogStreamName,
	})
	if err != nil || len(stream.Events) != len(found.Events) {
		t.Errorf("the stream has %+v, %v", stream, err)
	}
}

func TestAFunctionThatFailsInvokedByAClient(t *testing.T) {
	d := newDemo(t, t.TempDir(), 0)
	d.apply(d.with(payment, d.built[enemyMain]))
	for payload, want := range map[string]string{
		`"do-panic"`: "as told",
		`"do-exit"`:  "Runtime exited with error: exit status 3",
	} {
		out := d.invoke(lambda.InvokeInput{FunctionName: aws.String(payment), Payload: []byte(payload)})
		if out.StatusCode != 200 || aws.ToString(out.FunctionError) != "Unhandled" || !strings.Contains(string(out.Payload), want) {
			t.Errorf("%s: %d %s %s", payload, out.StatusCode, aws.ToString(out.FunctionError), out.Payload)
		}
	}
}

func TestAnAcceptedEventOutlivesTheEngine(t *testing.T) {
	state := t.TempDir()
	first := newDemo(t, state, time.Hour)
	first.apply(nil) // nothing is built yet
	out := first.invoke(lambda.InvokeInput{FunctionName: aws.String(paymentName), InvocationType: types.InvocationTypeEvent, Payload: []byte(paymentEvent)})
	if out.StatusCode != 202 {
		t.Fatalf("status %d", out.StatusCode)
	}
	first.journal.Await(first.t, 1, func(e activity.Event) bool { return strings.Contains(e.Line, "cannot be run") })
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := startDemo(t, state, time.Hour)
	id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
	done := second.journal.Await(second.t, 1, func(e activity.Event) bool { return e.Kind == activity.Done && e.MessageID == id })[0]
	if done.Function != payment || done.Attempt != 1 || done.MaxAttempts != 3 || done.RequestID != id {
		t.Errorf("done %+v", done)
	}
}

func TestAFunctionThatIsBuiltLaterGetsItsEventsAtOnce(t *testing.T) {
	d := newDemo(t, t.TempDir(), time.Hour)
	d.apply(nil)
	d.invoke(lambda.InvokeInput{FunctionName: aws.String(payment), InvocationType: types.InvocationTypeEvent, Payload: []byte(paymentEvent)})
	d.journal.Await(d.t, 1, func(e activity.Event) bool { return strings.Contains(e.Line, "cannot be run") })
	d.apply(d.built)
	d.journal.Await(d.t, 1, func(e activity.Event) bool { return e.Kind == activity.Done && e.Function == payment })
}

func TestAFailedEventIsToBeRetried(t *testing.T) {
	d := newDemo(t, t.TempDir(), time.Hour)
	d.apply(d.with(payment, d.built[enemyMain]))
	d.invoke(lambda.InvokeInput{FunctionName: aws.String(payment), InvocationType: types.InvocationTypeEvent, Payload: []byte(`"do-panic"`)})
	retry := d.journal.Await(d.t, 1, activitytest.Kind(activity.Retry))[0]
	if wait := retry.Next.Sub(retry.Time); retry.Attempt != 1 || retry.MaxAttempts != 3 || wait < 59*time.Second || wait > time.Minute {
		t.Errorf("retry %+v in %v", retry, wait)
	}
}

func TestFunctionsAndIdentityAsAClientSeesThem(t *testing.T) {
	d := newDemo(t, t.TempDir(), 0)
	d.apply(map[string]string{payment: d.built[payment]})
	client := lambda.NewFromConfig(d.config())
	list, err := client.ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
	if err != nil || len(list.Functions) != len(d.plan.Functions) {
		t.Fatalf("%d functions, want %d: %v", len(list.Functions), len(d.plan.Functions), err)
	}
	for _, f := range list.Functions {
		if built := *f.FunctionName == paymentName; built != (f.State == types.StateActive) {
			t.Errorf("%s is %s", *f.FunctionName, f.State)
		}
	}
	f, err := client.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(payment)})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(d.built[payment])
	if err != nil || f.Configuration.CodeSize != info.Size() || *f.Configuration.Timeout != 30 || !strings.HasSuffix(*f.Code.Location, filepath.ToSlash(d.built[payment])) {
		t.Errorf("configuration %+v, code %+v, %v", f.Configuration, f.Code, err)
	}
	who, err := sts.NewFromConfig(d.config()).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *who.Arn != "arn:aws:iam::000000000000:root" {
		t.Errorf("%+v, %v", who, err)
	}
}

func TestNoClientOfSQSSeesTheEnginesOwnQueues(t *testing.T) {
	d := startDemo(t, t.TempDir(), 0)
	for _, name := range d.queues() {
		if strings.Contains(name, "/") {
			t.Errorf("ListQueues tells of %s", name)
		}
	}
}

// queues are the names that ListQueues tells.
func (d *demo) queues() []string {
	d.t.Helper()
	out, err := sqs.NewFromConfig(d.config()).ListQueues(d.t.Context(), &sqs.ListQueuesInput{})
	if err != nil || len(out.QueueUrls) == 0 {
		d.t.Fatalf("queues %v, %v", out, err)
	}
	names := make([]string, len(out.QueueUrls))
	for i, url := range out.QueueUrls {
		_, names[i], _ = strings.Cut(url, "/"+engine.Account+"/")
	}
	return names
}
