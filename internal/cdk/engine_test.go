package cdk_test

import (
	"strings"
	"testing"

	"github.com/less-go/less/internal/app"
	engine "github.com/less-go/less/internal/cloudformation/resources"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/template"
)

// TestTheEngineKnowsEveryPropertyOfOurTemplates checks that what we make for AWS can
// be made by the engine. Nested stacks and the CDK's metadata are CloudFormation's own.
func TestTheEngineKnowsEveryPropertyOfOurTemplates(t *testing.T) {
	a := withRoutes(generated(1, "t"), 1)
	a.Crons = []app.Cron{{Name: "report", Schedule: "rate(1 day)", Package: app.Package{Dir: "less/crons/report"}}}
	s := system{app: a, opts: plan.DeployOptions{Tracing: true, Ops: "create", Layout: plan.Single}}
	providers := engine.Providers(engine.Services{})
	for path, r := range resources(t, s.synth(t)) {
		p := providers[r.Type]
		if p == nil {
			if r.Type != "AWS::CDK::Metadata" {
				t.Errorf("%s: the engine has no %s", path, r.Type)
			}
			continue
		}
		if problems := p.Schema().Problems(known(r.Properties).(map[string]any)); problems != nil {
			t.Errorf("%s of the type %s:\n%s", path, r.Type, strings.Join(problems, "\n"))
		}
	}
}

// known replaces what only CloudFormation can tell.
func known(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = known(v[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			if strings.HasPrefix(name, "Fn::") {
				return template.Unknown{}
			}
			out[name] = known(value)
		}
		return out
	}
	return v
}
