package sqs

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
)

// GetQueueURLInput is the input of GetQueueUrl.
type GetQueueURLInput struct {
	QueueName string
}

// Resource returns the queue's ARN.
func (in *GetQueueURLInput) Resource(region string) string { return arn(region, in.QueueName) }

// GetQueueURLOutput is the output of GetQueueUrl.
type GetQueueURLOutput struct {
	QueueURL string `json:"QueueUrl"`
}

// GetQueueURL returns the URL of a queue, by the host that the client used.
func (s *Service) GetQueueURL(ctx context.Context, in *GetQueueURLInput) (*GetQueueURLOutput, error) {
	if in.QueueName == "" {
		return nil, missing("QueueName")
	}
	if _, err := s.named(in.QueueName); err != nil {
		return nil, err
	}
	return &GetQueueURLOutput{url(ctx, in.QueueName)}, nil
}

const maxPage = 1000

// ListQueuesInput is the input of ListQueues.
type ListQueuesInput struct {
	QueueNamePrefix string
	MaxResults      *int
	NextToken       string
}

// ListQueuesOutput is the output of ListQueues.
type ListQueuesOutput struct {
	QueueURLs []string `json:"QueueUrls,omitempty" query:"QueueUrl,flat"`
	NextToken string   `json:",omitempty"`
}

// ListQueues returns the URLs of the queues in the order of their names. As on
// AWS there is a next page only where MaxResults asks for pages.
func (s *Service) ListQueues(ctx context.Context, in *ListQueuesInput) (*ListQueuesOutput, error) {
	specs, err := s.store.Queues(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, spec := range specs {
		if !spec.Internal() && strings.HasPrefix(spec.Name, in.QueueNamePrefix) {
			names = append(names, spec.Name)
		}
	}
	urls, next, err := urlPage(ctx, names, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &ListQueuesOutput{urls, next}, nil
}

// urlPage returns the URLs of one page of queues, and the token of the next page.
func urlPage(ctx context.Context, names []string, maxResults *int, token string) (urls []string, next string, err error) {
	limit := maxPage
	if maxResults != nil {
		if *maxResults < 1 || *maxResults > maxPage {
			return nil, "", invalidValue(*maxResults, "MaxResults", "Must be between 1 and 1000, if provided.")
		}
		limit = *maxResults
	}
	after, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return nil, "", invalid("Invalid or expired next token.")
	}
	slices.Sort(names)
	names = slices.DeleteFunc(names, func(name string) bool { return name <= string(after) })
	if len(names) > limit {
		names = names[:limit]
		if maxResults != nil {
			next = base64.StdEncoding.EncodeToString([]byte(names[limit-1]))
		}
	}
	for _, name := range names {
		urls = append(urls, url(ctx, name))
	}
	return urls, next, nil
}
