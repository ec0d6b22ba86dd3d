package config

import (
	"strings"
	"time"

	"github.com/less-go/less/internal/plan"
)

// A setting is what less.config or the CDK's context may say.
type setting struct {
	// name is that in less.config.
	name string
	// set takes a value. Where it is none for the setting, want says what is.
	set setter
	// contextOnly are not in less.config, which is the same for all deployments.
	contextOnly bool
}

// A setter is the set of a setting.
type setter func(c *Config, v any) (want string)

// settings are all but env_vars, which is no matter of a deployment.
var settings = []setting{
	{name: "alarms", set: choice(func(c *Config) *plan.AlarmLevel { return &c.Deploy.Alarms }, plan.BasicAlarms, plan.FullAlarms)},
	{name: "api", set: choice(func(c *Config) *plan.Gateway { return &c.Deploy.Gateway }, plan.HTTP, plan.REST)},
	{name: "architecture", set: choice(func(c *Config) *plan.Architecture { return &c.Deploy.Architecture }, plan.ARM, plan.X86)},
	{name: "cors", set: setOrigins},
	{name: "deployment", set: text(func(c *Config) *string { return &c.Deployment }), contextOnly: true},
	{name: "external_topics", set: texts(func(c *Config) *map[string]string { return &c.ExternalTopics }, `deployments by folder of less/external_topics, {"chat": "chat-dev"}`)},
	{name: "kms_key", set: setKey},
	{name: "log_retention", set: func(c *Config, v any) string {
		n, ok := toNumber(v)
		if !ok {
			return aboveZero + " of days"
		}
		c.Deploy.LogRetention = time.Duration(n) * 24 * time.Hour
		return ""
	}},
	{name: "name", set: text(func(c *Config) *string { return &c.Name })},
	{name: "ops_topic", set: text(func(c *Config) *string { return &c.Deploy.Ops })},
	{name: "shards", set: numbers(func(c *Config) *map[string]int { return &c.Deploy.Shards }, `numbers by folder, {"topics/order_placed": 8}`)},
	{name: "stacks", set: choice(func(c *Config) *plan.Layout { return &c.Deploy.Layout }, plan.Nested, plan.Single, plan.Split)},
	{name: "throttle_burst", set: number(func(c *Config) *int { return &c.Deploy.ThrottleBurst })},
	{name: "throttle_rate", set: number(func(c *Config) *int { return &c.Deploy.ThrottleRate })},
	{name: "stage", set: text(func(c *Config) *string { return &c.Deploy.Stage }), contextOnly: true},
	{name: "topics_api", set: flag(func(c *Config) *bool { return &c.TopicsAPI })},
	{name: "tracing", set: flag(func(c *Config) *bool { return &c.Deploy.Tracing })},
}

// settingOf is the setting that less.config calls name.
func settingOf(name string) (setting, bool) {
	for _, s := range settings {
		if s.name == name && !s.contextOnly {
			return s, true
		}
	}
	return setting{}, false
}

// context is the name of s in the CDK's context: logRetention.
func (s setting) context() string {
	parts := strings.Split(s.name, "_")
	for i, part := range parts[1:] {
		parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
	}
	return strings.Join(parts, "")
}

// choice takes one of all.
func choice[T ~string](field func(*Config) *T, all ...T) setter {
	var names []string
	for _, one := range all {
		names = append(names, string(one))
	}
	last := len(names) - 1
	want := strings.Join(names[:last], ", ") + " or " + names[last]
	return func(c *Config, v any) string {
		for _, one := range all {
			if v == string(one) {
				*field(c) = one
				return ""
			}
		}
		return want
	}
}

func text(field func(*Config) *string) setter {
	return func(c *Config, v any) string {
		s, ok := v.(string)
		if !ok {
			return "a text"
		}
		*field(c) = s
		return ""
	}
}

func flag(field func(*Config) *bool) setter {
	return func(c *Config, v any) string {
		b, ok := toFlag(v)
		if !ok {
			return "true or false"
		}
		*field(c) = b
		return ""
	}
}

const aboveZero = "a number above 0"

func number(field func(*Config) *int) setter {
	return func(c *Config, v any) string {
		n, ok := toNumber(v)
		if !ok {
			return aboveZero
		}
		*field(c) = n
		return ""
	}
}

// numbers takes {"topics/a": 8}, or topics/a=8,topics/b=8.
func numbers(field func(*Config) *map[string]int, want string) setter {
	return func(c *Config, v any) string {
		out, ok := toMap(v, toNumber)
		if !ok {
			return want
		}
		*field(c) = out
		return ""
	}
}

// texts takes {"chat": "chat-dev"}, or chat=chat-dev.
func texts(field func(*Config) *map[string]string, want string) setter {
	return func(c *Config, v any) string {
		out, ok := toMap(v, toText)
		if !ok {
			return want
		}
		*field(c) = out
		return ""
	}
}
