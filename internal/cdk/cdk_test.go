package cdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/cdk"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/iam"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/project"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/secret"
)

// demo is the food delivery.
func demo(tb testing.TB) system {
	tb.Helper()
	a, _, err := project.Scan(projecttest.Checkout())
	if err != nil {
		tb.Fatal(err)
	}
	f, err := project.Analyse(context.Background(), projecttest.Checkout(), a)
	if err != nil {
		tb.Fatal(err)
	}
	return system{app: a, flow: f}
}

func TestTheFoodDeliveryInEachLayout(t *testing.T) {
	for _, layout := range []plan.Layout{plan.Nested, plan.Single, plan.Split} {
		for _, gateway := range []plan.Gateway{plan.HTTP, plan.REST} {
			t.Run(fmt.Sprint(layout, " ", gateway), func(t *testing.T) {
				s := demo(t)
				s.opts = plan.DeployOptions{Layout: layout, Gateway: gateway}
				all := resources(t, s.synth(t))
				got := count(all)
				want := map[string]int{
					"AWS::Lambda::Function": 13, "AWS::IAM::Role": 13, "AWS::Logs::LogGroup": 14,
					"AWS::SQS::Queue": 24, "AWS::SQS::QueuePolicy": 24,
					"AWS::SNS::Topic": 6, "AWS::SNS::TopicPolicy": 6, "AWS::SNS::Subscription": 12,
					"AWS::Lambda::EventSourceMapping": 12, "AWS::Lambda::Permission": 1,
					"AWS::CloudWatch::Alarm": 13, "AWS::CloudWatch::Dashboard": 1,
				}
				if gateway == plan.HTTP {
					for _, one := range []string{"Api", "Stage", "Route", "Integration"} {
						want["AWS::ApiGatewayV2::"+one] = 1
					}
				} else {
					for _, one := range []string{"RestApi", "Stage", "Method", "Resource", "Deployment", "Account"} {
						want["AWS::ApiGateway::"+one] = 1
					}
					want["AWS::IAM::Role"]++
				}
				if layout == plan.Nested {
					want["AWS::CloudFormation::Stack"] = 7
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("resources (-want +got):\n%s", diff)
				}
				dead := 0
				for _, r := range all {
					if r.Type == "AWS::SQS::Queue" && strings.HasSuffix(r.Properties["QueueName"].(string), "-dlq") {
						dead++
					}
				}
				if dead != 12 {
					t.Errorf("%d dead-letter queues, want 12", dead)
				}
			})
		}
	}
}

