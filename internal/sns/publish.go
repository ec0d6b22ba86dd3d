package sns

import (
	"context"

	"github.com/less-go/less/internal/awsapi"
)

// PublishInput is the input of Publish.
type PublishInput struct {
	TopicARN string `json:"TopicArn"`
	// TargetARN may name the topic instead.
	TargetARN   string `json:"TargetArn"`
	PhoneNumber string
	Outgoing
}

// Resource returns the ARN of what the message is published to.
func (in *PublishInput) Resource(string) string {
	if in.TopicARN == "" {
		return in.TargetARN
	}
	return in.TopicARN
}

// PublishOutput is the output of Publish.
type PublishOutput struct {
	// MessageID is the message's in SNS. Each queue gives its copy an id of its own.
	MessageID string `json:"MessageId"`
}

// Publish sends a message to all queues that are subscribed to a topic. When it
// returns without an error the message is durable in all of them; otherwise it is
// in none.
func (s *Service) Publish(ctx context.Context, in *PublishInput) (*PublishOutput, error) {
	if in.PhoneNumber != "" {
		return nil, awsapi.NotImplemented("text messages")
	}
	topicARN := in.Resource("")
	if topicARN == "" {
		return nil, invalid("TopicArn or TargetArn Reason: no value for required parameter")
	}
	t, err := s.topic(topicARN)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	m := newMessage(&in.Outgoing, awsapi.RequestFrom(ctx))
	if err := s.deliver(ctx, t, m); err != nil {
		return nil, err
	}
	return &PublishOutput{m.id}, nil
}
