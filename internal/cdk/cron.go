package cdk

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/less-go/less/internal/plan"
)

// cron makes a function and the rule that invokes it.
func (b *builder) cron(scope constructs.Construct, c plan.Cron) error {
	b.Scopes[c.Function] = scope
	b.homes[c.Function] = "crons/schedules"
	fn, err := b.function(scope, c.Function)
	if err != nil {
		return err
	}
	rule := awsevents.NewCfnRule(scope, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Name: jsii.String(c.Rule), Description: jsii.String("less/" + c.Function),
		ScheduleExpression: jsii.String(c.Schedule), State: jsii.String("ENABLED"),
		Targets: []any{&awsevents.CfnRule_TargetProperty{Id: jsii.String("function"), Arn: fn.FunctionArn()}},
	})
	awslambda.NewCfnPermission(scope, jsii.String("Permission"), &awslambda.CfnPermissionProps{
		Action: jsii.String("lambda:InvokeFunction"), FunctionName: fn.FunctionName(),
		Principal: jsii.String("events.amazonaws.com"), SourceArn: rule.AttrArn(),
	})
	f, _ := b.Deployment.Function(c.Function)
	b.alarms(scope, b.Deployment.CronAlarms(f))
	return nil
}

// isCron says whether the function with an identity is a cron's.
func (b *builder) isCron(id string) bool {
	return slices.ContainsFunc(b.Deployment.Crons, func(c plan.Cron) bool { return c.Function == id })
}
