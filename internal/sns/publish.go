package sns

import (
	"context"
	"regexp"
	"strings"

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
	// SequenceNumber is of the messages of FIFO topics.
	SequenceNumber string
}

var e164 = regexp.MustCompile(`^\+?[1-9][0-9]{1,14}$`)

// Publish sends a message to all that is subscribed to a topic. When it returns
// without an error the message is durable for all of it; otherwise it is for none.
func (s *Service) Publish(ctx context.Context, in *PublishInput) (*PublishOutput, error) {
	switch {
	case in.PhoneNumber != "" && !e164.MatchString(in.PhoneNumber):
		return nil, invalid("PhoneNumber Reason: %s is not valid to publish to", in.PhoneNumber)
	case in.PhoneNumber != "":
		return nil, awsapi.NotImplemented("text messages")
	}
	topicARN := in.Resource("")
	switch {
	case topicARN == "":
		return nil, invalid("TopicArn or TargetArn Reason: no value for required parameter")
	case in.TopicARN == "" && strings.Contains(topicARN, ":endpoint/"):
		return nil, invalid("TargetArn Reason: No endpoint found for the target arn specified")
	}
	t, err := s.topic(ctx, topicARN)
	if err != nil {
		return nil, err
	}
	m, err := accept(t, &in.Outgoing, "", awsapi.RequestFrom(ctx))
	if err != nil {
		return nil, err
	}
	if t.fifo {
		err = s.deliverOnce(ctx, t, m)
	} else {
		err = s.deliver(ctx, t, m)
	}
	if err != nil {
		return nil, err
	}
	return &PublishOutput{m.id, m.sequence}, nil
}
