package eventsapi

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

// maxTargets is how many targets a rule may have.
const maxTargets = 5

// PutTargetsInput is the input of PutTargets.
type PutTargetsInput struct {
	Bus
	Rule    string
	Targets []json.RawMessage
}

// Resource returns the rule's ARN.
func (in *PutTargetsInput) Resource(region string) string {
	return awsapi.LocalARN("events", region, rulePrefix+in.Rule)
}

// TargetsOutput is the output of PutTargets and RemoveTargets, which do all or nothing here.
type TargetsOutput struct {
	FailedEntryCount int
	FailedEntries    []struct{}
}

// PutTargets adds targets to a rule, or changes those with their ids.
func (s *Service) PutTargets(ctx context.Context, in *PutTargetsInput) (*TargetsOutput, error) {
	var targets []Target
	for _, raw := range in.Targets {
		t, err := parseTarget(raw)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	err := s.change(ctx, in.Bus, in.Rule, func(r *Rule) error {
		for _, t := range targets {
			r.Targets = append(slices.DeleteFunc(r.Targets, func(other Target) bool { return other.ID == t.ID }), t)
		}
		if len(r.Targets) > maxTargets {
			return awsapi.Errorf("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
		}
		return nil
	})
	return &TargetsOutput{FailedEntries: []struct{}{}}, err
}

// parseTarget reads a target, which may have a function and a constant input. What
// else it may have on AWS would be lost.
func parseTarget(raw json.RawMessage) (Target, error) {
	var t Target
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || json.Unmarshal(raw, &t) != nil {
		return t, awsapi.Errorf("SerializationException", "A target is not an object of strings.")
	}
	for name, value := range members {
		switch name {
		case "Id", "Arn", "Input":
		default:
			if string(value) != "null" {
				return t, awsapi.NotImplemented("%s of a rule's target", name)
			}
		}
	}
	a, err := awsapi.ParseARN(t.ARN)
	switch {
	case !validName.MatchString(t.ID):
		return t, invalid(`1 validation error detected: Value '%s' at 'targets.1.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+`, t.ID)
	case err != nil:
		return t, invalid("Parameter %s is not valid. Reason: Provided Arn is not in correct format.", t.ARN)
	case a.Service != "lambda":
		return t, awsapi.NotImplemented("targets of the service %s", a.Service)
	case t.Input != "" && !json.Valid([]byte(t.Input)):
		return t, invalid("JSON syntax error in input for target %s", t.ID) // AWS adds where
	}
	if _, ok := functionOf(t.ARN); !ok {
		return t, invalid("Parameter %s is not valid. Reason: Provided Arn is not in correct format.", t.ARN)
	}
	return t, nil
}

// functionOf is the name in a function's ARN.
func functionOf(arn string) (string, bool) {
	a, _ := awsapi.ParseARN(arn)
	name, isFunction := strings.CutPrefix(a.Resource, "function:")
	name = strings.TrimSuffix(name, ":$LATEST")
	return name, isFunction && name != "" && !strings.Contains(name, ":")
}

// RemoveTargetsInput is the input of RemoveTargets.
type RemoveTargetsInput struct {
	Bus
	Rule string
	IDs  []string `json:"Ids"`
}

// Resource returns the rule's ARN.
func (in *RemoveTargetsInput) Resource(region string) string {
	return awsapi.LocalARN("events", region, rulePrefix+in.Rule)
}

// RemoveTargets takes targets from a rule.
func (s *Service) RemoveTargets(ctx context.Context, in *RemoveTargetsInput) (*TargetsOutput, error) {
	err := s.change(ctx, in.Bus, in.Rule, func(r *Rule) error {
		r.Targets = slices.DeleteFunc(r.Targets, func(t Target) bool { return slices.Contains(in.IDs, t.ID) })
		return nil
	})
	return &TargetsOutput{FailedEntries: []struct{}{}}, err
}

// ListTargetsByRuleInput is the input of ListTargetsByRule.
type ListTargetsByRuleInput struct {
	Bus
	Rule string
	// NextToken is not used: an answer has everything.
	NextToken string
}

// ListTargetsByRuleOutput is the output of ListTargetsByRule.
type ListTargetsByRuleOutput struct {
	Targets []Target
}

// ListTargetsByRule lists the targets of a rule.
func (s *Service) ListTargetsByRule(_ context.Context, in *ListTargetsByRuleInput) (*ListTargetsByRuleOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.Rule)
	if err != nil {
		return nil, err
	}
	return &ListTargetsByRuleOutput{append([]Target{}, r.Targets...)}, nil
}
