// Package sns is SNS's actions: topics, subscriptions, and the publishing of
// messages to them.
//
// # Durability
//
// What a publish acknowledges is on disk for every subscription that it is for, in
// one transaction: a row in the subscribed queue, in the queue of the function's
// asynchronous invocations, or in a queue of the subscription's own from which a
// courier brings it to an HTTP endpoint. A subscription that cannot be served (its
// queue is gone, its function is unknown) loses the message to its dead-letter
// queue, or loses it; that is nobody else's loss.
//
// Topics and subscriptions that AWS clients make are documents in the store. The
// application's own come from its plan with each [Service.SetTopics], and are not
// stored; what clients add to them is. Everything that a publish needs is in one
// snapshot that does not change, so that it reads nothing from the store and waits
// for no other action.
//
// # Order
//
// A standard topic promises none. The messages of one group of a FIFO topic reach
// each queue in the order in which they were published, each of them once within
// five minutes.
//
// # Ending
//
// [Service.Close] stops the couriers. A message that was on its way then is brought
// again after the next start: delivery is at least once.
package sns

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// A Store is what SNS needs of the queues; [queue.Store] is one.
type Store interface {
	Queue(name string) (queue.Info, bool)
	Queues(ctx context.Context) ([]queue.Spec, error)
	Ensure(ctx context.Context, specs ...queue.Spec) error
	DeleteQueue(ctx context.Context, name string) error
	Send(ctx context.Context, entries ...queue.Entry) ([]queue.Sent, error)
	SendOnce(ctx context.Context, once queue.Once, entries ...queue.Entry) (queue.Sent, error)
	Receive(ctx context.Context, name string, r queue.Receive) ([]queue.Message, error)
	Delete(ctx context.Context, name string, receipts ...string) ([]error, error)
	Replace(ctx context.Context, name, receipt string, e queue.Entry) error
	Keep(ctx context.Context, documents ...queue.Document) error
	Documents(ctx context.Context, kind string) ([]queue.Document, error)
}

// Functions are the functions that can be subscribed.
type Functions interface {
	// Entry returns what to send so that the function with the given ARN is invoked
	// with event of a topic. The error says why that cannot be: there is no such
	// function, or the topic may not invoke it.
	Entry(topicARN, functionARN string, event []byte) (queue.Entry, error)
}

// Options are what a [Service] may be given. The zero value is good.
type Options struct {
	// Sink is told what is published, and what could not be delivered.
	Sink activity.Sink
	// Functions are what subscriptions of protocol lambda invoke; none by default.
	Functions Functions
	// MaySend returns an error where a queue does not let a topic send to it. It is not
	// asked about the subscriptions of the plan; nil lets every topic.
	MaySend func(topicARN, queue string) error
	// Transport carries what is sent to HTTP endpoints. The default one connects to
	// nothing but this machine's loopback addresses.
	Transport http.RoundTripper
}

// A Service is SNS. Its methods may be called at the same time, as actions or directly.
type Service struct {
	store     Store
	sink      activity.Sink
	functions Functions
	maySend   func(topicARN, queue string) error
	snapshot  atomic.Pointer[snapshot]
	order     order

	client   *http.Client
	posting  context.Context // ends when the couriers give up what they are at
	giveUp   context.CancelFunc
	couriers sync.WaitGroup
	// abandoned counts the deliveries that were given up.
	abandoned atomic.Int32

	// mu is held while topics and subscriptions change.
	mu      sync.Mutex
	closed  bool
	planned map[string]plannedTopic
	records map[string]record             // by topic name
	stored  map[string]*subscription      // by id
	running map[string]context.CancelFunc // the couriers, by subscription id
}

// New returns SNS over store, with the topics and subscriptions that store keeps,
// and begins to deliver what is left for HTTP endpoints. End it with [Service.Close],
// before the store is closed.
func New(ctx context.Context, store Store, opts Options) (*Service, error) {
	if opts.Sink == nil {
		opts.Sink = func(activity.Event) {}
	}
	if opts.MaySend == nil {
		opts.MaySend = func(string, string) error { return nil }
	}
	if opts.Functions == nil {
		opts.Functions = noFunctions{}
	}
	if opts.Transport == nil {
		opts.Transport = loopbackTransport()
	}
	s := &Service{
		store: store, sink: opts.Sink, functions: opts.Functions, maySend: opts.MaySend, client: newClient(opts.Transport),
		planned: map[string]plannedTopic{}, records: map[string]record{}, stored: map[string]*subscription{},
		running: map[string]context.CancelFunc{},
	}
	s.posting, s.giveUp = context.WithCancel(context.WithoutCancel(ctx))
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(ctx); err != nil {
		s.giveUp()
		return nil, fmt.Errorf("load topics and subscriptions: %w", err)
	}
	s.refresh()
	return s, nil
}

type noFunctions struct{}

func (noFunctions) Entry(_, functionARN string, _ []byte) (queue.Entry, error) {
	return queue.Entry{}, errors.New("there is no function " + functionARN)
}

// Close ends all deliveries to HTTP endpoints. Where they have not ended when ctx
// does, it gives them up and says so; they are made again after the next New.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.reconcile()
	s.mu.Unlock()
	defer s.client.CloseIdleConnections()
	defer s.giveUp()
	ended := make(chan struct{})
	go func() {
		s.couriers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	s.giveUp()
	<-ended
	if n := s.abandoned.Load(); n > 0 {
		return fmt.Errorf("give up %d deliveries to HTTP endpoints: %w", n, ctx.Err())
	}
	return nil
}

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name:      "sns",
		Versions:  []string{"2010-03-31"},
		Namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
		Denied:    denied,
	}
	awsapi.Register(api, "AddPermission", s.AddPermission)
	awsapi.Register(api, "ConfirmSubscription", s.ConfirmSubscription)
	awsapi.Register(api, "CreateTopic", s.CreateTopic)
	awsapi.Register(api, "DeleteTopic", s.DeleteTopic)
	awsapi.Register(api, "GetSubscriptionAttributes", s.GetSubscriptionAttributes)
	awsapi.Register(api, "GetTopicAttributes", s.GetTopicAttributes)
	awsapi.Register(api, "ListSubscriptions", s.ListSubscriptions)
	awsapi.Register(api, "ListSubscriptionsByTopic", s.ListSubscriptionsByTopic)
	awsapi.Register(api, "ListTagsForResource", s.ListTagsForResource)
	awsapi.Register(api, "ListTopics", s.ListTopics)
	awsapi.Register(api, "Publish", s.Publish)
	awsapi.Register(api, "PublishBatch", s.PublishBatch)
	awsapi.Register(api, "RemovePermission", s.RemovePermission)
	awsapi.Register(api, "SetSubscriptionAttributes", s.SetSubscriptionAttributes)
	awsapi.Register(api, "SetTopicAttributes", s.SetTopicAttributes)
	awsapi.Register(api, "Subscribe", s.Subscribe)
	awsapi.Register(api, "TagResource", s.TagResource)
	awsapi.Register(api, "Unsubscribe", s.Unsubscribe)
	awsapi.Register(api, "UntagResource", s.UntagResource)
	return api
}

// Empty is the output of an action that returns nothing.
type Empty struct{}

// EmptyResult is the output of an action whose result has nothing in it.
type EmptyResult struct{ Empty }
