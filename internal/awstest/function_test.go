package awstest

import (
	"encoding/json"
	"net/url"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	iamapi "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/less-go/less/internal/plan"
)

// function reads a function, its log group and its role.
func (r *reading) function(f plan.Function) {
	r.logGroup("log group", f.LogGroup())
	out, err := lambda.NewFromConfig(r.config).GetFunction(r.ctx, &lambda.GetFunctionInput{FunctionName: &f.Name})
	if !r.known("function", err) {
		return
	}
	got := out.Configuration
	r.same("function state", got.State, types.StateActive)
	r.same("function description", aws.ToString(got.Description), "less/"+f.ID)
	r.same("function runtime", got.Runtime, types.RuntimeProvidedal2023)
	r.same("function handler", aws.ToString(got.Handler), "bootstrap")
	r.same("function architecture", got.Architectures, []types.Architecture{types.Architecture(r.d.Architecture)})
	r.same("function timeout", float64(aws.ToInt32(got.Timeout)), f.Timeout.Seconds())
	r.same("function memory", int(aws.ToInt32(got.MemorySize)), f.Memory)
	var environment map[string]string
	if got.Environment != nil {
		environment = got.Environment.Variables
	}
	r.same("function environment", environment, r.d.Environment(f, r.arn("sns", r.d.TopicPrefix)))
	format, group := types.LogFormat(""), ""
	if got.LoggingConfig != nil {
		format, group = got.LoggingConfig.LogFormat, aws.ToString(got.LoggingConfig.LogGroup)
	}
	r.same("function log format", format, types.LogFormatJson)
	r.same("function log group", group, f.LogGroup())
	r.tags("function tags", out.Tags)
	r.role(f, path.Base(aws.ToString(got.Role)))
}

// role reads the role of f: who may take it, and that it allows what f was given and
// nothing else.
func (r *reading) role(f plan.Function, name string) {
	client := iamapi.NewFromConfig(r.config)
	out, err := client.GetRole(r.ctx, &iamapi.GetRoleInput{RoleName: &name})
	if !r.known("role", err) {
		return
	}
	r.same("role description", aws.ToString(out.Role.Description), "less/"+f.ID)
	r.samePolicy("role trust", unescaped(out.Role.AssumeRolePolicyDocument), map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "lambda.amazonaws.com"}, "Resource": []string(nil),
	})
	tags := map[string]string{}
	for _, tag := range out.Role.Tags {
		tags[*tag.Key] = *tag.Value
	}
	r.tags("role tags", tags)
	var want []map[string]any
	names := strings.NewReplacer("${AWS::Partition}", "aws", "${AWS::Region}", r.config.Region, "${AWS::AccountId}", r.account)
	for _, s := range r.roles[f.ID].Statements {
		statement := map[string]any{"Effect": "Allow", "Action": s.Actions, "Resource": names.Replace(s.Resource)}
		if s.Condition != nil {
			statement["Condition"] = s.Condition
		}
		want = append(want, statement)
	}
	if policies, err := client.ListRolePolicies(r.ctx, &iamapi.ListRolePoliciesInput{RoleName: &name}); r.known("role policies", err) {
		r.same("role policies", policies.PolicyNames, []string{"less"})
	}
	if attached, err := client.ListAttachedRolePolicies(r.ctx, &iamapi.ListAttachedRolePoliciesInput{RoleName: &name}); r.known("role attached policies", err) {
		r.same("role attached policies", len(attached.AttachedPolicies), 0)
	}
	if policy, err := client.GetRolePolicy(r.ctx, &iamapi.GetRolePolicyInput{RoleName: &name, PolicyName: aws.String("less")}); r.known("role grant", err) {
		r.samePolicy("role grant", unescaped(policy.PolicyDocument), want...)
	}
}

// unescaped is a policy document of IAM, which are escaped as in a URL.
func unescaped(document *string) string {
	text, err := url.QueryUnescape(aws.ToString(document))
	if err != nil {
		return aws.ToString(document) // which is not JSON either
	}
	return text
}

// logGroup reads a log group.
func (r *reading) logGroup(kind, name string) {
	client := cloudwatchlogs.NewFromConfig(r.config)
	out, err := client.DescribeLogGroups(r.ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
	if !r.known(kind, err) {
		return
	}
	for _, g := range out.LogGroups {
		if aws.ToString(g.LogGroupName) == name {
			r.same(kind+" retention", int(aws.ToInt32(g.RetentionInDays)), int(r.d.LogRetention.Hours()/24))
			if tags, err := client.ListTagsForResource(r.ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(r.arn("logs", "log-group:"+name))}); r.known(kind+" tags", err) {
				r.tags(kind+" tags", tags.Tags)
			}
			return
		}
	}
	r.fault(kind, "there is none with the name %s", name)
}

// permission reads who may invoke f, which is one service for one source.
func (r *reading) permission(f plan.Function, service, source string) {
	out, err := lambda.NewFromConfig(r.config).GetPolicy(r.ctx, &lambda.GetPolicyInput{FunctionName: &f.Name})
	if !r.known("permission", err) {
		return
	}
	r.samePolicy("permission", withoutSids(aws.ToString(out.Policy)), map[string]any{
		"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": r.arn("lambda", "function:"+f.Name),
		"Principal": map[string]any{"Service": service},
		"Condition": map[string]any{"ArnLike": map[string]any{"AWS:SourceArn": source}},
	})
}

// withoutSids is a policy without the ids of its statements, which CloudFormation chooses.
func withoutSids(policy string) string {
	var document map[string]any
	if json.Unmarshal([]byte(policy), &document) != nil {
		return policy
	}
	all, _ := document["Statement"].([]any)
	for _, one := range all {
		if statement, is := one.(map[string]any); is {
			delete(statement, "Sid")
		}
	}
	return written(document)
}
