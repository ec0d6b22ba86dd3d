package sns

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/less-go/less/internal/awsapi"
)

// A Tag is a label on a topic. SNS does nothing with it.
type Tag struct {
	Key, Value string
}

// The limits of tags.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// checkTags checks tags that are to be put on a topic.
func checkTags(tags []Tag) *awsapi.Error {
	seen := map[string]bool{}
	for i, tag := range tags {
		refuse := func(member, value, relation string, limit int) *awsapi.Error {
			return validation("Value '%s' at 'tags.%d.member.%s' failed to satisfy constraint: Member must have length %s than or equal to %d",
				value, i+1, member, relation, limit)
		}
		switch {
		case tag.Key == "":
			return refuse("key", tag.Key, "greater", 1)
		case utf8.RuneCountInString(tag.Key) > maxTagKey:
			return refuse("key", tag.Key, "less", maxTagKey)
		case utf8.RuneCountInString(tag.Value) > maxTagValue:
			return refuse("value", tag.Value, "less", maxTagValue)
		case seen[tag.Key]:
			return invalid("Duplicated keys are not allowed.")
		}
		seen[tag.Key] = true
	}
	if len(tags) > maxTags {
		return tooManyTags()
	}
	return nil
}

func tooManyTags() *awsapi.Error {
	return awsapi.Errorf("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded")
}

// tagged finds the topic that is to be tagged.
func (s *Service) tagged(resourceARN string) (*topic, error) {
	a, err := awsapi.ParseARN(resourceARN)
	if err != nil {
		return nil, invalid("ResourceArn Reason: %v", err)
	}
	t := s.snapshot.Load().topics[a.Resource]
	if a.Service != "sns" || t == nil {
		return nil, &awsapi.Error{Code: "ResourceNotFound", Status: http.StatusNotFound, Message: "Resource does not exist"}
	}
	return t, nil
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	ResourceARN string `json:"ResourceArn"`
	Tags        []Tag
}

// Resource returns the topic's ARN.
func (in *TagResourceInput) Resource(string) string { return in.ResourceARN }

// TagResource puts tags on a topic.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*EmptyResult, error) {
	if e := checkTags(in.Tags); e != nil {
		return nil, e
	}
	return s.retag(ctx, in.ResourceARN, func(tags []Tag) []Tag {
		for _, tag := range in.Tags {
			if i := slices.IndexFunc(tags, func(old Tag) bool { return old.Key == tag.Key }); i >= 0 {
				tags[i] = tag
			} else {
				tags = append(tags, tag)
			}
		}
		return tags
	})
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	ResourceARN string `json:"ResourceArn"`
	TagKeys     []string
}

// Resource returns the topic's ARN.
func (in *UntagResourceInput) Resource(string) string { return in.ResourceARN }

// UntagResource takes tags off a topic.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*EmptyResult, error) {
	return s.retag(ctx, in.ResourceARN, func(tags []Tag) []Tag {
		return slices.DeleteFunc(tags, func(tag Tag) bool { return slices.Contains(in.TagKeys, tag.Key) })
	})
}

// retag changes the tags of a topic; change may alter the slice it is given.
func (s *Service) retag(ctx context.Context, resourceARN string, change func([]Tag) []Tag) (*EmptyResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.tagged(resourceARN)
	if err != nil {
		return nil, err
	}
	r := t.record
	if r.Tags = change(slices.Clone(r.Tags)); len(r.Tags) > maxTags {
		return nil, tooManyTags()
	}
	if err := s.commit(ctx, func() { s.records[r.Name] = r }, r.document()); err != nil {
		return nil, err
	}
	return &EmptyResult{}, nil
}

// ListTagsForResourceInput is the input of ListTagsForResource.
type ListTagsForResourceInput struct {
	ResourceARN string `json:"ResourceArn"`
}

// Resource returns the topic's ARN.
func (in *ListTagsForResourceInput) Resource(string) string { return in.ResourceARN }

// ListTagsForResourceOutput is the output of ListTagsForResource.
type ListTagsForResourceOutput struct {
	Tags []TagEntry
}

// A TagEntry is a tag in a list, which has a value also where that is empty.
type TagEntry struct {
	Key   string
	Value *string
}

// ListTagsForResource lists the tags of a topic in the order of their keys.
func (s *Service) ListTagsForResource(_ context.Context, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	t, err := s.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	tags := slices.Clone(t.Tags)
	slices.SortFunc(tags, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	out := &ListTagsForResourceOutput{}
	for _, tag := range tags {
		out.Tags = append(out.Tags, TagEntry{tag.Key, &tag.Value})
	}
	return out, nil
}
