package resources

import (
	"context"
	"maps"

	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/ssm"
)

const parameterType = "AWS::SSM::Parameter"

// parameters makes parameters.
type parameters struct{ service *ssm.Service }

type parameterProperties struct {
	Name           *string `cfn:",replace"`
	Type           string  `cfn:",required,replace"`
	Value          string  `cfn:",required"`
	Description    string
	AllowedPattern string
	DataType       string `cfn:",replace"`
	Tier           string
	Tags           map[string]string
}

func (parameters) Schema() provider.Schema {
	return provider.SchemaOf[parameterProperties](provider.Options{Name: "Name", Attributes: []string{"Type", "Value"}})
}

func (s parameters) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[parameterProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	name := or(p.Name, "CFN-"+r.Name(120))
	_, err = s.service.GetParameter(ctx, &ssm.GetParameterInput{Name: name})
	switch {
	case err == nil:
		return provider.Made{}, provider.AlreadyExists(parameterType, name)
	case !isGone(err):
		return provider.Made{}, err
	}
	if err := r.Begin(name); err != nil {
		return provider.Made{}, err
	}
	in := p.put(name)
	all := tags(r, nil)
	maps.Copy(all, p.Tags)
	for _, key := range keys(all) {
		in.Tags = append(in.Tags, ssm.Tag{Key: key, Value: all[key]})
	}
	if _, err := s.service.PutParameter(ctx, in); err != nil {
		return provider.Made{}, err
	}
	return p.made(name), nil
}

func (p parameterProperties) put(name string) *ssm.PutParameterInput {
	return &ssm.PutParameterInput{
		Name: name, Type: p.Type, Value: p.Value, Description: p.Description, AllowedPattern: p.AllowedPattern, DataType: p.DataType, Tier: p.Tier,
	}
}

func (p parameterProperties) made(name string) provider.Made {
	return provider.Made{PhysicalID: name, Attributes: map[string]any{"Type": p.Type, "Value": p.Value}}
}

func (s parameters) Update(ctx context.Context, r provider.Resource, old map[string]any) (provider.Made, error) {
	p, err := provider.Decode[parameterProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	before, err := provider.Decode[parameterProperties](r.LogicalID, old)
	if err != nil {
		return provider.Made{}, err
	}
	in := p.put(r.PhysicalID)
	in.Overwrite = true
	if _, err := s.service.PutParameter(ctx, in); err != nil {
		return provider.Made{}, err
	}
	tagged := ssm.Tagged{ResourceType: "Parameter", ResourceID: r.PhysicalID}
	if gone := untag(before.Tags, p.Tags); len(gone) > 0 {
		if _, err := s.service.RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{Tagged: tagged, TagKeys: gone}); err != nil {
			return provider.Made{}, err
		}
	}
	add := &ssm.AddTagsToResourceInput{Tagged: tagged}
	for _, key := range keys(p.Tags) {
		add.Tags = append(add.Tags, ssm.Tag{Key: key, Value: p.Tags[key]})
	}
	_, err = s.service.AddTagsToResource(ctx, add)
	return p.made(r.PhysicalID), err
}

func (s parameters) Delete(ctx context.Context, r provider.Resource) error {
	_, err := s.service.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: r.PhysicalID})
	return unlessGone(err)
}
