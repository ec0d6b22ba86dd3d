// Package wiring says a plan in the terms of the local services, so that the
// engine and the tests in memory are wired alike.
package wiring

import (
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
)

// Queues are the queues of p, each dead-letter queue before its source.
func Queues(p plan.Plan) []queue.Spec {
	var out []queue.Spec
	for _, s := range p.Subscriptions() {
		source, dead := s.Queue, s.DeadLetter
		out = append(out,
			queue.Spec{Name: dead.Name, Visibility: dead.Visibility, Retention: dead.Retention},
			queue.Spec{
				Name: source.Name, Visibility: source.Visibility, Retention: source.Retention,
				DeadLetter: dead.Name, MaxReceives: source.MaxReceives,
			})
	}
	return out
}

// Topics are the topics of p with their subscriptions, which deliver raw.
func Topics(p plan.Plan) []sns.Topic {
	var out []sns.Topic
	for _, t := range p.Topics {
		topic := sns.Topic{Name: t.Resource, Label: t.Name}
		for _, s := range t.Subscriptions {
			topic.Subscriptions = append(topic.Subscriptions, sns.Subscription{
				Queue: s.Queue.Name, DeadLetter: s.DeadLetter.Name, Raw: true,
			})
		}
		out = append(out, topic)
	}
	return out
}
