package stacks

import (
	"context"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"

	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/target"
)

// ReadPlan is [Read] where there are no stacks: the local engine runs a plan, and has
// its queues. urls are those of the APIs, by name.
func ReadPlan(ctx context.Context, t *target.Target, p plan.Plan, urls map[string]string) (Resources, error) {
	out := Resources{Name: p.Name, APIs: []API{}, Topics: []Topic{}, Functions: []string{}, Crons: []Cron{}}
	for _, api := range p.APIs {
		out.APIs = append(out.APIs, API{Name: api.Name, ID: api.Name, URL: urls[api.Name]})
	}
	add := func(id, resource string, subscriptions []plan.Subscription) {
		topic := Topic{Name: strings.TrimPrefix(id, "topics/"), Resource: resource, Subscribers: []Subscriber{}}
		for _, s := range subscriptions {
			topic.Subscribers = append(topic.Subscribers, Subscriber{Function: s.Function, Queue: s.Queue.Name, DeadLetterQueue: s.DeadLetter.Name})
		}
		out.Topics = append(out.Topics, topic)
	}
	for _, t := range p.Topics {
		add(t.ID, t.Resource, t.Subscriptions)
	}
	for _, t := range p.External {
		add(t.ID, "", t.Subscriptions) // which another deployment has
	}
	for _, f := range p.Functions {
		out.Functions = append(out.Functions, f.ID)
	}
	for _, c := range p.Crons {
		out.Crons = append(out.Crons, Cron{Name: path.Base(c.Function), Schedule: c.Schedule})
	}
	r := &reader{target: t}
	if err := r.urls(ctx, out); err != nil {
		return Resources{}, err
	}
	return out, r.count(ctx, out)
}

// urls finds the dead-letter queues by their names. One that is not there has no URL.
func (r *reader) urls(ctx context.Context, all Resources) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2 * atOnce)
	for _, t := range all.Topics {
		for i := range t.Subscribers {
			sub := &t.Subscribers[i]
			group.Go(func() error {
				out, err := r.target.SQS().GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(sub.DeadLetterQueue)})
				if err != nil && !target.NotFound(err) {
					return r.target.Explain(err)
				}
				if err == nil {
					sub.url = aws.ToString(out.QueueUrl)
				}
				return nil
			})
		}
	}
	return group.Wait()
}