// subscriber is what each subscriber consists of. $path is the path of its
// construct, $name the name of its function, $topic its topic.
const subscriber = `{
"DeadLetterQueue": {"QueueName": "$dead", "MessageRetentionPeriod": 1209600, "VisibilityTimeout": 30, "SqsManagedSseEnabled": true,
  "RedriveAllowPolicy": {"redrivePermission": "byQueue", "sourceQueueArns": ["$arn:sqs:$here:$queue"]}},
"Queue": {"QueueName": "$queue", "MessageRetentionPeriod": 345600, "VisibilityTimeout": 180, "ReceiveMessageWaitTimeSeconds": 20, "SqsManagedSseEnabled": true,
  "RedrivePolicy": {"deadLetterTargetArn": "${$path/DeadLetterQueue.Arn}", "maxReceiveCount": 5}},
"QueuePolicy": {"Queues": ["${$path/Queue}"], "PolicyDocument": {"Version": "2012-10-17", "Statement": [
  {"Sid": "Topic", "Effect": "Allow", "Action": "sqs:SendMessage", "Principal": {"Service": "sns.amazonaws.com"},
   "Resource": "${$path/Queue.Arn}", "Condition": {"ArnEquals": {"aws:SourceArn": "${less-dev/topics/$topic/$$topic/Topic}"}}},
  {"Sid": "OnlyTLS", "Effect": "Deny", "Action": "sqs:*", "Principal": {"AWS": "*"},
   "Resource": "${$path/Queue.Arn}", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}},
"DeadLetterQueuePolicy": {"Queues": ["${$path/DeadLetterQueue}"], "PolicyDocument": {"Version": "2012-10-17", "Statement": [
  {"Sid": "Topic", "Effect": "Allow", "Action": "sqs:SendMessage", "Principal": {"Service": "sns.amazonaws.com"},
   "Resource": "${$path/DeadLetterQueue.Arn}", "Condition": {"ArnEquals": {"aws:SourceArn": "${less-dev/topics/$topic/$$topic/Topic}"}}},
  {"Sid": "OnlyTLS", "Effect": "Deny", "Action": "sqs:*", "Principal": {"AWS": "*"},
   "Resource": "${$path/DeadLetterQueue.Arn}", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}},
"Subscription": {"TopicArn": "${less-dev/topics/$topic/$$topic/Topic}", "Protocol": "sqs", "Endpoint": "${$path/Queue.Arn}",
  "RawMessageDelivery": true, "RedrivePolicy": {"deadLetterTargetArn": "${$path/DeadLetterQueue.Arn}"}},
"Log": {"LogGroupName": "/aws/lambda/$name", "RetentionInDays": 30},
"Function": {"FunctionName": "$name", "Description": "less/$id", "Runtime": "provided.al2023", "Architectures": ["arm64"], "Handler": "bootstrap",
  "MemorySize": 128, "Timeout": 30, "Role": "${$path/Role.Arn}", "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "${$path/Log}"},
  "Environment": {"Variables": {"LESS_FUNCTION": "$id", "LESS_TOPIC_PREFIX": "$arn:sns:$here:less-dev-"}}},
"Mapping": {"EventSourceArn": "${$path/Queue.Arn}", "FunctionName": "${$path/Function}", "BatchSize": 10, "MaximumBatchingWindowInSeconds": 0,
  "FunctionResponseTypes": ["ReportBatchItemFailures"], "ScalingConfig": {"MaximumConcurrency": 10}},
"DeadLettersAlarm": {"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Statistic": "Maximum",
  "Dimensions": [{"Name": "QueueName", "Value": "$dead"}], "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0,
  "Period": 60, "EvaluationPeriods": 1, "TreatMissingData": "notBreaching"}
}`

// code is what a function's code looks like, and the words of an alarm: the CDK's
// own, and text for people.
func withoutText(all map[string]resource, ids ...string) map[string]any {
	out := map[string]any{}
	for id, r := range all {
		if slices.Contains(ids, id) {
			continue
		}
		delete(r.Properties, "Code")
		delete(r.Properties, "AlarmDescription")
		out[id] = r.Properties
	}
	return out
}

const (
	arnStart = "arn:${AWS::Partition}"
	here     = "${AWS::Region}:${AWS::AccountId}"
)

func TestEveryResourceOfEverySubscriber(t *testing.T) {
	s := demo(t)
	all := resources(t, s.synth(t))
	for _, sub := range s.deployment(t).Subscriptions() {
		t.Run(sub.Function, func(t *testing.T) {
			f, _ := s.deployment(t).Function(sub.Function)
			path := "less-dev/" + sub.Function
			want := properties(t, subscriber, "$path", path, "$$topic", "$topic", "$topic", sub.Topic,
				"$name", f.Name, "$queue", sub.Queue.Name, "$dead", sub.DeadLetter.Name, "$id", sub.Function, "$arn", arnStart, "$here", here)
			own := below(all, path)
			if diff := cmp.Diff(want, withoutText(own, "Role")); diff != "" {
				t.Errorf("resources, without the role (-want +got):\n%s", diff)
			}
			if len(own) != 10 {
				t.Errorf("%d resources, want 10", len(own))
			}
			waits := own["Subscription"].DependsOn
			slices.Sort(waits)
			if want := []string{path + "/DeadLetterQueuePolicy", path + "/QueuePolicy"}; !slices.Equal(waits, want) {
				t.Errorf("the subscription waits for %v, want %v", waits, want)
			}
		})
	}
	for _, topic := range s.deployment(t).Topics {
		path := "less-dev/" + topic.ID + "/$topic"
		want := properties(t, `{"Topic": {"TopicName": "$name"}, "Policy": {"Topics": ["${$path/Topic}"],
			"PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Sid": "OnlyTLS", "Effect": "Deny", "Action": "sns:Publish",
			"Principal": {"AWS": "*"}, "Resource": "${$path/Topic}", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}}}`,
			"$name", topic.Resource, "$path", path)
		if diff := cmp.Diff(want, withoutText(below(all, path))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", topic.ID, diff)
		}
	}
}

