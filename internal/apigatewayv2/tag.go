package apigatewayv2

import (
	"context"
	"maps"
	"net/http"
	"strings"
)

// TagsReference is the part of an input that says whose tags are meant.
type TagsReference struct {
	ARN string `json:"-" rest:"path=resource-arn"`
}

// Resource returns the ARN of what has the tags.
func (in *TagsReference) Resource(string) string { return in.ARN }

// TagsOutput is the output of GetTags.
type TagsOutput struct {
	Tags map[string]string `json:"tags"`
}

// tagged finds the tags of an ARN: those of an API, or of a stage of it.
func tagged(arn string) (api string, of func(*API) (*map[string]string, error), err error) {
	_, path, found := strings.Cut(arn, "::/apis/")
	api, stage, ofStage := strings.Cut(path, "/stages/")
	if !found || strings.Contains(api, "/") {
		return "", nil, badRequest("Invalid resource ARN: %s", arn) // AWS's words were not seen
	}
	return api, func(a *API) (*map[string]string, error) {
		if !ofStage {
			return &a.Tags, nil
		}
		if s := a.stage(stage); s != nil {
			return &s.Tags, nil
		}
		return nil, errNoStage
	}, nil
}

// GetTags returns the tags of an API or of a stage.
func (s *Service) GetTags(_ context.Context, in *TagsReference) (*TagsOutput, error) {
	api, of, err := tagged(in.ARN)
	if err != nil {
		return nil, err
	}
	a, err := s.find(api)
	if err != nil {
		return nil, err
	}
	tags, err := of(a)
	if err != nil {
		return nil, err
	}
	out := &TagsOutput{Tags: map[string]string{}}
	maps.Copy(out.Tags, *tags)
	return out, nil
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	TagsReference
	Tags map[string]string `json:"tags"`
}

// TagResource adds tags to an API or to a stage.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*NoContent, error) {
	err := s.retag(ctx, in.ARN, func(tags map[string]string) { maps.Copy(tags, in.Tags) })
	return &NoContent{http.StatusCreated}, err
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	TagsReference
	TagKeys []string `json:"-" rest:"query=tagKeys"`
}

// UntagResource removes tags of an API or of a stage.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*NoContent, error) {
	err := s.retag(ctx, in.ARN, func(tags map[string]string) {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
	})
	return &NoContent{http.StatusNoContent}, err
}

func (s *Service) retag(ctx context.Context, arn string, how func(map[string]string)) error {
	api, of, err := tagged(arn)
	if err != nil {
		return err
	}
	return s.change(ctx, api, func(a *API) error {
		tags, err := of(a)
		if err != nil {
			return err
		}
		if *tags == nil {
			*tags = map[string]string{}
		}
		how(*tags)
		return nil
	})
}
