// Package wiring says a plan in the terms of the local services, so that the
// engine and the tests in memory are wired alike.
package wiring

import (
	"slices"

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

// Topics are the topics of p with their subscriptions, which deliver raw. The topic
// of another deployment is one too, so that somebody can publish to it; where it is
// the same as one of p's own, its subscriptions are that one's.
func Topics(p plan.Plan) []sns.Topic {
	var out []sns.Topic
	add := func(label string, t plan.Topic) {
		i := slices.IndexFunc(out, func(other sns.Topic) bool { return other.Name == t.Resource })
		if i < 0 {
			i = len(out)
			out = append(out, sns.Topic{Name: t.Resource, Label: label})
		}
		for _, s := range t.Subscriptions {
			out[i].Subscriptions = append(out[i].Subscriptions, sns.Subscription{
				Queue: s.Queue.Name, DeadLetter: s.DeadLetter.Name, Raw: true,
			})
		}
	}
	for _, t := range p.Topics {
		add(t.Name, t)
	}
	for _, t := range p.External {
		add(t.Label(), t.Topic)
	}
	return out
}
