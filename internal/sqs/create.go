package sqs

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// CreateQueueInput is the input of CreateQueue.
type CreateQueueInput struct {
	QueueName  string
	Attributes map[string]string `query:"Attribute"`
	Tags       map[string]string `json:"tags" query:"Tag"`
}

// Resource returns the queue's ARN.
func (in *CreateQueueInput) Resource(region string) string { return arn(region, in.QueueName) }

// CreateQueueOutput is the output of CreateQueue.
type CreateQueueOutput struct {
	QueueURL string `json:"QueueUrl"`
}

// CreateQueue makes a queue, or returns the one there is if it has all the
// attributes that are asked for.
func (s *Service) CreateQueue(ctx context.Context, in *CreateQueueInput) (*CreateQueueOutput, error) {
	if in.QueueName == "" {
		return nil, missing("QueueName")
	}
	fifo := strings.EqualFold(in.Attributes[fifoQueue], "true")
	if err := checkQueueName(in.QueueName, fifo); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	existing, exists := s.store.Queue(in.QueueName)
	if !exists {
		existing = queue.Info{Spec: queue.Spec{
			Name: in.QueueName, FIFO: fifo, Visibility: 30 * time.Second, Retention: 4 * 24 * time.Hour,
		}}
	}
	d := s.draft(ctx, existing)
	if err := d.set(in.Attributes); err != nil {
		return nil, err
	}
	if exists {
		if name := d.changed(in.Attributes); name != "" {
			return nil, &awsapi.Error{
				Code: "QueueNameExists", QueryCode: "QueueAlreadyExists",
				Message: "A queue already exists with the same name and a different value for attribute " + name,
			}
		}
		return &CreateQueueOutput{url(ctx, in.QueueName)}, nil
	}
	if s.deleted.has(in.QueueName) {
		return nil, modeled("QueueDeletedRecently", "You must wait 60 seconds after deleting a queue before you can create another with the same name.")
	}
	d.Tags = in.Tags
	if err := s.store.Ensure(ctx, d.encode()); err != nil {
		return nil, refusal(err)
	}
	return &CreateQueueOutput{url(ctx, in.QueueName)}, nil
}

var (
	standardName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)
	fifoName     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,75}\.fifo$`)
)

func checkQueueName(name string, fifo bool) error {
	switch {
	case fifo && !fifoName.MatchString(name):
		return invalid("The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.")
	case !fifo && !standardName.MatchString(name):
		return invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	return nil
}

// DeleteQueueInput is the input of DeleteQueue.
type DeleteQueueInput struct {
	Queue
	// Settled says that its name can be used again at once. It is for callers in this
	// process: CloudFormation says that it has deleted a queue when that is so.
	Settled bool `json:"-"`
}

// DeleteQueue deletes a queue and its messages.
func (s *Service) DeleteQueue(ctx context.Context, in *DeleteQueueInput) (*Empty, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	if err := s.store.DeleteQueue(ctx, q.Name); err != nil {
		return nil, failure(err, "")
	}
	if !in.Settled {
		s.deleted.claim(q.Name)
	}
	return &Empty{}, nil
}

// PurgeQueueInput is the input of PurgeQueue.
type PurgeQueueInput struct{ Queue }

// PurgeQueue deletes all messages of a queue.
func (s *Service) PurgeQueue(ctx context.Context, in *PurgeQueueInput) (*Empty, error) {
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	if !s.purged.claim(q.Name) {
		e := modeled("PurgeQueueInProgress", "Only one PurgeQueue operation on %s is allowed every 60 seconds.", q.Name)
		e.Status = http.StatusForbidden
		return nil, e
	}
	if err := s.store.Purge(ctx, q.Name); err != nil {
		return nil, failure(err, "")
	}
	return &Empty{}, nil
}
