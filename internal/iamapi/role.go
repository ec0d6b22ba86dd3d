package iamapi

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/policy"
)

// A role is what the store keeps of one.
type role struct {
	Name, Path, ID, Trust string
	Description           string            `json:",omitempty"`
	MaxSession            int               // s
	Inline                map[string]string `json:",omitempty"` // documents by their names
	Attached              []string          `json:",omitempty"` // ARNs of managed policies
	Tags                  map[string]string `json:",omitempty"`
	Created               time.Time
}

func (r role) arn() string { return arn("role" + r.Path + r.Name) }

// What AWS allows of roles.
const (
	maxRoleName    = 64
	minSession     = 3600
	maxSession     = 43_200
	maxTrust       = 2048
	maxInline      = 10_240 // all inline policies of a role together, without white space
	maxAttached    = 10
	maxTags        = 50
	maxDescription = 1000
)

// A RoleName is the part of an input that says which role is meant.
type RoleName struct{ RoleName string }

// Resource returns the ARN of a role of that name without a path.
func (r RoleName) Resource(string) string { return arn("role/" + r.RoleName) }

// find returns a role.
func (s *Service) find(name string) (role, error) {
	r, found := s.roles.Get(strings.ToLower(name))
	if !found {
		return r, noRole(name)
	}
	return r, nil
}

func noRole(name string) *awsapi.Error {
	return noEntity("The role with name %s cannot be found.", name)
}

// changeRole replaces a role by what change makes of it.
func (s *Service) changeRole(ctx context.Context, name string, change func(*role) error) error {
	err := s.roles.Change(ctx, strings.ToLower(name), func(r role, found bool) (*role, error) {
		if !found {
			return nil, noRole(name)
		}
		// What was handed out does not change.
		r.Inline, r.Tags, r.Attached = cloned(r.Inline), cloned(r.Tags), slices.Clone(r.Attached)
		return &r, change(&r)
	})
	s.changed()
	return err
}

func cloned(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return maps.Clone(m)
}

// A Role is what is told of one.
type Role struct {
	Path, RoleName           string
	RoleID                   string `json:"RoleId"`
	ARN                      string `json:"Arn"`
	CreateDate               string
	AssumeRolePolicyDocument string
	Description              string
	MaxSessionDuration       int
	Tags                     []Tag
	RoleLastUsed             struct{ Region string }
}

func (r role) describe() Role {
	return Role{
		Path: r.Path, RoleName: r.Name, RoleID: r.ID, ARN: r.arn(), CreateDate: timestamp(r.Created),
		AssumeRolePolicyDocument: encoded(r.Trust), Description: r.Description, MaxSessionDuration: r.MaxSession, Tags: tagsOf(r.Tags),
	}
}

func tagsOf(m map[string]string) []Tag {
	var out []Tag
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, Tag{key, m[key]})
	}
	return out
}

// CreateRoleInput is the input of CreateRole.
type CreateRoleInput struct {
	RoleName
	Path, AssumeRolePolicyDocument, Description string
	MaxSessionDuration                          *int
	PermissionsBoundary                         string
	Tags                                        []Tag
}

// RoleOutput is the output of an action that returns a role.
type RoleOutput struct{ Role Role }

