package sqs

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// A Source is the part of an input that names the queue messages are moved from.
type Source struct {
	SourceARN string `json:"SourceArn"`
}

// Resource returns the queue's ARN.
func (s Source) Resource(string) string { return s.SourceARN }

// StartMessageMoveTaskInput is the input of StartMessageMoveTask.
type StartMessageMoveTaskInput struct {
	Source
	DestinationARN               string `json:"DestinationArn"`
	MaxNumberOfMessagesPerSecond *int
}

// StartMessageMoveTaskOutput is the output of StartMessageMoveTask.
type StartMessageMoveTaskOutput struct {
	TaskHandle string
}

const maxMoveRate = 500

// StartMessageMoveTask starts to move the messages of a dead-letter queue to
// another queue, or back to where each came from. The task is durable when
// StartMessageMoveTask returns; it goes on when the engine is started again.
func (s *Service) StartMessageMoveTask(ctx context.Context, in *StartMessageMoveTaskInput) (*StartMessageMoveTaskOutput, error) {
	source, err := s.source(in.Source)
	if err != nil {
		return nil, err
	}
	destination := ""
	if in.DestinationARN != "" {
		q, err := s.byARN(in.DestinationARN, "DestinationArn")
		if err != nil {
			return nil, err
		}
		destination = q.Name
	}
	rate := 0
	if n := in.MaxNumberOfMessagesPerSecond; n != nil {
		if rate = *n; rate < 1 || rate > maxMoveRate {
			return nil, invalidValue(rate, "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500, if provided.")
		}
	}
	sources, err := s.sources(ctx, source.Name)
	if err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return nil, invalid("Source queue must be configured as a Dead Letter Queue.")
	}
	task, err := s.store.StartMove(ctx, source.Name, destination, rate)
	switch {
	case errors.Is(err, queue.ErrMoveRunning):
		return nil, invalid("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	case errors.Is(err, queue.ErrNoQueue):
		return nil, noResource("SourceArn") // deleted in this moment
	case err != nil:
		return nil, refusal(err)
	}
	return &StartMessageMoveTaskOutput{taskHandle(task.Handle, in.SourceARN)}, nil
}

// ListMessageMoveTasksInput is the input of ListMessageMoveTasks.
type ListMessageMoveTasksInput struct {
	Source
	MaxResults *int
}

// ListMessageMoveTasksOutput is the output of ListMessageMoveTasks.
type ListMessageMoveTasksOutput struct {
	Results []ListMessageMoveTasksResult `query:"ListMessageMoveTasksResultEntry,flat"`
}

// A ListMessageMoveTasksResult tells of a task. Its handle is told only while it
// can be used.
type ListMessageMoveTasksResult struct {
	TaskHandle                        string `json:",omitempty"`
	Status                            string
	SourceARN                         string `json:"SourceArn"`
	DestinationARN                    string `json:"DestinationArn,omitempty"`
	MaxNumberOfMessagesPerSecond      *int   `json:",omitempty"`
	ApproximateNumberOfMessagesMoved  int
	ApproximateNumberOfMessagesToMove int
	FailureReason                     string `json:",omitempty"`
	StartedTimestamp                  int
}

const maxTasks = 10

// ListMessageMoveTasks tells of the latest tasks of a queue, of one where
// MaxResults does not ask for more.
func (s *Service) ListMessageMoveTasks(ctx context.Context, in *ListMessageMoveTasksInput) (*ListMessageMoveTasksOutput, error) {
	limit := 1
	if n := in.MaxResults; n != nil {
		if limit = *n; limit < 1 || limit > maxTasks {
			return nil, invalidValue(limit, "MaxResults", "Must be between 1 and 10, if provided.")
		}
	}
	source, err := s.source(in.Source)
	if err != nil {
		return nil, err
	}
	tasks, err := s.store.MoveTasks(ctx, source.Name)
	if err != nil {
		return nil, failure(err, "")
	}
	out := &ListMessageMoveTasksOutput{Results: []ListMessageMoveTasksResult{}}
	for _, t := range tasks[:min(limit, len(tasks))] {
		r := ListMessageMoveTasksResult{
			Status:                            string(t.Status),
			SourceARN:                         in.SourceARN,
			ApproximateNumberOfMessagesMoved:  t.Moved,
			ApproximateNumberOfMessagesToMove: t.ToMove,
			FailureReason:                     t.Failure,
			StartedTimestamp:                  int(t.Started.UnixMilli()),
		}
		if t.Status == queue.MoveRunning {
			r.TaskHandle = taskHandle(t.Handle, in.SourceARN)
		}
		if t.Destination != "" {
			r.DestinationARN = arn(awsapi.RequestFrom(ctx).Region, t.Destination)
		}
		if t.Rate > 0 {
			r.MaxNumberOfMessagesPerSecond = &t.Rate
		}
		out.Results = append(out.Results, r)
	}
	return out, nil
}

