package iamapi

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// A managedPolicy is what the store keeps of one that a client has made.
type managedPolicy struct {
	Name, Path, ID, Description string
	Default                     string // version
	Versions                    []policyVersion
	Next                        int               // number of a version
	Tags                        map[string]string `json:",omitempty"`
	Created                     time.Time
}

type policyVersion struct {
	ID, Document string
	Created      time.Time
}

func (p managedPolicy) arn() string { return arn("policy" + p.Path + p.Name) }

func (p managedPolicy) version(id string) (policyVersion, bool) {
	i := slices.IndexFunc(p.Versions, func(v policyVersion) bool { return v.ID == id })
	if i < 0 {
		return policyVersion{}, false
	}
	return p.Versions[i], true
}

// What AWS allows of managed policies.
const (
	maxPolicy         = 6144 // without white space
	maxPolicyVersions = 5
)

// isAWS says whether an ARN is that of a policy of AWS's own.
func isAWS(policyARN string) bool { return strings.HasPrefix(policyARN, "arn:aws:iam::aws:policy/") }

// checkARN checks the form of a policy's ARN.
func checkARN(text string) error {
	a, err := awsapi.ParseARN(text)
	if err != nil || a.Service != "iam" || !strings.HasPrefix(a.Resource, "policy/") {
		return awsapi.Errorf("InvalidInput", "ARN %s is not valid.", text)
	}
	return nil
}

// A PolicyARN is the part of an input that says which managed policy is meant.
type PolicyARN struct {
	PolicyARN string `json:"PolicyArn"`
}

// Resource returns the policy's ARN.
func (p PolicyARN) Resource(string) string { return p.PolicyARN }

// A Policy is what is told of a managed policy.
type Policy struct {
	PolicyName                          string
	PolicyID                            string `json:"PolicyId"`
	ARN                                 string `json:"Arn"`
	Path                                string
	DefaultVersionID                    string `json:"DefaultVersionId"`
	AttachmentCount                     int
	PermissionsBoundaryUsageCount       int
	IsAttachable                        bool
	Description, CreateDate, UpdateDate string
	Tags                                []Tag
}

func (s *Service) describe(p managedPolicy) Policy {
	v, _ := p.version(p.Default)
	out := Policy{
		PolicyName: p.Name, PolicyID: p.ID, ARN: p.arn(), Path: p.Path, DefaultVersionID: p.Default, IsAttachable: true,
		Description: p.Description, CreateDate: timestamp(p.Created), UpdateDate: timestamp(v.Created), Tags: tagsOf(p.Tags),
	}
	for _, r := range s.roles.All() {
		if slices.Contains(r.Attached, out.ARN) {
			out.AttachmentCount++
		}
	}
	return out
}

// CreatePolicyInput is the input of CreatePolicy.
type CreatePolicyInput struct {
	PolicyName, Path, PolicyDocument, Description string
	Tags                                          []Tag
}

// Resource returns the policy's ARN.
func (in *CreatePolicyInput) Resource(string) string {
	return arn("policy" + "/" + strings.TrimPrefix(in.Path, "/") + in.PolicyName)
}

// PolicyOutput is the output of an action that returns a managed policy.
type PolicyOutput struct{ Policy Policy }

// CreatePolicy makes a managed policy.
func (s *Service) CreatePolicy(ctx context.Context, in *CreatePolicyInput) (*PolicyOutput, error) {
	if err := checkName(in.PolicyName, "policyName", maxPolicyName); err != nil {
		return nil, err
	}
	path, err := checkPath(in.Path)
	if err != nil {
		return nil, err
	}
	if err := checkManaged(in.PolicyDocument); err != nil {
		return nil, err
	}
	p := managedPolicy{
		Name: in.PolicyName, Path: path, ID: newID("ANPA"), Description: in.Description, Default: "v1", Next: 2,
		Versions: []policyVersion{{"v1", in.PolicyDocument, now()}}, Tags: map[string]string{}, Created: now(),
	}
	for _, t := range in.Tags {
		p.Tags[t.Key] = t.Value
	}
	err = s.managed.Change(ctx, p.arn(), func(_ managedPolicy, taken bool) (*managedPolicy, error) {
		if taken {
			return nil, conflict("EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", p.Name)
		}
		return &p, nil
	})
	if err != nil {
		return nil, err
	}
	return &PolicyOutput{s.describe(p)}, nil
}

