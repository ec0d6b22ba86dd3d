package cdk

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/less-go/less/internal/iam"
	"github.com/less-go/less/internal/plan"
)

// common are the values that all functions share: each costs a call to Node.
type common struct {
	lambda       awsiam.IPrincipal
	runtime      awslambda.Runtime
	architecture awslambda.Architecture
	durations    map[float64]awscdk.Duration
}

func newCommon(architecture plan.Architecture) common {
	on := awslambda.Architecture_ARM_64()
	if architecture == plan.X86 {
		on = awslambda.Architecture_X86_64()
	}
	return common{
		lambda:       awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		architecture: on,
		durations:    map[float64]awscdk.Duration{},
	}
}

func (c common) duration(seconds float64) awscdk.Duration {
	d, found := c.durations[seconds]
	if !found {
		d = awscdk.Duration_Seconds(jsii.Number(seconds))
		c.durations[seconds] = d
	}
	return d
}

// environment is where stacks go: the account and the region that the CDK's CLI
// found, and any where it found none.
func environment() *awscdk.Environment {
	account, region := os.Getenv("CDK_DEFAULT_ACCOUNT"), os.Getenv("CDK_DEFAULT_REGION")
	env := &awscdk.Environment{}
	if account != "" {
		env.Account = &account
	}
	if region != "" {
		env.Region = &region
	}
	return env
}

// function makes a function with its role and its log group.
func (b *builder) function(scope constructs.Construct, id string) (awslambda.Function, error) {
	f, found := b.Deployment.Function(id)
	if !found {
		return nil, &Error{id, errors.New("the plan has no such function")}
	}
	asset, err := b.Asset(id)
	if err != nil {
		return nil, &Error{id, err}
	}
	options := &awss3assets.AssetOptions{DisplayName: jsii.String(f.Name)}
	if asset.Hash != "" {
		options.AssetHash, options.AssetHashType = jsii.String(asset.Hash), awscdk.AssetHashType_CUSTOM
	}
	log := b.functionLog(scope, f)
	fn := awslambda.NewFunction(scope, jsii.String("Function"), &awslambda.FunctionProps{
		FunctionName: jsii.String(f.Name),
		Description:  jsii.String("less/" + id),
		Runtime:      b.common.runtime,
		Architecture: b.common.architecture,
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(jsii.String(asset.Path), options),
		MemorySize:   jsii.Number(float64(f.Memory)),
		Timeout:      b.common.duration(f.Timeout.Seconds()),
		Role:         b.role(scope, id),
		LogGroup:     log,
		// The function writes JSON itself; Lambda's own lines are then JSON as well.
		LoggingFormat: awslambda.LoggingFormat_JSON,
		Environment:   b.environment(f),
	})
	resource := fn.Node().DefaultChild().(awscdk.CfnResource)
	invoked := "It is never invoked asynchronously: a queue or an API waits for each answer."
	if b.isCron(id) {
		invoked = "A run that failed for good is told by its alarm, and the next comes by the schedule: there is nothing to keep."
	}
	asked := []suppression{
		{ID: "Serverless-LambdaDLQ", Reason: invoked},
		{ID: "Serverless-LambdaAsyncFailureDestination", Reason: invoked},
	}
	if b.Deployment.Tracing {
		// By hand: the construct would put the permission into a second policy.
		resource.AddPropertyOverride(jsii.String("TracingConfig"), map[string]any{"Mode": "Active"})
	} else {
		asked = append(asked, suppression{ID: "Serverless-LambdaTracing", Reason: "X-Ray costs by the trace and is a setting of the application: tracing in less.config."})
	}
	suppress(resource, asked...)
	b.Functions[id] = fn
	return fn, nil
}

// environment is what a function is told by its environment.
func (b *builder) environment(f plan.Function) *map[string]*string {
	out := map[string]*string{}
	for name, value := range b.Deployment.Environment(f, b.arn("sns", b.Deployment.TopicPrefix)) {
		out[name] = jsii.String(value)
	}
	return &out
}

// role makes the role of a function, which allows what [iam.Roles] says.
func (b *builder) role(scope constructs.Construct, id string) awsiam.Role {
	var statements []any
	var asked []suppression
	for _, s := range b.roles[id].Statements {
		statements = append(statements, b.statement(s))
		if s.Condition != nil {
			asked = append(asked, suppression{
				ID: "AwsSolutions-IAM5", AppliesTo: []string{"Resource::" + strings.NewReplacer("${", "<", "}", ">").Replace(s.Resource)},
				Reason: "The key with one alias: IAM can name a key by its id only, and its alias by a condition.",
			})
		}
		if s.Service == "logs" {
			asked = append(asked, suppression{
				ID: "AwsSolutions-IAM5", AppliesTo: []string{"Resource::" + pseudo(s)},
				Reason: "The streams of the function's own log group: AWS names one for each instance.",
			})
		}
	}
	if b.Deployment.Tracing {
		statements = append(statements, map[string]any{
			"Effect": "Allow", "Action": []string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"}, "Resource": "*",
		})
		const why = "X-Ray has no resources to name for the two actions that send traces."
		asked = append(asked, suppression{ID: "AwsSolutions-IAM5", AppliesTo: []string{"Resource::*"}, Reason: why},
			suppression{ID: "Serverless-LambdaStarPermissions", Reason: why})
	}
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy:   b.common.lambda,
		Description: jsii.String("less/" + id),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"less": awsiam.PolicyDocument_FromJson(map[string]any{"Version": "2012-10-17", "Statement": statements}),
		},
	})
	suppress(role.Node().DefaultChild().(awscdk.CfnResource), asked...)
	return role
}

