package cloudwatch

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

// TagsReference is the part of an input that says whose tags are meant.
type TagsReference struct{ ResourceARN string }

// Resource returns the ARN of what has the tags.
func (in *TagsReference) Resource(string) string { return in.ResourceARN }

// alarm is the name of the alarm that is meant.
func (in *TagsReference) alarm() string {
	arn, _ := awsapi.ParseARN(in.ResourceARN)
	name, _ := strings.CutPrefix(arn.Resource, alarmPrefix)
	return name
}

func (in *TagsReference) missing() error {
	return &awsapi.Error{Code: "ResourceNotFoundException", Status: 404, Message: "Resource " + in.ResourceARN + " does not exist"}
}

// retag changes the tags of an alarm.
func (s *Service) retag(ctx context.Context, in TagsReference, how func(tags map[string]string)) (*struct{}, error) {
	return &struct{}{}, s.alarms.Change(ctx, in.alarm(), func(a Alarm, exists bool) (*Alarm, error) {
		if !exists {
			return nil, in.missing()
		}
		a.Tags = maps.Clone(a.Tags)
		how(a.Tags)
		return &a, nil
	})
}

// ListTagsForResourceOutput is the output of ListTagsForResource.
type ListTagsForResourceOutput struct{ Tags []Tag }

// ListTagsForResource returns the tags of an alarm.
func (s *Service) ListTagsForResource(_ context.Context, in *TagsReference) (*ListTagsForResourceOutput, error) {
	a, exists := s.alarms.Get(in.alarm())
	if !exists {
		return nil, in.missing()
	}
	out := &ListTagsForResourceOutput{Tags: []Tag{}}
	for _, key := range slices.Sorted(maps.Keys(a.Tags)) {
		out.Tags = append(out.Tags, Tag{key, a.Tags[key]})
	}
	return out, nil
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	TagsReference
	Tags []Tag
}

// TagResource sets tags of an alarm.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*struct{}, error) {
	return s.retag(ctx, in.TagsReference, func(tags map[string]string) {
		for _, t := range in.Tags {
			tags[t.Key] = t.Value
		}
	})
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	TagsReference
	TagKeys []string
}

// UntagResource takes tags from an alarm.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*struct{}, error) {
	return s.retag(ctx, in.TagsReference, func(tags map[string]string) {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
	})
}
