package resources

import (
	"cmp"
	"context"

	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/ecr"
)

const repositoryType = "AWS::ECR::Repository"

// repositories makes repositories.
type repositories struct{ service *ecr.Service }

type repositoryProperties struct {
	RepositoryName       *string `cfn:",replace"`
	ImageTagMutability   string
	LifecyclePolicy      *repositoryLifecycle
	RepositoryPolicyText any
	ScanningConfig       *repositoryScanning `cfn:"ImageScanningConfiguration,replace"`
	// EmptyOnDelete removes images, of which there are none.
	EmptyOnDelete bool
	Tags          []provider.Tag
}

type repositoryLifecycle struct {
	LifecyclePolicyText string
	RegistryID          string `cfn:"RegistryId"` // always the account
}

type repositoryScanning struct{ ScanOnPush bool }

func (repositories) Schema() provider.Schema {
	return provider.SchemaOf[repositoryProperties](provider.Options{Name: "RepositoryName", Attributes: []string{"Arn", "RepositoryUri"}})
}

func repositoryNamed(name string) ecr.RepositoryName { return ecr.RepositoryName{RepositoryName: name} }

func (s repositories) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[repositoryProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	name := or(p.RepositoryName, lowerName(r, 256))
	_, err = s.service.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{name}})
	switch {
	case err == nil:
		return provider.Made{}, provider.AlreadyExists(repositoryType, name)
	case !isGone(err):
		return provider.Made{}, err
	}
	if err := r.Begin(name); err != nil {
		return provider.Made{}, err
	}
	in := &ecr.CreateRepositoryInput{RepositoryName: repositoryNamed(name), ImageTagMutability: p.ImageTagMutability}
	if p.ScanningConfig != nil {
		in.Scanning.ScanOnPush = p.ScanningConfig.ScanOnPush
	}
	all := tags(r, p.Tags)
	for _, key := range keys(all) {
		in.Tags = append(in.Tags, ecr.Tag{Key: key, Value: all[key]})
	}
	if _, err := s.service.CreateRepository(ctx, in); err != nil {
		return provider.Made{}, err
	}
	return s.put(ctx, name, r, p)
}

// put gives a repository its policies.
func (s repositories) put(ctx context.Context, name string, r provider.Resource, p repositoryProperties) (provider.Made, error) {
	lifecycle := &ecr.PutLifecyclePolicyInput{RepositoryName: repositoryNamed(name)}
	if p.LifecyclePolicy != nil {
		lifecycle.LifecyclePolicyText = p.LifecyclePolicy.LifecyclePolicyText
	}
	if _, err := s.service.PutLifecyclePolicy(ctx, lifecycle); err != nil {
		return provider.Made{}, err
	}
	access := &ecr.SetRepositoryPolicyInput{RepositoryName: repositoryNamed(name), PolicyText: text(p.RepositoryPolicyText)}
	if _, err := s.service.SetRepositoryPolicy(ctx, access); err != nil {
		return provider.Made{}, err
	}
	return provider.Made{PhysicalID: name, Attributes: map[string]any{"Arn": ecr.ARN(r.Region, name), "RepositoryUri": ecr.URI(r.Region, name)}}, nil
}

func (s repositories) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	p, err := provider.Decode[repositoryProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	if _, err := s.service.PutImageTagMutability(ctx, &ecr.PutImageTagMutabilityInput{
		RepositoryName: repositoryNamed(r.PhysicalID), ImageTagMutability: cmp.Or(p.ImageTagMutability, "MUTABLE"),
	}); err != nil {
		return provider.Made{}, err
	}
	return s.put(ctx, r.PhysicalID, r, p)
}

func (s repositories) Delete(ctx context.Context, r provider.Resource) error {
	_, err := s.service.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: repositoryNamed(r.PhysicalID)})
	return unlessGone(err)
}
