// Package sqs is SQS's actions over the durable queues: what AWS's reference
// says of parameters, limits, errors and checksums. How messages live is
// package queue's.
package sqs

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// A Store is what SQS needs of the queues; [queue.Store] is one.
type Store interface {
	Queue(name string) (queue.Info, bool)
	Queues(ctx context.Context) ([]queue.Spec, error)
	Ensure(ctx context.Context, specs ...queue.Spec) error
	Purge(ctx context.Context, name string) error
	DeleteQueue(ctx context.Context, name string) error
	Send(ctx context.Context, entries ...queue.Entry) ([]queue.Sent, error)
	Receive(ctx context.Context, name string, r queue.Receive) ([]queue.Message, error)
	Delete(ctx context.Context, name string, receipts ...string) ([]error, error)
	ChangeVisibility(ctx context.Context, name, receipt string, d time.Duration) error
	Stats(ctx context.Context, name string) (queue.Stats, error)
	StartMove(ctx context.Context, source, destination string, rate int) (queue.MoveTask, error)
	MoveTasks(ctx context.Context, source string) ([]queue.MoveTask, error)
	CancelMove(ctx context.Context, handle string) (queue.MoveTask, error)
}

// A Service is SQS. Its methods are its actions; they may be called at the same time.
type Service struct {
	store Store

	changing sync.Mutex // held while a queue's settings are read and written
	purged   recently
	deleted  recently
}

// New returns SQS over store.
func New(store Store) *Service { return &Service{store: store} }

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name:        "sqs",
		Target:      "AmazonSQS",
		Versions:    []string{"2012-11-05", "2011-10-01", "2009-02-01", "2008-01-01"},
		Namespace:   "http://queue.amazonaws.com/doc/2012-11-05/",
		PathField:   "QueueUrl",
		ErrorDetail: true,
		Denied:      denied,
	}
	awsapi.Register(api, "AddPermission", s.AddPermission)
	awsapi.Register(api, "CancelMessageMoveTask", s.CancelMessageMoveTask)
	awsapi.Register(api, "ChangeMessageVisibility", s.ChangeMessageVisibility)
	awsapi.Register(api, "ChangeMessageVisibilityBatch", s.ChangeMessageVisibilityBatch)
	awsapi.Register(api, "CreateQueue", s.CreateQueue)
	awsapi.Register(api, "DeleteMessage", s.DeleteMessage)
	awsapi.Register(api, "DeleteMessageBatch", s.DeleteMessageBatch)
	awsapi.Register(api, "DeleteQueue", s.DeleteQueue)
	awsapi.Register(api, "GetQueueAttributes", s.GetQueueAttributes)
	awsapi.Register(api, "GetQueueUrl", s.GetQueueURL)
	awsapi.Register(api, "ListDeadLetterSourceQueues", s.ListDeadLetterSourceQueues)
	awsapi.Register(api, "ListMessageMoveTasks", s.ListMessageMoveTasks)
	awsapi.Register(api, "ListQueues", s.ListQueues)
	awsapi.Register(api, "ListQueueTags", s.ListQueueTags)
	awsapi.Register(api, "PurgeQueue", s.PurgeQueue)
	awsapi.Register(api, "ReceiveMessage", s.ReceiveMessage)
	awsapi.Register(api, "RemovePermission", s.RemovePermission)
	awsapi.Register(api, "SendMessage", s.SendMessage)
	awsapi.Register(api, "SendMessageBatch", s.SendMessageBatch)
	awsapi.Register(api, "SetQueueAttributes", s.SetQueueAttributes)
	awsapi.Register(api, "StartMessageMoveTask", s.StartMessageMoveTask)
	awsapi.Register(api, "TagQueue", s.TagQueue)
	awsapi.Register(api, "UntagQueue", s.UntagQueue)
	return api
}

// A Queue is the part of an input that says which queue is meant.
type Queue struct {
	// QueueURL may have any form. Its last path element is the queue's name: a
	// client may know the engine by a name that the engine does not know.
	QueueURL string `json:"QueueUrl"`
}

// Resource returns the queue's ARN.
func (q Queue) Resource(region string) string { return arn(region, q.name()) }

func (q Queue) name() string { return q.QueueURL[strings.LastIndexByte(q.QueueURL, '/')+1:] }

// queue returns the queue that a request means.
func (s *Service) queue(q Queue) (queue.Info, error) {
	if q.QueueURL == "" {
		return queue.Info{}, missing("QueueUrl")
	}
	return s.named(q.name())
}

// named returns the queue of a name. Those that the engine keeps for itself have
// names that no last element of a path can be.
func (s *Service) named(name string) (queue.Info, error) {
	info, exists := s.store.Queue(name)
	if !exists {
		return queue.Info{}, noQueue()
	}
	return info, nil
}

func arn(region, name string) string { return awsapi.LocalARN("sqs", region, name) }

// QueueOf returns the name of the queue that an ARN means, whatever its account and
// region; it does not say whether there is one. No ARN means a queue that the engine
// keeps for itself.
func QueueOf(text string) (name string, ok bool) {
	a, err := awsapi.ParseARN(text)
	if err != nil || a.Service != "sqs" || a.Resource == "" || strings.Contains(a.Resource, "/") {
		return "", false
	}
	return a.Resource, true
}

// url is the URL of a queue by the host that the client used.
func url(ctx context.Context, name string) string {
	return fmt.Sprintf("%s/%s/%s", awsapi.RequestFrom(ctx).URL, awsapi.Account, name)
}

// Empty is the output of an action that returns nothing.
type Empty struct{}
