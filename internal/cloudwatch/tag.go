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

// tagged returns the alarm that is meant, with tags of its own. The caller holds s.mu.
func (s *Service) tagged(in TagsReference) (Alarm, error) {
	arn, err := awsapi.ParseARN(in.ResourceARN)
	name, isAlarm := strings.CutPrefix(arn.Resource, alarmPrefix)
	a, exists := s.alarms[name]
	if err != nil || !isAlarm || !exists {
		return Alarm{}, &awsapi.Error{Code: "ResourceNotFoundException", Status: 404, Message: "Resource " + in.ResourceARN + " does not exist"}
	}
	a.Tags = maps.Clone(a.Tags)
	return a, nil
}

// ListTagsForResourceOutput is the output of ListTagsForResource.
type ListTagsForResourceOutput struct{ Tags []Tag }

// ListTagsForResource returns the tags of an alarm.
func (s *Service) ListTagsForResource(_ context.Context, in *TagsReference) (*ListTagsForResourceOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.tagged(*in)
	if err != nil {
		return nil, err
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
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.tagged(in.TagsReference)
	if err != nil {
		return nil, err
	}
	for _, t := range in.Tags {
		a.Tags[t.Key] = t.Value
	}
	return &struct{}{}, s.put(ctx, a)
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	TagsReference
	TagKeys []string
}

// UntagResource takes tags from an alarm.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.tagged(in.TagsReference)
	if err != nil {
		return nil, err
	}
	for _, key := range in.TagKeys {
		delete(a.Tags, key)
	}
	return &struct{}{}, s.put(ctx, a)
}
