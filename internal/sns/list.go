package sns

import (
	"context"
	"strconv"

	"github.com/less-go/less/internal/awsapi"
)

// pageSize is how many topics or subscriptions SNS lists at once.
const pageSize = 100

// page returns the items that token, the number of those already seen, leads to,
// and the token of the page after it.
func page[T any](items []T, token string) ([]T, string, error) {
	if token == "" {
		token = "0"
	}
	seen, err := strconv.Atoi(token)
	if err != nil || seen < 0 || seen > len(items) {
		return nil, "", invalid("NextToken")
	}
	items = items[seen:]
	if len(items) <= pageSize {
		return items, "", nil
	}
	return items[:pageSize], strconv.Itoa(seen + pageSize), nil
}

// ListTopicsInput is the input of ListTopics.
type ListTopicsInput struct {
	NextToken string
}

// ListTopicsOutput is the output of ListTopics.
type ListTopicsOutput struct {
	Topics    []TopicEntry
	NextToken string
}

// A TopicEntry is a topic in a list.
type TopicEntry struct {
	TopicARN string `json:"TopicArn"`
}

// ListTopics lists the topics in the order of their names.
func (s *Service) ListTopics(ctx context.Context, in *ListTopicsInput) (*ListTopicsOutput, error) {
	var entries []TopicEntry
	for _, t := range s.snapshot.Load().sorted() {
		entries = append(entries, TopicEntry{t.arn(awsapi.RequestFrom(ctx).Region)})
	}
	entries, next, err := page(entries, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &ListTopicsOutput{entries, next}, nil
}

// ListSubscriptionsInput is the input of ListSubscriptions.
type ListSubscriptionsInput struct {
	NextToken string
}

// ListSubscriptionsOutput is the output of ListSubscriptions and of
// ListSubscriptionsByTopic.
type ListSubscriptionsOutput struct {
	Subscriptions []SubscriptionEntry
	NextToken     string
}

// A SubscriptionEntry is a subscription in a list.
type SubscriptionEntry struct {
	// SubscriptionARN is "PendingConfirmation" where the endpoint has not confirmed.
	SubscriptionARN string `json:"SubscriptionArn"`
	Owner           string
	Protocol        string
	Endpoint        string
	TopicARN        string `json:"TopicArn"`
}

// ListSubscriptions lists the subscriptions of all topics.
func (s *Service) ListSubscriptions(ctx context.Context, in *ListSubscriptionsInput) (*ListSubscriptionsOutput, error) {
	return subscriptionPage(ctx, s.snapshot.Load().sorted(), in.NextToken)
}

// ListSubscriptionsByTopicInput is the input of ListSubscriptionsByTopic.
type ListSubscriptionsByTopicInput struct {
	TopicARN  string `json:"TopicArn"`
	NextToken string
}

// Resource returns the topic's ARN.
func (in *ListSubscriptionsByTopicInput) Resource(string) string { return in.TopicARN }

// ListSubscriptionsByTopic lists the subscriptions of one topic.
func (s *Service) ListSubscriptionsByTopic(ctx context.Context, in *ListSubscriptionsByTopicInput) (*ListSubscriptionsOutput, error) {
	t, err := s.topic(ctx, in.TopicARN)
	if err != nil {
		return nil, err
	}
	return subscriptionPage(ctx, []*topic{t}, in.NextToken)
}

func subscriptionPage(ctx context.Context, topics []*topic, token string) (*ListSubscriptionsOutput, error) {
	region := awsapi.RequestFrom(ctx).Region
	var entries []SubscriptionEntry
	for _, t := range topics {
		for _, sub := range t.subscriptions {
			entry := SubscriptionEntry{
				SubscriptionARN: sub.arn(region),
				Owner:           awsapi.Account,
				Protocol:        sub.Protocol,
				Endpoint:        sub.endpoint(region),
				TopicARN:        t.arn(region),
			}
			if sub.Pending {
				entry.SubscriptionARN = "PendingConfirmation"
			}
			entries = append(entries, entry)
		}
	}
	entries, next, err := page(entries, token)
	if err != nil {
		return nil, err
	}
	return &ListSubscriptionsOutput{entries, next}, nil
}
