package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/iamapi"
	"github.com/less-go/less/internal/policy"
)

// An authority decides, as IAM does, what those may do who have a role.
type authority struct {
	account *account
	// policies returns the policy of the resource with an ARN, nil where it has none.
	policies func(resource string) (*policy.Document, error)
	failed   func(error)
}

// decide says whether p, who has a role, may do action on resource. Where a policy cannot
// be read nobody knows what it denies, so nothing is allowed.
func (a *authority) decide(p awsapi.Principal, action, resource string) policy.Decision {
	identity, err := a.account.iam.Policies(p.RoleARN)
	if err != nil {
		a.failed(fmt.Errorf("%s may not %s: %w", p.ARN(), action, err))
		return policy.Decision{}
	}
	own, err := a.policies(resource)
	if err != nil {
		a.failed(fmt.Errorf("nobody may %s: the policy of %s: %w", action, resource, err))
		return policy.Decision{Resource: true}
	}
	return policy.Evaluate(policy.Request{
		Principal: policy.Principal{ARN: p.ARN(), Role: p.RoleARN, Account: Account},
		Action:    action, Resource: resource, Context: conditions(p),
	}, policy.Policies{Identity: identity, Resource: own})
}

// roles are IAM's for Lambda, which asks what the role of a function may do.
type roles struct{ authority *authority }

// Assumable says whether there is a role of that ARN which a service may assume.
func (r roles) Assumable(ctx context.Context, roleARN, service string) bool {
	return r.authority.account.iam.Assumable(ctx, roleARN, service)
}

// Allows says whether a role may do action on resource.
func (r roles) Allows(roleARN, action, resource string) bool {
	name, _ := iamapi.RoleOf(roleARN)
	return r.authority.decide(awsapi.Principal{Name: name, Role: name, RoleARN: roleARN}, action, resource).Allowed
}

// conditions are the values of the condition keys of a request by p. What comes over
// this machine's loopback counts as encrypted on its way, as it is on AWS.
func conditions(p awsapi.Principal) map[string][]string {
	now := time.Now().UTC()
	return map[string][]string{
		"aws:currenttime":           {now.Format(time.RFC3339)},
		"aws:epochtime":             {strconv.FormatInt(now.Unix(), 10)},
		"aws:principalaccount":      {Account},
		"aws:principalarn":          {p.RoleARN},
		"aws:principalisawsservice": {"false"},
		"aws:principaltype":         {"AssumedRole"},
		"aws:resourceaccount":       {Account},
		"aws:securetransport":       {"true"},
		"aws:sourceip":              {"127.0.0.1"},
		"aws:sourceowner":           {Account},
		"aws:viaawsservice":         {"false"},
		"s3:resourceaccount":        {Account},
	}
}

// maySend says whether SNS may send for a topic to a queue, which the queue's policy
// decides. The queues of the plan take what any topic here sends: their policies are
// made only on AWS.
func (e *Engine) maySend(topicARN, queue string) error {
	if _, exists := e.store.Queue(queue); !exists || e.sources.of(queue).Queue.Name != "" {
		return nil
	}
	own, err := e.readPolicies.of(e.sqs.Policy(queue))
	if err != nil {
		return fmt.Errorf("the policy of the queue %s cannot be read: %w", queue, err)
	}
	a, err := awsapi.ParseARN(topicARN)
	if err != nil {
		return err
	}
	if policy.Evaluate(policy.Request{
		Principal: policy.Principal{Service: "sns.amazonaws.com"},
		Action:    "sqs:SendMessage", Resource: awsapi.LocalARN("sqs", a.Region, queue),
		Context: map[string][]string{
			"aws:principalisawsservice": {"true"}, "aws:securetransport": {"true"},
			"aws:sourceaccount": {a.Account}, "aws:sourcearn": {topicARN},
		},
	}, policy.Policies{Resource: own}).Allowed {
		return nil
	}
	return fmt.Errorf("the policy of the queue %s does not let sns.amazonaws.com do sqs:SendMessage for %s", queue, topicARN)
}

// resourcePolicy returns the policy of a resource, as far as resources have one that is
// asked: topics, queues and buckets.
func (e *Engine) resourcePolicy(resource string) (*policy.Document, error) {
	a, err := awsapi.ParseARN(resource)
	if err != nil {
		return nil, nil //nolint:nilerr // "*" has no policy
	}
	switch a.Service {
	case "sns":
		return e.readPolicies.of(e.sns.Policy(a.Resource, a.Region))
	case "sqs":
		return e.readPolicies.of(e.sqs.Policy(a.Resource))
	case "s3":
		bucket, _, _ := strings.Cut(a.Resource, "/")
		return e.s3.Policy(bucket), nil
	}
	return nil, nil
}

// readPolicies are the policies of resources that have been read, by their text.
type readPolicies struct {
	mu   sync.Mutex
	read map[string]*policy.Document
}

// maxRead is how many are remembered. There are as many as resources with policies, and
// those that these had before.
const maxRead = 10_000

// of reads a policy, or returns what was read of the same text before.
func (r *readPolicies) of(text string) (*policy.Document, error) {
	if text == "" {
		return nil, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := r.read[text]; d != nil {
		return d, nil
	}
	d, err := policy.ParseResource(text)
	if err != nil {
		return nil, err
	}
	if r.read == nil || len(r.read) >= maxRead {
		r.read = map[string]*policy.Document{}
	}
	r.read[text] = d
	return d, nil
}
