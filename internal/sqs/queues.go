package sqs

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/less-go/less/internal/queue"
)

// spec returns the queue's settings.
func (s *Service) spec(ctx context.Context, name string) (queue.Spec, error) {
	specs, err := s.store.Queues(ctx)
	if err != nil {
		return queue.Spec{}, err
	}
	i := slices.IndexFunc(specs, func(spec queue.Spec) bool { return spec.Name == name })
	if i < 0 {
		return queue.Spec{}, noQueue()
	}
	return specs[i], nil
}

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
	if _, err := s.spec(ctx, in.QueueName); err != nil {
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
	limit := maxPage
	if n := in.MaxResults; n != nil {
		if *n < 1 || *n > maxPage {
			return nil, invalidValue(*n, "MaxResults", "Must be between 1 and 1000, if provided.")
		}
		limit = *n
	}
	after, err := base64.StdEncoding.DecodeString(in.NextToken)
	if err != nil {
		return nil, invalid("Invalid or expired next token.")
	}
	specs, err := s.store.Queues(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, spec := range specs {
		if strings.HasPrefix(spec.Name, in.QueueNamePrefix) && spec.Name > string(after) {
			names = append(names, spec.Name)
		}
	}
	slices.Sort(names)
	out := &ListQueuesOutput{}
	if len(names) > limit {
		names = names[:limit]
		if in.MaxResults != nil {
			out.NextToken = base64.StdEncoding.EncodeToString([]byte(names[limit-1]))
		}
	}
	for _, name := range names {
		out.QueueURLs = append(out.QueueURLs, url(ctx, name))
	}
	return out, nil
}
