package sns

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/less-go/less/internal/awsapi"
)

// The attributes of a topic that mean something here.
const (
	fifoTopic                 = "FifoTopic"
	contentBasedDeduplication = "ContentBasedDeduplication"
	fifoThroughputScope       = "FifoThroughputScope"
	displayName               = "DisplayName"
	accessPolicy              = "Policy"
	deliveryPolicy            = "DeliveryPolicy"
	signatureVersion          = "SignatureVersion"
	tracingConfig             = "TracingConfig"
	kmsMasterKeyID            = "KmsMasterKeyId"
	archivePolicy             = "ArchivePolicy"
)

const maxDisplayName = 100

// isFeedback says whether an attribute is about the logs of deliveries to one kind
// of endpoint. They are kept and told, and nothing else.
func isFeedback(name string) bool {
	for _, kind := range []string{"HTTP", "Firehose", "Lambda", "Application", "SQS"} {
		if rest, found := strings.CutPrefix(name, kind); found {
			return slices.Contains([]string{"SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"}, rest)
		}
	}
	return false
}

// topicAttributesOf checks the attributes of a new topic, and leaves out those that
// say what goes without saying.
func topicAttributesOf(in map[string]string, fifo bool) (map[string]string, *awsapi.Error) {
	out := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		value := in[name]
		if name == fifoTopic {
			if value = strings.ToLower(value); value != "true" && value != "false" {
				return nil, invalid("FifoTopic: Invalid value [%s]. Must be true or false.", in[name])
			}
			if value == "false" {
				continue // AWS does not tell of it either
			}
		} else {
			var e *awsapi.Error
			if value, e = topicAttribute(name, value, fifo); e != nil {
				if e == errUnknownAttribute {
					e = invalid("Unknown attribute %s", name)
				}
				return nil, e
			}
		}
		if value != "" {
			out[name] = value
		}
	}
	return out, nil
}

// topicAttribute checks the value of an attribute that a topic can be given at any
// time, and returns it as it is kept; an empty one is not kept. Where the words of a
// refusal were not seen on AWS, they follow the form of those that were.
func topicAttribute(name, value string, fifo bool) (string, *awsapi.Error) {
	oneOf := func(allowed ...string) (string, *awsapi.Error) {
		if value != "" && !slices.Contains(allowed, value) {
			return "", invalid("%s: Invalid value [%s]. Must be %s.", name, value, strings.Join(allowed, " or "))
		}
		return value, nil
	}
	fifoOnly := []string{contentBasedDeduplication, fifoThroughputScope, archivePolicy}
	switch {
	case !fifo && slices.Contains(fifoOnly, name):
		return "", errUnknownAttribute
	case name == displayName && utf8.RuneCountInString(value) > maxDisplayName:
		return "", invalid("DisplayName")
	case name == displayName:
		return value, nil
	case name == accessPolicy:
		return value, checkAccessPolicy(value)
	case name == deliveryPolicy:
		p, e := parseTopicDelivery(value)
		return p.String(), e
	case name == signatureVersion && !slices.Contains([]string{"", "1", "2"}, value):
		return "", invalid("SignatureVersion: Invalid value. Must be 1 or 2.")
	case name == tracingConfig && !slices.Contains([]string{"", "PassThrough", "Active"}, value):
		return "", invalid("Invalid tracing config value: %s", value)
	case name == contentBasedDeduplication:
		value = strings.ToLower(value)
		return oneOf("true", "false")
	case name == fifoThroughputScope:
		return oneOf("Topic", "MessageGroup")
	case name == archivePolicy && value != "":
		return "", awsapi.NotImplemented("the archive of FIFO topics")
	case strings.HasSuffix(name, "SampleRate") && isFeedback(name):
		if n, err := strconv.Atoi(value); value != "" && (err != nil || n < 0 || n > 100) {
			return "", invalid("%s: %s value provided is not an integer between 0-100", name, value)
		}
		return value, nil
	case name == signatureVersion, name == tracingConfig, name == kmsMasterKeyID, name == archivePolicy, isFeedback(name):
		return value, nil
	}
	return "", errUnknownAttribute
}

// errUnknownAttribute is what SNS says to an attribute that cannot be set.
var errUnknownAttribute = invalid("AttributeName")

// sameValue compares two values of an attribute, as JSON where they are JSON.
func sameValue(a, b string) bool {
	if a == b {
		return true
	}
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// attributes returns what GetTopicAttributes tells of t.
func (t *topic) attributes(region string) map[string]string {
	pending := len(t.subscriptions) - len(t.confirmed)
	out := map[string]string{
		"TopicArn":                t.arn(region),
		"Owner":                   awsapi.Account,
		displayName:               "",
		accessPolicy:              defaultAccessPolicy(t.arn(region)),
		"EffectiveDeliveryPolicy": t.delivery.effective().String(),
		"SubscriptionsConfirmed":  strconv.Itoa(len(t.confirmed)),
		"SubscriptionsPending":    strconv.Itoa(pending),
		"SubscriptionsDeleted":    "0",
	}
	if t.fifo {
		out[contentBasedDeduplication] = "false"
	}
	for name, value := range t.Attributes {
		if value != "" {
			out[name] = value
		}
	}
	return out
}

// GetTopicAttributesInput is the input of GetTopicAttributes.
type GetTopicAttributesInput struct {
	TopicARN string `json:"TopicArn"`
}

// Resource returns the topic's ARN.
func (in *GetTopicAttributesInput) Resource(string) string { return in.TopicARN }

// GetTopicAttributesOutput is the output of GetTopicAttributes.
type GetTopicAttributesOutput struct {
	Attributes map[string]string
}

// GetTopicAttributes tells of a topic.
func (s *Service) GetTopicAttributes(ctx context.Context, in *GetTopicAttributesInput) (*GetTopicAttributesOutput, error) {
	t, err := s.topic(ctx, in.TopicARN)
	if err != nil {
		return nil, err
	}
	return &GetTopicAttributesOutput{t.attributes(awsapi.RequestFrom(ctx).Region)}, nil
}

// SetTopicAttributesInput is the input of SetTopicAttributes.
type SetTopicAttributesInput struct {
	TopicARN       string `json:"TopicArn"`
	AttributeName  string
	AttributeValue string
}

// Resource returns the topic's ARN.
func (in *SetTopicAttributesInput) Resource(string) string { return in.TopicARN }

// SetTopicAttributes changes one attribute of a topic.
func (s *Service) SetTopicAttributes(ctx context.Context, in *SetTopicAttributesInput) (*Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.topic(ctx, in.TopicARN)
	if err != nil {
		return nil, err
	}
	value, e := topicAttribute(in.AttributeName, in.AttributeValue, t.fifo)
	if e != nil {
		return nil, e
	}
	return s.setTopicAttribute(ctx, t, in.AttributeName, value)
}

// setTopicAttribute keeps an attribute of t, or forgets it where the value is empty.
// The caller holds mu.
func (s *Service) setTopicAttribute(ctx context.Context, t *topic, name, value string) (*Empty, error) {
	r := t.record
	r.Attributes = maps.Clone(r.Attributes)
	if r.Attributes == nil {
		r.Attributes = map[string]string{}
	}
	r.Attributes[name] = value
	if value == "" {
		delete(r.Attributes, name)
	}
	if err := s.commit(ctx, func() { s.records[r.Name] = r }, r.document()); err != nil {
		return nil, err
	}
	return &Empty{}, nil
}
