package eventsapi_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/eventsapi"
	"github.com/less-go/less/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// documents keep what a service writes.
type documents map[string][]byte

func (d documents) Keep(_ context.Context, all ...queue.Document) error {
	for _, doc := range all {
		if d[doc.Name] = doc.Value; doc.Value == nil {
			delete(d, doc.Name)
		}
	}
	return nil
}

func (d documents) Documents(_ context.Context, kind string) (out []queue.Document, err error) {
	for name, value := range d {
		out = append(out, queue.Document{Kind: kind, Name: name, Value: value})
	}
	return out, nil
}

// A rig is EventBridge behind HTTP, and the SDK's client for it.
type rig struct {
	*eventbridge.Client
	stored documents
	rules  []*eventsapi.Rule
}

func newRig(t *testing.T, stored documents) *rig {
	t.Helper()
	r := &rig{stored: stored}
	service, err := eventsapi.New(t.Context(), eventsapi.Options{
		Store: stored, Reserved: func(name string) bool { return name == "planned" },
		Changed: func(all []*eventsapi.Rule) error { r.rules = all; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := awsapitest.Serve(t, awsapi.NewHandler(awsapi.Options{}, service.API()))
	r.Client = eventbridge.NewFromConfig(awsapitest.Config(server.URL, server.Client()))
	return r
}

func failed(t *testing.T, err error) (code, message string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("error %v, want one of the service", err)
	}
	return api.ErrorCode(), api.ErrorMessage()
}

const functionARN = "arn:aws:lambda:eu-west-1:000000000000:function:report"

func TestARulesLife(t *testing.T) {
	r := newRig(t, documents{})
	ctx := t.Context()
	put, err := r.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: aws.String("daily"), ScheduleExpression: aws.String("rate(1 day)"), Description: aws.String("less/crons/daily"),
		Tags: []types.Tag{{Key: aws.String("less:app"), Value: aws.String("shop")}},
	})
	if err != nil || *put.RuleArn != "arn:aws:events:eu-west-1:000000000000:rule/daily" {
		t.Fatalf("%+v, %v", put, err)
	}
	targets, err := r.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String("daily"), Targets: []types.Target{{Id: aws.String("function"), Arn: aws.String(functionARN), Input: aws.String(`{"a":1}`)}}})
	if err != nil || targets.FailedEntryCount != 0 {
		t.Fatalf("%+v, %v", targets, err)
	}
	want := eventsapi.Rule{
		Name: "daily", Region: "eu-west-1", Description: "less/crons/daily", Schedule: "rate(1 day)", Tags: map[string]string{"less:app": "shop"},
		Targets: []eventsapi.Target{{ID: "function", ARN: functionARN, Input: `{"a":1}`}},
	}
	r = newRig(t, r.stored) // all of it is there after a restart
	if diff := cmp.Diff([]*eventsapi.Rule{&want}, r.rules); diff != "" {
		t.Error(diff)
	}
	if r.rules[0].Targets[0].Function() != "report" {
		t.Errorf("the function is %s", r.rules[0].Targets[0].Function())
	}

	if _, err := r.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: aws.String("daily")}); err != nil {
		t.Fatal(err)
	}
	described, err := r.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: aws.String("daily")})
	if err != nil || described.State != types.RuleStateDisabled || *described.ScheduleExpression != "rate(1 day)" || !r.rules[0].Disabled {
		t.Errorf("%+v, %v", described, err)
	}
	// A new definition has the targets and tags of the old one.
	if _, err := r.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("daily"), ScheduleExpression: aws.String("rate(2 days)")}); err != nil {
		t.Fatal(err)
	}
	want.Schedule, want.Description = "rate(2 days)", ""
	if diff := cmp.Diff([]*eventsapi.Rule{&want}, r.rules); diff != "" {
		t.Error(diff)
	}
	if code, message := failed(t, second(r.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: aws.String("daily")}))); code != "ValidationException" || message != "Rule can't be deleted since it has targets." {
		t.Errorf("%s: %s", code, message)
	}
	if _, err := r.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: aws.String("daily"), Ids: []string{"function"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: aws.String("daily")}); err != nil {
		t.Fatal(err)
	}
	if len(r.rules) > 0 || len(r.stored) > 0 {
		t.Errorf("left: %v, %v", r.rules, r.stored)
	}
}

func second[T any](_ T, err error) error { return err }

func TestWhatARuleCannotBeIsRefused(t *testing.T) {
	r := newRig(t, documents{})
	ctx := t.Context()
	if _, err := r.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("daily"), ScheduleExpression: aws.String("rate(1 day)")}); err != nil {
		t.Fatal(err)
	}
	rule := func(in eventbridge.PutRuleInput) error { return second(r.PutRule(ctx, &in)) }
	target := func(in types.Target) error {
		in.Id = aws.String("function")
		return second(r.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String("daily"), Targets: []types.Target{in}}))
	}
	tests := map[string]struct {
		err           error
		code, message string
	}{
		"no schedule":        {rule(eventbridge.PutRuleInput{Name: aws.String("x")}), "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."},
		"a broken schedule":  {rule(eventbridge.PutRuleInput{Name: aws.String("x"), ScheduleExpression: aws.String("rate(0 days)")}), "ValidationException", "Parameter ScheduleExpression is not valid."},
		"a broken pattern":   {rule(eventbridge.PutRuleInput{Name: aws.String("x"), EventPattern: aws.String("[]")}), "InvalidEventPatternException", "Event pattern is not valid."},
		"a rule of the plan": {rule(eventbridge.PutRuleInput{Name: aws.String("planned"), ScheduleExpression: aws.String("rate(1 day)")}), "ValidationException", "less/crons"},
		"another bus":        {rule(eventbridge.PutRuleInput{Name: aws.String("x"), EventBusName: aws.String("mine"), ScheduleExpression: aws.String("rate(1 day)")}), "ResourceNotFoundException", "Event bus mine does not exist."},
		"an unknown rule":    {second(r.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: aws.String("x")})), "ResourceNotFoundException", "Rule x does not exist on EventBus default."},
		"a queue":            {target(types.Target{Arn: aws.String("arn:aws:sqs:eu-west-1:000000000000:q")}), "NotImplemented", "sqs"},
		"a path":             {target(types.Target{Arn: aws.String(functionARN), InputPath: aws.String("$.detail")}), "NotImplemented", "InputPath"},
		"a broken input":     {target(types.Target{Arn: aws.String(functionARN), Input: aws.String("{")}), "ValidationException", "JSON syntax error"},
		"an event":           {second(r.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{}}})), "NotImplemented", "PutEvents"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if code, message := failed(t, tt.err); code != tt.code || !strings.Contains(message, tt.message) {
				t.Errorf("%s: %s, want %s: %s", code, message, tt.code, tt.message)
			}
		})
	}
}
