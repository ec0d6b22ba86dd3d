package cdk_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/cdk"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/iam"
	"github.com/less-go/less/internal/plan"
)

// TestCloudFormationWouldTakeTheTemplates has the CDK check the templates by the
// schemas and rules of CloudFormation.
func TestCloudFormationWouldTakeTheTemplates(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	setenv("CDK_VALIDATION", "")
	defer setenv("CDK_VALIDATION", "false")
	for name, opts := range map[string]plan.DeployOptions{
		"http": {Tracing: true, Ops: "create", Alarms: plan.FullAlarms},
		"rest": {Gateway: plan.REST, Stage: "prod"},
	} {
		t.Run(name, func(t *testing.T) {
			s := system{
				app: withRoutes(generated(1, "t"), 2), opts: opts, planned: outside,
				context: map[string]any{"@aws-cdk/core:validateAgainstDefaultRules": true},
			}
			out := s.synth(t)
			// What the rules find ends the synthesis.
			if _, err := os.Stat(filepath.Join(out, "validation-report.json")); err != nil {
				t.Errorf("the templates have not been checked: %v", err)
			}
		})
	}
}

// TestCfnLintFindsNothing runs cfn-lint, where it is installed, on the templates of each
// kind. W3005 is the CDK's own habit: it writes down dependencies that a reference has.
func TestCfnLintFindsNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	if _, err := exec.LookPath("cfn-lint"); err != nil {
		t.Skip("cfn-lint is not installed: pip install cfn-lint")
	}
	for name, opts := range map[string]plan.DeployOptions{
		"http": {Tracing: true, Ops: "create", Alarms: plan.FullAlarms},
		"rest": {Gateway: plan.REST, Stage: "prod"},
	} {
		t.Run(name, func(t *testing.T) {
			s := system{app: withRoutes(generated(1, "t"), 2), opts: opts, planned: outside}
			files, err := filepath.Glob(filepath.Join(s.synth(t), "*.template.json"))
			if err != nil || len(files) == 0 {
				t.Fatalf("templates %v, %v", files, err)
			}
			out, err := exec.CommandContext(t.Context(), "cfn-lint", append([]string{"-i", "W3005", "--"}, files...)...).CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// serverless are the rules of cdk-nag's Serverless pack for the resources we make,
// by resource type. The Go bindings of cdk-nag do not have that pack, so they are
// written here anew, with its names; suppressions are those that it would read.
var serverless = map[string]map[string]func(p map[string]any) bool{
	"AWS::Lambda::Function": {
		"LambdaDLQ":                     func(p map[string]any) bool { return p["DeadLetterConfig"] != nil },
		"LambdaAsyncFailureDestination": func(map[string]any) bool { return false }, // needs an EventInvokeConfig, which we never make
		"LambdaDefaultMemorySize":       func(p map[string]any) bool { return p["MemorySize"] != nil },
		"LambdaDefaultTimeout":          func(p map[string]any) bool { return p["Timeout"] != nil },
		"LambdaLatestVersion":           func(p map[string]any) bool { return p["Runtime"] == "provided.al2023" },
		"LambdaTracing":                 func(p map[string]any) bool { return mapOf(p["TracingConfig"])["Mode"] == "Active" },
	},
	"AWS::Lambda::EventSourceMapping": {
		"LambdaEventSourceMappingDestination": func(p map[string]any) bool { return p["DestinationConfig"] != nil },
	},
	"AWS::IAM::Role": {
		"LambdaStarPermissions": func(p map[string]any) bool {
			for _, one := range list(p["Policies"]) {
				for _, line := range allowed(mapOf(one)["PolicyDocument"]) {
					if action, resource, _ := strings.Cut(line, " on "); resource == "*" || strings.HasSuffix(action, "*") {
						return false
					}
				}
			}
			return true
		},
	},
	"AWS::Logs::LogGroup": {
		"CloudWatchLogGroupRetentionPeriod": func(p map[string]any) bool { return p["RetentionInDays"] != nil },
	},
	"AWS::ApiGatewayV2::Stage": {
		"APIGWAccessLogging": func(p map[string]any) bool { return mapOf(p["AccessLogSettings"])["DestinationArn"] != nil },
		"APIGWDefaultThrottling": func(p map[string]any) bool {
			s := mapOf(p["DefaultRouteSettings"])
			return s["ThrottlingRateLimit"] != nil && s["ThrottlingBurstLimit"] != nil
		},
		"APIGWStructuredLogging": func(p map[string]any) bool { return isJSON(mapOf(p["AccessLogSettings"])["Format"]) },
	},
	"AWS::ApiGateway::Stage": {
		"APIGWAccessLogging": func(p map[string]any) bool { return mapOf(p["AccessLogSetting"])["DestinationArn"] != nil },
		"APIGWDefaultThrottling": func(p map[string]any) bool {
			s := mapOf(list(p["MethodSettings"])[0])
			return s["HttpMethod"] == "*" && s["ResourcePath"] == "/*" && s["ThrottlingRateLimit"] != nil && s["ThrottlingBurstLimit"] != nil
		},
		"APIGWStructuredLogging": func(p map[string]any) bool { return isJSON(mapOf(p["AccessLogSetting"])["Format"]) },
		"APIGWXrayEnabled":       func(p map[string]any) bool { return p["TracingEnabled"] == true },
	},
	"AWS::SNS::Subscription": {
		"SNSRedrivePolicy": func(p map[string]any) bool { return p["RedrivePolicy"] != nil },
	},
	"AWS::SQS::Queue": {
		"SQSRedrivePolicy": func(p map[string]any) bool { return p["RedrivePolicy"] != nil },
	},
}

func isJSON(v any) bool {
	s, _ := v.(string)
	return json.Valid([]byte(s))
}

func TestTheRulesOfTheServerlessPack(t *testing.T) {
	for _, opts := range []plan.DeployOptions{
		{}, {Gateway: plan.REST}, {Tracing: true, Ops: "create", Alarms: plan.FullAlarms}, {Gateway: plan.REST, Tracing: true},
	} {
		s := demo(t)
		s.opts = opts
		for path, r := range resources(t, s.synth(t)) {
			answered := map[string]string{}
			for _, rule := range list(mapOf(r.Metadata["cdk_nag"])["rules_to_suppress"]) {
				id, _ := mapOf(rule)["id"].(string)
				answered[id], _ = mapOf(rule)["reason"].(string)
			}
			for rule, holds := range serverless[r.Type] {
				reason, suppressed := answered["Serverless-"+rule]
				if holds(r.Properties) == suppressed || suppressed && len(reason) < 20 {
					t.Errorf("%+v: %s: %s: holds is %v, and the reason against it %q", opts, path, rule, holds(r.Properties), reason)
				}
			}
		}
	}
}

func TestStacksOfGeneratedAppsAreWithinTheLimits(t *testing.T) {
	s := system{app: withRoutes(generated(40, "a", "b"), 60), opts: plan.DeployOptions{Alarms: plan.FullAlarms}}
	out := s.synth(t)
	for name, tpl := range templates(t, out) {
		info, err := os.Stat(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(mapOf(tpl["Resources"])); n > 500 || info.Size() > 1_000_000 {
			t.Errorf("%s: %d resources in %d bytes", name, n, info.Size())
		}
	}
}

// BenchmarkSynth writes the stacks of applications with topics of 20 subscribers,
// in a process of Node that has started.
func BenchmarkSynth(b *testing.B) {
	needNode(b)
	for _, n := range []int{100, 500, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var topics []string
			for i := range n / 20 {
				topics = append(topics, fmt.Sprintf("topic_%03d", i))
			}
			a := app.App{Module: "github.com/less-go/less", Topics: generated(20, topics...).Topics}
			asset := program(b)
			for b.Loop() {
				d := system{app: a, opts: plan.DeployOptions{Layout: plan.Split}}.deployment(b)
				out := b.TempDir()
				scope := awscdk.NewApp(&awscdk.AppProps{Outdir: &out})
				if _, err := cdk.New(scope, cdk.Input{Deployment: d, Roles: iam.Roles(a, d.Plan, flow.Flow{}), Asset: asset}); err != nil {
					b.Fatal(err)
				}
				scope.Synth(nil)
			}
		})
	}
}