// statement is s as a policy has it.
func (b *builder) statement(s iam.Statement) map[string]any {
	out := map[string]any{"Effect": "Allow", "Action": s.Actions, "Resource": b.arns.Replace(s.Resource)}
	if s.Condition != nil {
		out["Condition"] = s.Condition
	}
	return out
}

// pseudo is the resource of s as cdk-nag writes it.
func pseudo(s iam.Statement) string {
	return fmt.Sprintf("arn:<AWS::Partition>:%s:<AWS::Region>:<AWS::AccountId>:%s", s.Service, s.Name)
}

// functionLog makes the log group of a function.
func (b *builder) functionLog(scope constructs.Construct, f plan.Function) awslogs.LogGroup {
	after := awscdk.RemovalPolicy_DESTROY
	if b.Deployment.Retain {
		after = awscdk.RemovalPolicy_RETAIN
	}
	return awslogs.NewLogGroup(scope, jsii.String("Log"), &awslogs.LogGroupProps{
		LogGroupName: jsii.String(f.LogGroup()), RemovalPolicy: after,
		Retention: retentions[b.retentionDays()],
	})
}

// accessLogGroup makes the log group of the requests to a.
func (b *builder) accessLogGroup(scope constructs.Construct, a plan.API) awslogs.CfnLogGroup {
	g := awslogs.NewCfnLogGroup(scope, jsii.String("AccessLog"), &awslogs.CfnLogGroupProps{
		LogGroupName:    jsii.String(b.Deployment.AccessLogGroup(a)),
		RetentionInDays: jsii.Number(float64(b.retentionDays())),
	})
	b.keep(g)
	return g
}

func (b *builder) retentionDays() int { return int(b.Deployment.LogRetention.Hours() / 24) }

// retentions are the names that the CDK has for days.
var retentions = map[int]awslogs.RetentionDays{
	1: awslogs.RetentionDays_ONE_DAY, 3: awslogs.RetentionDays_THREE_DAYS, 5: awslogs.RetentionDays_FIVE_DAYS,
	7: awslogs.RetentionDays_ONE_WEEK, 14: awslogs.RetentionDays_TWO_WEEKS, 30: awslogs.RetentionDays_ONE_MONTH,
	60: awslogs.RetentionDays_TWO_MONTHS, 90: awslogs.RetentionDays_THREE_MONTHS, 120: awslogs.RetentionDays_FOUR_MONTHS,
	150: awslogs.RetentionDays_FIVE_MONTHS, 180: awslogs.RetentionDays_SIX_MONTHS, 365: awslogs.RetentionDays_ONE_YEAR,
	400: awslogs.RetentionDays_THIRTEEN_MONTHS, 545: awslogs.RetentionDays_EIGHTEEN_MONTHS, 731: awslogs.RetentionDays_TWO_YEARS,
	1096: awslogs.RetentionDays_THREE_YEARS, 1827: awslogs.RetentionDays_FIVE_YEARS, 2192: awslogs.RetentionDays_SIX_YEARS,
	2557: awslogs.RetentionDays_SEVEN_YEARS, 2922: awslogs.RetentionDays_EIGHT_YEARS, 3288: awslogs.RetentionDays_NINE_YEARS,
	3653: awslogs.RetentionDays_TEN_YEARS,
}

// keep keeps what has data where the stage wants that.
func (b *builder) keep(r awscdk.CfnResource) {
	if b.Deployment.Retain {
		r.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	}
}

// routeFunction makes the function of a route.
func (b *builder) routeFunction(scope constructs.Construct, id string) error {
	if _, err := b.function(scope, id); err != nil {
		return err
	}
	f, _ := b.Deployment.Function(id)
	b.alarms(scope, b.Deployment.RouteAlarms(f))
	return nil
}

// A suppression is a rule of cdk-nag that does not hold for a resource, and why.
type suppression struct {
	ID        string
	Reason    string
	AppliesTo []string
}

// suppress notes suppressions where cdk-nag looks for them; who deploys does not
// need cdk-nag.
func suppress(r awscdk.CfnResource, all ...suppression) {
	if len(all) == 0 {
		return
	}
	rules := make([]any, len(all))
	for i, s := range all {
		rule := map[string]any{"id": s.ID, "reason": s.Reason}
		if len(s.AppliesTo) > 0 {
			rule["applies_to"] = s.AppliesTo
		}
		rules[i] = rule
	}
	r.AddMetadata(jsii.String("cdk_nag"), map[string]any{"rules_to_suppress": rules})
}
