package awstest

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/less-go/less/internal/plan"
)

// An edit is something that is done to the properties of a resource.
type edit struct {
	path  string // "ScalingConfig/MaximumConcurrency"
	value any    // nil removes it
	// want are the names of the faults that tell it, in their order and with commas.
	want string
	// refused is what CloudFormation says of it, where it does not take it.
	refused string
	// each says that it is done to each resource of the kind, and not to one of them.
	each bool
}

// edits are what is done to the resources of a kind: to each what the delivery of messages
// depends on, and to one of them what is the same for all. Where the value that would be removed
// is the service's own default, another one takes its place, because nobody could tell the
// mutant from the template.
var edits = map[string][]edit{
	"AWS::SNS::Subscription queue": {
		{path: "RedrivePolicy", want: "subscription redrive policy", each: true},
		{path: "RawMessageDelivery", want: "subscription raw delivery", each: true},
	},
	"AWS::Lambda::EventSourceMapping queue": {
		{path: "BatchSize", value: 1, want: "mapping batch size", each: true},
		{path: "MaximumBatchingWindowInSeconds", value: 1, want: "mapping window", each: true},
		{path: "FunctionResponseTypes", want: "mapping partial failures", each: true},
		{path: "ScalingConfig", want: "mapping concurrency", each: true},
		{path: "Enabled", value: false, want: "mapping state", each: true},
	},
	"AWS::SQS::Queue queue": {
		{path: "RedrivePolicy", want: "queue redrive policy", each: true},
		{path: "VisibilityTimeout", want: "queue visibility", each: true},
		{path: "MessageRetentionPeriod", value: 60, want: "queue retention"},
		{path: "ReceiveMessageWaitTimeSeconds", want: "queue receive wait"},
		{path: "DelaySeconds", value: 5, want: "queue delay"},
		{path: "SqsManagedSseEnabled", value: false, want: "queue encryption"},
		{path: "RedrivePolicy/maxReceiveCount", value: 4, want: "queue redrive policy", each: true},
		{path: "Tags", want: "queue tags"},
	},
	"AWS::SQS::Queue dead-letter queue": {
		{path: "RedriveAllowPolicy", want: "dead-letter queue redrive allow policy", each: true},
		{path: "VisibilityTimeout", value: 31, want: "dead-letter queue visibility"},
		{path: "MessageRetentionPeriod", want: "dead-letter queue retention"},
		{path: "SqsManagedSseEnabled", value: false, want: "dead-letter queue encryption"},
		{path: "RedriveAllowPolicy/redrivePermission", value: "denyAll", refused: "sourceQueueArns"},
		{path: "Tags", want: "dead-letter queue tags"},
	},
	"AWS::SNS::Topic":     {{path: "Tags", want: "topic tags"}},
	"AWS::SNS::Topic ops": {{path: "Tags", want: "ops topic tags"}},
	"AWS::Lambda::Function": {
		{path: "Timeout", want: "function timeout"},
		{path: "MemorySize", value: 256, want: "function memory"},
		{path: "Environment", want: "function environment", each: true},
		{path: "Environment/Variables/LESS_FUNCTION", want: "function environment", each: true},
		{path: "Environment/Variables/LESS_TOPIC_PREFIX", want: "function environment", each: true},
		{path: "LoggingConfig", want: "function log format"},
		{path: "LoggingConfig/LogGroup", value: "/elsewhere", refused: "log group /elsewhere"},
		{path: "Description", want: "function description"},
		{path: "Handler", value: "other", want: "function handler"},
		{path: "Runtime", value: "provided.al2", want: "function runtime"},
		{path: "Architectures/0", value: otherArchitecture(), refused: otherArchitecture()},
		{path: "Code", refused: "Code"},
		{path: "Tags", want: "function tags"},
		{path: "Role", refused: "Role"},
	},
	"AWS::IAM::Role": {
		{path: "Description", want: "role description"},
		{path: "Tags", want: "role tags"},
		{path: "Policies/0/PolicyName", value: "other", want: "role grant, role policies"},
		{path: "Policies/0/PolicyDocument/Statement/0/Resource", value: "*", want: "role grant"},
		{path: "AssumeRolePolicyDocument/Statement/0/Principal/Service", value: "events.amazonaws.com", want: "role trust"},
	},
	"AWS::Logs::LogGroup": {
		{path: "RetentionInDays", want: "log group retention"},
		{path: "Tags", want: "log group tags"},
	},
	"AWS::Logs::LogGroup access": {
		{path: "RetentionInDays", want: "access log group retention"},
		{path: "Tags", want: "access log group tags"},
	},
	"AWS::ApiGatewayV2::Api": {
		{path: "Description", want: "API description"},
		{path: "Tags", want: "API tags"},
		{path: "CorsConfiguration", value: map[string]any{"AllowOrigins": []string{"*"}}, want: "API CORS"},
	},
	"AWS::ApiGatewayV2::Stage": {
		{path: "AutoDeploy", value: false, want: "stage auto deploy"},
		{path: "AccessLogSettings", want: "stage access log"},
		{path: "AccessLogSettings/Format", value: "$context.requestId", want: "stage access log format"},
		{path: "DefaultRouteSettings/ThrottlingRateLimit", value: 1, want: "stage throttling rate"},
		{path: "DefaultRouteSettings/ThrottlingBurstLimit", value: 1, want: "stage throttling burst"},
		{path: "DefaultRouteSettings/DetailedMetricsEnabled", want: "stage metrics"},
		{path: "Tags", want: "stage tags"},
	},
	"AWS::ApiGatewayV2::Route": {
		{path: "RouteKey", value: "PUT /orders", want: "route"},
		{path: "AuthorizationType", value: "AWS_IAM", refused: "authorizationType AWS_IAM"},
		{path: "Target", want: "route target"},
	},
	"AWS::ApiGatewayV2::Integration": {
		{path: "PayloadFormatVersion", value: "1.0", refused: "payload format 1.0"},
		{path: "TimeoutInMillis", value: 1000, want: "integration timeout"},
		{path: "IntegrationType", refused: "IntegrationType"},
	},
	"AWS::Lambda::Permission": {
		{path: "SourceArn", want: "permission"},
		{path: "Action", value: "lambda:GetFunction", want: "permission"},
		{path: "Principal", value: "events.amazonaws.com", want: "permission"},
	},
	"AWS::CloudWatch::Alarm DeadLetters": {
		{path: "Threshold", value: 1, want: "alarm DeadLetters threshold"},
		{path: "Period", value: 300, want: "alarm DeadLetters period"},
		{path: "EvaluationPeriods", value: 2, want: "alarm DeadLetters periods"},
		{path: "Statistic", value: "Sum", want: "alarm DeadLetters statistic"},
		{path: "Namespace", value: "AWS/SNS", want: "alarm DeadLetters metric"},
		{path: "MetricName", value: "Other", want: "alarm DeadLetters metric"},
		{path: "Dimensions", want: "alarm DeadLetters dimensions"},
		{path: "TreatMissingData", want: "alarm DeadLetters missing data"},
		{path: "ComparisonOperator", value: "LessThanThreshold", want: "alarm DeadLetters comparison"},
		{path: "AlarmActions", want: "alarm DeadLetters actions"},
		{path: "OKActions", want: "alarm DeadLetters OK actions"},
		{path: "Tags", want: "alarm DeadLetters tags"},
	},
	"AWS::CloudWatch::Dashboard": {
		{path: "DashboardBody", value: `{"widgets":[]}`, want: "dashboard widgets"},
	},
}