// CreateRole makes a role.
func (s *Service) CreateRole(ctx context.Context, in *CreateRoleInput) (*RoleOutput, error) {
	if err := checkName(in.RoleName.RoleName, "roleName", maxRoleName); err != nil {
		return nil, err
	}
	path, err := checkPath(in.Path)
	if err != nil {
		return nil, err
	}
	if in.PermissionsBoundary != "" {
		return nil, awsapi.NotImplemented("permission boundaries of roles")
	}
	r := role{
		Name: in.RoleName.RoleName, Path: path, ID: newID("AROA"), Trust: in.AssumeRolePolicyDocument, Description: in.Description,
		MaxSession: minSession, Tags: map[string]string{}, Created: now(),
	}
	for _, t := range in.Tags {
		r.Tags[t.Key] = t.Value
	}
	if in.MaxSessionDuration != nil {
		r.MaxSession = *in.MaxSessionDuration
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	err = s.roles.Change(ctx, strings.ToLower(r.Name), func(_ role, taken bool) (*role, error) {
		if taken {
			return nil, conflict("EntityAlreadyExists", "Role with name %s already exists.", r.Name)
		}
		return &r, nil
	})
	s.changed()
	if err != nil {
		return nil, err
	}
	return &RoleOutput{r.describe()}, nil
}

// check says what is wrong with a role as a client wants to have it.
func (r *role) check() error {
	switch {
	case r.MaxSession < minSession || r.MaxSession > maxSession:
		bound, limit := "greater than or equal to", minSession
		if r.MaxSession > maxSession {
			bound, limit = "less than or equal to", maxSession
		}
		return invalid("1 validation error detected: Value '%d' at 'maxSessionDuration' failed to satisfy constraint: Member must have value %s %d", r.MaxSession, bound, limit)
	case len(r.Description) > maxDescription:
		return invalid("1 validation error detected: Value '%s' at 'description' failed to satisfy constraint: Member must have length less than or equal to %d", r.Description, maxDescription)
	case len(r.Tags) > maxTags:
		return awsapi.Errorf("LimitExceeded", "The number of tags has reached the maximum limit.")
	case len(unspaced(r.Trust)) > maxTrust:
		return conflict("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", maxTrust)
	}
	if _, err := policy.ParseTrust(r.Trust); err != nil {
		return malformed(err)
	}
	return nil
}

// unspaced is a document without the white space that limits do not count.
func unspaced(document string) string { return strings.Join(strings.Fields(document), "") }

// GetRoleInput is the input of GetRole and of other actions on a role alone.
type GetRoleInput struct{ RoleName }

// GetRole returns a role.
func (s *Service) GetRole(_ context.Context, in *GetRoleInput) (*RoleOutput, error) {
	r, err := s.find(in.RoleName.RoleName)
	if err != nil {
		return nil, err
	}
	return &RoleOutput{r.describe()}, nil
}

// ListRolesInput is the input of ListRoles.
type ListRolesInput struct {
	Page
	PathPrefix string
}

// ListRolesOutput is the output of ListRoles.
type ListRolesOutput struct {
	Roles       []Role
	IsTruncated bool
}

// ListRoles returns all roles below a path.
func (s *Service) ListRoles(_ context.Context, in *ListRolesInput) (*ListRolesOutput, error) {
	out := &ListRolesOutput{}
	for _, r := range s.roles.All() {
		if strings.HasPrefix(r.Path, in.PathPrefix) {
			out.Roles = append(out.Roles, r.describe())
		}
	}
	return out, nil
}

// UpdateRoleInput is the input of UpdateRole.
type UpdateRoleInput struct {
	RoleName
	Description        *string
	MaxSessionDuration *int
}

// UpdateRole changes what is said of a role.
func (s *Service) UpdateRole(ctx context.Context, in *UpdateRoleInput) (*EmptyResult, error) {
	return &EmptyResult{}, s.changeRole(ctx, in.RoleName.RoleName, func(r *role) error {
		if in.Description != nil {
			r.Description = *in.Description
		}
		if in.MaxSessionDuration != nil {
			r.MaxSession = *in.MaxSessionDuration
		}
		return r.check()
	})
}

// UpdateRoleDescriptionInput is the input of UpdateRoleDescription.
type UpdateRoleDescriptionInput struct {
	RoleName
	Description string
}

// UpdateRoleDescription changes the description of a role.
func (s *Service) UpdateRoleDescription(ctx context.Context, in *UpdateRoleDescriptionInput) (*RoleOutput, error) {
	if _, err := s.UpdateRole(ctx, &UpdateRoleInput{RoleName: in.RoleName, Description: &in.Description}); err != nil {
		return nil, err
	}
	return s.GetRole(ctx, &GetRoleInput{in.RoleName})
}

// UpdateAssumeRolePolicyInput is the input of UpdateAssumeRolePolicy.
type UpdateAssumeRolePolicyInput struct {
	RoleName
	PolicyDocument string
}

// UpdateAssumeRolePolicy changes who may assume a role.
func (s *Service) UpdateAssumeRolePolicy(ctx context.Context, in *UpdateAssumeRolePolicyInput) (*Empty, error) {
	return &Empty{}, s.changeRole(ctx, in.RoleName.RoleName, func(r *role) error {
		r.Trust = in.PolicyDocument
		return r.check()
	})
}

// DeleteRole deletes a role that has no policies any more.
func (s *Service) DeleteRole(ctx context.Context, in *GetRoleInput) (*Empty, error) {
	name := in.RoleName.RoleName
	err := s.roles.Change(ctx, strings.ToLower(name), func(r role, found bool) (*role, error) {
		switch {
		case !found:
			return nil, noRole(name)
		case len(r.Attached) > 0:
			return nil, conflict("DeleteConflict", "Cannot delete entity, must detach all policies first.")
		case len(r.Inline) > 0:
			return nil, conflict("DeleteConflict", "Cannot delete entity, must delete policies first.")
		}
		return nil, nil
	})
	s.changed()
	return &Empty{}, err
}

// TagRoleInput is the input of TagRole.
type TagRoleInput struct {
	RoleName
	Tags []Tag
}

// TagRole gives a role tags, in the place of those with the same keys.
func (s *Service) TagRole(ctx context.Context, in *TagRoleInput) (*Empty, error) {
	return &Empty{}, s.changeRole(ctx, in.RoleName.RoleName, func(r *role) error {
		for _, t := range in.Tags {
			r.Tags[t.Key] = t.Value
		}
		return r.check()
	})
}

// UntagRoleInput is the input of UntagRole.
type UntagRoleInput struct {
	RoleName
	TagKeys []string
}

// UntagRole takes tags from a role.
func (s *Service) UntagRole(ctx context.Context, in *UntagRoleInput) (*Empty, error) {
	return &Empty{}, s.changeRole(ctx, in.RoleName.RoleName, func(r *role) error {
		for _, key := range in.TagKeys {
			delete(r.Tags, key)
		}
		return nil
	})
}

// RolePageInput is the input of an action that lists something of a role.
type RolePageInput struct {
	RoleName
	Page
	PathPrefix string
}

// ListRoleTagsOutput is the output of ListRoleTags.
type ListRoleTagsOutput struct {
	Tags        []Tag
	IsTruncated bool
}

// ListRoleTags returns the tags of a role.
func (s *Service) ListRoleTags(_ context.Context, in *RolePageInput) (*ListRoleTagsOutput, error) {
	r, err := s.find(in.RoleName.RoleName)
	if err != nil {
		return nil, err
	}
	return &ListRoleTagsOutput{Tags: tagsOf(r.Tags)}, nil
}

// ListInstanceProfilesForRoleOutput is the output of ListInstanceProfilesForRole.
type ListInstanceProfilesForRoleOutput struct {
	InstanceProfiles []string
	IsTruncated      bool
}

// ListInstanceProfilesForRole returns none: there are no instances. Tools ask it before
// they delete a role.
func (s *Service) ListInstanceProfilesForRole(_ context.Context, in *RolePageInput) (*ListInstanceProfilesForRoleOutput, error) {
	if _, err := s.find(in.RoleName.RoleName); err != nil {
		return nil, err
	}
	return &ListInstanceProfilesForRoleOutput{}, nil
}
