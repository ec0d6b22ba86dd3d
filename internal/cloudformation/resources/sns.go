package resources

import (
	"context"
	"slices"
	"strconv"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/sns"
)

const topicType = "AWS::SNS::Topic"

// topics makes topics.
type topics struct{ service *sns.Service }

type topicProperties struct {
	TopicName                 string `cfn:",replace"`
	FIFOTopic                 bool   `cfn:"FifoTopic,replace"`
	DisplayName               *string
	ContentBasedDeduplication *bool
	FIFOThroughputScope       *string `cfn:"FifoThroughputScope"`
	KMSMasterKeyID            *string `cfn:"KmsMasterKeyId"`
	SignatureVersion          *string
	TracingConfig             *string
	Tags                      []provider.Tag
}

func (topics) Schema() provider.Schema {
	return provider.SchemaOf[topicProperties](provider.Options{Name: "TopicName", Attributes: []string{"TopicArn", "TopicName"}})
}

// attributes are what the template says.
func (p topicProperties) attributes() map[string]string {
	out := map[string]string{}
	for name, value := range map[string]*string{
		"DisplayName": p.DisplayName, "FifoThroughputScope": p.FIFOThroughputScope, "KmsMasterKeyId": p.KMSMasterKeyID,
		"SignatureVersion": p.SignatureVersion, "TracingConfig": p.TracingConfig,
	} {
		if value != nil {
			out[name] = *value
		}
	}
	if p.ContentBasedDeduplication != nil {
		out["ContentBasedDeduplication"] = strconv.FormatBool(*p.ContentBasedDeduplication)
	}
	return out
}

// topicDefaults are what an attribute is that a template does not say any more.
var topicDefaults = map[string]string{
	"SignatureVersion": "1", "TracingConfig": "PassThrough", "ContentBasedDeduplication": "false", "FifoThroughputScope": "Topic",
}

func (t topics) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[topicProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	name := p.TopicName
	if name == "" {
		if name = r.Name(256); p.FIFOTopic {
			name = r.Name(251) + ".fifo"
		}
	}
	arn := awsapi.LocalARN("sns", awsapi.RequestFrom(ctx).Region, name)
	_, err = t.service.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicARN: arn})
	switch {
	case err == nil:
		return provider.Made{}, provider.AlreadyExists(topicType, arn)
	case !isGone(err):
		return provider.Made{}, err
	}
	if err := r.Begin(arn); err != nil {
		return provider.Made{}, err
	}
	attributes := p.attributes()
	if p.FIFOTopic {
		attributes["FifoTopic"] = "true"
	}
	if _, err := t.service.CreateTopic(ctx, &sns.CreateTopicInput{Name: name, Attributes: attributes, Tags: topicTags(tags(r, p.Tags))}); err != nil {
		return provider.Made{}, err
	}
	return madeTopic(arn), nil
}

func madeTopic(arn string) provider.Made {
	a, _ := awsapi.ParseARN(arn)
	return provider.Made{PhysicalID: arn, Attributes: map[string]any{"TopicArn": arn, "TopicName": a.Resource}}
}

func topicTags(all map[string]string) []sns.Tag {
	var out []sns.Tag
	for _, key := range keys(all) {
		out = append(out, sns.Tag{Key: key, Value: all[key]})
	}
	return out
}

func (t topics) Update(ctx context.Context, r provider.Resource, old map[string]any) (provider.Made, error) {
	p, err := provider.Decode[topicProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	before, err := provider.Decode[topicProperties](r.LogicalID, old)
	if err != nil {
		return provider.Made{}, err
	}
	now, then := p.attributes(), before.attributes()
	for _, name := range untag(then, now) {
		now[name] = topicDefaults[name]
	}
	for _, name := range keys(now) {
		if then[name] == now[name] {
			continue
		}
		if _, err := t.service.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{TopicARN: r.PhysicalID, AttributeName: name, AttributeValue: now[name]}); err != nil {
			return provider.Made{}, err
		}
	}
	return madeTopic(r.PhysicalID), t.retag(ctx, r.PhysicalID, tags(r, p.Tags))
}

func (t topics) retag(ctx context.Context, arn string, now map[string]string) error {
	listed, err := t.service.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceARN: arn})
	if err != nil {
		return err
	}
	before := map[string]string{}
	for _, tag := range listed.Tags {
		before[tag.Key] = or(tag.Value, "")
	}
	if gone := untag(before, now); len(gone) > 0 {
		if _, err := t.service.UntagResource(ctx, &sns.UntagResourceInput{ResourceARN: arn, TagKeys: gone}); err != nil {
			return err
		}
	}
	if len(now) == 0 {
		return nil
	}
	_, err = t.service.TagResource(ctx, &sns.TagResourceInput{ResourceARN: arn, Tags: topicTags(now)})
	return err
}

func (t topics) Delete(ctx context.Context, r provider.Resource) error {
	_, err := t.service.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicARN: r.PhysicalID})
	return unlessGone(err)
}