// removals are, by kind, the faults that tell that the whole resource is missing. Kinds
// that are not here are named by other resources, and a template without them is refused.
var removals = map[string]string{
	"AWS::SNS::TopicPolicy":                   "topic policy",
	"AWS::SNS::TopicPolicy ops":               "ops topic policy",
	"AWS::SQS::QueuePolicy queue":             "queue policy",
	"AWS::SQS::QueuePolicy dead-letter queue": "dead-letter queue policy",
	"AWS::SNS::Subscription queue":            "subscription",
	"AWS::Lambda::Permission":                 "permission",
	"AWS::ApiGatewayV2::Route":                "route",
	"AWS::ApiGatewayV2::Stage":                "stage",
	"AWS::CloudWatch::Alarm DeadLetters":      "alarm DeadLetters",
	"AWS::CloudWatch::Alarm Age":              "alarm Age",
	"AWS::CloudWatch::Alarm Errors":           "alarm Errors",
	"AWS::CloudWatch::Alarm Throttles":        "alarm Throttles",
	"AWS::CloudWatch::Alarm Slow":             "alarm Slow",
	"AWS::CloudWatch::Alarm ServerErrors":     "alarm ServerErrors",
	"AWS::CloudWatch::Dashboard":              "dashboard",
	// It is the last of all: a mapping is made for a function only that may read its queue.
	"AWS::Lambda::EventSourceMapping queue": "mapping",
}

