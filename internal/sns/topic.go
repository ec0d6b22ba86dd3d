package sns

import (
	"cmp"
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// A record is what the store keeps of a topic: all of one that a client has made,
// and what a client has added to one of the plan.
type record struct {
	Name string
	// Created says that CreateTopic made the topic, so that it is there without the
	// plan. Born is when.
	Created    bool              `json:",omitempty"`
	Born       time.Time         `json:",omitzero"`
	Attributes map[string]string `json:",omitempty"`
	Tags       []Tag             `json:",omitempty"`
}

func (r record) document() queue.Document { return documentOf(topicKind, r.Name, r) }

// A topic is a record with its subscriptions, and with its attributes as a publish
// wants to have them.
type topic struct {
	record
	label         string
	fifo          bool
	contentBased  bool
	byGroup       bool
	signature     string
	delivery      topicDelivery
	subscriptions []*subscription
	confirmed     []*subscription // those of them that messages go to
}

func newTopic(r record) *topic {
	t := &topic{
		record:       r,
		fifo:         r.Attributes[fifoTopic] == "true",
		contentBased: r.Attributes[contentBasedDeduplication] == "true",
		byGroup:      r.Attributes[fifoThroughputScope] == "MessageGroup",
		signature:    cmp.Or(r.Attributes[signatureVersion], "1"),
	}
	t.delivery, _ = parseTopicDelivery(r.Attributes[deliveryPolicy]) // it was checked when it was set
	return t
}

func (t *topic) add(sub *subscription) {
	t.subscriptions = append(t.subscriptions, sub)
	if !sub.Pending {
		t.confirmed = append(t.confirmed, sub)
	}
}

// plans says whether the plan subscribes the queue that sub is for.
func (t *topic) plans(sub *subscription) bool {
	return slices.ContainsFunc(t.subscriptions, func(other *subscription) bool {
		return other.planned && sub.Protocol == protocolSQS && other.target == sub.target
	})
}

func (t *topic) arn(region string) string { return awsapi.LocalARN("sns", region, t.Name) }

// title is what the topic is called in activity.
func (t *topic) title() string { return cmp.Or(t.label, t.Name) }

// topicName returns the name in the ARN of a topic. There are the same topics in all
// regions, but as on AWS the ARN has to be of the region that a signature is for; the
// account may be any.
func topicName(ctx context.Context, topicARN string) (string, *awsapi.Error) {
	a, err := awsapi.ParseARN(topicARN)
	if err != nil {
		return "", invalid("TopicArn Reason: %v", err)
	}
	req := awsapi.RequestFrom(ctx)
	if a.Service != "sns" || a.Resource == "" || strings.Contains(a.Resource, ":") || req.Signed && a.Region != req.Region {
		return "", invalid("TopicArn")
	}
	return a.Resource, nil
}

// topic finds the topic that an ARN names.
func (s *Service) topic(ctx context.Context, topicARN string) (*topic, error) {
	name, e := topicName(ctx, topicARN)
	if e != nil {
		return nil, e
	}
	t := s.snapshot.Load().topics[name]
	if t == nil {
		return nil, notFound("Topic")
	}
	return t, nil
}

// CreateTopicInput is the input of CreateTopic.
type CreateTopicInput struct {
	Name                 string
	Attributes           map[string]string
	Tags                 []Tag
	DataProtectionPolicy string
}

// Resource returns the topic's ARN.
func (in *CreateTopicInput) Resource(region string) string {
	return awsapi.LocalARN("sns", region, in.Name)
}

// CreateTopicOutput is the output of CreateTopic.
type CreateTopicOutput struct {
	TopicARN string `json:"TopicArn"`
}

var (
	standardTopicName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	fifoTopicName     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,251}\.fifo$`)
)

// CreateTopic makes a topic. Where there is one of that name already, it returns
// that one, unless the attributes or tags asked for are not those that it has.
func (s *Service) CreateTopic(ctx context.Context, in *CreateTopicInput) (*CreateTopicOutput, error) {
	if in.DataProtectionPolicy != "" {
		return nil, awsapi.NotImplemented("data protection policies")
	}
	fifo := strings.EqualFold(in.Attributes[fifoTopic], "true")
	if valid := map[bool]*regexp.Regexp{true: fifoTopicName, false: standardTopicName}[fifo]; !valid.MatchString(in.Name) {
		return nil, invalid("Topic Name")
	}
	attributes, e := topicAttributesOf(in.Attributes, fifo)
	if e != nil {
		return nil, inAttributes(e)
	}
	if e := checkTags(in.Tags); e != nil {
		return nil, e
	}
	region := awsapi.RequestFrom(ctx).Region
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.snapshot.Load().topics[in.Name]; t != nil {
		if e := t.sameAs(attributes, in.Tags, region); e != nil {
			return nil, e
		}
		return &CreateTopicOutput{t.arn(region)}, nil
	}
	r := record{Name: in.Name, Created: true, Born: time.Now().UTC(), Attributes: attributes, Tags: in.Tags}
	if err := s.commit(ctx, func() { s.records[r.Name] = r }, r.document()); err != nil {
		return nil, err
	}
	return &CreateTopicOutput{awsapi.LocalARN("sns", region, in.Name)}, nil
}

// sameAs says what speaks against taking t for the topic that a client wants made:
// all that the client names must be as t has it.
func (t *topic) sameAs(attributes map[string]string, tags []Tag, region string) error {
	has := t.attributes(region)
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if !sameValue(has[name], attributes[name]) {
			return invalid("Attributes Reason: Topic already exists with different attributes")
		}
	}
	for _, tag := range tags {
		if !slices.Contains(t.Tags, tag) {
			return invalid("Tags Reason: Topic already exists with different tags")
		}
	}
	return nil
}

// DeleteTopicInput is the input of DeleteTopic.
type DeleteTopicInput struct {
	TopicARN string `json:"TopicArn"`
}

// Resource returns the topic's ARN.
func (in *DeleteTopicInput) Resource(string) string { return in.TopicARN }

// DeleteTopic deletes a topic with its subscriptions, if it is there. One of the
// plan is made again, as the plan has it, by the next [Service.SetTopics].
func (s *Service) DeleteTopic(ctx context.Context, in *DeleteTopicInput) (*Empty, error) {
	name, e := topicName(ctx, in.TopicARN)
	if e != nil {
		return nil, e
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.snapshot.Load().topics[name] == nil {
		return &Empty{}, nil
	}
	documents := []queue.Document{{Kind: topicKind, Name: name}}
	var gone []*subscription
	for _, sub := range s.stored {
		if sub.Topic == name {
			gone = append(gone, sub)
			documents = append(documents, sub.erasure())
		}
	}
	err := s.commit(ctx, func() {
		delete(s.records, name)
		delete(s.planned, name)
		for _, sub := range gone {
			delete(s.stored, sub.ID)
		}
	}, documents...)
	if err != nil {
		return nil, err
	}
	return &Empty{}, s.removeQueues(ctx, gone...)
}
