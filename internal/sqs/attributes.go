package sqs

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// GetQueueAttributesInput is the input of GetQueueAttributes.
type GetQueueAttributesInput struct {
	Queue
	AttributeNames []string `query:"AttributeName"`
}

// GetQueueAttributesOutput is the output of GetQueueAttributes.
type GetQueueAttributesOutput struct {
	Attributes map[string]string `json:",omitempty" query:"Attribute,flat"`
}

// otherAttributes are those that a client may ask for and no queue here has.
var otherAttributes = []string{
	"Policy", "CreatedTimestamp", "LastModifiedTimestamp", "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope",
	"FifoThroughputLimit", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled",
}

// GetQueueAttributes returns the queue's settings and counts.
func (s *Service) GetQueueAttributes(ctx context.Context, in *GetQueueAttributesInput) (*GetQueueAttributesOutput, error) {
	name, err := in.required()
	if err != nil {
		return nil, err
	}
	spec, err := s.spec(ctx, name)
	if err != nil {
		return nil, err
	}
	stats, err := s.store.Stats(ctx, name)
	if err != nil {
		return nil, failure(err, "")
	}
	attributes := queueAttributes(spec, stats, awsapi.RequestFrom(ctx).Region)
	if slices.Contains(in.AttributeNames, "All") {
		return &GetQueueAttributesOutput{attributes}, nil
	}
	out := &GetQueueAttributesOutput{map[string]string{}}
	for _, name := range in.AttributeNames {
		if value, has := attributes[name]; has {
			out.Attributes[name] = value
		} else if !slices.Contains(otherAttributes, name) {
			return nil, unknownAttribute(name)
		}
	}
	return out, nil
}

func queueAttributes(spec queue.Spec, stats queue.Stats, region string) map[string]string {
	attributes := map[string]string{
		"QueueArn":                              arn(region, spec.Name),
		"ApproximateNumberOfMessages":           strconv.Itoa(stats.Visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(stats.InFlight),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(stats.Delayed),
		"VisibilityTimeout":                     seconds(spec.Visibility),
		"DelaySeconds":                          seconds(spec.Delay),
		"MessageRetentionPeriod":                seconds(spec.Retention),
		"MaximumMessageSize":                    strconv.Itoa(maxMessage),
		"ReceiveMessageWaitTimeSeconds":         "0", // a queue here has no wait of its own, only a request has
	}
	if spec.DeadLetter != "" {
		attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arn(region, spec.DeadLetter), spec.MaxReceives)
	}
	return attributes
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
