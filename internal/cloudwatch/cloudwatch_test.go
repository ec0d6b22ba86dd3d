package cloudwatch_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	service "github.com/less-go/less/internal/cloudwatch"
	"github.com/less-go/less/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A rig is CloudWatch behind HTTP, and the SDK's client for it, which speaks CBOR.
type rig struct {
	*cloudwatch.Client
	store *queue.Store
	url   string
}

func newRig(t *testing.T) rig {
	t.Helper()
	store, err := queue.Open(t.Context(), ":memory:", queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return serve(t, store)
}

// serve starts a service over what store keeps.
func serve(t *testing.T, store *queue.Store) rig {
	t.Helper()
	s, err := service.New(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	server := awsapitest.Serve(t, awsapi.NewHandler(awsapi.Options{}, s.API()))
	return rig{cloudwatch.NewFromConfig(awsapitest.Config(server.URL, server.Client())), store, server.URL}
}

func failed(t *testing.T, err error) string {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("error %v, want one of the service", err)
	}
	return api.ErrorCode()
}

func deadLetters(queueName string) *cloudwatch.PutMetricAlarmInput {
	return &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("dead"), AlarmDescription: aws.String("less/topics/paid/notify"),
		Namespace: aws.String("AWS/SQS"), MetricName: aws.String("ApproximateNumberOfMessagesVisible"), Statistic: types.StatisticMaximum,
		Dimensions: []types.Dimension{{Name: aws.String("QueueName"), Value: &queueName}},
		Period:     aws.Int32(60), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(0.5), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		TreatMissingData: aws.String("notBreaching"), AlarmActions: []string{"arn:aws:sns:us-east-1:000000000000:ops"},
		Tags: []types.Tag{{Key: aws.String("less:app"), Value: aws.String("shop")}},
	}
}

func (r rig) only(t *testing.T) types.MetricAlarm {
	t.Helper()
	out, err := r.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"dead"}})
	if err != nil || len(out.MetricAlarms) != 1 {
		t.Fatalf("described %v (%v)", out, err)
	}
	return out.MetricAlarms[0]
}

func TestAnAlarmOnAQueueSaysHowTheQueueIs(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	if err := r.store.Ensure(ctx, queue.Spec{Name: "q-dlq", Retention: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.PutMetricAlarm(ctx, deadLetters("q-dlq")); err != nil {
		t.Fatal(err)
	}
	a := r.only(t)
	if a.StateValue != types.StateValueOk || *a.StateReason != "Threshold Crossed: 1 datapoint [0] was not greater than the threshold (0.5)." {
		t.Errorf("an empty queue: %s, %s", a.StateValue, *a.StateReason)
	}
	if time.Since(*a.AlarmConfigurationUpdatedTimestamp) > time.Minute || !*a.ActionsEnabled || *a.Threshold != 0.5 || *a.AlarmArn != "arn:aws:cloudwatch:eu-west-1:000000000000:alarm:dead" {
		t.Errorf("described %+v", a)
	}
	if _, err := r.store.Send(ctx, queue.Entry{Queue: "q-dlq"}); err != nil {
		t.Fatal(err)
	}
	// It is there after a restart too.
	r = serve(t, r.store)
	if a := r.only(t); a.StateValue != types.StateValueAlarm {
		t.Errorf("a queue with a message: %s, %s", a.StateValue, *a.StateReason)
	}
	if _, err := r.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("dead"), StateValue: types.StateValueOk, StateReason: aws.String("by hand")}); err != nil {
		t.Fatal(err)
	}
	if a := r.only(t); a.StateValue != types.StateValueOk || *a.StateReason != "by hand" {
		t.Errorf("set by hand: %s, %s", a.StateValue, *a.StateReason)
	}
	other := deadLetters("q-dlq")
	other.MetricName = aws.String("ApproximateAgeOfOldestMessage")
	if _, err := r.PutMetricAlarm(ctx, other); err != nil {
		t.Fatal(err)
	}
	if a := r.only(t); a.StateValue != types.StateValueInsufficientData {
		t.Errorf("a metric that is not there: %s", a.StateValue)
	}
	tags, err := r.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: r.only(t).AlarmArn})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Value != "shop" {
		t.Errorf("tags are %v (%v)", tags, err)
	}
	if _, err := r.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"dead", "other"}}); failed(t, err) != "ResourceNotFound" {
		t.Errorf("deleted one that is not there: %v", err)
	}
	r.only(t) // none was deleted
	if _, err := r.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"dead"}}); err != nil {
		t.Fatal(err)
	}
	if out, err := r.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{}); err != nil || len(out.MetricAlarms) != 0 {
		t.Errorf("afterwards: %v (%v)", out, err)
	}
}

