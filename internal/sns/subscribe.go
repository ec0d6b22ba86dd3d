package sns

import (
	"context"
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/sqs"
)

// The protocols of endpoints.
const (
	protocolSQS    = "sqs"
	protocolLambda = "lambda"
	protocolHTTP   = "http"
	protocolHTTPS  = "https"
)

// SubscribeInput is the input of Subscribe.
type SubscribeInput struct {
	TopicARN              string `json:"TopicArn"`
	Protocol              string
	Endpoint              string
	Attributes            map[string]string
	ReturnSubscriptionARN bool `json:"ReturnSubscriptionArn"`
}

// Resource returns the topic's ARN.
func (in *SubscribeInput) Resource(string) string { return in.TopicARN }

// SubscribeOutput is the output of Subscribe.
type SubscribeOutput struct {
	// SubscriptionARN is "pending confirmation" where the endpoint has to confirm and
	// the caller did not ask for the ARN all the same.
	SubscriptionARN string `json:"SubscriptionArn"`
}

// Subscribe subscribes an endpoint to a topic. Where it is subscribed already, it
// returns that subscription, unless the attributes asked for are not those that it has.
func (s *Service) Subscribe(ctx context.Context, in *SubscribeInput) (*SubscribeOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.topic(ctx, in.TopicARN)
	if err != nil {
		return nil, err
	}
	if e := checkEndpoint(t, in.Protocol, in.Endpoint); e != nil {
		return nil, e
	}
	req := awsapi.RequestFrom(ctx)
	sub := &subscription{
		ID: uuid.NewString(), Topic: t.Name, Protocol: in.Protocol, Endpoint: in.Endpoint,
		Principal: req.Principal.ARN(), Made: time.Now().UTC(), Authenticated: true, Attributes: map[string]string{},
	}
	for _, name := range slices.Sorted(maps.Keys(in.Attributes)) {
		value, e := subscriptionAttribute(t, sub, name, in.Attributes[name])
		if e != nil {
			return nil, inAttributes(e)
		}
		sub.Attributes[name] = value
	}
	if e := sub.compile(); e != nil {
		return nil, inAttributes(e)
	}
	if in.Protocol != protocolSQS && in.Protocol != protocolLambda {
		sub.Pending, sub.Authenticated, sub.Token = true, false, newToken()
	}
	if sub, err = s.subscribe(ctx, t, sub); err != nil {
		return nil, err
	}
	if sub.Pending && !in.ReturnSubscriptionARN {
		return &SubscribeOutput{"pending confirmation"}, nil
	}
	return &SubscribeOutput{sub.arn(req.Region)}, nil
}

// subscribe makes the subscription, or returns the one that its endpoint has. An
// endpoint that has not confirmed is asked to.
func (s *Service) subscribe(ctx context.Context, t *topic, sub *subscription) (*subscription, error) {
	region := awsapi.RequestFrom(ctx).Region
	for _, old := range t.subscriptions {
		if old.Protocol != sub.Protocol || !old.isFor(sub.Endpoint) {
			continue
		}
		for name, value := range sub.Attributes {
			if value != "" && !sameValue(old.attribute(name, region), value) {
				return nil, invalid("Attributes Reason: Subscription already exists with different attributes")
			}
		}
		return old, s.askToConfirm(ctx, t, old)
	}
	if sub.overHTTP() {
		if err := s.store.Ensure(ctx, endpointQueue(sub)); err != nil {
			return nil, err
		}
	}
	if err := s.replace(ctx, sub); err != nil {
		return nil, err
	}
	return sub, s.askToConfirm(ctx, t, sub)
}

// isFor says whether the endpoint is the subscription's.
func (s *subscription) isFor(endpoint string) bool {
	if s.Protocol == protocolSQS {
		name, _ := sqs.QueueOf(endpoint)
		return s.target == name
	}
	return s.Endpoint == endpoint
}

var phoneNumber = regexp.MustCompile(`^\+?[0-9]{1,15}$`)

