package cloudformation

import (
	"regexp"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/template"
)

// A Parameter is the value of a parameter, given or told.
type Parameter struct {
	ParameterKey, ParameterValue string
	UsePreviousValue             bool
	ResolvedValue                string
}

// Settings are what stacks and change sets are made with.
type Settings struct {
	TemplateBody, TemplateURL string
	Parameters                []Parameter
	Capabilities              []string
	RoleARN                   string
	Tags                      []Tag

	NotificationARNs      []string
	ResourceTypes         []string
	RollbackConfiguration struct {
		MonitoringTimeInMinutes int
		RollbackTriggers        []struct{ Arn, Type string }
	}
	DeploymentConfig struct {
		Mode            string
		DisableRollback bool
	}
}

// A Tag is a tag of a stack.
type Tag struct{ Key, Value string }

// unsupported refuses what would make a difference on AWS and makes none here.
func (in *Settings) unsupported() error {
	switch {
	case len(in.NotificationARNs) > 0:
		return awsapi.NotImplemented("NotificationARNs of a stack: its events are not published")
	case len(in.RollbackConfiguration.RollbackTriggers) > 0:
		return awsapi.NotImplemented("RollbackTriggers of a stack")
	case len(in.ResourceTypes) > 0:
		return awsapi.NotImplemented("ResourceTypes of a stack")
	case in.DeploymentConfig.Mode != "" && in.DeploymentConfig.Mode != "STANDARD":
		return awsapi.NotImplemented("the deployment mode %s", in.DeploymentConfig.Mode)
	}
	return nil
}

// given returns the parameters as a template takes them, with those of before where that is asked for.
func (in *Settings) given(before map[string]string) (map[string]string, error) {
	out := map[string]string{}
	for _, p := range in.Parameters {
		if !p.UsePreviousValue {
			out[p.ParameterKey] = p.ParameterValue
			continue
		}
		value, has := before[p.ParameterKey]
		if !has {
			return nil, invalid("Invalid input for parameter key %s. Cannot specify usePreviousValue as true for a parameter key not in the previous template", p.ParameterKey)
		}
		out[p.ParameterKey] = value
	}
	return out, nil
}

// tags returns the stack's tags sorted.
func (in *Settings) tags() []provider.Tag {
	var out []provider.Tag
	for _, t := range in.Tags {
		out = append(out, provider.Tag{Key: t.Key, Value: t.Value})
	}
	slices.SortFunc(out, func(a, b provider.Tag) int { return strings.Compare(a.Key, b.Key) })
	return out
}

var stackName = regexp.MustCompile(`^[a-zA-Z][-a-zA-Z0-9]{0,127}$`)

// checkName refuses what cannot be the name of a new stack.
func checkName(name string) error {
	if !stackName.MatchString(name) {
		return invalid("1 validation error detected: Value '%s' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", name)
	}
	return nil
}

// parameters are those of a configuration as they are told.
func (c configuration) parameters() []Parameter {
	var out []Parameter
	for _, name := range sortedKeys(c.Given) {
		p := Parameter{ParameterKey: name, ParameterValue: c.Given[name], ResolvedValue: c.Looked[c.Given[name]]}
		if slices.Contains(c.Hidden, name) {
			p.ParameterValue, p.ResolvedValue = "****", ""
		}
		out = append(out, p)
	}
	return out
}

func (c configuration) tags() []Tag {
	var out []Tag
	for _, t := range c.Tags {
		out = append(out, Tag{t.Key, t.Value})
	}
	return out
}

// checkLimits refuses a template that is too large for AWS.
func checkLimits(t *template.Template) error {
	if n := len(t.Resources); n > 500 {
		return invalid("Template format error: Number of resources, %d, is greater than maximum allowed, 500", n)
	}
	if n := len(t.Outputs); n > 200 {
		return invalid("Template format error: %s, more than the 200 that a template may have", plural.Count(n, "output"))
	}
	if n := len(t.Parameters); n > 200 {
		return invalid("Template format error: %s, more than the 200 that a template may have", plural.Count(n, "parameter"))
	}
	return nil
}
