package resources

import (
	"context"
	"slices"

	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/iamapi"
)

const (
	roleType          = "AWS::IAM::Role"
	managedPolicyType = "AWS::IAM::ManagedPolicy"
)

// roles makes roles.
type roles struct{ service *iamapi.Service }

type roleProperties struct {
	RoleName                 *string `cfn:",replace"`
	Path                     string  `cfn:",replace"`
	AssumeRolePolicyDocument any     `cfn:",required"`
	Description              string
	ManagedPolicyARNs        []string `cfn:"ManagedPolicyArns"`
	MaxSessionDuration       *int
	Policies                 []rolePolicy
	Tags                     []provider.Tag
}

type rolePolicy struct {
	PolicyName     string `cfn:",required"`
	PolicyDocument any    `cfn:",required"`
}

func (roles) Schema() provider.Schema {
	return provider.SchemaOf[roleProperties](provider.Options{Name: "RoleName", Attributes: []string{"Arn", "RoleId"}})
}

func roleNamed(name string) iamapi.RoleName { return iamapi.RoleName{RoleName: name} }

func (s roles) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[roleProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	name := or(p.RoleName, r.Name(64))
	_, err = s.service.GetRole(ctx, &iamapi.GetRoleInput{RoleName: roleNamed(name)})
	switch {
	case err == nil:
		return provider.Made{}, provider.AlreadyExists(roleType, name)
	case !isGone(err):
		return provider.Made{}, err
	}
	if err := r.Begin(name); err != nil {
		return provider.Made{}, err
	}
	in := &iamapi.CreateRoleInput{
		RoleName: roleNamed(name), Path: p.Path, AssumeRolePolicyDocument: text(p.AssumeRolePolicyDocument),
		Description: p.Description, MaxSessionDuration: p.MaxSessionDuration, Tags: iamTags(tags(r, p.Tags)),
	}
	if _, err := s.service.CreateRole(ctx, in); err != nil {
		return provider.Made{}, err
	}
	return s.put(ctx, name, p, roleProperties{})
}

func iamTags(all map[string]string) (out []iamapi.Tag) {
	for _, key := range keys(all) {
		out = append(out, iamapi.Tag{Key: key, Value: all[key]})
	}
	return out
}

// put gives a role the policies that it is to have, and takes those that only old has:
// what others have given it stays.
func (s roles) put(ctx context.Context, name string, p, old roleProperties) (provider.Made, error) {
	role := roleNamed(name)
	for _, policy := range p.Policies {
		in := &iamapi.PutRolePolicyInput{RoleName: role, PolicyName: policy.PolicyName, PolicyDocument: text(policy.PolicyDocument)}
		if _, err := s.service.PutRolePolicy(ctx, in); err != nil {
			return provider.Made{}, err
		}
	}
	for _, gone := range old.Policies {
		if slices.ContainsFunc(p.Policies, func(stays rolePolicy) bool { return stays.PolicyName == gone.PolicyName }) {
			continue
		}
		_, err := s.service.DeleteRolePolicy(ctx, &iamapi.RolePolicyInput{RoleName: role, PolicyName: gone.PolicyName})
		if err := unlessGone(err); err != nil {
			return provider.Made{}, err
		}
	}
	for _, arn := range p.ManagedPolicyARNs {
		if _, err := s.service.AttachRolePolicy(ctx, &iamapi.AttachmentInput{RoleName: role, PolicyARN: arn}); err != nil {
			return provider.Made{}, err
		}
	}
	for _, arn := range without(old.ManagedPolicyARNs, p.ManagedPolicyARNs) {
		_, err := s.service.DetachRolePolicy(ctx, &iamapi.AttachmentInput{RoleName: role, PolicyARN: arn})
		if err := unlessGone(err); err != nil {
			return provider.Made{}, err
		}
	}
	out, err := s.service.GetRole(ctx, &iamapi.GetRoleInput{RoleName: role})
	if err != nil {
		return provider.Made{}, err
	}
	return provider.Made{PhysicalID: name, Attributes: map[string]any{"Arn": out.Role.ARN, "RoleId": out.Role.RoleID}}, nil
}