// CancelMessageMoveTaskInput is the input of CancelMessageMoveTask.
type CancelMessageMoveTaskInput struct {
	TaskHandle string
}

// CancelMessageMoveTaskOutput is the output of CancelMessageMoveTask.
type CancelMessageMoveTaskOutput struct {
	ApproximateNumberOfMessagesMoved int
}

// CancelMessageMoveTask ends a task that runs. What it has moved stays moved.
func (s *Service) CancelMessageMoveTask(ctx context.Context, in *CancelMessageMoveTaskInput) (*CancelMessageMoveTaskOutput, error) {
	if in.TaskHandle == "" {
		return nil, missing("TaskHandle")
	}
	var h handle
	text, err := base64.StdEncoding.DecodeString(in.TaskHandle)
	if err != nil || json.Unmarshal(text, &h) != nil || h.TaskID == "" {
		return nil, invalid("Value for parameter TaskHandle is invalid.")
	}
	source, err := s.byARN(h.SourceARN, "SourceArn")
	if err != nil {
		return nil, err
	}
	task, err := s.store.CancelMove(ctx, h.TaskID)
	if errors.Is(err, queue.ErrNoMove) {
		return nil, s.noMove(ctx, source.Name, h.TaskID)
	}
	if err != nil {
		return nil, err
	}
	return &CancelMessageMoveTaskOutput{task.Moved}, nil
}

// noMove is why a task cannot be cancelled.
func (s *Service) noMove(ctx context.Context, source, id string) error {
	tasks, err := s.store.MoveTasks(ctx, source)
	if err != nil {
		return failure(err, "")
	}
	if slices.ContainsFunc(tasks, func(t queue.MoveTask) bool { return t.Handle == id }) {
		return invalid("Only active tasks can be cancelled.")
	}
	return &awsapi.Error{Code: "ResourceNotFoundException", Status: http.StatusNotFound, Message: "Task does not exist."}
}

// A handle is what AWS encodes in a task's handle.
type handle struct {
	TaskID    string `json:"taskId"`
	SourceARN string `json:"sourceArn"`
}

func taskHandle(id, sourceARN string) string {
	text, _ := json.Marshal(handle{id, sourceARN}) // strings always encode
	return base64.StdEncoding.EncodeToString(text)
}

func (s *Service) source(in Source) (queue.Info, error) {
	if in.SourceARN == "" {
		return queue.Info{}, missing("SourceArn")
	}
	return s.byARN(in.SourceARN, "SourceArn")
}

// byARN returns the queue that the given parameter means.
func (s *Service) byARN(text, parameter string) (queue.Info, error) {
	name, ok := QueueOf(text)
	if !ok {
		return queue.Info{}, invalid("You must use this format to specify the %s: arn:<partition>:<service>:<region>:<account-id>:<resource-id>", parameter)
	}
	q, exists := s.store.Queue(name)
	if !exists {
		return queue.Info{}, noResource(parameter)
	}
	return q, nil
}

func noResource(parameter string) *awsapi.Error {
	return &awsapi.Error{
		Code: "ResourceNotFoundException", Status: http.StatusNotFound,
		Message: "The resource that you specified for the " + parameter + " parameter doesn't exist.",
	}
}
