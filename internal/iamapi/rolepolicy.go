package iamapi

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

// maxPolicyName is how long the name of a policy may be.
const maxPolicyName = 128

// PutRolePolicyInput is the input of PutRolePolicy.
type PutRolePolicyInput struct {
	RoleName
	PolicyName, PolicyDocument string
}

// PutRolePolicy writes an inline policy of a role, in the place of the one of its name.
func (s *Service) PutRolePolicy(ctx context.Context, in *PutRolePolicyInput) (*Empty, error) {
	if err := checkName(in.PolicyName, "policyName", maxPolicyName); err != nil {
		return nil, err
	}
	if err := checkIdentity(in.PolicyDocument); err != nil {
		return nil, err
	}
	return &Empty{}, s.changeRole(ctx, in.RoleName.RoleName, func(r *role) error {
		r.Inline[in.PolicyName] = in.PolicyDocument
		size := 0
		for _, document := range r.Inline {
			size += len(unspaced(document))
		}
		if size > maxInline {
			return conflict("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInline, r.Name)
		}
		return nil
	})
}

// RolePolicyInput is the input of an action on an inline policy.
type RolePolicyInput struct {
	RoleName
	PolicyName string
}

// GetRolePolicyOutput is the output of GetRolePolicy.
type GetRolePolicyOutput struct{ RoleName, PolicyName, PolicyDocument string }

// GetRolePolicy returns an inline policy of a role.
func (s *Service) GetRolePolicy(_ context.Context, in *RolePolicyInput) (*GetRolePolicyOutput, error) {
	r, err := s.find(in.RoleName.RoleName)
	if err != nil {
		return nil, err
	}
	document, found := r.Inline[in.PolicyName]
	if !found {
		return nil, noRolePolicy(in.PolicyName)
	}
	return &GetRolePolicyOutput{r.Name, in.PolicyName, encoded(document)}, nil
}

func noRolePolicy(name string) *awsapi.Error {
	return noEntity("The role policy with name %s cannot be found.", name)
}

// DeleteRolePolicy deletes an inline policy of a role.
func (s *Service) DeleteRolePolicy(ctx context.Context, in *RolePolicyInput) (*Empty, error) {
	return &Empty{}, s.changeRole(ctx, in.RoleName.RoleName, func(r *role) error {
		if _, found := r.Inline[in.PolicyName]; !found {
			return noRolePolicy(in.PolicyName)
		}
		delete(r.Inline, in.PolicyName)
		return nil
	})
}

// ListRolePoliciesOutput is the output of ListRolePolicies.
type ListRolePoliciesOutput struct {
	PolicyNames []string
	IsTruncated bool
}

// ListRolePolicies returns the names of a role's inline policies.
func (s *Service) ListRolePolicies(_ context.Context, in *RolePageInput) (*ListRolePoliciesOutput, error) {
	r, err := s.find(in.RoleName.RoleName)
	if err != nil {
		return nil, err
	}
	return &ListRolePoliciesOutput{PolicyNames: slices.Sorted(maps.Keys(r.Inline))}, nil
}

// AttachmentInput is the input of AttachRolePolicy and DetachRolePolicy.
type AttachmentInput struct {
	RoleName
	PolicyARN string `json:"PolicyArn"`
}

// AttachRolePolicy attaches a managed policy to a role. Those of AWS can all be
// attached; what they allow is known of few, see [Service.Policies].
func (s *Service) AttachRolePolicy(ctx context.Context, in *AttachmentInput) (*Empty, error) {
	s.changing.Lock() // so that the policy is not deleted meanwhile
	defer s.changing.Unlock()
	if err := checkARN(in.PolicyARN); err != nil {
		return nil, err
	}
	if _, found := s.managed.Get(in.PolicyARN); !found && !isAWS(in.PolicyARN) {
		return nil, noEntity("Policy %s does not exist or is not attachable.", in.PolicyARN)
	}
	return &Empty{}, s.changeRole(ctx, in.RoleName.RoleName, func(r *role) error {
		if slices.Contains(r.Attached, in.PolicyARN) {
			return nil
		}
		if r.Attached = append(r.Attached, in.PolicyARN); len(r.Attached) > maxAttached {
			return conflict("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", maxAttached)
		}
		return nil
	})
}

// DetachRolePolicy detaches a managed policy from a role.
func (s *Service) DetachRolePolicy(ctx context.Context, in *AttachmentInput) (*Empty, error) {
	return &Empty{}, s.changeRole(ctx, in.RoleName.RoleName, func(r *role) error {
		i := slices.Index(r.Attached, in.PolicyARN)
		if i < 0 {
			return noEntity("Policy %s was not found.", in.PolicyARN)
		}
		r.Attached = slices.Delete(r.Attached, i, i+1)
		return nil
	})
}

// An AttachedPolicy is a managed policy that is attached.
type AttachedPolicy struct {
	PolicyName string
	PolicyARN  string `json:"PolicyArn"`
}

// ListAttachedRolePoliciesOutput is the output of ListAttachedRolePolicies.
type ListAttachedRolePoliciesOutput struct {
	AttachedPolicies []AttachedPolicy
	IsTruncated      bool
}

// ListAttachedRolePolicies returns the managed policies that a role has.
func (s *Service) ListAttachedRolePolicies(_ context.Context, in *RolePageInput) (*ListAttachedRolePoliciesOutput, error) {
	r, err := s.find(in.RoleName.RoleName)
	if err != nil {
		return nil, err
	}
	out := &ListAttachedRolePoliciesOutput{}
	for _, policyARN := range r.Attached {
		out.AttachedPolicies = append(out.AttachedPolicies, AttachedPolicy{policyARN[strings.LastIndexByte(policyARN, '/')+1:], policyARN})
	}
	return out, nil
}