func (s roles) Update(ctx context.Context, r provider.Resource, before map[string]any) (provider.Made, error) {
	p, err := provider.Decode[roleProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	old, err := provider.Decode[roleProperties](r.LogicalID, before)
	if err != nil {
		return provider.Made{}, err
	}
	role := roleNamed(r.PhysicalID)
	if _, err := s.service.UpdateRole(ctx, &iamapi.UpdateRoleInput{
		RoleName: role, Description: &p.Description, MaxSessionDuration: new(or(p.MaxSessionDuration, 3600)),
	}); err != nil {
		return provider.Made{}, err
	}
	if _, err := s.service.UpdateAssumeRolePolicy(ctx, &iamapi.UpdateAssumeRolePolicyInput{
		RoleName: role, PolicyDocument: text(p.AssumeRolePolicyDocument),
	}); err != nil {
		return provider.Made{}, err
	}
	now := tags(r, p.Tags)
	if gone := untag(tags(r, old.Tags), now); len(gone) > 0 {
		if _, err := s.service.UntagRole(ctx, &iamapi.UntagRoleInput{RoleName: role, TagKeys: gone}); err != nil {
			return provider.Made{}, err
		}
	}
	if _, err := s.service.TagRole(ctx, &iamapi.TagRoleInput{RoleName: role, Tags: iamTags(now)}); err != nil {
		return provider.Made{}, err
	}
	return s.put(ctx, r.PhysicalID, p, old)
}

// Delete takes from a role the policies that the template gave it. Others keep it from
// being deleted, as on AWS.
func (s roles) Delete(ctx context.Context, r provider.Resource) error {
	p, err := provider.Decode[roleProperties](r.LogicalID, r.Properties)
	if err != nil {
		return err
	}
	if _, err := s.put(ctx, r.PhysicalID, roleProperties{}, p); err != nil {
		return unlessGone(err)
	}
	_, err = s.service.DeleteRole(ctx, &iamapi.GetRoleInput{RoleName: roleNamed(r.PhysicalID)})
	return unlessGone(err)
}

// rolePolicies gives roles an inline policy that is a resource of its own.
type rolePolicies struct{ service *iamapi.Service }

type rolePolicyProperties struct {
	PolicyName     string   `cfn:",required,replace"`
	PolicyDocument any      `cfn:",required"`
	Roles          []string `cfn:",required"`
}

func (rolePolicies) Schema() provider.Schema {
	return provider.SchemaOf[rolePolicyProperties](provider.Options{Attributes: []string{"Id"}})
}

func (s rolePolicies) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	id := r.Name(128)
	if err := r.Begin(id); err != nil {
		return provider.Made{}, err
	}
	return s.put(ctx, id, r, nil)
}

