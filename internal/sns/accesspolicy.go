package sns

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

// Access policies are kept and edited, and nobody is refused anything because of
// one: who can reach the engine owns what is in it.

// policyActions are what a topic's policy can be about.
var policyActions = []string{
	"GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission",
	"DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish",
}

// A policy is an access policy, as far as it has to be read to be edited.
type policy struct {
	Version   string            `json:",omitempty"`
	ID        string            `json:"Id,omitempty"`
	Statement []json.RawMessage `json:"Statement"`
}

// A statement is one of a policy that the engine writes.
type statement struct {
	Sid       string
	Effect    string
	Principal struct{ AWS any }
	Action    any
	Resource  string
	Condition any `json:",omitempty"`
}

// defaultAccessPolicy is the policy of a topic that was given none.
func defaultAccessPolicy(topicARN string) string {
	s := statement{
		Sid: "__default_statement_ID", Effect: "Allow", Action: permissions(policyActions), Resource: topicARN,
		Condition: map[string]any{"StringEquals": map[string]string{"AWS:SourceOwner": awsapi.Account}},
	}
	s.Principal.AWS = "*"
	return policy{Version: "2008-10-17", ID: "__default_policy_ID", Statement: []json.RawMessage{s.encode()}}.String()
}

func permissions(actions []string) []string {
	out := make([]string, len(actions))
	for i, action := range actions {
		out[i] = "SNS:" + action
	}
	return out
}

func (s statement) encode() json.RawMessage {
	text, err := json.Marshal(s)
	if err != nil {
		panic("sns: a statement cannot be encoded: " + err.Error())
	}
	return text
}

func (p policy) String() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic("sns: a policy cannot be encoded: " + err.Error())
	}
	return string(text)
}

// parsePolicy reads a policy, whose statements may be one that is in no list.
func parsePolicy(text string) (policy, error) {
	var p policy
	err := json.Unmarshal([]byte(text), &p)
	if err == nil {
		return p, nil
	}
	var single struct {
		Version, ID string
		Statement   json.RawMessage
	}
	if json.Unmarshal([]byte(text), &single) != nil || !strings.HasPrefix(string(single.Statement), "{") {
		return p, err
	}
	return policy{single.Version, single.ID, []json.RawMessage{single.Statement}}, nil
}

// checkAccessPolicy checks a policy that a topic is to be given.
func checkAccessPolicy(text string) *awsapi.Error {
	if text == "" {
		return nil
	}
	p, err := parsePolicy(text)
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
	case slices.ContainsFunc(p.Statement, labelled(in.Label)):
		return nil, invalid("Statement already exists")
	case slices.ContainsFunc(in.Actions, func(action string) bool { return !isPolicyAction(action) }):
		return nil, outOfScope()
	}
	added := statement{Sid: in.Label, Effect: "Allow", Action: oneOrAll(permissions(in.Actions)), Resource: t.arn(awsapi.RequestFrom(ctx).Region)}
	var principals []string
	for _, account := range in.AccountIDs {
		principals = append(principals, "arn:aws:iam::"+account+":root")
	}
	added.Principal.AWS = oneOrAll(principals)
	p.Statement = append(p.Statement, added.encode())
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
	p.Statement = slices.DeleteFunc(p.Statement, labelled(in.Label))
	return s.setTopicAttribute(ctx, t, accessPolicy, p.String())
}

// policyOf returns a topic and its policy, which it was given or has by default.
func (s *Service) policyOf(ctx context.Context, topicARN string) (*topic, policy, error) {
	t, err := s.topic(ctx, topicARN)
	if err != nil {
		return nil, policy{}, err
	}
	p, err := parsePolicy(t.attributes(awsapi.RequestFrom(ctx).Region)[accessPolicy])
	return t, p, err
}

func labelled(label string) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool {
		var s struct{ Sid string }
		return json.Unmarshal(raw, &s) == nil && s.Sid == label
	}
}

// oneOrAll is how a policy writes a list: one value stands alone.
func oneOrAll(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	return values
}
