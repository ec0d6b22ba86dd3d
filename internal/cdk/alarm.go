package cdk

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/less-go/less/internal/plan"
)

func (b *builder) alarms(scope constructs.Construct, all []plan.Alarm) {
	for _, a := range all {
		b.alarm(scope, a)
	}
}

func (b *builder) alarm(scope constructs.Construct, a plan.Alarm) {
	var dimensions []*awscloudwatch.CfnAlarm_DimensionProperty
	for _, name := range slices.Sorted(maps.Keys(a.Dimensions)) {
		dimensions = append(dimensions, &awscloudwatch.CfnAlarm_DimensionProperty{
			Name: jsii.String(name), Value: jsii.String(a.Dimensions[name]),
		})
	}
	props := &awscloudwatch.CfnAlarmProps{
		AlarmDescription:   jsii.String(a.Text),
		Namespace:          jsii.String(a.Namespace),
		MetricName:         jsii.String(a.Metric),
		Statistic:          jsii.String(a.Statistic),
		Dimensions:         &dimensions,
		ComparisonOperator: jsii.String("GreaterThanThreshold"),
		Threshold:          jsii.Number(a.Above),
		Period:             seconds(a.Period),
		EvaluationPeriods:  jsii.Number(float64(a.Periods)),
		TreatMissingData:   jsii.String("notBreaching"),
	}
	if strings.HasPrefix(a.Statistic, "p") {
		props.Statistic, props.ExtendedStatistic = nil, jsii.String(a.Statistic)
		props.EvaluateLowSampleCountPercentile = jsii.String("ignore") // of a hundred, where there are fewer
	}
	if arn := b.opsARN(); arn != "" {
		props.AlarmActions = &[]any{jsii.String(arn)}
		props.OkActions = &[]any{jsii.String(arn)}
	}
	awscloudwatch.NewCfnAlarm(scope, jsii.String(a.ID+"Alarm"), props)
}

// opsARN is the topic that alarms tell, or "".
func (b *builder) opsARN() string {
	if b.Deployment.OpsTopic != "" {
		return b.arn("sns", b.Deployment.OpsTopic)
	}
	return b.Deployment.OpsARN
}

// ops makes the topic that alarms tell.
func (b *builder) ops() {
	if b.Deployment.OpsTopic == "" {
		return
	}
	scope := constructs.NewConstruct(b.Root, jsii.String("$ops"))
	topic := awssns.NewCfnTopic(scope, jsii.String("Topic"), &awssns.CfnTopicProps{TopicName: jsii.String(b.Deployment.OpsTopic), KmsMasterKeyId: b.keyID()})
	b.afterKey(scope, false)
	arn := topic.Ref()
	awssns.NewCfnTopicPolicy(scope, jsii.String("Policy"), &awssns.CfnTopicPolicyProps{
		Topics: &[]*string{arn},
		PolicyDocument: policy(
			map[string]any{
				"Sid": "Alarms", "Effect": "Allow", "Action": "sns:Publish", "Resource": arn,
				"Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"},
				"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
			},
			onlyTLS("sns:Publish", *arn),
		),
	})
	b.output("Ops", "", b.opsARN(), plan.OpsOutput)
}

// dashboard makes one dashboard for the deployment. It searches for metrics by the
// deployment's name, so it does not change when a function is added.
func (b *builder) dashboard() {
	region := *awscdk.Aws_REGION()
	widget := func(x, y int, title, search, stat string) map[string]any {
		return map[string]any{
			"type": "metric", "x": x, "y": y, "width": 12, "height": 6,
			"properties": map[string]any{
				"title": title, "region": region, "view": "timeSeries",
				"metrics": []any{[]any{map[string]any{
					"expression": fmt.Sprintf("SEARCH('%s', '%s', 60)", search, stat), "id": "m", "period": 60,
				}}},
			},
		}
	}
	// A term without quotes matches a part of a name, between signs.
	terms := func(dimension string) string {
		var out strings.Builder
		for word := range strings.FieldsFuncSeq(b.Deployment.Name, func(r rune) bool { return r == '-' || r == '_' }) {
			fmt.Fprintf(&out, " %s=%s", dimension, word)
		}
		return out.String()
	}
	search := func(namespace, dimension, metric string) string {
		return fmt.Sprintf(`{%s,%s} MetricName="%s"%s`, namespace, dimension, metric, terms(dimension))
	}
	function := func(metric string) string { return search("AWS/Lambda", "FunctionName", metric) }
	queue := func(metric string) string { return search("AWS/SQS", "QueueName", metric) }
	topic := func(metric string) string { return search("AWS/SNS", "TopicName", metric) }
	widgets := []any{
		widget(0, 0, "Dead letters", queue("ApproximateNumberOfMessagesVisible")+" QueueName=dlq", "Maximum"),
		widget(12, 0, "Age of the oldest message", queue("ApproximateAgeOfOldestMessage")+" NOT QueueName=dlq", "Maximum"),
		widget(0, 6, "Invocations", function("Invocations"), "Sum"),
		widget(12, 6, "Errors", function("Errors"), "Sum"),
		widget(0, 12, "Duration, 99 of 100", function("Duration"), "p99"),
		widget(12, 12, "Throttles", function("Throttles"), "Sum"),
		widget(0, 18, "Published", topic("NumberOfMessagesPublished"), "Sum"),
		widget(12, 18, "Not delivered", topic("NumberOfNotificationsFailed"), "Sum"),
	}
	body, err := json.Marshal(map[string]any{"widgets": widgets})
	if err != nil {
		panic(err)
	}
	awscloudwatch.NewCfnDashboard(b.Root, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: jsii.String(b.Deployment.Name), DashboardBody: jsii.String(string(body)),
	})
}

// maxOutputs is less than the 200 of a template, so that a project has room for its own.
const maxOutputs = 180

// output writes an output of the root stack: TopicOrderPlaced.
func (b *builder) output(kind, name, value, description string) {
	var camel strings.Builder
	camel.WriteString(kind)
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '_' || r == '-' || r == '.' }) {
		camel.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	id := camel.String()
	if b.outputs[id] || len(b.outputs) == maxOutputs {
		return
	}
	b.outputs[id] = true
	awscdk.NewCfnOutput(b.Root, jsii.String(id), &awscdk.CfnOutputProps{
		Value: jsii.String(value), Description: jsii.String(description),
	})
}
