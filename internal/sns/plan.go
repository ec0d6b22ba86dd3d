package sns

import (
	"github.com/google/uuid"
)

// A Topic is a topic of the application's plan, with its subscriptions.
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

type plannedTopic struct {
	label         string
	subscriptions []*subscription
}

// SetTopics replaces the topics of the plan. What AWS clients have added to one of
// them (subscriptions, tags, attributes) is there again when the topic is; what they
// have changed of the plan's own is as the plan has it. A publish that runs
// meanwhile uses the old or the new topics.
func (s *Service) SetTopics(topics []Topic) {
	planned := make(map[string]plannedTopic, len(topics))
	for _, t := range topics {
		p := plannedTopic{label: t.Label}
		for _, sub := range t.Subscriptions {
			p.subscriptions = append(p.subscriptions, newPlanned(t.Name, sub))
		}
		planned[t.Name] = p
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.planned = planned
	s.refresh()
}

// newPlanned makes a subscription of the plan. Its id is the same each time the
// engine runs.
func newPlanned(topic string, sub Subscription) *subscription {
	raw := "false"
	if sub.Raw {
		raw = "true"
	}
	return &subscription{
		ID:            uuid.NewSHA1(uuid.NameSpaceURL, []byte(topic+"/"+sub.Queue)).String(),
		Topic:         topic,
		Protocol:      protocolSQS,
		Attributes:    map[string]string{rawMessageDelivery: raw},
		Authenticated: true,
		planned:       true,
		target:        sub.Queue,
		raw:           sub.Raw,
		deadLetter:    sub.DeadLetter,
	}
}

// replacePlanned puts sub in the place of the plan's subscription with its id, or
// removes that one where sub is nil.
func (s *Service) replacePlanned(topic, id string, sub *subscription) {
	p := s.planned[topic]
	var kept []*subscription
	for _, old := range p.subscriptions {
		switch {
		case old.ID != id:
			kept = append(kept, old)
		case sub != nil:
			kept = append(kept, sub)
		}
	}
	p.subscriptions = kept
	s.planned[topic] = p
}
