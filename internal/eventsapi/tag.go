package eventsapi

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

// A Tag is one of a rule's.
type Tag struct{ Key, Value string }

func tagsOf(list []Tag) map[string]string {
	out := map[string]string{}
	for _, t := range list {
		out[t.Key] = t.Value
	}
	return out
}

// TagsReference is the part of an input that says whose tags are meant.
type TagsReference struct {
	ResourceARN string
}

// Resource returns the ARN of what has the tags.
func (in *TagsReference) Resource(string) string { return in.ResourceARN }

// rule is the name of the rule that is meant.
func (in *TagsReference) rule() string {
	a, _ := awsapi.ParseARN(in.ResourceARN)
	return strings.TrimPrefix(a.Resource, rulePrefix)
}

// ListTagsForResourceOutput is the output of ListTagsForResource.
type ListTagsForResourceOutput struct {
	Tags []Tag
}

// ListTagsForResource returns the tags of a rule.
func (s *Service) ListTagsForResource(_ context.Context, in *TagsReference) (*ListTagsForResourceOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(in.rule())
	if err != nil {
		return nil, err
	}
	out := &ListTagsForResourceOutput{Tags: []Tag{}}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		out.Tags = append(out.Tags, Tag{key, r.Tags[key]})
	}
	return out, nil
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	TagsReference
	Tags []Tag
}

// TagResource adds tags to a rule.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*Nothing, error) {
	return &Nothing{}, s.change(ctx, Bus{}, in.rule(), func(r *Rule) error {
		if r.Tags == nil {
			r.Tags = map[string]string{}
		}
		maps.Copy(r.Tags, tagsOf(in.Tags))
		return nil
	})
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	TagsReference
	TagKeys []string
}

// UntagResource removes tags of a rule.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*Nothing, error) {
	return &Nothing{}, s.change(ctx, Bus{}, in.rule(), func(r *Rule) error {
		for _, key := range in.TagKeys {
			delete(r.Tags, key)
		}
		return nil
	})
}
