// Package ecr is what the CDK's bootstrap needs of ECR: repositories with their
// policies. No image is in one, and none can be pushed.
package ecr

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/shelf"
)

// A Service is ECR. Its methods are its actions; they may be called at the same time.
type Service struct{ repositories *shelf.Shelf[repository] }

// A repository is what the store keeps of one.
type repository struct {
	Name, Mutability string
	ScanOnPush       bool              `json:",omitempty"`
	Policy           string            `json:",omitempty"`
	Lifecycle        string            `json:",omitempty"`
	Tags             map[string]string `json:",omitempty"`
	Created          time.Time
}

// Open returns ECR with what store has.
func Open(ctx context.Context, store shelf.Store) (*Service, error) {
	repositories, err := shelf.Open[repository](ctx, store, "ecr repository")
	if err != nil {
		return nil, err
	}
	return &Service{repositories}, nil
}

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name:   "ecr",
		Target: "AmazonEC2ContainerRegistry_V20150921",
		Denied: func(d awsapi.Denial) *awsapi.Error {
			return &awsapi.Error{Code: "AccessDeniedException", Message: d.Sentence("ecr:" + d.Action)}
		},
	}
	awsapi.Register(api, "CreateRepository", s.CreateRepository)
	awsapi.Register(api, "DeleteRepository", s.DeleteRepository)
	awsapi.Register(api, "DescribeRepositories", s.DescribeRepositories)
	awsapi.Register(api, "PutImageTagMutability", s.PutImageTagMutability)
	awsapi.Register(api, "PutLifecyclePolicy", s.PutLifecyclePolicy)
	awsapi.Register(api, "SetRepositoryPolicy", s.SetRepositoryPolicy)
	return api
}

