package sqs

import (
	"context"
	"encoding/json"
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

// A policy is a queue's policy as AddPermission writes it. Statements are kept as
// they are: a client may have set others.
type policy struct {
	Version   string
	ID        string `json:"Id"`
	Statement []json.RawMessage
}

type statement struct {
	SID       string `json:"Sid"`
	Effect    string
	Principal struct{ AWS any }
	Action    any
	Resource  string
}

// grantable are the actions that AddPermission can grant.
var grantable = []string{
	"*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues",
	"PurgeQueue", "ReceiveMessage", "SendMessage",
}

var account = regexp.MustCompile(`^\d{12}$`)

// AddPermission adds a statement to a queue's policy. The policy is kept and shown;
// who may do what on this machine is not decided by it.
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
	var principals, actions []string
	for _, id := range in.AWSAccountIDs {
		if !account.MatchString(id) {
			return nil, invalidValue("[["+id+"]]", "PrincipalId", "Unable to verify.")
		}
		principals = append(principals, "arn:aws:iam::"+id+":root")
	}
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
		if slices.ContainsFunc(p.Statement, labelled(in.Label)) {
			return invalidValue(in.Label, "Label", "Already exists.")
		}
		added := statement{SID: in.Label, Effect: "Allow", Action: oneOrMany(actions), Resource: arn(d.region, d.spec.Name)}
		added.Principal.AWS = oneOrMany(principals)
		text, _ := json.Marshal(added) // strings always encode
		p.Statement = append(p.Statement, text)
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
		before := len(p.Statement)
		p.Statement = slices.DeleteFunc(p.Statement, labelled(in.Label))
		if len(p.Statement) == before {
			return invalidValue(in.Label, "Label", "can't find label.")
		}
		return d.setPolicy(p)
	})
}

func labelled(label string) func(json.RawMessage) bool {
	return func(text json.RawMessage) bool {
		var s struct {
			SID string `json:"Sid"`
		}
		return json.Unmarshal(text, &s) == nil && s.SID == label
	}
}

// policy reads the queue's policy, or makes the one that a first statement is
// added to.
func (d *draft) policy() (policy, error) {
	if d.Policy == "" {
		return policy{Version: "2008-10-17", ID: arn(d.region, d.spec.Name) + "/SQSDefaultPolicy"}, nil
	}
	var p policy
	if json.Unmarshal([]byte(d.Policy), &p) != nil {
		return p, awsapi.Errorf("InvalidAttributeValue", "The queue's policy has no list of statements to change.")
	}
	return p, nil
}

// setPolicy writes a policy; one without statements is none.
func (d *draft) setPolicy(p policy) error {
	d.Policy = ""
	if len(p.Statement) > 0 {
		text, _ := json.Marshal(p) // it was read as JSON
		d.Policy = string(text)
	}
	return nil
}

// oneOrMany is a list as policies have it, where one element stands alone.
func oneOrMany(list []string) any {
	if len(list) == 1 {
		return list[0]
	}
	return list
}
