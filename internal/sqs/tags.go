package sqs

import (
	"context"
	"maps"
	"unicode/utf8"
)

// The limits on tags.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return invalid("Too many tags added for queue.")
	}
	for key, value := range tags {
		if key == "" || utf8.RuneCountInString(key) > maxTagKey || utf8.RuneCountInString(value) > maxTagValue {
			return invalid("Tag keys must be between 1 and 128 characters in length, and tag values at most 256.")
		}
	}
	return nil
}

// TagQueueInput is the input of TagQueue.
type TagQueueInput struct {
	Queue
	Tags map[string]string `query:"Tag"`
}

// TagQueue adds tags to a queue, and replaces those of the same keys.
func (s *Service) TagQueue(ctx context.Context, in *TagQueueInput) (*Empty, error) {
	if len(in.Tags) == 0 {
		return nil, missing("Tags")
	}
	return s.change(ctx, in.Queue, func(d *draft) error {
		if d.Tags == nil {
			d.Tags = map[string]string{}
		}
		maps.Copy(d.Tags, in.Tags)
		return checkTags(d.Tags)
	})
}

// UntagQueueInput is the input of UntagQueue.
type UntagQueueInput struct {
	Queue
	TagKeys []string `query:"TagKey"`
}

// UntagQueue removes tags from a queue. Those that it has not are no error.
func (s *Service) UntagQueue(ctx context.Context, in *UntagQueueInput) (*Empty, error) {
	if len(in.TagKeys) == 0 {
		return nil, missing("TagKeys")
	}
	return s.change(ctx, in.Queue, func(d *draft) error {
		for _, key := range in.TagKeys {
			delete(d.Tags, key)
		}
		return nil
	})
}

// ListQueueTagsInput is the input of ListQueueTags.
type ListQueueTagsInput struct{ Queue }

// ListQueueTagsOutput is the output of ListQueueTags.
type ListQueueTagsOutput struct {
	Tags map[string]string `json:",omitempty" query:"Tag,keyed"`
}

// ListQueueTags returns the tags of a queue.
func (s *Service) ListQueueTags(_ context.Context, in *ListQueueTagsInput) (*ListQueueTagsOutput, error) {
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	return &ListQueueTagsOutput{settingsOf(q).Tags}, nil
}