// policies are, by kind, where its policy has its statements, and the fault that tells that
// one of them is missing.
var policies = map[string]struct{ path, want string }{
	"AWS::IAM::Role":                          {"Policies/0/PolicyDocument/Statement", "role grant"},
	"AWS::SNS::TopicPolicy":                   {"PolicyDocument/Statement", "topic policy"},
	"AWS::SNS::TopicPolicy ops":               {"PolicyDocument/Statement", "ops topic policy"},
	"AWS::SQS::QueuePolicy queue":             {"PolicyDocument/Statement", "queue policy"},
	"AWS::SQS::QueuePolicy dead-letter queue": {"PolicyDocument/Statement", "dead-letter queue policy"},
}

// otherArchitecture is not that of this machine.
func otherArchitecture() string {
	if runtime.GOARCH == "arm64" {
		return string(plan.X86)
	}
	return string(plan.ARM)
}

// names are the properties by which a resource is found and those that tie it to another
// one. To change one of them is to remove what it ties.
var names = []string{
	"AlarmDescription", "ApiId", "DashboardName", "Endpoint", "EventSourceArn", "FunctionName", "IntegrationUri", "LogGroupName",
	"Name", "Protocol", "ProtocolType", "QueueName", "Queues", "StageName", "TopicArn", "TopicName", "Topics",
}

// TestEachPropertyIsEdited keeps the edits complete: what the CDK app writes anew needs one.
func TestEachPropertyIsEdited(t *testing.T) {
	a := synthesized(t)
	doc := parse(a.template)
	parts := doc.parts(a.Deployment)
	used := map[string]bool{}
	for id, r := range doc.Resources {
		kind, found := parts[id].kind, slices.Clone(edits[parts[id].kind])
		used[kind] = true
		if parts[id].of == "" || found == nil && policies[kind].path == "" && removals[kind] == "" {
			t.Errorf("nothing is done to %s, a %s of %q", id, r.Type, parts[id].of)
			continue
		}
		if found == nil {
			continue // it is removed as a whole
		}
		for property := range r.Properties {
			edited := slices.ContainsFunc(found, func(e edit) bool { return strings.Split(e.path, "/")[0] == property })
			if kind == "AWS::Lambda::EventSourceMapping queue" && property == "Tags" {
				continue // which the engine has none of
			}
			if !edited && !slices.Contains(names, property) && strings.Split(policies[kind].path, "/")[0] != property {
				t.Errorf("nothing is done to the %s of %s", property, kind)
			}
		}
	}
	for kind := range edits {
		if !used[kind] {
			t.Errorf("the template has no %s", kind)
		}
	}
}
