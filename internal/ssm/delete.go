package ssm

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/less-go/less/internal/awsapi"
)

// DeleteParameterInput is the input of DeleteParameter.
type DeleteParameterInput struct{ Name string }

// Resource returns the parameter's ARN.
func (in *DeleteParameterInput) Resource(region string) string { return arn(region, nameOf(in.Name)) }

// DeleteParameter deletes a parameter with all its versions.
func (s *Service) DeleteParameter(ctx context.Context, in *DeleteParameterInput) (*Empty, error) {
	name := nameOf(in.Name)
	return &Empty{}, s.parameters.Change(ctx, name, func(_ parameter, found bool) (*parameter, error) {
		if !found {
			return nil, notFound(name)
		}
		return nil, nil
	})
}

// DeleteParametersInput is the input of DeleteParameters.
type DeleteParametersInput struct{ Names []string }

// DeleteParametersOutput is the output of DeleteParameters.
type DeleteParametersOutput struct{ DeletedParameters, InvalidParameters []string }

// DeleteParameters deletes those parameters that are there.
func (s *Service) DeleteParameters(ctx context.Context, in *DeleteParametersInput) (*DeleteParametersOutput, error) {
	if err := checkNames(in.Names); err != nil {
		return nil, err
	}
	out := &DeleteParametersOutput{[]string{}, []string{}}
	for _, name := range in.Names {
		_, err := s.DeleteParameter(ctx, &DeleteParameterInput{name})
		if e, refused := errors.AsType[*awsapi.Error](err); refused && e.Code == "ParameterNotFound" {
			out.InvalidParameters = append(out.InvalidParameters, name)
			continue
		}
		if err != nil {
			return nil, err
		}
		out.DeletedParameters = append(out.DeletedParameters, name)
	}
	return out, nil
}

// A Tagged is the part of an input that says whose tags are meant.
type Tagged struct {
	ResourceType string
	ResourceID   string `json:"ResourceId"`
}

// Resource returns the parameter's ARN.
func (t Tagged) Resource(region string) string { return arn(region, nameOf(t.ResourceID)) }

// changeTags replaces the tags of a parameter.
func (s *Service) changeTags(ctx context.Context, t Tagged, change func(map[string]string)) (*Empty, error) {
	if t.ResourceType != "Parameter" {
		return nil, awsapi.NotImplemented("tags of %s in ssm", t.ResourceType)
	}
	return &Empty{}, s.parameters.Change(ctx, nameOf(t.ResourceID), func(p parameter, found bool) (*parameter, error) {
		if !found {
			return nil, noResource(t)
		}
		if p.Tags = maps.Clone(p.Tags); p.Tags == nil {
			p.Tags = map[string]string{}
		}
		change(p.Tags)
		if len(p.Tags) > maxTags {
			return nil, awsapi.Errorf("TooManyTagsError", "A parameter can have at most %d tags.", maxTags)
		}
		return &p, nil
	})
}

func noResource(t Tagged) *awsapi.Error {
	return awsapi.Errorf("InvalidResourceId", "The resource ID %q is not valid. Verify the ID and try again.", t.ResourceID)
}

// AddTagsToResourceInput is the input of AddTagsToResource.
type AddTagsToResourceInput struct {
	Tagged
	Tags []Tag
}

// AddTagsToResource gives a parameter tags, in the place of those with the same keys.
func (s *Service) AddTagsToResource(ctx context.Context, in *AddTagsToResourceInput) (*Empty, error) {
	return s.changeTags(ctx, in.Tagged, func(tags map[string]string) {
		for _, t := range in.Tags {
			tags[t.Key] = t.Value
		}
	})
}

// RemoveTagsFromResourceInput is the input of RemoveTagsFromResource.
type RemoveTagsFromResourceInput struct {
	Tagged
	TagKeys []string
}

// RemoveTagsFromResource takes tags from a parameter.
func (s *Service) RemoveTagsFromResource(ctx context.Context, in *RemoveTagsFromResourceInput) (*Empty, error) {
	return s.changeTags(ctx, in.Tagged, func(tags map[string]string) {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
	})
}

// ListTagsForResourceInput is the input of ListTagsForResource.
type ListTagsForResourceInput struct{ Tagged }

// ListTagsForResourceOutput is the output of ListTagsForResource.
type ListTagsForResourceOutput struct{ TagList []Tag }

// ListTagsForResource returns the tags of a parameter in the order of their keys.
func (s *Service) ListTagsForResource(_ context.Context, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	p, found := s.parameters.Get(nameOf(in.ResourceID))
	if !found || in.ResourceType != "Parameter" {
		return nil, noResource(in.Tagged)
	}
	out := &ListTagsForResourceOutput{TagList: []Tag{}}
	for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
		out.TagList = append(out.TagList, Tag{key, p.Tags[key]})
	}
	return out, nil
}