func checkManaged(document string) error {
	if len(unspaced(document)) > maxPolicy {
		return conflict("LimitExceeded", "Cannot exceed quota for PolicySize: %d", maxPolicy)
	}
	return checkIdentity(document)
}

// PolicyInput is the input of an action on a managed policy alone.
type PolicyInput struct{ PolicyARN }

// known returns a managed policy. Of those of AWS it returns the few that are known.
func (s *Service) known(policyARN string) (managedPolicy, error) {
	if err := checkARN(policyARN); err != nil {
		return managedPolicy{}, err
	}
	if p, found := s.managed.Get(policyARN); found {
		return p, nil
	}
	if document, found := awsPolicies[policyARN]; found {
		name := strings.TrimPrefix(policyARN, "arn:aws:iam::aws:policy/")
		path := "/" + name[:strings.LastIndexByte(name, '/')+1]
		return managedPolicy{Name: name[strings.LastIndexByte(name, '/')+1:], Path: path, ID: "ANPA", Default: "v1", Versions: []policyVersion{{ID: "v1", Document: document}}}, nil
	}
	if isAWS(policyARN) {
		return managedPolicy{}, awsapi.NotImplemented("the managed policy %s: its content is not known here", policyARN)
	}
	return managedPolicy{}, noPolicy(policyARN)
}

func noPolicy(policyARN string) *awsapi.Error { return noEntity("Policy %s was not found.", policyARN) }

// GetPolicy returns a managed policy.
func (s *Service) GetPolicy(_ context.Context, in *PolicyInput) (*PolicyOutput, error) {
	p, err := s.known(in.PolicyARN.PolicyARN)
	if err != nil {
		return nil, err
	}
	out := s.describe(p)
	out.ARN = in.PolicyARN.PolicyARN
	return &PolicyOutput{out}, nil
}

// ListPoliciesInput is the input of ListPolicies.
type ListPoliciesInput struct {
	Page
	Scope, PathPrefix, PolicyUsageFilter string
	OnlyAttached                         bool
}

// ListPoliciesOutput is the output of ListPolicies.
type ListPoliciesOutput struct {
	Policies    []Policy
	IsTruncated bool
}

// ListPolicies returns the managed policies that clients have made, and none of AWS's.
func (s *Service) ListPolicies(_ context.Context, in *ListPoliciesInput) (*ListPoliciesOutput, error) {
	out := &ListPoliciesOutput{}
	for _, p := range s.managed.All() {
		described := s.describe(p)
		if strings.HasPrefix(p.Path, in.PathPrefix) && in.Scope != "AWS" && (!in.OnlyAttached || described.AttachmentCount > 0) {
			out.Policies = append(out.Policies, described)
		}
	}
	return out, nil
}

