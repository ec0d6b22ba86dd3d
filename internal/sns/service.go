// Package sns is SNS's actions: it publishes a message to the queues that are
// subscribed to a topic. What a topic's publish acknowledges is on disk for every
// one of them.
package sns

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// A Store is what SNS needs of the queues; [queue.Store] is one.
type Store interface {
	Queues(ctx context.Context) ([]queue.Spec, error)
	Send(ctx context.Context, entries ...queue.Entry) ([]queue.Sent, error)
}

// A Topic is a topic with its subscriptions.
type Topic struct {
	// Name is the topic's resource name, the last part of its ARN.
	Name string
	// Label is what the topic is called in activity; Name where it is empty.
	Label         string
	Subscriptions []Subscription
}

// A Subscription says that a queue gets what is published to a topic.
type Subscription struct {
	// Queue is the queue's name.
	Queue string
	// Raw delivers the message as it was published, its attributes as the queue
	// message's. Otherwise the queue gets an envelope of JSON.
	Raw bool
	// DeadLetter names the queue for what cannot be delivered to Queue; where it
	// is empty SNS drops that.
	DeadLetter string
}

// A Service is SNS. Its methods may be called at the same time, as actions or directly.
type Service struct {
	store  Store
	sink   activity.Sink
	topics atomic.Pointer[map[string]Topic]
}

// New returns SNS over store, without topics. It tells sink what is published,
// and what could not be delivered; sink may be nil.
func New(store Store, sink activity.Sink) *Service {
	if sink == nil {
		sink = func(activity.Event) {}
	}
	s := &Service{store: store, sink: sink}
	s.SetTopics(nil)
	return s
}

// SetTopics replaces all topics. A publish that runs meanwhile uses the old or
// the new ones.
func (s *Service) SetTopics(topics []Topic) {
	byName := make(map[string]Topic, len(topics))
	for _, t := range topics {
		if t.Label == "" {
			t.Label = t.Name
		}
		t.Subscriptions = slices.Clone(t.Subscriptions)
		byName[t.Name] = t
	}
	s.topics.Store(&byName)
}

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name:      "sns",
		Versions:  []string{"2010-03-31"},
		Namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
		Denied:    denied,
	}
	awsapi.Register(api, "GetTopicAttributes", s.GetTopicAttributes)
	awsapi.Register(api, "ListSubscriptions", s.ListSubscriptions)
	awsapi.Register(api, "ListSubscriptionsByTopic", s.ListSubscriptionsByTopic)
	awsapi.Register(api, "ListTopics", s.ListTopics)
	awsapi.Register(api, "Publish", s.Publish)
	awsapi.Register(api, "PublishBatch", s.PublishBatch)
	return api
}

// topic finds the topic that an ARN names. Region and account may be any: there
// is one of each here.
func (s *Service) topic(topicARN string) (Topic, error) {
	a, err := awsapi.ParseARN(topicARN)
	if err != nil {
		return Topic{}, invalid("TopicArn Reason: %v", err)
	}
	if a.Service != "sns" || a.Resource == "" || strings.Contains(a.Resource, ":") {
		return Topic{}, invalid("TopicArn")
	}
	t, found := (*s.topics.Load())[a.Resource]
	if !found {
		return Topic{}, &awsapi.Error{Code: "NotFound", Status: http.StatusNotFound, Message: "Topic does not exist"}
	}
	return t, nil
}

// sorted returns the topics in the order of their names.
func (s *Service) sorted() []Topic {
	return slices.SortedFunc(maps.Values(*s.topics.Load()), func(a, b Topic) int { return strings.Compare(a.Name, b.Name) })
}

func (t Topic) arn(region string) string { return awsapi.LocalARN("sns", region, t.Name) }

// subscriptionARN ends in an id that is the same each time the engine runs.
func (t Topic) subscriptionARN(sub Subscription, region string) string {
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte(t.Name+"/"+sub.Queue))
	return t.arn(region) + ":" + id.String()
}

func invalid(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("InvalidParameter", "Invalid parameter: "+format, args...)
}

func denied(user, action, resource string) *awsapi.Error {
	return &awsapi.Error{
		Code:   "AuthorizationError",
		Status: http.StatusForbidden,
		Message: fmt.Sprintf("User: %s is not authorized to perform: SNS:%s on resource: %s because no identity-based policy allows the SNS:%s action",
			user, action, resource, action),
	}
}