func TestAlarmsComeInPages(t *testing.T) {
	r := newRig(t)
	var want, got []string
	for i := range 25 {
		in := deadLetters("q")
		in.AlarmName = aws.String(fmt.Sprintf("alarm%02d", i))
		want = append(want, *in.AlarmName)
		if _, err := r.PutMetricAlarm(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	pages := cloudwatch.NewDescribeAlarmsPaginator(r, &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(10)})
	for n := 0; pages.HasMorePages(); n++ {
		out, err := pages.NextPage(t.Context())
		if err != nil || n > 2 {
			t.Fatalf("page %d: %v", n, err)
		}
		for _, a := range out.MetricAlarms {
			got = append(got, *a.AlarmName)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWrongAlarmsAreRefused(t *testing.T) {
	r := newRig(t)
	for name, change := range map[string]func(*cloudwatch.PutMetricAlarmInput){
		"no threshold":     func(in *cloudwatch.PutMetricAlarmInput) { in.Threshold = nil },
		"odd period":       func(in *cloudwatch.PutMetricAlarmInput) { in.Period = aws.Int32(61) },
		"no statistic":     func(in *cloudwatch.PutMetricAlarmInput) { in.Statistic = "" },
		"unknown operator": func(in *cloudwatch.PutMetricAlarmInput) { in.ComparisonOperator = "Near" },
		"unknown missing":  func(in *cloudwatch.PutMetricAlarmInput) { in.TreatMissingData = aws.String("perhaps") },
		"no metric":        func(in *cloudwatch.PutMetricAlarmInput) { in.MetricName = nil },
	} {
		t.Run(name, func(t *testing.T) {
			in := deadLetters("q")
			change(in)
			_, err := r.PutMetricAlarm(t.Context(), in)
			if code := failed(t, err); code != "ValidationError" {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestADashboardsLife(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	name, body := aws.String("less-dev"), `{"widgets":[]}`
	if _, err := r.PutDashboard(ctx, &cloudwatch.PutDashboardInput{DashboardName: name, DashboardBody: aws.String("widgets")}); failed(t, err) != "InvalidParameterInput" {
		t.Errorf("a body that is no object: %v", err)
	}
	if _, err := r.PutDashboard(ctx, &cloudwatch.PutDashboardInput{DashboardName: name, DashboardBody: &body}); err != nil {
		t.Fatal(err)
	}
	r = serve(t, r.store)
	got, err := r.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: name})
	if err != nil || *got.DashboardBody != body || *got.DashboardArn != "arn:aws:cloudwatch::000000000000:dashboard/less-dev" {
		t.Errorf("got %v (%v)", got, err)
	}
	list, err := r.ListDashboards(ctx, &cloudwatch.ListDashboardsInput{DashboardNamePrefix: aws.String("less")})
	if err != nil || len(list.DashboardEntries) != 1 || *list.DashboardEntries[0].Size != int64(len(body)) || time.Since(*list.DashboardEntries[0].LastModified) > time.Minute {
		t.Errorf("listed %v (%v)", list, err)
	}
	if _, err := r.DeleteDashboards(ctx, &cloudwatch.DeleteDashboardsInput{DashboardNames: []string{*name}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: name}); failed(t, err) != "ResourceNotFound" {
		t.Errorf("afterwards: %v", err)
	}
}

// Older clients speak the query protocol.
func TestTheQueryProtocol(t *testing.T) {
	r := newRig(t)
	post := func(form string) string {
		t.Helper()
		values, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		values.Set("Version", "2010-08-01")
		out, err := http.PostForm(r.url, values)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Body.Close()
		content, err := io.ReadAll(out.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	post("Action=PutMetricAlarm&AlarmName=a&Namespace=N&MetricName=M&Statistic=Sum&Dimensions.member.1.Name=D&Dimensions.member.1.Value=V" +
		"&Period=60&EvaluationPeriods=1&Threshold=1.5&ComparisonOperator=LessThanThreshold")
	got := post("Action=DescribeAlarms&AlarmNames.member.1=a")
	for _, want := range []string{
		"<MetricAlarms><member><AlarmName>a</AlarmName>", "<Dimensions><member><Name>D</Name><Value>V</Value></member></Dimensions>",
		"<Threshold>1.5</Threshold>", "<StateValue>INSUFFICIENT_DATA</StateValue>", "Z</AlarmConfigurationUpdatedTimestamp>",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
}
