package resources_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/apigatewayv2"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/bundle"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/cloudformation/resources"
	"github.com/less-go/less/internal/cloudwatch"
	"github.com/less-go/less/internal/cwlogs"
	"github.com/less-go/less/internal/eventsapi"
	"github.com/less-go/less/internal/lambdaapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
	"github.com/less-go/less/internal/sqs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	region  = "eu-west-1"
	roleARN = "arn:aws:iam::000000000000:role/charge"
)

// A rig is the services over one store, and the providers for them.
type rig struct {
	t         *testing.T
	ctx       context.Context
	services  resources.Services
	providers map[string]provider.Provider
	store     *queue.Store
	began     []string
	// What the services tell the engine.
	functions []lambdaapi.Function
	mappings  []lambdaapi.Mapping
	apis      []*apigatewayv2.API
	rules     []*eventsapi.Rule
	code      *bundle.Store
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, ctx: awsapi.WithRequest(t.Context(), awsapi.Request{Region: region, URL: "http://localhost:4566", Signed: true})}
	store, err := queue.Open(t.Context(), ":memory:", queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	r.store = store
	if r.code, err = bundle.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	topics, err := sns.New(t.Context(), store, sns.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = topics.Close(context.Background()) })
	apis, err := apigatewayv2.New(t.Context(), store, func(all []*apigatewayv2.API) { r.apis = all })
	if err != nil {
		t.Fatal(err)
	}
	events, err := eventsapi.New(t.Context(), eventsapi.Options{
		Store: store, Reserved: func(string) bool { return false }, Changed: func(all []*eventsapi.Rule) error { r.rules = all; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	watch, err := cloudwatch.New(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := cwlogs.New(t.Context(), noLogs{}, store)
	if err != nil {
		t.Fatal(err)
	}
	r.services = resources.Services{
		SQS: sqs.New(store), SNS: topics, APIs: apis, Events: events, Alarms: watch, Logs: logs,
		Lambda: lambdaapi.New(lambdaapi.Options{Sources: r, Deployer: r, Objects: r}),
	}
	r.openAccount()
	r.providers = resources.Providers(r.services)
	return r
}

// noLogs are the logs of functions that have written none.
type noLogs struct{}

func (noLogs) Open(string) ([]fs.File, error) { return nil, nil }

// The rig is what Lambda works with.

func (r *rig) Queue(name string) (queue.Info, bool) { return r.store.Queue(name) }
func (r *rig) Mappings() []lambdaapi.Mapping        { return r.mappings }

func (r *rig) SetMapping(ctx context.Context, m lambdaapi.Mapping) error {
	_ = r.DeleteMapping(ctx, m.ID)
	r.mappings = append(r.mappings, m)
	return nil
}

func (r *rig) DeleteMapping(_ context.Context, id string) error {
	r.mappings = slices.DeleteFunc(r.mappings, func(m lambdaapi.Mapping) bool { return m.ID == id })
	return nil
}

func (r *rig) Unpack(content io.Reader) (bundle.Bundle, string, error) {
	b, err := r.code.Add(content)
	return b, r.code.Folder(b), err
}

func (r *rig) Zip(b bundle.Bundle) string { return r.code.Zip(b) }

func (r *rig) Deploy(ctx context.Context, f lambdaapi.Function) error {
	_ = r.Withdraw(ctx, f.Name)
	r.functions = append(r.functions, f)
	r.services.Lambda.SetFunctions(r.functions)
	return nil
}

func (r *rig) Withdraw(_ context.Context, name string) error {
	r.functions = slices.DeleteFunc(slices.Clone(r.functions), func(f lambdaapi.Function) bool { return f.Name == name })
	r.services.Lambda.SetFunctions(r.functions)
	return nil
}

func (r *rig) Object(_ context.Context, bucket, key, _ string) (io.ReadCloser, error) {
	if bucket != "assets" {
		return nil, awsapi.Errorf("InvalidParameterValueException", "Error occurred while GetObject. S3 Error Code: NoSuchBucket.")
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: "bootstrap"}
	header.SetMode(0o755)
	w, err := z.CreateHeader(header)
	if err == nil {
		_, err = io.WriteString(w, "#!/bin/sh\n# "+key)
	}
	return io.NopCloser(&out), errors.Join(err, z.Close())
}

// An object is properties as a template has them.
type object = map[string]any

// resource is a resource of the stack shop.
func (r *rig) resource(kind, logicalID, properties string) provider.Resource {
	r.t.Helper()
	decoder := json.NewDecoder(strings.NewReader(properties))
	decoder.UseNumber()
	var p object
	if err := decoder.Decode(&p); err != nil {
		r.t.Fatalf("%s: %v", logicalID, err)
	}
	if problems := r.providers[kind].Schema().Problems(p); problems != nil {
		r.t.Fatalf("%s: %q", logicalID, problems)
	}
	value := "shop"
	return provider.Resource{
		StackName: "shop", StackID: "arn:aws:cloudformation:eu-west-1:000000000000:stack/shop/1", Type: kind, LogicalID: logicalID, Region: region,
		Properties: p, Tags: []provider.Tag{{Key: "less:app", Value: value}}, Token: "1",
		Began: func(id string) error { r.began = append(r.began, id); return nil },
	}
}

// create makes a resource, which has to be begun.
func (r *rig) create(kind, logicalID, properties string) provider.Resource {
	r.t.Helper()
	res := r.resource(kind, logicalID, properties)
	made, err := r.providers[kind].Create(r.ctx, res)
	if err != nil {
		r.t.Fatalf("create %s: %v", logicalID, err)
	}
	if len(r.began) == 0 || r.began[len(r.began)-1] != made.PhysicalID {
		r.t.Errorf("%s is %s, and %q was begun", logicalID, made.PhysicalID, r.began)
	}
	for name := range made.Attributes {
		if !r.providers[kind].Schema().HasAttribute(name) {
			r.t.Errorf("%s has the attribute %s, which its schema has not", logicalID, name)
		}
	}
	res.PhysicalID = made.PhysicalID
	return res
}

// update changes a resource, whose id stays.
func (r *rig) update(res provider.Resource, properties string) provider.Resource {
	r.t.Helper()
	next := r.resource(res.Type, res.LogicalID, properties)
	next.PhysicalID = res.PhysicalID
	made, err := r.providers[res.Type].Update(r.ctx, next, res.Properties)
	if err != nil {
		r.t.Fatalf("update %s: %v", res.LogicalID, err)
	}
	if made.PhysicalID != res.PhysicalID {
		r.t.Errorf("%s is %s now, and was %s", res.LogicalID, made.PhysicalID, res.PhysicalID)
	}
	return next
}

// remove deletes a resource, twice: the second time it is gone already.
func (r *rig) remove(res provider.Resource) {
	r.t.Helper()
	for range 2 {
		if err := r.providers[res.Type].Delete(r.ctx, res); err != nil {
			r.t.Errorf("delete %s: %v", res.LogicalID, err)
		}
	}
}

func (r *rig) queueAttributes(url string) map[string]string {
	r.t.Helper()
	out, err := r.services.SQS.GetQueueAttributes(r.ctx, &sqs.GetQueueAttributesInput{Queue: sqs.Queue{QueueURL: url}, AttributeNames: []string{"All"}})
	if err != nil {
		r.t.Fatal(err)
	}
	return out.Attributes
}

// has checks some members of a map.
func has(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	some := maps.Clone(got)
	maps.DeleteFunc(some, func(name, _ string) bool { _, wanted := want[name]; return !wanted })
	if diff := cmp.Diff(want, some); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const (
	deadARN  = "arn:aws:sqs:eu-west-1:000000000000:dead"
	workARN  = "arn:aws:sqs:eu-west-1:000000000000:work"
	topicARN = "arn:aws:sns:eu-west-1:000000000000:paid"
	workURL  = "http://localhost:4566/000000000000/work"
)

func TestAMessageOfAQueueIsDeadAfterAsManyReceivesAsItsTemplateSays(t *testing.T) {
	r := newRig(t)
	dead := r.create("AWS::SQS::Queue", "Dead", `{"QueueName": "dead", "MessageRetentionPeriod": 1209600, "SqsManagedSseEnabled": true,
		"RedriveAllowPolicy": {"redrivePermission": "byQueue", "sourceQueueArns": ["`+workARN+`"]}}`)
	work := r.create("AWS::SQS::Queue", "Work", `{"QueueName": "work", "VisibilityTimeout": "0", "RedrivePolicy": {"deadLetterTargetArn": "`+deadARN+`", "maxReceiveCount": 3}}`)
	if work.PhysicalID != workURL {
		t.Errorf("the queue is %s", work.PhysicalID)
	}
	if _, err := r.services.SQS.SendMessage(r.ctx, &sqs.SendMessageInput{Queue: sqs.Queue{QueueURL: workURL}, Outgoing: sqs.Outgoing{MessageBody: "poison"}}); err != nil {
		t.Fatal(err)
	}
	receives := 0
	for range 10 {
		out, err := r.services.SQS.ReceiveMessage(r.ctx, &sqs.ReceiveMessageInput{Queue: sqs.Queue{QueueURL: workURL}})
		if err != nil {
			t.Fatal(err)
		}
		receives += len(out.Messages)
	}
	out, err := r.services.SQS.ReceiveMessage(r.ctx, &sqs.ReceiveMessageInput{Queue: sqs.Queue{QueueURL: dead.PhysicalID}})
	if err != nil || len(out.Messages) != 1 || receives != 3 {
		t.Errorf("%d receives, and then %+v, %v", receives, out, err)
	}
	r.remove(work)
	r.remove(dead)
	// A queue that CloudFormation has deleted can be made again at once.
	r.create("AWS::SQS::Queue", "Work", `{"QueueName": "work"}`)
}

func TestAQueueIsAsItsTemplateSaysAndNothingElse(t *testing.T) {
	r := newRig(t)
	queue := r.create("AWS::SQS::Queue", "Queue", `{"QueueName": "work", "VisibilityTimeout": 180, "DelaySeconds": 5, "ReceiveMessageWaitTimeSeconds": 20,
		"MaximumMessageSize": 2048, "MessageRetentionPeriod": 600, "SqsManagedSseEnabled": false, "Tags": [{"Key": "own", "Value": "1"}]}`)
	policy := r.create("AWS::SQS::QueuePolicy", "Policy", `{"Queues": ["`+workURL+`"], "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}`)
	want := map[string]string{
		"VisibilityTimeout": "180", "DelaySeconds": "5", "ReceiveMessageWaitTimeSeconds": "20", "MaximumMessageSize": "2048",
		"MessageRetentionPeriod": "600", "SqsManagedSseEnabled": "false", "Policy": `{"Statement":[],"Version":"2012-10-17"}`,
	}
	has(t, "made", r.queueAttributes(workURL), want)
	r.update(queue, `{"QueueName": "work", "VisibilityTimeout": 60}`)
	want = map[string]string{
		"VisibilityTimeout": "60", "DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "0", "MaximumMessageSize": "1048576",
		"MessageRetentionPeriod": "345600", "SqsManagedSseEnabled": "true", "Policy": `{"Statement":[],"Version":"2012-10-17"}`,
	}
	has(t, "updated", r.queueAttributes(workURL), want)
	tags, err := r.services.SQS.ListQueueTags(r.ctx, &sqs.ListQueueTagsInput{Queue: sqs.Queue{QueueURL: workURL}})
	if diff := cmp.Diff(map[string]string{"less:app": "shop"}, tags.Tags); err != nil || diff != "" {
		t.Errorf("%v, tags (-want +got):\n%s", err, diff)
	}
	r.remove(policy)
	if got := r.queueAttributes(workURL)["Policy"]; got != "" {
		t.Errorf("its policy is still %s", got)
	}
}

func TestWhatIsTakenIsNotMadeAndNotBegun(t *testing.T) {
	r := newRig(t)
	taken := map[string]string{
		"AWS::SQS::Queue":   `{"QueueName": "work"}`,
		"AWS::SNS::Topic":   `{"TopicName": "paid"}`,
		"AWS::Events::Rule": `{"Name": "daily", "ScheduleExpression": "rate(1 day)"}`,
	}
	if runtime.GOOS == "linux" {
		taken["AWS::Lambda::Function"] = function("charge", "one.zip", "")
	}
	for kind, properties := range taken {
		r.create(kind, "First", properties)
		before := len(r.began)
		_, err := r.providers[kind].Create(r.ctx, r.resource(kind, "Second", properties))
		f, ok := errors.AsType[*provider.Failure](err)
		if !ok || f.Code != provider.CodeAlreadyExists || len(r.began) != before {
			t.Errorf("%s: %v, begun %q", kind, err, r.began[before:])
		}
	}
}

func TestATopicFeedsAQueueAsItsSubscriptionSays(t *testing.T) {
	r := newRig(t)
	r.create("AWS::SQS::Queue", "Dead", `{"QueueName": "dead"}`)
	r.create("AWS::SQS::Queue", "Work", `{"QueueName": "work"}`)
	topic := r.create("AWS::SNS::Topic", "Topic", `{"TopicName": "paid", "TracingConfig": "Active", "DisplayName": "x"}`)
	policy := r.create("AWS::SNS::TopicPolicy", "Policy", `{"Topics": ["`+topicARN+`"], "PolicyDocument": {"Version": "2012-10-17", "Statement": [
		{"Sid": "OnlyTLS", "Effect": "Deny", "Action": "sns:Publish", "Resource": "`+topicARN+`", "Principal": {"AWS": "*"}, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}}`)
	const rest = `"TopicArn": "` + topicARN + `", "Protocol": "sqs", "Endpoint": "` + workARN + `"`
	sub := r.create("AWS::SNS::Subscription", "Subscription", `{`+rest+`, "RawMessageDelivery": "true", "FilterPolicy": {"kind": ["a"]}, "RedrivePolicy": {"deadLetterTargetArn": "`+deadARN+`"}}`)
	attributes := func() map[string]string {
		t.Helper()
		out, err := r.services.SNS.GetSubscriptionAttributes(r.ctx, &sns.GetSubscriptionAttributesInput{SubscriptionARN: sub.PhysicalID})
		if err != nil {
			t.Fatal(err)
		}
		return out.Attributes
	}
	has(t, "made", attributes(), map[string]string{
		"RawMessageDelivery": "true", "FilterPolicy": `{"kind":["a"]}`, "RedrivePolicy": `{"deadLetterTargetArn":"` + deadARN + `"}`, "PendingConfirmation": "false",
	})
	r.update(sub, `{`+rest+`}`)
	has(t, "updated", attributes(), map[string]string{"RawMessageDelivery": "false"})
	if got := attributes(); got["FilterPolicy"] != "" && got["FilterPolicy"] != "{}" || got["RedrivePolicy"] != "" {
		t.Errorf("updated: %v", got)
	}

	topicAttributes := func() map[string]string {
		t.Helper()
		out, err := r.services.SNS.GetTopicAttributes(r.ctx, &sns.GetTopicAttributesInput{TopicARN: topicARN})
		if err != nil {
			t.Fatal(err)
		}
		return out.Attributes
	}
	if got := topicAttributes(); got["TracingConfig"] != "Active" || !strings.Contains(got["Policy"], "OnlyTLS") {
		t.Errorf("topic %v", got)
	}
	r.update(topic, `{"TopicName": "paid"}`)
	r.remove(policy)
	if got := topicAttributes(); got["DisplayName"] != "" || got["TracingConfig"] != "PassThrough" || !strings.Contains(got["Policy"], "__default_statement_ID") {
		t.Errorf("updated topic %v", got)
	}
	r.remove(sub)
	r.remove(topic)
}

// function are the properties of a function.
func function(name, key, more string) string {
	architecture := "arm64"
	if runtime.GOARCH == "amd64" {
		architecture = "x86_64"
	}
	return `{"FunctionName": "` + name + `", "Code": {"S3Bucket": "assets", "S3Key": "` + key + `"}, "Role": "` + roleARN + `", "Runtime": "provided.al2023",
		"Handler": "bootstrap", "Architectures": ["` + architecture + `"]` + more + `}`
}

func TestAFunctionWithItsMappingAndPermission(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what is deployed are programs for Linux")
	}
	r := newRig(t)
	r.create("AWS::SQS::Queue", "Work", `{"QueueName": "work", "VisibilityTimeout": 180}`)
	fn := r.create("AWS::Lambda::Function", "Function", function("charge", "one.zip", `, "Timeout": 30, "MemorySize": 256, "Description": "less/x",
		"Environment": {"Variables": {"LESS_FUNCTION": "x"}}, "TracingConfig": {"Mode": "Active"}, "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/aws/lambda/charge"}`))
	f := r.functions[0]
	if f.Timeout.Seconds() != 30 || f.MemoryMB != 256 || f.Env["LESS_FUNCTION"] != "x" || f.Deployment.Tracing != "Active" || !f.Deployment.JSON ||
		f.Deployment.Role != roleARN || f.Deployment.Tags["less:app"] != "shop" || f.Deployment.Region != region {
		t.Errorf("function %+v, %+v", f, f.Deployment)
	}
	mapping := r.create("AWS::Lambda::EventSourceMapping", "Mapping", `{"EventSourceArn": "`+workARN+`", "FunctionName": "charge", "BatchSize": 10,
		"FunctionResponseTypes": ["ReportBatchItemFailures"], "ScalingConfig": {"MaximumConcurrency": 5}}`)
	if m := r.mappings[0]; m.ID != mapping.PhysicalID || m.Function != "charge" || m.Queue != "work" || !m.ReportFailures || m.Concurrency != 5 {
		t.Errorf("mapping %+v", m)
	}
	permission := r.create("AWS::Lambda::Permission", "Permission", `{"Action": "lambda:InvokeFunction", "FunctionName": "charge", "Principal": "events.amazonaws.com",
		"SourceArn": "arn:aws:events:eu-west-1:000000000000:rule/daily"}`)
	if !r.services.Lambda.MayInvoke("charge", "events.amazonaws.com", "arn:aws:events:eu-west-1:000000000000:rule/daily") {
		t.Error("the permission has no effect")
	}

	fn = r.update(fn, function("charge", "two.zip", ""))
	after := r.functions[0]
	if after.Deployment.Code == f.Deployment.Code || after.Timeout.Seconds() != 3 || after.MemoryMB != 128 || len(after.Env) > 0 || after.Deployment.JSON || after.Deployment.Tracing != "PassThrough" ||
		len(after.Deployment.Permissions) != 1 {
		t.Errorf("updated function %+v, %+v", after, after.Deployment)
	}
	r.update(mapping, `{"EventSourceArn": "`+workARN+`", "FunctionName": "charge"}`)
	if m := r.mappings[0]; m.ReportFailures || m.Concurrency != 0 || m.Disabled {
		t.Errorf("updated mapping %+v", m)
	}
	r.remove(permission)
	r.remove(mapping)
	r.remove(fn)
	if len(r.functions) > 0 || len(r.mappings) > 0 {
		t.Errorf("left: %v, %v", r.functions, r.mappings)
	}
}

func TestAnAPIOfATemplateServesItsRoutes(t *testing.T) {
	r := newRig(t)
	api := r.create("AWS::ApiGatewayV2::Api", "Api", `{"Name": "shop", "ProtocolType": "HTTP", "CorsConfiguration": {"AllowOrigins": ["*"], "AllowMethods": ["POST"], "MaxAge": 60}}`)
	stage := r.create("AWS::ApiGatewayV2::Stage", "Stage", `{"ApiId": "`+api.PhysicalID+`", "StageName": "$default", "AutoDeploy": true,
		"AccessLogSettings": {"DestinationArn": "arn:aws:logs:eu-west-1:000000000000:log-group:x", "Format": "{}"},
		"DefaultRouteSettings": {"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100, "DetailedMetricsEnabled": true}}`)
	integration := r.create("AWS::ApiGatewayV2::Integration", "Integration", `{"ApiId": "`+api.PhysicalID+`", "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0",
		"IntegrationUri": "arn:aws:lambda:eu-west-1:000000000000:function:post", "TimeoutInMillis": 11000}`)
	route := r.create("AWS::ApiGatewayV2::Route", "Route", `{"ApiId": "`+api.PhysicalID+`", "RouteKey": "POST /orders", "AuthorizationType": "NONE", "Target": "integrations/`+integration.PhysicalID+`"}`)
	a := r.apis[0]
	if served := a.Served(a.Stages[0]); len(served) != 1 || served[0].Key != "POST /orders" || served[0].Function != "post" || served[0].Timeout.Milliseconds() != 11000 {
		t.Errorf("it serves %+v", served)
	}
	if a.CORS == nil || *a.CORS.MaxAge != 60 || a.Tags["less:app"] != "shop" || a.Stages[0].Throttle.Burst != 100 || a.Stages[0].Tags["less:app"] != "shop" {
		t.Errorf("API %+v", a)
	}
	r.update(api, `{"Name": "store", "ProtocolType": "HTTP"}`)
	r.update(stage, `{"ApiId": "`+api.PhysicalID+`", "StageName": "$default", "AutoDeploy": true}`)
	r.update(route, `{"ApiId": "`+api.PhysicalID+`", "RouteKey": "PUT /orders", "Target": "integrations/`+integration.PhysicalID+`"}`)
	a = r.apis[0]
	if a.Name != "store" || a.CORS != nil || a.Stages[0].Throttle.Burst != 0 || a.Stages[0].AccessLog != nil || a.Served(a.Stages[0])[0].Key != "PUT /orders" {
		t.Errorf("updated API %+v", a)
	}
	for _, res := range []provider.Resource{route, integration, stage, api} {
		r.remove(res)
	}
	if len(r.apis) > 0 {
		t.Errorf("left: %v", r.apis)
	}
}

func TestARuleOfATemplateHasItsTargets(t *testing.T) {
	r := newRig(t)
	const target = `{"Id": "function", "Arn": "arn:aws:lambda:eu-west-1:000000000000:function:report"}`
	rule := r.create("AWS::Events::Rule", "Rule", `{"Name": "daily", "Description": "d", "ScheduleExpression": "rate(1 day)", "State": "ENABLED", "Targets": [`+target+`]}`)
	if got := r.rules[0]; got.Disabled || got.Schedule != "rate(1 day)" || len(got.Targets) != 1 || got.Targets[0].Function() != "report" || got.Tags["less:app"] != "shop" {
		t.Errorf("rule %+v", got)
	}
	rule = r.update(rule, `{"Name": "daily", "ScheduleExpression": "rate(2 days)", "State": "DISABLED", "Targets": []}`)
	if got := r.rules[0]; !got.Disabled || got.Schedule != "rate(2 days)" || len(got.Targets) != 0 || got.Description != "" {
		t.Errorf("updated rule %+v", got)
	}
	r.remove(rule)
	if len(r.rules) > 0 {
		t.Errorf("left: %v", r.rules)
	}
}

func TestAnAssetThatIsMissingFailsTheFunctionAlone(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what is deployed are programs for Linux")
	}
	r := newRig(t)
	res := r.resource("AWS::Lambda::Function", "Function", strings.Replace(function("charge", "one.zip", ""), `"assets"`, `"none"`, 1))
	_, err := r.providers["AWS::Lambda::Function"].Create(r.ctx, res)
	if f := provider.AsFailure(err); !strings.Contains(f.Message, "NoSuchBucket") || f.Code != provider.CodeInvalidRequest {
		t.Errorf("it failed with %+v", f)
	}
	res.PhysicalID = "charge"
	r.remove(res)
}

func TestAPropertyThatWouldBeLostIsRefused(t *testing.T) {
	r := newRig(t)
	for kind, property := range map[string]string{
		"AWS::Lambda::Function": "VpcConfig", "AWS::Lambda::EventSourceMapping": "FilterCriteria", "AWS::ApiGatewayV2::Route": "AuthorizerId",
		"AWS::SNS::Topic": "Subscription", "AWS::Events::Rule": "RoleArn", "AWS::Lambda::Permission": "PrincipalOrgID",
	} {
		problems := r.providers[kind].Schema().Problems(object{property: "x"})
		if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, "extraneous key ["+property+"]") }) {
			t.Errorf("%s with %s: %q", kind, property, problems)
		}
	}
}