func TestEveryResourceOfARoute(t *testing.T) {
	s := demo(t)
	s.planned.Origins = map[string][]string{"orders": {"https://example.com"}}
	all := resources(t, s.synth(t))
	own := below(all, "less-dev/apis/orders")
	if len(own) != 10 {
		t.Errorf("%d resources, want 10", len(own))
	}
	got := withoutText(own, "orders/post/Role")
	format := got["$gateway/Stage"].(map[string]any)["AccessLogSettings"].(map[string]any)["Format"].(string)
	var line map[string]string
	if err := json.Unmarshal([]byte(format), &line); err != nil || line["status"] != "$context.status" || line["route"] != "$context.routeKey" {
		t.Errorf("the access log's format is not JSON with a status and a route: %v: %s", err, format)
	}
	delete(got["$gateway/Stage"].(map[string]any)["AccessLogSettings"].(map[string]any), "Format")
	want := properties(t, `{
		"orders/post/Log": {"LogGroupName": "/aws/lambda/$name", "RetentionInDays": 30},
		"orders/post/Function": {"FunctionName": "$name", "Description": "less/apis/orders/orders/post", "Runtime": "provided.al2023",
			"Architectures": ["arm64"], "Handler": "bootstrap", "MemorySize": 128, "Timeout": 29, "Role": "${$path/orders/post/Role.Arn}",
			"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "${$path/orders/post/Log}"},
			"Environment": {"Variables": {"LESS_FUNCTION": "apis/orders/orders/post", "LESS_TOPIC_PREFIX": "$arn:sns:$here:less-dev-"}}},
		"$gateway/Api": {"Name": "less-dev-orders", "ProtocolType": "HTTP", "Description": "less/apis/orders",
			"CorsConfiguration": {"AllowOrigins": ["https://example.com"], "AllowMethods": ["OPTIONS", "POST"],
				"AllowHeaders": ["authorization", "content-type", "traceparent", "x-correlation-id"], "MaxAge": 3600}},
		"$gateway/AccessLog": {"LogGroupName": "/aws/vendedlogs/less-dev/apis/orders", "RetentionInDays": 30},
		"$gateway/Stage": {"ApiId": "${$path/$gateway/Api}", "StageName": "$default", "AutoDeploy": true,
			"AccessLogSettings": {"DestinationArn": "${$path/$gateway/AccessLog.Arn}"},
			"DefaultRouteSettings": {"DetailedMetricsEnabled": true, "ThrottlingRateLimit": 1000, "ThrottlingBurstLimit": 500}},
		"$gateway/orders.orders.post/Integration": {"ApiId": "${$path/$gateway/Api}", "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0",
			"IntegrationUri": "$arn:lambda:$here:function:${$path/orders/post/Function}", "TimeoutInMillis": 30000},
		"$gateway/orders.orders.post/Route": {"ApiId": "${$path/$gateway/Api}", "AuthorizationType": "NONE", "RouteKey": "POST /orders",
			"Target": "integrations/${$path/$gateway/orders.orders.post/Integration}"},
		"$gateway/orders.orders.post/Permission": {"Action": "lambda:InvokeFunction", "FunctionName": "${$path/orders/post/Function}",
			"Principal": "apigateway.amazonaws.com", "SourceArn": "$arn:execute-api:$here:${$path/$gateway/Api}/*/POST/orders"},
		"$gateway/ServerErrorsAlarm": {"Namespace": "AWS/ApiGateway", "MetricName": "5xx", "Statistic": "Sum",
			"Dimensions": [{"Name": "ApiId", "Value": "${$path/$gateway/Api}"}], "ComparisonOperator": "GreaterThanThreshold",
			"Threshold": 0, "Period": 60, "EvaluationPeriods": 1, "TreatMissingData": "notBreaching"}
	}`, "$path", "less-dev/apis/orders", "$name", "less-dev-api-orders-orders-post", "$arn", arnStart, "$here", here)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARESTAPIHasTheSameRoutesAndPermissions(t *testing.T) {
	s := system{app: withRoutes(generated(0), 2), opts: plan.DeployOptions{Gateway: plan.REST}, planned: outside}
	own := below(resources(t, s.synth(t)), "less-dev/apis/orders")
	method := own["$gateway/orders.things.thing_000.by_id.get/Method"].Properties
	integration, _ := method["Integration"].(map[string]any)
	if method["HttpMethod"] != "GET" || integration["Type"] != "AWS_PROXY" ||
		integration["Uri"] != arnStart+":apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"+
			arnStart+":lambda:"+here+":function:${less-dev/apis/orders/things/thing_000/by_id/get/Function}/invocations" {
		t.Errorf("method %v", method)
	}
	if got, want := own["$gateway/orders.things.thing_000.by_id.get/Permission"].Properties["SourceArn"],
		arnStart+":execute-api:"+here+":${less-dev/apis/orders/$gateway/Api}/*/GET/things/thing_000/*"; got != want {
		t.Errorf("permission for %v, want %v", got, want)
	}
	folder := own["$gateway/folder.things.thing_001.{id}/Resource"]
	if folder.Type == "" {
		folder = own["$gateway/folder.things.thing_001.{id}"]
	}
	if folder.Properties["PathPart"] != "{id}" {
		t.Errorf("folder of /things/thing_001/{id}: %v", folder.Properties)
	}
	stage := own["$gateway/Stage"].Properties
	settings := stage["MethodSettings"].([]any)[0].(map[string]any)
	if settings["ThrottlingRateLimit"] != 1000.0 || settings["ThrottlingBurstLimit"] != 500.0 || settings["LoggingLevel"] != "ERROR" ||
		stage["AccessLogSetting"] == nil {
		t.Errorf("stage %v", stage)
	}
	for path, r := range own {
		if r.Type == "AWS::ApiGateway::Deployment" && len(r.DependsOn) != 9 {
			t.Errorf("%s waits for %v: want 2 routes, the preflight of 5 folders, and 2 gateway responses", path, r.DependsOn)
		}
	}
}

// allowed lists the statements of a policy, one for each action and resource.
func allowed(policies any) []string {
	var out []string
	for _, s := range policies.(map[string]any)["Statement"].([]any) {
		s := s.(map[string]any)
		for _, action := range list(s["Action"]) {
			for _, r := range list(s["Resource"]) {
				out = append(out, fmt.Sprint(s["Effect"], " ", action, " on ", r))
			}
		}
	}
	slices.Sort(out)
	return out
}

func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func TestRolesAllowExactlyWhatIamPrints(t *testing.T) {
	s := demo(t)
	all := resources(t, s.synth(t))
	for _, role := range iam.Roles(s.app, s.deployment(t).Plan, s.flow) {
		var want []string
		for _, one := range role.Statements {
			for _, action := range one.Actions {
				want = append(want, "Allow "+action+" on "+one.Resource)
			}
		}
		slices.Sort(want)
		made := all["less-dev/"+role.Function+"/Role"]
		policies := made.Properties["Policies"].([]any)
		if len(policies) != 1 || made.Properties["ManagedPolicyArns"] != nil {
			t.Errorf("%s: %v", role.Function, made.Properties)
		}
		if diff := cmp.Diff(want, allowed(policies[0].(map[string]any)["PolicyDocument"])); diff != "" {
			t.Errorf("%s (-iam +role):\n%s", role.Function, diff)
		}
		trust := made.Properties["AssumeRolePolicyDocument"].(map[string]any)["Statement"].([]any)
		if len(trust) != 1 || !cmp.Equal(trust[0].(map[string]any)["Principal"], map[string]any{"Service": "lambda.amazonaws.com"}) {
			t.Errorf("%s is assumed by %v", role.Function, trust)
		}
		for path, r := range all {
			if r.Type == "AWS::IAM::Policy" || r.Type == "AWS::IAM::ManagedPolicy" {
				t.Errorf("%s allows more", path)
			}
		}
	}
}

func TestWildcardsHaveAReason(t *testing.T) {
	for _, tracing := range []bool{false, true} {
		s := demo(t)
		s.opts = plan.DeployOptions{Tracing: tracing, Ops: "create", Alarms: plan.FullAlarms}
		for path, r := range resources(t, s.synth(t)) {
			var documents []any
			if policies, ok := r.Properties["Policies"].([]any); ok {
				for _, p := range policies {
					documents = append(documents, p.(map[string]any)["PolicyDocument"])
				}
			} else if d, ok := r.Properties["PolicyDocument"]; ok {
				documents = append(documents, d)
			}
			nag, _ := json.Marshal(r.Metadata["cdk_nag"])
			for _, d := range documents {
				for _, line := range allowed(d) {
					action, resource, _ := strings.Cut(line, " on ")
					if strings.HasPrefix(action, "Allow") && strings.Contains(action, "*") {
						t.Errorf("%s: %s", path, line)
					}
					if strings.Contains(resource, "*") && !strings.Contains(string(nag), "AwsSolutions-IAM5") {
						t.Errorf("%s: %s without a reason", path, line)
					}
					if resource == "*" && !strings.Contains(action, "xray:Put") {
						t.Errorf("%s: %s", path, line)
					}
				}
			}
		}
	}
}

func TestOneMoreSubscriberChangesNoOtherStackAndRenamesNothing(t *testing.T) {
	for _, layout := range []plan.Layout{plan.Nested, plan.Split} {
		for _, n := range []int{39, 50} {
			t.Run(fmt.Sprint(layout, " ", n), func(t *testing.T) {
				s := system{app: withRoutes(generated(2, "other"), 1), opts: plan.DeployOptions{Layout: layout}}
				s.app.Topics = append(s.app.Topics, generated(n, "t").Topics...)
				before := s.synth(t)
				topic := &s.app.Topics[1]
				topic.Subscribers = append([]app.Subscriber{{Topic: "t", Name: "a_new_one"}}, topic.Subscribers...)
				after := s.synth(t)

				old, now := resources(t, before), resources(t, after)
				fresh := 0
				var changed []string
				for path, r := range now {
					if _, found := old[path]; !found {
						fresh++
						if !strings.Contains(path, "a_new_one") {
							t.Errorf("%s is new", path)
						}
					}
					if r.Stack != "less-dev.template.json" && r.Type != "AWS::CloudFormation::Stack" && !slices.Contains(changed, r.Stack) && !cmp.Equal(r, old[path]) {
						changed = append(changed, r.Stack)
					}
				}
				for path, r := range old {
					if !cmp.Equal(r, now[path]) && r.Type != "AWS::CloudFormation::Stack" {
						t.Errorf("%s is not what it was: %s", path, cmp.Diff(r, now[path]))
					}
				}
				if fresh != 10 || len(changed) != 1 {
					t.Errorf("%d resources are new, in %v: want 10 in one stack", fresh, changed)
				}
				nested := 0
				for path, r := range old {
					if r.Type == "AWS::CloudFormation::Stack" && !cmp.Equal(r, now[path]) {
						nested++
					}
				}
				if want := map[plan.Layout]int{plan.Nested: 1}[layout]; nested != want {
					t.Errorf("the root has %d changed stacks, want %d", nested, want)
				}
			})
		}
	}
}

func TestShardsOfAnAPIStayWithinAStackAndNameEachOther(t *testing.T) {
	for _, layout := range []plan.Layout{plan.Nested, plan.Split} {
		s := system{app: withRoutes(generated(0), 100), opts: plan.DeployOptions{Layout: layout}}
		out := s.synth(t)
		all := resources(t, out)
		if got := count(all); got["AWS::Lambda::Function"] != 100 || got["AWS::ApiGatewayV2::Route"] != 100 || got["AWS::Lambda::Permission"] != 100 {
			t.Errorf("%s: %v", layout, got)
		}
		for name, tpl := range templates(t, out) {
			if n := len(tpl["Resources"].(map[string]any)); n > 500 {
				t.Errorf("%s holds %d resources", name, n)
			}
			for id, o := range mapOf(tpl["Outputs"]) {
				if mapOf(o)["Export"] != nil {
					t.Errorf("%s exports %s", name, id)
				}
			}
			if text, _ := json.Marshal(tpl); strings.Contains(string(text), "Fn::ImportValue") {
				t.Errorf("%s imports what another stack exports", name)
			}
		}
	}
}

func mapOf(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func TestThePlanCountsTheResourcesOfEachStack(t *testing.T) {
	for _, opts := range []plan.DeployOptions{
		{Layout: plan.Split},
		{Layout: plan.Split, Alarms: plan.FullAlarms, Tracing: true},
		{Layout: plan.Split, Gateway: plan.REST},
	} {
		s := system{app: withRoutes(generated(3, "a", "b"), 5), opts: opts}
		for _, name := range []string{"one", "two", "three"} {
			s.app.Crons = append(s.app.Crons, app.Cron{Name: name, Schedule: "rate(1 day)", Package: app.Package{Dir: "less/crons/" + name}})
		}
		tpls := templates(t, s.synth(t))
		d := s.deployment(t)
		for _, stack := range d.Stacks {
			got := len(mapOf(tpls[stack.Name+".template.json"]["Resources"]))
			if want := d.Resources(stack); got > want || got == 0 || want-got > 1 {
				t.Errorf("%+v: %s has %d resources, and the plan counts %d", opts, stack.ID, got, want)
			}
		}
	}
}

func TestOutputsTellWhereThingsAre(t *testing.T) {
	s := demo(t)
	s.opts.Ops = "create"
	root := templates(t, s.synth(t))["less-dev.template.json"]
	var got []string
	for id, o := range mapOf(root["Outputs"]) {
		got = append(got, id+" "+fmt.Sprint(plain(mapOf(o)["Value"], nil)))
	}
	slices.Sort(got)
	// The API's endpoint, out of its nested stack.
	want := []string{"ApiOrders ${apisordersNestedStack", "Ops " + arnStart + ":sns:" + here + ":less-dev-ops"}
	for _, topic := range s.deployment(t).Topics {
		id := "Topic"
		for part := range strings.SplitSeq(topic.Name, "_") {
			id += strings.ToUpper(part[:1]) + part[1:]
		}
		want = append(want, id+" "+arnStart+":sns:"+here+":"+topic.Resource)
	}
	if len(got) != len(want) {
		t.Errorf("outputs %v", got)
	}
	if !strings.HasSuffix(got[0], "ApiEndpoint}") {
		t.Errorf("the API's output is %s", got[0])
	}
	for i := range min(len(got), len(want)) {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("output %s, want %s", got[i], want[i])
		}
	}
}

func TestProductionKeepsDeadLettersAndLogs(t *testing.T) {
	for stage, want := range map[string]string{"dev": "", "prod": "Retain"} {
		s := system{app: withRoutes(generated(1, "t"), 1), opts: plan.DeployOptions{Stage: stage}}
		out := s.synth(t)
		all := resources(t, out)
		for _, path := range []string{"topics/t/subscriber_000/DeadLetterQueue", "apis/orders/$gateway/AccessLog"} {
			if got := all["less-dev/"+path].Deletion; got != want {
				t.Errorf("%s: %s has the deletion policy %q", stage, path, got)
			}
		}
		if got := all["less-dev/topics/t/subscriber_000/Queue"].Deletion; got != "" {
			t.Errorf("%s: the queue has the deletion policy %q", stage, got)
		}
		manifest, err := os.ReadFile(filepath.Join(out, "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(manifest), `"terminationProtection": true`); got != (stage == "prod") {
			t.Errorf("%s: protected is %v", stage, got)
		}
	}
}

func TestTheProjectsVariablesAreInEachFunctionsEnvironment(t *testing.T) {
	s := system{
		app: withRoutes(generated(1, "t"), 1), opts: plan.DeployOptions{Layout: plan.Single},
		planned: plan.Options{Env: map[string]secret.Text{"PAYMENT_URL": "https://payment.example"}},
	}
	functions := 0
	for path, r := range resources(t, s.synth(t)) {
		if r.Type != "AWS::Lambda::Function" {
			continue
		}
		functions++
		if got := mapOf(mapOf(r.Properties["Environment"])["Variables"]); len(got) != 3 || got["PAYMENT_URL"] != "https://payment.example" {
			t.Errorf("%s: %v", path, got)
		}
	}
	if functions != 2 {
		t.Errorf("%d functions, want 2", functions)
	}
}

func TestTracingAndTheTopicOfAlarms(t *testing.T) {
	s := system{app: withRoutes(generated(1, "t"), 1), opts: plan.DeployOptions{Tracing: true, Ops: "create"}}
	all := resources(t, s.synth(t))
	fn := all["less-dev/topics/t/subscriber_000/Function"].Properties
	if !cmp.Equal(fn["TracingConfig"], map[string]any{"Mode": "Active"}) {
		t.Errorf("tracing of a function: %v", fn["TracingConfig"])
	}
	if got := all["less-dev/topics/t/$topic/Topic"].Properties["TracingConfig"]; got != "Active" {
		t.Errorf("tracing of a topic: %v", got)
	}
	ops := []any{arnStart + ":sns:" + here + ":less-dev-ops"}
	alarms := 0
	for path, r := range all {
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		alarms++
		if diff := cmp.Diff(ops, r.Properties["AlarmActions"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if alarms != 2 {
		t.Errorf("%d alarms, want 2", alarms)
	}
}

func TestTheDashboardSearchesAndDoesNotGrow(t *testing.T) {
	body := func(n int) string {
		s := system{app: generated(n, "t")}
		text, _ := resources(t, s.synth(t))["less-dev/Dashboard"].Properties["DashboardBody"].(string)
		return text
	}
	one := body(1)
	var d struct {
		Widgets []struct{ Properties map[string]any }
	}
	if err := json.Unmarshal([]byte(one), &d); err != nil || len(d.Widgets) == 0 {
		t.Fatalf("%v in %s", err, one)
	}
	if !strings.Contains(one, "SEARCH(") {
		t.Errorf("the dashboard does not search: %s", one)
	}
	if many := body(3); many != one {
		t.Error("the dashboard changes with a subscriber")
	}
}

func TestAProjectGrantsItsOwnResourcesToAFunction(t *testing.T) {
	s := demo(t)
	s.add = func(_ awscdk.App, tree *cdk.Tree) {
		bucket := awss3.NewBucket(tree.Root, jsii.String("Receipts"), &awss3.BucketProps{})
		bucket.GrantRead(tree.Functions["topics/order_placed/payment_service_process_payment"], nil)
	}
	all := resources(t, s.synth(t))
	var policies []string
	for path, r := range all {
		if r.Type == "AWS::IAM::Policy" {
			policies = append(policies, path)
		}
	}
	want := []string{"less-dev/topics/order_placed/payment_service_process_payment/Role/DefaultPolicy"}
	if diff := cmp.Diff(want, policies); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}

func TestAPanicOfTheCDKNamesTheFolder(t *testing.T) {
	needNode(t)
	s := system{app: generated(1, "t")}
	d := s.deployment(t)
	_, err := cdk.New(awscdk.NewApp(nil), cdk.Input{
		Deployment: d, Roles: iam.Roles(s.app, d.Plan, flow.Flow{}),
		Asset: func(string) (cdk.Asset, error) { return cdk.Asset{Path: filepath.Join(t.TempDir(), "nothing")}, nil },
	})
	if err == nil || !strings.HasPrefix(err.Error(), "less/topics/t/subscriber_000: ") {
		t.Errorf("error %v", err)
	}
}

// finding is a line of a report of cdk-nag.
type finding struct {
	RuleID     string `json:"ruleId"`
	ResourceID string `json:"resourceId"`
	Compliance string `json:"compliance"`
	Reason     string `json:"exceptionReason"`
}

func TestNagFindsNothingThatIsNotAnswered(t *testing.T) {
	for name, opts := range map[string]plan.DeployOptions{
		"default": {},
		"all":     {Tracing: true, Ops: "create", Alarms: plan.FullAlarms, Stage: "prod"},
		"rest":    {Gateway: plan.REST},
	} {
		t.Run(name, func(t *testing.T) {
			s := demo(t)
			s.opts, s.planned = opts, outside
			s.add = func(scope awscdk.App, _ *cdk.Tree) {
				awscdk.Aspects_Of(scope).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
					Reports: jsii.Bool(true), ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
				}), nil)
			}
			files, err := filepath.Glob(filepath.Join(s.synth(t), "*NagReport.json"))
			if err != nil || len(files) != 8 {
				t.Fatalf("reports %v (%v), want one for each of 8 stacks", files, err)
			}
			checked := 0
			for _, file := range files {
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				var report struct{ Lines []finding }
				if err := json.Unmarshal(content, &report); err != nil {
					t.Fatal(err)
				}
				for _, f := range report.Lines {
					checked++
					if f.Compliance == "Non-Compliant" || f.Compliance == "UNKNOWN" || f.Compliance == "Suppressed" && len(f.Reason) < 20 {
						t.Errorf("%s: %s %s %q", f.ResourceID, f.RuleID, f.Compliance, f.Reason)
					}
				}
			}
			if checked == 0 {
				t.Error("nothing was checked")
			}
		})
	}
}
