package cdk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/flow"
)

func TestEveryResourceOfACron(t *testing.T) {
	s := system{app: app.App{Module: "example.com/shop", Crons: []app.Cron{{
		Name: "send_report", Schedule: "rate(1 day)", Pos: "less/crons/send_report/process.go:9",
		Package: app.Package{Dir: "less/crons/send_report"},
	}}}, flow: flow.Flow{}}
	all := resources(t, s.synth(t))
	const path = "less-dev/crons/schedules/send_report"
	got := withoutText(below(all, path), "Role")
	want := properties(t, `{
		"Log": {"LogGroupName": "/aws/lambda/$name", "RetentionInDays": 30},
		"Function": {"FunctionName": "$name", "Description": "less/crons/send_report", "Runtime": "provided.al2023",
			"Architectures": ["arm64"], "Handler": "bootstrap", "MemorySize": 128, "Timeout": 30, "Role": "${$path/Role.Arn}",
			"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "${$path/Log}"},
			"Environment": {"Variables": {"LESS_FUNCTION": "crons/send_report", "LESS_TOPIC_PREFIX": "$arn:sns:$here:less-dev-"}}},
		"Rule": {"Name": "$name", "Description": "less/crons/send_report", "ScheduleExpression": "rate(1 day)", "State": "ENABLED",
			"Targets": [{"Id": "function", "Arn": "${$path/Function.Arn}"}]},
		"Permission": {"Action": "lambda:InvokeFunction", "FunctionName": "${$path/Function}",
			"Principal": "events.amazonaws.com", "SourceArn": "${$path/Rule.Arn}"},
		"ErrorsAlarm": {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum",
			"Dimensions": [{"Name": "FunctionName", "Value": "$name"}], "ComparisonOperator": "GreaterThanThreshold",
			"Threshold": 0, "Period": 60, "EvaluationPeriods": 5, "TreatMissingData": "notBreaching"}
	}`, "$path", path, "$name", "less-dev-cron-send_report", "$arn", arnStart, "$here", here)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
