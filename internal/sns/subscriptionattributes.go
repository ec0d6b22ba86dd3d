package sns

import (
	"context"
	"encoding/json"
	"maps"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/filter"
	"github.com/less-go/less/internal/sqs"
)

// The attributes of a subscription that can be set, apart from deliveryPolicy.
const (
	rawMessageDelivery  = "RawMessageDelivery"
	filterPolicy        = "FilterPolicy"
	filterPolicyScope   = "FilterPolicyScope"
	redrivePolicy       = "RedrivePolicy"
	subscriptionRoleARN = "SubscriptionRoleArn"
	replayPolicy        = "ReplayPolicy"
)

// subscriptionAttribute checks the value that an attribute of sub is to have, and
// returns it as it is kept. A filter is checked when it is compiled.
func subscriptionAttribute(t *topic, sub *subscription, name, value string) (string, *awsapi.Error) {
	switch name {
	case rawMessageDelivery:
		lower := strings.ToLower(value)
		switch {
		case lower != "true" && lower != "false":
			return "", invalid("RawMessageDelivery: Invalid value [%s]. Must be true or false.", value)
		case lower == "true" && !sub.overHTTP() && sub.Protocol != protocolSQS:
			return "", invalid("Delivery protocol [%s] does not support raw message delivery.", sub.Protocol)
		}
		return lower, nil
	case filterPolicy, subscriptionRoleARN:
		return value, nil
	case filterPolicyScope:
		if _, err := filter.ParseScope(value); err != nil {
			return "", invalid("%v", err)
		}
		return value, nil
	case redrivePolicy:
		return value, checkRedrive(t, sub, value)
	case deliveryPolicy:
		if value == "" {
			return "", nil
		}
		if !sub.overHTTP() {
			// These words were not seen on AWS.
			return "", invalid("DeliveryPolicy: Delivery protocol [%s] does not support delivery policies.", sub.Protocol)
		}
		p, e := parseSubscriptionDelivery(value)
		return p.String(), e
	case replayPolicy:
		return "", awsapi.NotImplemented("the archive of FIFO topics")
	}
	return "", errUnknownAttribute
}

func deadLetterARN(policy string) string {
	var p struct {
		DeadLetterTargetARN string `json:"deadLetterTargetArn"`
	}
	_ = json.Unmarshal([]byte(policy), &p) // a policy that says nothing has no ARN
	return p.DeadLetterTargetARN
}

func checkRedrive(t *topic, sub *subscription, policy string) *awsapi.Error {
	if policy == "" {
		return nil
	}
	var fields map[string]any
	if e := readPolicy(redrivePolicy, policy, &fields); e != nil {
		return e
	}
	target := deadLetterARN(policy)
	_, err := awsapi.ParseARN(target)
	name, ok := sqs.QueueOf(target)
	fifo := strings.HasSuffix(name, ".fifo")
	switch {
	case fields["deadLetterTargetArn"] == nil:
		return invalid("RedrivePolicy: Missing deadLetterTargetArn attribute")
	case err != nil:
		return invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn")
	case !ok:
		return invalid("RedrivePolicy: deadLetterTargetArn must be a SQS queue")
	case t.fifo && sub.Protocol == protocolSQS && strings.HasSuffix(sub.Endpoint, ".fifo") && !fifo:
		return invalid("RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.")
	case !t.fifo && fifo:
		// These words were not seen on AWS.
		return invalid("RedrivePolicy: must use a standard queue as DLQ for a Subscription to a standard Topic.")
	}
	return nil
}

// attributes returns what GetSubscriptionAttributes tells.
func (s *subscription) attributes(t *topic, region string) map[string]string {
	out := map[string]string{
		"SubscriptionArn":              s.arn(region),
		"TopicArn":                     t.arn(region),
		"Owner":                        awsapi.Account,
		"Protocol":                     s.Protocol,
		"Endpoint":                     s.endpoint(region),
		"PendingConfirmation":          strconv.FormatBool(s.Pending),
		"ConfirmationWasAuthenticated": strconv.FormatBool(s.Authenticated),
		"SubscriptionPrincipal":        s.Principal,
		rawMessageDelivery:             "false",
	}
	if s.planned {
		out["SubscriptionPrincipal"] = awsapi.Principal{}.ARN()
	}
	for _, name := range []string{rawMessageDelivery, redrivePolicy, deliveryPolicy, subscriptionRoleARN} {
		if value := s.attribute(name, region); value != "" {
			out[name] = value
		}
	}
	if text := s.Attributes[filterPolicy]; text != "" {
		out[filterPolicy] = text
		out[filterPolicyScope] = string(filter.MessageAttributes)
		if s.byBody {
			out[filterPolicyScope] = string(filter.MessageBody)
		}
	}
	if s.overHTTP() {
		out["EffectiveDeliveryPolicy"] = s.delivery.effective(t.delivery).String()
	}
	return out
}

// GetSubscriptionAttributesInput is the input of GetSubscriptionAttributes.
type GetSubscriptionAttributesInput struct {
	SubscriptionARN string `json:"SubscriptionArn"`
}

// Resource returns the subscription's ARN.
func (in *GetSubscriptionAttributesInput) Resource(string) string { return in.SubscriptionARN }

// GetSubscriptionAttributesOutput is the output of GetSubscriptionAttributes.
type GetSubscriptionAttributesOutput struct {
	Attributes map[string]string
}

// GetSubscriptionAttributes tells of a subscription.
func (s *Service) GetSubscriptionAttributes(ctx context.Context, in *GetSubscriptionAttributesInput) (*GetSubscriptionAttributesOutput, error) {
	id, e := subscriptionID(in.SubscriptionARN)
	if e != nil {
		return nil, e
	}
	snap := s.snapshot.Load()
	sub := snap.subscriptions[id]
	if sub == nil {
		return nil, notFound("Subscription")
	}
	return &GetSubscriptionAttributesOutput{sub.attributes(snap.topics[sub.Topic], awsapi.RequestFrom(ctx).Region)}, nil
}

// SetSubscriptionAttributesInput is the input of SetSubscriptionAttributes.
type SetSubscriptionAttributesInput struct {
	SubscriptionARN string `json:"SubscriptionArn"`
	AttributeName   string
	AttributeValue  string
}

// Resource returns the subscription's ARN.
func (in *SetSubscriptionAttributesInput) Resource(string) string { return in.SubscriptionARN }

// SetSubscriptionAttributes changes one attribute of a subscription.
func (s *Service) SetSubscriptionAttributes(ctx context.Context, in *SetSubscriptionAttributesInput) (*Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.subscription(in.SubscriptionARN)
	if err != nil {
		return nil, err
	}
	value, e := subscriptionAttribute(s.snapshot.Load().topics[old.Topic], old, in.AttributeName, in.AttributeValue)
	if e != nil {
		return nil, e
	}
	sub := *old
	sub.Attributes = maps.Clone(old.Attributes)
	sub.Attributes[in.AttributeName] = value
	if e := sub.compile(); e != nil {
		return nil, e
	}
	if err := s.replace(ctx, &sub); err != nil {
		return nil, err
	}
	return &Empty{}, nil
}
