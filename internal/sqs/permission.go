package sqs

import (
	"context"
	"regexp"
	"slices"

	"github.com/less-go/less/internal/awsapi"
)

// AddPermissionInput is the input of AddPermission.
type AddPermissionInput struct {
	Queue
	Label         string
	AWSAccountIDs []string `json:"AWSAccountIds" query:"AWSAccountId"`
	Actions       []string `query:"ActionName"`
}

// grantable are the actions that AddPermission can grant.
var grantable = []string{
	"*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues",
	"PurgeQueue", "ReceiveMessage", "SendMessage",
}

var account = regexp.MustCompile(`^\d{12}$`)

// AddPermission adds a statement to a queue's policy.
func (s *Service) AddPermission(ctx context.Context, in *AddPermissionInput) (*Empty, error) {
	switch {
	case in.Label == "":
		return nil, missing("Label")
	case len(in.AWSAccountIDs) == 0:
		return nil, missing("AWSAccountIds")
	case len(in.Actions) == 0:
		return nil, missing("Actions")
	case !standardName.MatchString(in.Label):
		return nil, invalidValue(in.Label, "Label", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	for _, id := range in.AWSAccountIDs {
		if !account.MatchString(id) {
			return nil, invalidValue("[["+id+"]]", "PrincipalId", "Unable to verify.")
		}
	}
	var actions []string
	for _, action := range in.Actions {
		if !slices.Contains(grantable, action) {
			return nil, invalidValue("SQS:"+action, "ActionName", "Only the queue owner is allowed to invoke this action.")
		}
		actions = append(actions, "SQS:"+action)
	}
	return s.change(ctx, in.Queue, func(d *draft) error {
		p, err := d.policy()
		if err != nil {
			return err
		}
		if p.Has(in.Label) {
			return invalidValue(in.Label, "Label", "Already exists.")
		}
		p.Add(awsapi.Allow(in.Label, in.AWSAccountIDs, actions, arn(d.region, d.spec.Name)))
		return d.setPolicy(p)
	})
}

// RemovePermissionInput is the input of RemovePermission.
type RemovePermissionInput struct {
	Queue
	Label string
}

// RemovePermission removes a statement from a queue's policy.
func (s *Service) RemovePermission(ctx context.Context, in *RemovePermissionInput) (*Empty, error) {
	if in.Label == "" {
		return nil, missing("Label")
	}
	return s.change(ctx, in.Queue, func(d *draft) error {
		p, err := d.policy()
		if err != nil {
			return err
		}
		if !p.Has(in.Label) {
			return invalidValue(in.Label, "Label", "can't find label.")
		}
		p.Remove(in.Label)
		return d.setPolicy(p)
	})
}

// policy reads the queue's policy, or makes the one that a first statement is
// added to.
func (d *draft) policy() (awsapi.Policy, error) {
	if d.Policy == "" {
		return awsapi.Policy{Version: "2008-10-17", ID: arn(d.region, d.spec.Name) + "/SQSDefaultPolicy"}, nil
	}
	p, err := awsapi.ParsePolicy(d.Policy)
	if err != nil {
		return p, awsapi.Errorf("InvalidAttributeValue", "The queue's policy has no statements to change.")
	}
	return p, nil
}

// setPolicy writes a policy; one without statements is none.
func (d *draft) setPolicy(p awsapi.Policy) error {
	d.Policy = ""
	if len(p.Statement) > 0 {
		d.Policy = p.String()
	}
	return nil
}

// Policy returns the policy of a queue, "" where it has none or is not there.
func (s *Service) Policy(name string) string {
	q, exists := s.store.Queue(name)
	if !exists {
		return ""
	}
	return settingsOf(q).Policy
}
