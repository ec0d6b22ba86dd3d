// Package sqs is SQS's actions over the durable queues: what AWS's reference
// says of parameters, limits, errors and checksums. How messages live is
// package queue's.
package sqs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// A Store is what SQS needs of the queues; [queue.Store] is one.
type Store interface {
	Queues(ctx context.Context) ([]queue.Spec, error)
	Send(ctx context.Context, entries ...queue.Entry) ([]queue.Sent, error)
	Receive(ctx context.Context, name string, r queue.Receive) ([]queue.Message, error)
	Delete(ctx context.Context, name string, receipts ...string) ([]error, error)
	ChangeVisibility(ctx context.Context, name, receipt string, d time.Duration) error
	Stats(ctx context.Context, name string) (queue.Stats, error)
}

// A Service is SQS. Its methods are its actions; they may be called at the same time.
type Service struct {
	store Store
}

// New returns SQS over store.
func New(store Store) *Service { return &Service{store} }

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
	awsapi.Register(api, "ChangeMessageVisibility", s.ChangeMessageVisibility)
	awsapi.Register(api, "ChangeMessageVisibilityBatch", s.ChangeMessageVisibilityBatch)
	awsapi.Register(api, "DeleteMessage", s.DeleteMessage)
	awsapi.Register(api, "DeleteMessageBatch", s.DeleteMessageBatch)
	awsapi.Register(api, "GetQueueAttributes", s.GetQueueAttributes)
	awsapi.Register(api, "GetQueueUrl", s.GetQueueURL)
	awsapi.Register(api, "ListQueues", s.ListQueues)
	awsapi.Register(api, "ReceiveMessage", s.ReceiveMessage)
	awsapi.Register(api, "SendMessage", s.SendMessage)
	awsapi.Register(api, "SendMessageBatch", s.SendMessageBatch)
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

// required returns the queue's name, or the error of a request without one.
func (q Queue) required() (string, error) {
	if q.QueueURL == "" {
		return "", missing("QueueUrl")
	}
	return q.name(), nil
}

func arn(region, name string) string { return awsapi.LocalARN("sqs", region, name) }

// url is the URL of a queue by the host that the client used.
func url(ctx context.Context, name string) string {
	return fmt.Sprintf("%s/%s/%s", awsapi.RequestFrom(ctx).URL, awsapi.Account, name)
}

// Empty is the output of an action that returns nothing.
type Empty struct{}
