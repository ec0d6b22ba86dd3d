package resources_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/cloudwatch"
	"github.com/less-go/less/internal/cwlogs"
)

const (
	watched = `"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Dimensions": [{"Name": "QueueName", "Value": "dead"}],
		"Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching"`
)

func TestAnAlarmAndADashboardAreWhatTheTemplateSays(t *testing.T) {
	r := newRig(t)
	r.create("AWS::SQS::Queue", "Dead", `{"QueueName": "dead"}`)
	alarm := r.create("AWS::CloudWatch::Alarm", "Alarm", `{"Threshold": 0, `+watched+`, "Tags": [{"Key": "a", "Value": "1"}]}`)
	described := func() cloudwatch.AlarmDescription {
		t.Helper()
		out, err := r.services.Alarms.DescribeAlarms(r.ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{alarm.PhysicalID}})
		if err != nil || len(out.MetricAlarms) != 1 {
			t.Fatalf("described %+v (%v)", out, err)
		}
		return out.MetricAlarms[0]
	}
	if a := described(); a.StateValue != "OK" || *a.Threshold != 0 || a.Dimensions[0].Value != "dead" {
		t.Errorf("made %+v", a)
	}
	alarm = r.update(alarm, `{"Threshold": "5", `+watched+`, "AlarmActions": ["arn:aws:sns:eu-west-1:000000000000:ops"]}`)
	a := described()
	tags, err := r.services.Alarms.ListTagsForResource(r.ctx, &cloudwatch.TagsReference{ResourceARN: a.AlarmARN})
	if err != nil || *a.Threshold != 5 || len(a.AlarmActions) != 1 || len(tags.Tags) != 1 || tags.Tags[0].Key != "less:app" {
		t.Errorf("changed to %+v with %+v (%v)", a, tags, err)
	}

	board := r.create("AWS::CloudWatch::Dashboard", "Board", `{"DashboardName": "shop", "DashboardBody": "{\"widgets\":[]}"}`)
	_, err = r.providers["AWS::CloudWatch::Dashboard"].Create(r.ctx, r.resource("AWS::CloudWatch::Dashboard", "Other", `{"DashboardName": "shop", "DashboardBody": "{}"}`))
	if failure, ok := errors.AsType[*provider.Failure](err); !ok || failure.Code != provider.CodeAlreadyExists {
		t.Errorf("a name that is taken: %v", err)
	}
	board = r.update(board, `{"DashboardName": "shop", "DashboardBody": "{\"widgets\":[1]}"}`)
	got, err := r.services.Alarms.GetDashboard(r.ctx, &cloudwatch.DashboardReference{DashboardName: "shop"})
	if err != nil || !json.Valid([]byte(got.DashboardBody)) || got.DashboardBody != `{"widgets":[1]}` {
		t.Errorf("the dashboard is %+v (%v)", got, err)
	}
	r.remove(board)
	r.remove(alarm)
}

func TestALogGroupIsWhatTheTemplateSays(t *testing.T) {
	r := newRig(t)
	group := r.create("AWS::Logs::LogGroup", "Log", `{"LogGroupName": "/aws/lambda/charge", "RetentionInDays": "30"}`)
	retention := func() int {
		t.Helper()
		out, err := r.services.Logs.DescribeLogGroups(r.ctx, &cwlogs.DescribeLogGroupsInput{LogGroupNamePrefix: "/aws/lambda/charge"})
		if err != nil || len(out.LogGroups) != 1 {
			t.Fatalf("described %+v (%v)", out, err)
		}
		return out.LogGroups[0].RetentionInDays
	}
	if got := retention(); got != 30 {
		t.Errorf("made with %d days", got)
	}
	_, err := r.providers["AWS::Logs::LogGroup"].Create(r.ctx, r.resource("AWS::Logs::LogGroup", "Other", `{"LogGroupName": "/aws/lambda/charge"}`))
	if failure, ok := errors.AsType[*provider.Failure](err); !ok || failure.Code != provider.CodeAlreadyExists {
		t.Errorf("a name that is taken: %v", err)
	}
	group = r.update(group, `{"LogGroupName": "/aws/lambda/charge"}`)
	if got := retention(); got != 0 {
		t.Errorf("changed to %d days", got)
	}
	r.remove(group)
}