// topicPolicies gives topics a policy.
type topicPolicies struct{ service *sns.Service }

type topicPolicyProperties struct {
	Topics         []string `cfn:",required"`
	PolicyDocument any      `cfn:",required"`
}

func (topicPolicies) Schema() provider.Schema {
	return provider.SchemaOf[topicPolicyProperties](provider.Options{Attributes: []string{"Id"}})
}

// put gives each topic the policy; "" is the one that a topic has by itself.
func (t topicPolicies) put(ctx context.Context, arns []string, policy string) error {
	for _, arn := range arns {
		_, err := t.service.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{TopicARN: arn, AttributeName: "Policy", AttributeValue: policy})
		if policy == "" {
			err = unlessGone(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t topicPolicies) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[topicPolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	made := named(r.Name(128))
	if err := r.Begin(made.PhysicalID); err != nil {
		return provider.Made{}, err
	}
	return made, t.put(ctx, p.Topics, text(p.PolicyDocument))
}

func (t topicPolicies) Update(ctx context.Context, r provider.Resource, old map[string]any) (provider.Made, error) {
	p, err := provider.Decode[topicPolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	before, err := provider.Decode[topicPolicyProperties](r.LogicalID, old)
	if err != nil {
		return provider.Made{}, err
	}
	if err := t.put(ctx, without(before.Topics, p.Topics), ""); err != nil {
		return provider.Made{}, err
	}
	return named(r.PhysicalID), t.put(ctx, p.Topics, text(p.PolicyDocument))
}

func (t topicPolicies) Delete(ctx context.Context, r provider.Resource) error {
	p, err := provider.Decode[topicPolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return err
	}
	return t.put(ctx, p.Topics, "")
}

// without are those of all that are not in some.
func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(some, one) })
}

// subscriptions subscribes to topics.
type subscriptions struct{ service *sns.Service }

type subscriptionProperties struct {
	TopicARN           string `cfn:"TopicArn,required,replace"`
	Protocol           string `cfn:",required,replace"`
	Endpoint           string `cfn:",replace"`
	RawMessageDelivery *bool
	FilterPolicy       any
	FilterPolicyScope  *string
	RedrivePolicy      any
	DeliveryPolicy     any
}

func (subscriptions) Schema() provider.Schema {
	return provider.SchemaOf[subscriptionProperties](provider.Options{Attributes: []string{"Arn"}})
}

func (p subscriptionProperties) attributes() map[string]string {
	out := map[string]string{}
	if p.RawMessageDelivery != nil {
		out["RawMessageDelivery"] = strconv.FormatBool(*p.RawMessageDelivery)
	}
	for name, policy := range map[string]any{"FilterPolicy": p.FilterPolicy, "RedrivePolicy": p.RedrivePolicy, "DeliveryPolicy": p.DeliveryPolicy} {
		if policy != nil {
			out[name] = text(policy)
		}
	}
	if p.FilterPolicyScope != nil {
		out["FilterPolicyScope"] = *p.FilterPolicyScope
	}
	return out
}

// subscriptionDefaults are what an attribute is that a template does not say any more.
var subscriptionDefaults = map[string]string{"RawMessageDelivery": "false", "FilterPolicyScope": "MessageAttributes"}

func (s subscriptions) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[subscriptionProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	out, err := s.service.Subscribe(ctx, &sns.SubscribeInput{
		TopicARN: p.TopicARN, Protocol: p.Protocol, Endpoint: p.Endpoint, Attributes: p.attributes(), ReturnSubscriptionARN: true,
	})
	if err != nil {
		return provider.Made{}, err
	}
	// SNS chooses the ARN, so that this cannot be said before.
	return subscribed(out.SubscriptionARN), r.Begin(out.SubscriptionARN)
}

func subscribed(arn string) provider.Made {
	return provider.Made{PhysicalID: arn, Attributes: map[string]any{"Arn": arn}}
}

func (s subscriptions) Update(ctx context.Context, r provider.Resource, old map[string]any) (provider.Made, error) {
	p, err := provider.Decode[subscriptionProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	before, err := provider.Decode[subscriptionProperties](r.LogicalID, old)
	if err != nil {
		return provider.Made{}, err
	}
	now := p.attributes()
	for _, name := range untag(before.attributes(), now) {
		now[name] = subscriptionDefaults[name]
	}
	for _, name := range keys(now) {
		if _, err := s.service.SetSubscriptionAttributes(ctx, &sns.SetSubscriptionAttributesInput{
			SubscriptionARN: r.PhysicalID, AttributeName: name, AttributeValue: now[name],
		}); err != nil {
			return provider.Made{}, err
		}
	}
	return subscribed(r.PhysicalID), nil
}

func (s subscriptions) Delete(ctx context.Context, r provider.Resource) error {
	_, err := s.service.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionARN: r.PhysicalID})
	return unlessGone(err)
}
