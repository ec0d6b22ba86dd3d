package engine_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// Every template of the CDK asks for the version of the bootstrap in this way.
func TestATemplateReadsAParameter(t *testing.T) {
	d := startEmpty(t, t.TempDir())
	if _, err := ssm.NewFromConfig(d.config()).PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/cdk-bootstrap/hnb659fds/version"), Value: aws.String("30"), Type: ssmtypes.ParameterTypeString,
	}); err != nil {
		t.Fatal(err)
	}
	create := func(parameter string) types.Stack {
		t.Helper()
		if _, err := d.stacks().CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("shop"), TemplateBody: aws.String(`{
			"Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "` + parameter + `"}},
			"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"Version": {"Value": {"Ref": "BootstrapVersion"}}}}`)}); err != nil {
			return types.Stack{StackStatusReason: aws.String(err.Error())}
		}
		return d.settled()
	}
	if stack := create("/none"); stack.StackStatus == types.StackStatusCreateComplete {
		t.Errorf("without the parameter: %s", stack.StackStatus)
	}
	if stack := create("/cdk-bootstrap/hnb659fds/version"); len(stack.Outputs) != 1 || *stack.Outputs[0].OutputValue != "30" {
		t.Errorf("%s %s %+v", stack.StackStatus, aws.ToString(stack.StackStatusReason), stack.Outputs)
	}
}
