package eventsapi

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/schedule"
)

// The states of a rule.
const (
	enabled  = "ENABLED"
	disabled = "DISABLED"
)

var validName = regexp.MustCompile(`^[.\-_A-Za-z0-9]{1,64}$`)

// PutRuleInput is the input of PutRule.
type PutRuleInput struct {
	Bus
	Name               string
	Description        string
	ScheduleExpression string
	EventPattern       string
	State              string
	RoleARN            string `json:"RoleArn"`
	Tags               []Tag
}

// Resource returns the rule's ARN.
func (in *PutRuleInput) Resource(region string) string {
	return awsapi.LocalARN("events", region, rulePrefix+in.Name)
}

// PutRuleOutput is the output of PutRule.
type PutRuleOutput struct {
	RuleARN string `json:"RuleArn"`
}

// PutRule makes a rule, or changes all of one but its targets and tags.
func (s *Service) PutRule(ctx context.Context, in *PutRuleInput) (*PutRuleOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if s.options.Reserved(in.Name) {
		return nil, invalid("The rule %s belongs to a cron of less/crons. Change it there.", in.Name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := Rule{Name: in.Name, Region: awsapi.RequestFrom(ctx).Region, Tags: tagsOf(in.Tags)}
	if before := s.rules[in.Name]; before != nil {
		r = *before
	}
	r.Description, r.Schedule, r.Pattern, r.Disabled = in.Description, in.ScheduleExpression, in.EventPattern, in.State == disabled
	if err := s.keep(ctx, &r); err != nil {
		return nil, err
	}
	return &PutRuleOutput{r.ARN()}, nil
}

func (in *PutRuleInput) check() error {
	if err := in.Bus.check(); err != nil {
		return err
	}
	switch {
	case !validName.MatchString(in.Name):
		return invalid(`1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+`, in.Name)
	case in.ScheduleExpression == "" && in.EventPattern == "":
		return invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
	case in.RoleARN != "":
		return awsapi.NotImplemented("roles of rules: a function lets a rule invoke it by a permission")
	}
	switch in.State {
	case "", enabled, disabled:
	default:
		return invalid("1 validation error detected: Value '%s' at 'state' failed to satisfy constraint: Member must satisfy enum value set: [ENABLED, DISABLED]", in.State)
	}
	if in.ScheduleExpression != "" {
		if _, err := schedule.Parse(in.ScheduleExpression); err != nil {
			return invalid("Parameter ScheduleExpression is not valid.")
		}
	}
	if in.EventPattern != "" {
		var pattern map[string]json.RawMessage
		if json.Unmarshal([]byte(in.EventPattern), &pattern) != nil || len(pattern) == 0 {
			return awsapi.Errorf("InvalidEventPatternException", "Event pattern is not valid. Reason: Filter is not an object")
		}
	}
	return nil
}

// RuleReference is the part of an input that says which rule is meant.
type RuleReference struct {
	Bus
	Name string
}

// Resource returns the rule's ARN.
func (in *RuleReference) Resource(region string) string {
	return awsapi.LocalARN("events", region, rulePrefix+in.Name)
}

// RuleDescription is what EventBridge tells of a rule.
type RuleDescription struct {
	Name               string
	ARN                string `json:"Arn"`
	Description        string `json:",omitempty"`
	EventBusName       string
	EventPattern       string `json:",omitempty"`
	ScheduleExpression string `json:",omitempty"`
	State              string
	CreatedBy          string `json:",omitempty"`
}

func (r *Rule) describe() RuleDescription {
	d := RuleDescription{
		Name: r.Name, ARN: r.ARN(), Description: r.Description, EventBusName: defaultBus,
		EventPattern: r.Pattern, ScheduleExpression: r.Schedule, State: enabled,
	}
	if r.Disabled {
		d.State = disabled
	}
	return d
}

// DescribeRule returns what there is to know about a rule, but for its targets.
func (s *Service) DescribeRule(_ context.Context, in *RuleReference) (*RuleDescription, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Name)
	if err != nil {
		return nil, err
	}
	d := r.describe()
	d.CreatedBy = awsapi.Account
	return &d, nil
}

// ListRulesInput is the input of ListRules.
type ListRulesInput struct {
	Bus
	NamePrefix string
	// NextToken is not used: an answer has everything.
	NextToken string
}

// ListRulesOutput is the output of ListRules.
type ListRulesOutput struct {
	Rules []RuleDescription
}

// ListRules lists the rules that clients have made.
func (s *Service) ListRules(_ context.Context, in *ListRulesInput) (*ListRulesOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &ListRulesOutput{Rules: []RuleDescription{}}
	for _, r := range s.sorted() {
		if strings.HasPrefix(r.Name, in.NamePrefix) {
			out.Rules = append(out.Rules, r.describe())
		}
	}
	return out, nil
}

// EnableRule has a rule be due again.
func (s *Service) EnableRule(ctx context.Context, in *RuleReference) (*Nothing, error) {
	return &Nothing{}, s.change(ctx, in.Bus, in.Name, func(r *Rule) error { r.Disabled = false; return nil })
}

// DisableRule has a rule be due no more.
func (s *Service) DisableRule(ctx context.Context, in *RuleReference) (*Nothing, error) {
	return &Nothing{}, s.change(ctx, in.Bus, in.Name, func(r *Rule) error { r.Disabled = true; return nil })
}

// DeleteRule ends a rule that has no targets. That of one that is not there is done.
func (s *Service) DeleteRule(ctx context.Context, in *RuleReference) (*Nothing, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rules[in.Name]
	switch {
	case r == nil:
		return &Nothing{}, nil
	case len(r.Targets) > 0:
		return nil, invalid("Rule can't be deleted since it has targets.")
	}
	if err := s.options.Store.Keep(ctx, queue.Document{Kind: kind, Name: r.Name}); err != nil {
		return nil, err
	}
	delete(s.rules, r.Name)
	return &Nothing{}, s.options.Changed(s.sorted())
}