// checkEndpoint checks that an endpoint is one of its protocol, and that the topic
// can have it. The words about a lambda endpoint, about a missing one and about the
// protocols of a FIFO topic were not seen on AWS.
func checkEndpoint(t *topic, protocol, endpoint string) *awsapi.Error {
	switch protocol {
	case protocolSQS, protocolLambda, protocolHTTP, protocolHTTPS, "email", "email-json", "sms", "application", "firehose":
	case "":
		return invalid("Protocol Reason: no value for required parameter")
	default:
		return invalid("Amazon SNS does not support this protocol string: %s", protocol)
	}
	if endpoint == "" {
		return invalid("Endpoint Reason: no value for required parameter")
	}
	switch protocol {
	case protocolSQS:
		name, ok := sqs.QueueOf(endpoint)
		switch {
		case !ok:
			return invalid("SQS endpoint ARN")
		case strings.HasSuffix(name, ".fifo") && !t.fifo:
			return invalid("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")
		}
		return nil
	case protocolLambda:
		if arn, err := awsapi.ParseARN(endpoint); err != nil || arn.Service != "lambda" {
			return invalid("Lambda endpoint ARN")
		}
	case protocolHTTP, protocolHTTPS:
		if u, err := url.Parse(endpoint); err != nil || u.Scheme != protocol || u.Host == "" {
			return invalid("Endpoint must match the specified protocol")
		}
	case "email", "email-json":
		if a, err := mail.ParseAddress(endpoint); err != nil || a.Address != endpoint {
			return invalid("Email address")
		}
	case "sms":
		if !phoneNumber.MatchString(strings.NewReplacer(" ", "", "-", "", ".", "").Replace(endpoint)) {
			return awsapi.Errorf("InvalidParameter", "Invalid SMS endpoint: %s", endpoint)
		}
		return awsapi.NotImplemented("text messages")
	default:
		return awsapi.NotImplemented("subscriptions of protocol %s", protocol)
	}
	if t.fifo {
		return invalid("Invalid protocol type: %s", protocol)
	}
	return nil
}

// UnsubscribeInput is the input of Unsubscribe.
type UnsubscribeInput struct {
	SubscriptionARN string `json:"SubscriptionArn"`
}

// Resource returns the subscription's ARN.
func (in *UnsubscribeInput) Resource(string) string { return in.SubscriptionARN }

// Unsubscribe ends a subscription, if it is there. Where nobody has signed the
// request, so that it may be an endpoint's own, the endpoint is told how to restore
// the subscription. One of the plan is back with the next [Service.SetTopics].
func (s *Service) Unsubscribe(ctx context.Context, in *UnsubscribeInput) (*Empty, error) {
	id, e := subscriptionID(in.SubscriptionARN)
	if e != nil {
		return nil, e
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	snap := s.snapshot.Load()
	sub := snap.subscriptions[id]
	req := awsapi.RequestFrom(ctx)
	switch {
	case sub == nil:
		return &Empty{}, nil
	case sub.planned:
		return &Empty{}, s.commit(ctx, func() { s.replacePlanned(sub.Topic, id, nil) })
	case sub.OwnerOnly && !req.Signed:
		return nil, denied(awsapi.Denial{User: "anonymous", Action: "Unsubscribe", Resource: in.SubscriptionARN})
	case sub.overHTTP() && !sub.Pending && !req.Signed:
		return &Empty{}, s.letGo(ctx, snap.topics[sub.Topic], sub)
	}
	if err := s.commit(ctx, func() { delete(s.stored, id) }, sub.erasure()); err != nil {
		return nil, err
	}
	return &Empty{}, s.removeQueues(ctx, sub)
}

// letGo ends a subscription and sends its endpoint what restores it.
func (s *Service) letGo(ctx context.Context, t *topic, sub *subscription) error {
	removed := *sub
	removed.Removed, removed.Token = time.Now().UTC(), newToken()
	if err := s.replace(ctx, &removed); err != nil {
		return err
	}
	return s.sendControl(ctx, t, &removed, unsubscribeConfirmation)
}
