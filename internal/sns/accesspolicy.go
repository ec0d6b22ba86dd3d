package sns

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

// policyActions are what a topic's policy can be about.
var policyActions = []string{
	"GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission",
	"DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish",
}

// defaultAccessPolicy is the policy of a topic that was given none.
func defaultAccessPolicy(topicARN string) string {
	s := awsapi.Statement{
		SID: "__default_statement_ID", Effect: "Allow", Action: permissions(policyActions), Resource: topicARN,
		Condition: map[string]any{"StringEquals": map[string]string{"AWS:SourceOwner": awsapi.Account}},
	}
	s.Principal.AWS = "*"
	p := awsapi.Policy{Version: "2008-10-17", ID: "__default_policy_ID"}
	p.Add(s)
	return p.String()
}

func permissions(actions []string) []string {
	out := make([]string, len(actions))
	for i, action := range actions {
		out[i] = "SNS:" + action
	}
	return out
}

// checkAccessPolicy checks a policy that a topic is to be given.
func checkAccessPolicy(text string) *awsapi.Error {
	if text == "" {
		return nil
	}
	p, err := awsapi.ParsePolicy(text)
	if err != nil || len(p.Statement) == 0 {
		return invalid("Policy Error: null")
	}
	for _, raw := range p.Statement {
		var s struct{ Action any }
		if json.Unmarshal(raw, &s) != nil {
			return invalid("Policy Error: null")
		}
		actions, isList := s.Action.([]any)
		if !isList && s.Action != nil {
			actions = []any{s.Action}
		}
		for _, action := range actions {
			name, _ := action.(string)
			if service, name, _ := strings.Cut(name, ":"); !strings.EqualFold(service, "sns") || !isPolicyAction(name) {
				return outOfScope()
			}
		}
	}
	return nil
}

func isPolicyAction(name string) bool {
	// Receive is an action of old policies, which AWS still takes.
	return strings.EqualFold(name, "Receive") ||
		slices.ContainsFunc(policyActions, func(known string) bool { return strings.EqualFold(known, name) })
}

func outOfScope() *awsapi.Error {
	return invalid("Policy statement action out of service scope!")
}

// AddPermissionInput is the input of AddPermission.
type AddPermissionInput struct {
	TopicARN   string   `json:"TopicArn"`
	Label      string   // of the new statement
	AccountIDs []string `json:"AWSAccountId"`
	Actions    []string `json:"ActionName"`
}

// Resource returns the topic's ARN.
func (in *AddPermissionInput) Resource(string) string { return in.TopicARN }

// AddPermission adds a statement to a topic's policy.
func (s *Service) AddPermission(ctx context.Context, in *AddPermissionInput) (*Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, p, err := s.policyOf(ctx, in.TopicARN)
	if err != nil {
		return nil, err
	}
	switch {
	case in.Label == "":
		return nil, invalid("Label Reason: no value for required parameter")
	case len(in.AccountIDs) == 0:
		return nil, invalid("AWSAccountId Reason: no value for required parameter")
	case len(in.Actions) == 0:
		return nil, invalid("ActionName Reason: no value for required parameter")
	case p.Has(in.Label):
		return nil, invalid("Statement already exists")
	case slices.ContainsFunc(in.Actions, func(action string) bool { return !isPolicyAction(action) }):
		return nil, outOfScope()
	}
	p.Add(awsapi.Allow(in.Label, in.AccountIDs, permissions(in.Actions), t.arn(awsapi.RequestFrom(ctx).Region)))
	return s.setTopicAttribute(ctx, t, accessPolicy, p.String())
}

// RemovePermissionInput is the input of RemovePermission.
type RemovePermissionInput struct {
	TopicARN string `json:"TopicArn"`
	Label    string
}

// Resource returns the topic's ARN.
func (in *RemovePermissionInput) Resource(string) string { return in.TopicARN }

// RemovePermission removes a statement from a topic's policy, if it is there.
func (s *Service) RemovePermission(ctx context.Context, in *RemovePermissionInput) (*Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, p, err := s.policyOf(ctx, in.TopicARN)
	if err != nil {
		return nil, err
	}
	p.Remove(in.Label)
	return s.setTopicAttribute(ctx, t, accessPolicy, p.String())
}

// policyOf returns a topic and its policy, which it was given or has by default.
func (s *Service) policyOf(ctx context.Context, topicARN string) (*topic, awsapi.Policy, error) {
	t, err := s.topic(ctx, topicARN)
	if err != nil {
		return nil, awsapi.Policy{}, err
	}
	p, err := awsapi.ParsePolicy(t.attributes(awsapi.RequestFrom(ctx).Region)[accessPolicy])
	return t, p, err
}

// Policy returns the policy of a topic, "" where there is no such topic or, for one of
// the plan, where only the plan says who may publish.
func (s *Service) Policy(name, region string) string {
	t := s.snapshot.Load().topics[name]
	if t == nil || !t.Created && t.Attributes[accessPolicy] == "" {
		return ""
	}
	return t.attributes(region)[accessPolicy]
}