// put gives the policy to the roles that are to have it, and takes it from those of
// before that are not.
func (s rolePolicies) put(ctx context.Context, id string, r provider.Resource, before []string) (provider.Made, error) {
	p, err := provider.Decode[rolePolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	for _, role := range p.Roles {
		in := &iamapi.PutRolePolicyInput{RoleName: roleNamed(role), PolicyName: p.PolicyName, PolicyDocument: text(p.PolicyDocument)}
		if _, err := s.service.PutRolePolicy(ctx, in); err != nil {
			return provider.Made{}, err
		}
	}
	return provider.Made{PhysicalID: id, Attributes: map[string]any{"Id": id}}, s.take(ctx, p.PolicyName, without(before, p.Roles))
}

func (s rolePolicies) take(ctx context.Context, policy string, from []string) error {
	for _, role := range from {
		_, err := s.service.DeleteRolePolicy(ctx, &iamapi.RolePolicyInput{RoleName: roleNamed(role), PolicyName: policy})
		if err := unlessGone(err); err != nil {
			return err
		}
	}
	return nil
}

func (s rolePolicies) Update(ctx context.Context, r provider.Resource, before map[string]any) (provider.Made, error) {
	old, err := provider.Decode[rolePolicyProperties](r.LogicalID, before)
	if err != nil {
		return provider.Made{}, err
	}
	return s.put(ctx, r.PhysicalID, r, old.Roles)
}

func (s rolePolicies) Delete(ctx context.Context, r provider.Resource) error {
	p, err := provider.Decode[rolePolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return err
	}
	return s.take(ctx, p.PolicyName, p.Roles)
}

// managedPolicies makes managed policies.
type managedPolicies struct{ service *iamapi.Service }

type managedPolicyProperties struct {
	ManagedPolicyName *string `cfn:",replace"`
	Path              string  `cfn:",replace"`
	Description       string  `cfn:",replace"`
	PolicyDocument    any     `cfn:",required"`
	Roles             []string
}

func (managedPolicies) Schema() provider.Schema {
	return provider.SchemaOf[managedPolicyProperties](provider.Options{Name: "ManagedPolicyName", Attributes: []string{"PolicyArn", "PolicyId"}})
}

func (s managedPolicies) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[managedPolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	in := &iamapi.CreatePolicyInput{
		PolicyName: or(p.ManagedPolicyName, r.Name(128)), Path: p.Path, Description: p.Description, PolicyDocument: text(p.PolicyDocument),
	}
	arn := in.Resource(r.Region)
	_, err = s.service.GetPolicy(ctx, &iamapi.PolicyInput{PolicyARN: iamapi.PolicyARN{PolicyARN: arn}})
	switch {
	case err == nil:
		return provider.Made{}, provider.AlreadyExists(managedPolicyType, arn)
	case !isGone(err):
		return provider.Made{}, err
	}
	if err := r.Begin(arn); err != nil {
		return provider.Made{}, err
	}
	out, err := s.service.CreatePolicy(ctx, in)
	if err != nil {
		return provider.Made{}, err
	}
	made := provider.Made{PhysicalID: arn, Attributes: map[string]any{"PolicyArn": arn, "PolicyId": out.Policy.PolicyID}}
	return made, s.attach(ctx, arn, p.Roles, nil)
}

// attach attaches a policy to roles, and detaches it from those that had it before.
func (s managedPolicies) attach(ctx context.Context, arn string, to, before []string) error {
	for _, role := range to {
		if _, err := s.service.AttachRolePolicy(ctx, &iamapi.AttachmentInput{RoleName: roleNamed(role), PolicyARN: arn}); err != nil {
			return err
		}
	}
	for _, role := range without(before, to) {
		_, err := s.service.DetachRolePolicy(ctx, &iamapi.AttachmentInput{RoleName: roleNamed(role), PolicyARN: arn})
		if err := unlessGone(err); err != nil {
			return err
		}
	}
	return nil
}

func (s managedPolicies) Update(ctx context.Context, r provider.Resource, before map[string]any) (provider.Made, error) {
	p, err := provider.Decode[managedPolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	old, err := provider.Decode[managedPolicyProperties](r.LogicalID, before)
	if err != nil {
		return provider.Made{}, err
	}
	arn := iamapi.PolicyARN{PolicyARN: r.PhysicalID}
	if differs(r.Properties, before, "PolicyDocument") {
		if err := s.dropOldVersions(ctx, arn); err != nil {
			return provider.Made{}, err
		}
		if _, err := s.service.CreatePolicyVersion(ctx, &iamapi.CreatePolicyVersionInput{
			PolicyARN: arn, PolicyDocument: text(p.PolicyDocument), SetAsDefault: true,
		}); err != nil {
			return provider.Made{}, err
		}
	}
	out, err := s.service.GetPolicy(ctx, &iamapi.PolicyInput{PolicyARN: arn})
	if err != nil {
		return provider.Made{}, err
	}
	made := provider.Made{PhysicalID: r.PhysicalID, Attributes: map[string]any{"PolicyArn": r.PhysicalID, "PolicyId": out.Policy.PolicyID}}
	return made, s.attach(ctx, r.PhysicalID, p.Roles, old.Roles)
}

// dropOldVersions leaves the default version alone: there is only room for a few.
func (s managedPolicies) dropOldVersions(ctx context.Context, arn iamapi.PolicyARN) error {
	out, err := s.service.ListPolicyVersions(ctx, &iamapi.ListPolicyVersionsInput{PolicyARN: arn})
	if err != nil {
		return err
	}
	for _, v := range out.Versions {
		if v.IsDefaultVersion {
			continue
		}
		if _, err := s.service.DeletePolicyVersion(ctx, &iamapi.PolicyVersionInput{PolicyARN: arn, VersionID: v.VersionID}); err != nil {
			return err
		}
	}
	return nil
}

func (s managedPolicies) Delete(ctx context.Context, r provider.Resource) error {
	p, err := provider.Decode[managedPolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return err
	}
	if err := s.attach(ctx, r.PhysicalID, nil, p.Roles); err != nil {
		return err
	}
	arn := iamapi.PolicyARN{PolicyARN: r.PhysicalID}
	if err := s.dropOldVersions(ctx, arn); err != nil {
		return unlessGone(err)
	}
	_, err = s.service.DeletePolicy(ctx, &iamapi.PolicyInput{PolicyARN: arn})
	return unlessGone(err)
}
