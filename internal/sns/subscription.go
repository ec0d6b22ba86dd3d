package sns

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/filter"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sqs"
)

// A subscription says where the messages of a topic go. It does not change: an
// action that changes one replaces it. The exported fields are what is stored.
type subscription struct {
	ID         string
	Topic      string // its name
	Protocol   string
	Endpoint   string // empty in one of the plan, whose target says it
	Attributes map[string]string
	Principal  string // who subscribed
	Made       time.Time
	Pending    bool `json:",omitempty"` // not confirmed yet
	// Token confirms the subscription, or restores it where it is removed.
	Token         string    `json:",omitempty"`
	Authenticated bool      `json:",omitempty"` // the confirmation was
	OwnerOnly     bool      `json:",omitempty"` // may unsubscribe
	Removed       time.Time `json:",omitzero"`  // by its endpoint, which may think again

	planned    bool
	target     string // the subscribed queue, or the queue of what goes to the endpoint
	raw        bool
	deadLetter string // a queue, or ""
	filter     *filter.Policy
	byBody     bool // what the filter looks at
	delivery   subscriptionDelivery
}

// queuePrefix begins the names of the queues of what goes to HTTP endpoints.
const queuePrefix = "sns/"

// tokenTime is how long a token is good on AWS. Here only one that restores a
// removed subscription ends.
const tokenTime = 48 * time.Hour

// compile reads the attributes, and says what SNS would say against the filter: that
// is good or bad together with its scope. The others were checked when they were set.
func (s *subscription) compile() *awsapi.Error {
	s.raw = s.Attributes[rawMessageDelivery] == "true"
	s.byBody = s.Attributes[filterPolicyScope] == string(filter.MessageBody)
	if !s.planned {
		s.target, _ = sqs.QueueOf(s.Endpoint)
		if s.overHTTP() {
			s.target = queuePrefix + s.ID
		}
	}
	if text, set := s.Attributes[redrivePolicy]; set || !s.planned {
		s.deadLetter, _ = sqs.QueueOf(deadLetterARN(text))
	}
	scope := filter.MessageAttributes
	if s.byBody {
		scope = filter.MessageBody
	}
	s.filter = nil
	if text := s.Attributes[filterPolicy]; text != "" {
		var err error
		if s.filter, err = filter.Parse([]byte(text), scope); err != nil {
			return invalid("%v", err)
		}
	}
	var e *awsapi.Error
	s.delivery, e = parseSubscriptionDelivery(s.Attributes[deliveryPolicy])
	return e
}

func (s *subscription) overHTTP() bool {
	return s.Protocol == protocolHTTP || s.Protocol == protocolHTTPS
}

func (s *subscription) document() queue.Document { return documentOf(subscriptionKind, s.ID, s) }

// erasure removes the document.
func (s *subscription) erasure() queue.Document {
	return queue.Document{Kind: subscriptionKind, Name: s.ID}
}

// forgotten says whether a removed subscription cannot be restored any more.
func (s *subscription) forgotten(now time.Time) bool {
	return !s.Removed.IsZero() && now.Sub(s.Removed) > tokenTime
}

func (s *subscription) arn(region string) string {
	return awsapi.LocalARN("sns", region, s.Topic+":"+s.ID)
}

// endpoint is what the subscriber gave, or the ARN of the plan's queue.
func (s *subscription) endpoint(region string) string {
	if s.planned {
		return awsapi.LocalARN("sqs", region, s.target)
	}
	return s.Endpoint
}

// attribute is the value of an attribute, "" where it was not set.
func (s *subscription) attribute(name, region string) string {
	value, set := s.Attributes[name]
	if name == redrivePolicy && !set && s.planned && s.deadLetter != "" {
		return `{"deadLetterTargetArn":"` + awsapi.LocalARN("sqs", region, s.deadLetter) + `"}`
	}
	return value
}

// accepts says whether the subscription's filter lets m pass.
func (s *subscription) accepts(m *message) bool {
	switch {
	case s.filter == nil:
		return true
	case s.byBody:
		return s.filter.MatchBody([]byte(m.body(s.Protocol)))
	}
	return s.filter.MatchAttributes(m.filterAttributes())
}

// subscription finds the subscription that an ARN names.
func (s *Service) subscription(subscriptionARN string) (*subscription, error) {
	id, e := subscriptionID(subscriptionARN)
	if e != nil {
		return nil, e
	}
	sub := s.snapshot.Load().subscriptions[id]
	if sub == nil {
		return nil, notFound("Subscription")
	}
	return sub, nil
}

// subscriptionID returns the id at the end of the ARN of a subscription.
func subscriptionID(subscriptionARN string) (string, *awsapi.Error) {
	if subscriptionARN == "" {
		return "", invalid("SubscriptionArn Reason: no value for required parameter")
	}
	a, err := awsapi.ParseARN(subscriptionARN)
	if err != nil {
		return "", invalid("SubscriptionArn Reason: %v", err)
	}
	_, id, found := strings.Cut(a.Resource, ":")
	if _, err := uuid.Parse(id); !found || err != nil {
		return "", invalid("SubscriptionId")
	}
	return id, nil
}

// replace puts sub in the place of the one with its id. The caller holds mu.
func (s *Service) replace(ctx context.Context, sub *subscription) error {
	if sub.planned {
		return s.commit(ctx, func() { s.replacePlanned(sub.Topic, sub.ID, sub) })
	}
	return s.commit(ctx, func() { s.stored[sub.ID] = sub }, sub.document())
}

// removeQueues deletes the queues of subscriptions that are gone, with what was
// still to be brought to their endpoints.
func (s *Service) removeQueues(ctx context.Context, subscriptions ...*subscription) error {
	var errs []error
	for _, sub := range subscriptions {
		if !sub.overHTTP() {
			continue
		}
		if err := s.store.DeleteQueue(ctx, sub.target); err != nil && !errors.Is(err, queue.ErrNoQueue) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
