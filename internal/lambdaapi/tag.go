package lambdaapi

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

// ListTagsInput is the input of ListTags.
type ListTagsInput struct {
	ARN string `json:"-" rest:"path=Resource"`
}

// Resource returns the ARN of what has the tags.
func (in *ListTagsInput) Resource(string) string { return in.ARN }

// ListTagsOutput is the output of ListTags.
type ListTagsOutput struct {
	Tags map[string]string
}

// ListTags returns the tags of a function, or of an event source mapping, which has
// none because nothing can set one.
func (s *Service) ListTags(ctx context.Context, in *ListTagsInput) (*ListTagsOutput, error) {
	f, err := s.tagged(ctx, in.ARN)
	if err != nil {
		return nil, err
	}
	out := &ListTagsOutput{Tags: map[string]string{}}
	if f != nil && f.Deployment != nil {
		maps.Copy(out.Tags, f.Deployment.Tags)
	}
	return out, nil
}

// tagged returns the function of an ARN, nil for an event source mapping.
func (s *Service) tagged(ctx context.Context, resource string) (*Function, error) {
	a, err := awsapi.ParseARN(resource)
	if err != nil {
		return nil, invalidMember(resource, "resource", "Member must be an ARN") // AWS shows a pattern
	}
	if id, ok := strings.CutPrefix(a.Resource, mappingResource); ok {
		_, err := s.findMapping(id)
		return nil, err
	}
	f, _, err := s.find(ctx, Reference{FunctionName: resource})
	return f, err
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	ListTagsInput
	Tags map[string]string
}

// TagResource adds tags to a function.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*NoContent, error) {
	return s.retag(ctx, in.ARN, func(tags map[string]string) error {
		maps.Copy(tags, in.Tags)
		return checkTags(tags)
	})
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	ListTagsInput
	TagKeys []string `json:"-" rest:"query=tagKeys"`
}

// UntagResource removes tags of a function.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*NoContent, error) {
	return s.retag(ctx, in.ARN, func(tags map[string]string) error {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
		return nil
	})
}

func (s *Service) retag(ctx context.Context, resource string, how func(map[string]string) error) (*NoContent, error) {
	f, err := s.tagged(ctx, resource)
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, awsapi.NotImplemented("tags of an event source mapping")
	}
	_, err = s.change(ctx, f.Name, "", func(f *Function) error {
		if f.Deployment.Tags == nil {
			f.Deployment.Tags = map[string]string{}
		}
		return how(f.Deployment.Tags)
	})
	if err != nil {
		return nil, err
	}
	return &NoContent{http.StatusNoContent}, nil
}

// maxTags is how many tags a function may have.
const maxTags = 50

// checkTags refuses what the service refuses. Its words were not seen.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return invalidValue("The function has more than 50 tags.")
	}
	for key, value := range tags {
		switch {
		case key == "" || len(key) > 128 || strings.HasPrefix(strings.ToLower(key), "aws:") && !strings.HasPrefix(key, "aws:cloudformation:"):
			return invalidValue("The key of the tag " + key + " is not valid.")
		case len(value) > 256:
			return invalidValue("The value of the tag " + key + " is longer than 256 characters.")
		}
	}
	return nil
}
