package cloudformation_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscloudformation "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/cloudformation"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/queue"
)

// The way of the CDK's CLI, by AWS's own client.
func TestADeploymentByTheSDK(t *testing.T) {
	store, err := queue.Open(t.Context(), ":memory:", queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	w := &world{things: map[string]thingProperties{}, refuse: map[string]string{}}
	service, err := cloudformation.Open(t.Context(), store, cloudformation.Options{
		Providers: map[string]provider.Provider{"AWS::Test::Thing": w},
		Lookup: func(context.Context, []string) (map[string]string, error) {
			return map[string]string{"/cdk/version": "33"}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	server := awsapitest.Serve(t, awsapi.NewHandler(awsapi.Options{}, service.API()))
	client := awscloudformation.NewFromConfig(awsapitest.Config(server.URL, server.Client()))
	ctx := t.Context()

	made, err := client.CreateChangeSet(ctx, &awscloudformation.CreateChangeSetInput{
		StackName: aws.String("shop"), ChangeSetName: aws.String("deploy"), ChangeSetType: types.ChangeSetTypeCreate, IncludeNestedStacks: aws.Bool(true),
		Parameters: []types.Parameter{{ParameterKey: aws.String("Word"), ParameterValue: aws.String("hello")}},
		Tags:       []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}}, Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
		TemplateBody: aws.String(`{"Description": "d", "Parameters": {"Word": {"Type": "String", "NoEcho": true}, "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk/version"}},
			"Resources": {"A": {"Type": "AWS::Test::Thing", "Properties": {"Value": {"Ref": "Word"}}}, "Metadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:x"}}},
			"Outputs": {"O": {"Value": {"Ref": "Version"}, "Description": "of the CDK", "Export": {"Name": "e"}}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := awscloudformation.NewChangeSetCreateCompleteWaiter(client).Wait(ctx, &awscloudformation.DescribeChangeSetInput{ChangeSetName: made.Id}, time.Second); err != nil {
		t.Fatal(err)
	}
	set, err := client.DescribeChangeSet(ctx, &awscloudformation.DescribeChangeSetInput{StackName: made.StackId, ChangeSetName: aws.String("deploy"), IncludePropertyValues: aws.Bool(true)})
	if err != nil || len(set.Changes) != 2 || set.ExecutionStatus != types.ExecutionStatusAvailable || set.CreationTime == nil {
		t.Fatalf("%+v, %v", set, err)
	}
	if c := set.Changes[0].ResourceChange; c.Action != types.ChangeActionAdd || *c.LogicalResourceId != "A" || *c.AfterContext != `{"Properties":{"Value":"hello"}}` {
		t.Errorf("change %+v", c)
	}
	if _, err := client.ExecuteChangeSet(ctx, &awscloudformation.ExecuteChangeSetInput{StackName: made.StackId, ChangeSetName: made.Id, ClientRequestToken: aws.String("exec1")}); err != nil {
		t.Fatal(err)
	}
	if err := awscloudformation.NewStackCreateCompleteWaiter(client, func(o *awscloudformation.StackCreateCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, 10*time.Millisecond
	}).Wait(ctx, &awscloudformation.DescribeStacksInput{StackName: aws.String("shop")}, time.Minute); err != nil {
		t.Fatal(err)
	}
	out, err := client.DescribeStacks(ctx, &awscloudformation.DescribeStacksInput{StackName: aws.String("shop")})
	if err != nil {
		t.Fatal(err)
	}
	stack := out.Stacks[0]
	for _, tt := range []struct{ what, got, want string }{
		{"id", *stack.StackId, *made.StackId},
		{"parameter", *stack.Parameters[1].ParameterValue, "****"},
		{"stored parameter", *stack.Parameters[0].ResolvedValue, "33"},
		{"output", *stack.Outputs[0].OutputValue, "33"},
		{"export", *stack.Outputs[0].ExportName, "e"},
		{"tag", *stack.Tags[0].Value, "a"},
		{"description", *stack.Description, "d"},
	} {
		if tt.got != tt.want {
			t.Errorf("the %s is %s, want %s", tt.what, tt.got, tt.want)
		}
	}
	events, err := client.DescribeStackEvents(ctx, &awscloudformation.DescribeStackEventsInput{StackName: aws.String("shop")})
	if err != nil || *events.StackEvents[0].ClientRequestToken != "exec1" || events.StackEvents[0].ResourceStatus != types.ResourceStatusCreateComplete {
		t.Errorf("%+v, %v", events, err)
	}
	resources, err := client.ListStackResources(ctx, &awscloudformation.ListStackResourcesInput{StackName: aws.String("shop")})
	if err != nil || len(resources.StackResourceSummaries) != 2 || *resources.StackResourceSummaries[0].PhysicalResourceId != "A-1" {
		t.Errorf("%+v, %v", resources, err)
	}
	text, err := client.GetTemplate(ctx, &awscloudformation.GetTemplateInput{StackName: aws.String("shop"), TemplateStage: types.TemplateStageOriginal})
	if err != nil || !strings.HasPrefix(*text.TemplateBody, `{"Description"`) {
		t.Errorf("%+v, %v", text, err)
	}
	if _, err := client.DeleteStack(ctx, &awscloudformation.DeleteStackInput{StackName: made.StackId}); err != nil {
		t.Fatal(err)
	}
	if err := awscloudformation.NewStackDeleteCompleteWaiter(client, func(o *awscloudformation.StackDeleteCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, 10*time.Millisecond
	}).Wait(ctx, &awscloudformation.DescribeStacksInput{StackName: made.StackId}, time.Minute); err != nil {
		t.Fatal(err)
	}
	_, err = client.DescribeStacks(ctx, &awscloudformation.DescribeStacksInput{StackName: aws.String("shop")})
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "ValidationError" || e.ErrorMessage() != "Stack with id shop does not exist" {
		t.Error(err)
	}
}
