package sqs

import (
	"context"
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

// GetQueueAttributes returns those of the queue's settings and counts that are
// asked for and that the queue has.
func (s *Service) GetQueueAttributes(ctx context.Context, in *GetQueueAttributesInput) (*GetQueueAttributesOutput, error) {
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	for _, name := range in.AttributeNames {
		if name != "All" && !slices.Contains(readOnly, name) && attributes[name].get == nil {
			return nil, unknownAttribute(name)
		}
	}
	stats, err := s.store.Stats(ctx, q.Name)
	if err != nil {
		return nil, failure(err, "")
	}
	d := s.draft(ctx, q)
	all := map[string]string{
		"QueueArn":                              arn(d.region, q.Name),
		"ApproximateNumberOfMessages":           strconv.Itoa(stats.Visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(stats.InFlight),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(stats.Delayed),
		"CreatedTimestamp":                      strconv.FormatInt(q.Created.Unix(), 10),
		"LastModifiedTimestamp":                 strconv.FormatInt(q.Modified.Unix(), 10),
	}
	for name := range attributes {
		if value := d.get(name); value != "" {
			all[name] = value
		}
	}
	if slices.Contains(in.AttributeNames, "All") {
		return &GetQueueAttributesOutput{all}, nil
	}
	out := &GetQueueAttributesOutput{map[string]string{}}
	for _, name := range in.AttributeNames {
		if value, has := all[name]; has {
			out.Attributes[name] = value
		}
	}
	return out, nil
}

// readOnly are the attributes that nobody can set.
var readOnly = []string{
	"QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
	"CreatedTimestamp", "LastModifiedTimestamp",
}

// SetQueueAttributesInput is the input of SetQueueAttributes.
type SetQueueAttributesInput struct {
	Queue
	Attributes map[string]string `query:"Attribute"`
}

// SetQueueAttributes changes settings of a queue, all that are named or none. What
// the application's plan says of one of its queues holds again when the plan is
// applied the next time.
func (s *Service) SetQueueAttributes(ctx context.Context, in *SetQueueAttributesInput) (*Empty, error) {
	if len(in.Attributes) == 0 {
		return nil, missing("Attribute.Name")
	}
	return s.change(ctx, in.Queue, func(d *draft) error { return d.set(in.Attributes) })
}

// change gives a queue the settings that f makes of those it has.
func (s *Service) change(ctx context.Context, in Queue, f func(*draft) error) (*Empty, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	q, err := s.queue(in)
	if err != nil {
		return nil, err
	}
	d := s.draft(ctx, q)
	if err := f(d); err != nil {
		return nil, err
	}
	if err := s.store.Ensure(ctx, d.encode()); err != nil {
		return nil, refusal(err)
	}
	return &Empty{}, nil
}

// A draft is a queue whose settings are being read or changed.
type draft struct {
	service *Service
	region  string
	before  queue.Spec
	spec    queue.Spec
	settings
}

func (s *Service) draft(ctx context.Context, q queue.Info) *draft {
	return &draft{s, awsapi.RequestFrom(ctx).Region, q.Spec, q.Spec, settingsOf(q)}
}

// encode returns the queue as it is to be.
func (d *draft) encode() queue.Spec {
	d.spec.Settings = d.settings.encode()
	return d.spec
}

// duration is how the store counts what AWS counts in seconds.
func duration(seconds int) time.Duration { return time.Duration(seconds) * time.Second }