// DeletePolicy deletes a managed policy that nothing has and of which one version is left.
func (s *Service) DeletePolicy(ctx context.Context, in *PolicyInput) (*Empty, error) {
	s.changing.Lock() // so that it is not attached meanwhile
	defer s.changing.Unlock()
	err := s.managed.Change(ctx, in.PolicyARN.PolicyARN, func(p managedPolicy, found bool) (*managedPolicy, error) {
		switch {
		case !found:
			return nil, noPolicy(in.PolicyARN.PolicyARN)
		case s.describe(p).AttachmentCount > 0:
			return nil, conflict("DeleteConflict", "Cannot delete a policy attached to entities.")
		case len(p.Versions) > 1:
			return nil, conflict("DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		}
		return nil, nil
	})
	return &Empty{}, err
}

// CreatePolicyVersionInput is the input of CreatePolicyVersion.
type CreatePolicyVersionInput struct {
	PolicyARN
	PolicyDocument string
	SetAsDefault   bool
}

// A PolicyVersion is what is told of a version.
type PolicyVersion struct {
	Document         string
	VersionID        string `json:"VersionId"`
	IsDefaultVersion bool
	CreateDate       string
}

func (p managedPolicy) describeVersion(v policyVersion) PolicyVersion {
	return PolicyVersion{encoded(v.Document), v.ID, v.ID == p.Default, timestamp(v.Created)}
}

// PolicyVersionOutput is the output of an action that returns a version.
type PolicyVersionOutput struct{ PolicyVersion PolicyVersion }

// CreatePolicyVersion writes a new version of a managed policy.
func (s *Service) CreatePolicyVersion(ctx context.Context, in *CreatePolicyVersionInput) (*PolicyVersionOutput, error) {
	if err := checkManaged(in.PolicyDocument); err != nil {
		return nil, err
	}
	out := &PolicyVersionOutput{}
	err := s.managed.Change(ctx, in.PolicyARN.PolicyARN, func(p managedPolicy, found bool) (*managedPolicy, error) {
		switch {
		case !found:
			return nil, noPolicy(in.PolicyARN.PolicyARN)
		case len(p.Versions) >= maxPolicyVersions:
			return nil, conflict("LimitExceeded", "A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", maxPolicyVersions)
		}
		v := policyVersion{"v" + strconv.Itoa(p.Next), in.PolicyDocument, now()}
		p.Versions, p.Next = append(slices.Clone(p.Versions), v), p.Next+1
		if in.SetAsDefault {
			p.Default = v.ID
		}
		out.PolicyVersion = p.describeVersion(v)
		return &p, nil
	})
	s.changed()
	if err != nil {
		return nil, err
	}
	return out, nil
}

// PolicyVersionInput is the input of an action on a version.
type PolicyVersionInput struct {
	PolicyARN
	VersionID string `json:"VersionId"`
}

func noVersion(policyARN, id string) *awsapi.Error {
	return noEntity("Policy %s version %s does not exist or is not attachable.", policyARN, id)
}

// GetPolicyVersion returns a version of a managed policy.
func (s *Service) GetPolicyVersion(_ context.Context, in *PolicyVersionInput) (*PolicyVersionOutput, error) {
	p, err := s.known(in.PolicyARN.PolicyARN)
	if err != nil {
		return nil, err
	}
	v, found := p.version(in.VersionID)
	if !found {
		return nil, noVersion(in.PolicyARN.PolicyARN, in.VersionID)
	}
	return &PolicyVersionOutput{p.describeVersion(v)}, nil
}

// DeletePolicyVersion deletes a version that is not the default one.
func (s *Service) DeletePolicyVersion(ctx context.Context, in *PolicyVersionInput) (*Empty, error) {
	return &Empty{}, s.managed.Change(ctx, in.PolicyARN.PolicyARN, func(p managedPolicy, found bool) (*managedPolicy, error) {
		_, has := p.version(in.VersionID)
		switch {
		case !found:
			return nil, noPolicy(in.PolicyARN.PolicyARN)
		case !has:
			return nil, noVersion(in.PolicyARN.PolicyARN, in.VersionID)
		case in.VersionID == p.Default:
			return nil, conflict("DeleteConflict", "Cannot delete the default version of a policy.")
		}
		p.Versions = slices.DeleteFunc(slices.Clone(p.Versions), func(v policyVersion) bool { return v.ID == in.VersionID })
		return &p, nil
	})
}

// ListPolicyVersionsInput is the input of ListPolicyVersions.
type ListPolicyVersionsInput struct {
	PolicyARN
	Page
}

// ListPolicyVersionsOutput is the output of ListPolicyVersions.
type ListPolicyVersionsOutput struct {
	Versions    []PolicyVersion
	IsTruncated bool
}

// ListPolicyVersions returns the versions of a managed policy, without their documents.
func (s *Service) ListPolicyVersions(_ context.Context, in *ListPolicyVersionsInput) (*ListPolicyVersionsOutput, error) {
	p, err := s.known(in.PolicyARN.PolicyARN)
	if err != nil {
		return nil, err
	}
	out := &ListPolicyVersionsOutput{}
	for _, v := range p.Versions {
		described := p.describeVersion(v)
		described.Document = ""
		out.Versions = append(out.Versions, described)
	}
	return out, nil
}

// unknownPolicy says why nothing can be decided by a role.
func unknownPolicy(r role, err error) error {
	return fmt.Errorf("the role %s: %w", r.Name, err)
}