var validName = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-]+[a-z0-9]+)*$`)

// What a repository's tags may be.
const (
	mutable   = "MUTABLE"
	immutable = "IMMUTABLE"
)

// A RepositoryName is the part of an input that says which repository is meant.
type RepositoryName struct {
	RepositoryName string `json:"repositoryName"`
}

// Resource returns the repository's ARN.
func (r RepositoryName) Resource(region string) string { return ARN(region, r.RepositoryName) }

// ARN is that of the repository of a name.
func ARN(region, name string) string { return awsapi.LocalARN("ecr", region, "repository/"+name) }

// URI is what docker would call the repository of a name on AWS.
func URI(region, name string) string {
	return awsapi.Account + ".dkr.ecr." + region + ".amazonaws.com/" + name
}

// A Tag is a tag of a repository.
type Tag struct{ Key, Value string }

// A ScanningConfiguration says whether images are scanned.
type ScanningConfiguration struct {
	ScanOnPush bool `json:"scanOnPush"`
}

// A Repository is what is told of one.
type Repository struct {
	ARN                string                `json:"repositoryArn"`
	RegistryID         string                `json:"registryId"`
	Name               string                `json:"repositoryName"`
	URI                string                `json:"repositoryUri"`
	CreatedAt          float64               `json:"createdAt"` // s since 1970
	ImageTagMutability string                `json:"imageTagMutability"`
	Scanning           ScanningConfiguration `json:"imageScanningConfiguration"`
}

func (r repository) describe(ctx context.Context) Repository {
	region := awsapi.RequestFrom(ctx).Region
	return Repository{
		ARN: ARN(region, r.Name), RegistryID: awsapi.Account, Name: r.Name, URI: URI(region, r.Name),
		CreatedAt: float64(r.Created.Unix()), ImageTagMutability: r.Mutability, Scanning: ScanningConfiguration{r.ScanOnPush},
	}
}

func notFound(name string) *awsapi.Error {
	return awsapi.Errorf("RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", name, awsapi.Account)
}

// CreateRepositoryInput is the input of CreateRepository.
type CreateRepositoryInput struct {
	RepositoryName
	Tags               []Tag                 `json:"tags"`
	ImageTagMutability string                `json:"imageTagMutability"`
	Scanning           ScanningConfiguration `json:"imageScanningConfiguration"`
	// Encryption would be kept in vain: there is nothing to encrypt.
	Encryption any `json:"encryptionConfiguration"`
}

// RepositoryOutput is the output of an action that returns a repository.
type RepositoryOutput struct {
	Repository Repository `json:"repository"`
}

// CreateRepository makes a repository.
func (s *Service) CreateRepository(ctx context.Context, in *CreateRepositoryInput) (*RepositoryOutput, error) {
	name := in.RepositoryName.RepositoryName
	r := repository{Name: name, Mutability: mutable, ScanOnPush: in.Scanning.ScanOnPush, Tags: map[string]string{}, Created: time.Now().UTC()}
	if in.ImageTagMutability != "" {
		r.Mutability = in.ImageTagMutability
	}
	if len(name) < 2 || len(name) > 256 || !validName.MatchString(name) {
		return nil, invalid("Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '%s''", validName)
	}
	if err := checkMutability(r.Mutability); err != nil {
		return nil, err
	}
	for _, t := range in.Tags {
		r.Tags[t.Key] = t.Value
	}
	err := s.repositories.Change(ctx, name, func(_ repository, taken bool) (*repository, error) {
		if taken {
			return nil, awsapi.Errorf("RepositoryAlreadyExistsException",
				"The repository with name '%s' already exists in the registry with id '%s'", name, awsapi.Account)
		}
		return &r, nil
	})
	if err != nil {
		return nil, err
	}
	return &RepositoryOutput{r.describe(ctx)}, nil
}

func invalid(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("InvalidParameterException", format, args...)
}

func checkMutability(value string) error {
	if value != mutable && value != immutable {
		return awsapi.NotImplemented("the image tag mutability %s of ecr", value)
	}
	return nil
}

// DescribeRepositoriesInput is the input of DescribeRepositories.
type DescribeRepositoriesInput struct {
	RegistryID      string   `json:"registryId"`
	RepositoryNames []string `json:"repositoryNames"`
}

// DescribeRepositoriesOutput is the output of DescribeRepositories.
type DescribeRepositoriesOutput struct {
	Repositories []Repository `json:"repositories"`
}

// DescribeRepositories returns all repositories, or those that are named.
func (s *Service) DescribeRepositories(ctx context.Context, in *DescribeRepositoriesInput) (*DescribeRepositoriesOutput, error) {
	for _, name := range in.RepositoryNames {
		if _, found := s.repositories.Get(name); !found {
			return nil, notFound(name)
		}
	}
	out := &DescribeRepositoriesOutput{Repositories: []Repository{}}
	for _, r := range s.repositories.All() {
		if len(in.RepositoryNames) == 0 || slices.Contains(in.RepositoryNames, r.Name) {
			out.Repositories = append(out.Repositories, r.describe(ctx))
		}
	}
	return out, nil
}

// change replaces a repository by what f makes of it.
func (s *Service) change(ctx context.Context, name string, f func(*repository)) error {
	return s.repositories.Change(ctx, name, func(r repository, found bool) (*repository, error) {
		if !found {
			return nil, notFound(name)
		}
		f(&r)
		return &r, nil
	})
}

// PutImageTagMutabilityInput is the input of PutImageTagMutability.
type PutImageTagMutabilityInput struct {
	RepositoryName
	ImageTagMutability string `json:"imageTagMutability"`
}

// PutImageTagMutability says whether tags of images may move.
func (s *Service) PutImageTagMutability(ctx context.Context, in *PutImageTagMutabilityInput) (*PutImageTagMutabilityInput, error) {
	if err := checkMutability(in.ImageTagMutability); err != nil {
		return nil, err
	}
	return in, s.change(ctx, in.RepositoryName.RepositoryName, func(r *repository) { r.Mutability = in.ImageTagMutability })
}

// PutLifecyclePolicyInput is the input of PutLifecyclePolicy.
type PutLifecyclePolicyInput struct {
	RepositoryName
	LifecyclePolicyText string `json:"lifecyclePolicyText"`
}

// PutLifecyclePolicy keeps a lifecycle policy, of which no image is the object.
func (s *Service) PutLifecyclePolicy(ctx context.Context, in *PutLifecyclePolicyInput) (*PutLifecyclePolicyInput, error) {
	return in, s.change(ctx, in.RepositoryName.RepositoryName, func(r *repository) { r.Lifecycle = in.LifecyclePolicyText })
}

// SetRepositoryPolicyInput is the input of SetRepositoryPolicy.
type SetRepositoryPolicyInput struct {
	RepositoryName
	PolicyText string `json:"policyText"`
}

// SetRepositoryPolicy keeps the policy of a repository.
func (s *Service) SetRepositoryPolicy(ctx context.Context, in *SetRepositoryPolicyInput) (*SetRepositoryPolicyInput, error) {
	return in, s.change(ctx, in.RepositoryName.RepositoryName, func(r *repository) { r.Policy = in.PolicyText })
}

// DeleteRepositoryInput is the input of DeleteRepository.
type DeleteRepositoryInput struct {
	RepositoryName
	Force bool `json:"force"`
}

// DeleteRepository deletes a repository, in which there is never an image.
func (s *Service) DeleteRepository(ctx context.Context, in *DeleteRepositoryInput) (*RepositoryOutput, error) {
	var out *RepositoryOutput
	name := in.RepositoryName.RepositoryName
	err := s.repositories.Change(ctx, name, func(r repository, found bool) (*repository, error) {
		if !found {
			return nil, notFound(name)
		}
		out = &RepositoryOutput{r.describe(ctx)}
		return nil, nil
	})
	return out, err
}
