package blueprint

import (
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/policy"
)

// A topic is one of these stacks; without an id it is the one of alarms.
type topic struct{ id, name string }

// A queue is one of these stacks.
type queue struct {
	at  *resource
	arn string
	queueProperties
}

// topics reads the topics and the queues.
func (r *reader) topics() {
	subscribed := map[string]bool{}
	each(r, subscriptionType, func(_ *resource, p subscriptionProperties) { subscribed[p.TopicARN] = true })
	each(r, topicType, func(at *resource, p topicProperties) {
		at.used = true
		arn := at.stack.arn("sns", p.TopicName)
		name, own := strings.CutPrefix(p.TopicName, r.out.Plan.TopicPrefix)
		switch {
		case r.told[arn] != nil:
			r.refuse(at, "there are two topics %s", p.TopicName)
		case r.alarmed[arn] && !subscribed[arn]:
			r.told[arn], r.out.OpsTopic = &topic{}, p.TopicName
		case !own:
			r.refuse(at, "its name %s does not begin with %s, as those of a tree do", p.TopicName, r.out.Plan.TopicPrefix)
		default:
			t := plan.Topic{ID: "topics/" + name, Name: name, Resource: p.TopicName}
			r.told[arn] = &topic{t.ID, name}
			r.out.Plan.Topics = append(r.out.Plan.Topics, t)
			r.want((p.TracingConfig == "Active") == r.out.Tracing, at, "tracing is on for some topics and functions only")
		}
	})
	each(r, queueType, func(at *resource, p queueProperties) {
		arn := at.stack.arn("sqs", p.QueueName)
		r.want(r.queues[arn] == nil, at, "there are two queues %s", p.QueueName)
		r.want(p.KmsMasterKeyID != "" || p.SqsManagedSseEnabled == nil || *p.SqsManagedSseEnabled, at, "it is not encrypted, which a plan cannot say")
		r.queues[arn] = &queue{at, arn, p}
	})
}

// subscriptions reads what subscribers add to their topics.
func (r *reader) subscriptions() {
	mappings := map[string]plan.Mapping{}
	each(r, mappingType, func(at *resource, p mappingProperties) {
		at.used = true
		f := r.named(at, p.FunctionName)
		if f == nil || r.queues[p.EventSourceARN] == nil {
			r.refuse(at, "it is from %s to %s, and not both are in these stacks", p.EventSourceARN, p.FunctionName)
			return
		}
		r.want(r.fed[p.EventSourceARN] == nil && f.queue == "", at, "its queue or its function has another mapping")
		r.want(slices.Equal(p.FunctionResponseTypes, []string{"ReportBatchItemFailures"}), at,
			"it does not report batch item failures: one message that fails would be received again with all of its batch")
		r.fed[p.EventSourceARN], f.queue, f.at.used = f, p.EventSourceARN, true
		mappings[p.EventSourceARN] = plan.Mapping{
			BatchSize: or(p.BatchSize, 10), Window: time.Duration(p.MaximumBatchingWindowInSeconds) * time.Second, Concurrency: p.ScalingConfig.MaximumConcurrency,
		}
	})
	each(r, subscriptionType, func(at *resource, p subscriptionProperties) {
		at.used = true
		q, f := r.queues[p.Endpoint], r.fed[p.Endpoint]
		if p.Protocol != "sqs" || q == nil || f == nil {
			r.refuse(at, "it delivers to %s, and not to a queue of these stacks that a function reads", p.Endpoint)
			return
		}
		r.want(!q.at.used, at, "its queue has another subscription")
		dead := r.deadLetters(q)
		if dead == nil {
			return
		}
		q.at.used, dead.at.used = true, true
		r.want(p.RawMessageDelivery, at, "it does not deliver messages as they are: RawMessageDelivery is not true")
		r.want(p.RedrivePolicy != nil && p.RedrivePolicy.DeadLetterTargetARN == dead.arn, at, "what it cannot deliver does not go to %s", dead.QueueName)
		for _, to := range []*queue{q, dead} {
			r.want(r.sends(p.TopicARN, to), at, "the policy of %s does not let the topic %s send to it", to.QueueName, p.TopicARN)
			r.want(!r.sends(at.stack.arn("sns", "-"), to), to.at, "its policy lets other topics send to it. Give it a condition with aws:SourceArn")
		}
		s := plan.Subscription{
			Resource: p.TopicARN[strings.LastIndexByte(p.TopicARN, ':')+1:], Function: f.id, Mapping: mappings[p.Endpoint],
			Queue: q.plan(), DeadLetter: dead.plan(),
		}
		s.Queue.MaxReceives = q.RedrivePolicy.MaxReceiveCount
		r.subscribe(at, p.TopicARN, s)
	})
}

// deadLetters is the dead-letter queue of q.
func (r *reader) deadLetters(q *queue) *queue {
	if q.RedrivePolicy == nil || r.queues[q.RedrivePolicy.DeadLetterTargetARN] == nil {
		r.refuse(q.at, "it has no dead-letter queue in these stacks, so messages that fail would come for ever")
		return nil
	}
	dead := r.queues[q.RedrivePolicy.DeadLetterTargetARN]
	r.want(!dead.at.used, q.at, "its dead-letter queue is another one's as well")
	r.want(dead.RedrivePolicy == nil, dead.at, "it is a dead-letter queue and has one itself, which a plan cannot say")
	allow := dead.RedriveAllowPolicy
	r.want(allow != nil && allow.RedrivePermission == "byQueue" && slices.Equal(allow.SourceQueueARNs, []string{q.arn}),
		dead.at, "it does not take the messages of %s, and of no other queue", q.QueueName)
	r.want(q.RedrivePolicy.MaxReceiveCount > 0, q.at, "its maxReceiveCount is %d", q.RedrivePolicy.MaxReceiveCount)
	r.want(q.ReceiveMessageWaitTimeSeconds == int(plan.QueueWait.Seconds()), q.at, "receives wait for %d s, and those of a plan for %s", q.ReceiveMessageWaitTimeSeconds, plan.QueueWait)
	return dead
}

// sends says whether the topic with an ARN may send to a queue.
func (r *reader) sends(topicARN string, to *queue) bool {
	return policy.Evaluate(policy.Request{
		Principal: policy.Principal{Service: "sns.amazonaws.com"}, Action: "sqs:SendMessage", Resource: to.arn,
		Context: map[string][]string{"aws:sourcearn": {topicARN}, "aws:sourceaccount": {to.at.stack.root.account}, "aws:securetransport": {"true"}},
	}, policy.Policies{Resource: r.documents[to.arn], ResourceDecides: true}).Allowed
}

func (q *queue) plan() plan.Queue {
	return plan.Queue{
		Name: q.QueueName, Visibility: seconds(q.VisibilityTimeout, 30*time.Second), Retention: seconds(q.MessageRetentionPeriod, plan.Retention),
	}
}

// subscribe adds a subscription to its topic, which may be another deployment's.
func (r *reader) subscribe(at *resource, topicARN string, s plan.Subscription) {
	p := &r.out.Plan
	parts := strings.Split(s.Function, "/")
	if t := r.told[topicARN]; t != nil {
		r.want(len(parts) == 3 && strings.HasPrefix(s.Function, t.id+"/"), at, "%s subscribes to %s, and its folder is of another topic", s.Function, t.id)
		s.Topic = t.name
		i := slices.IndexFunc(p.Topics, func(one plan.Topic) bool { return one.ID == t.id })
		p.Topics[i].Subscriptions = append(p.Topics[i].Subscriptions, s)
		return
	}
	if len(parts) != 4 || parts[0] != "external_topics" {
		r.refuse(at, "the topic %s is not in these stacks, and %s is not below less/external_topics", topicARN, s.Function)
		return
	}
	deployment, found := strings.CutSuffix(s.Resource, "-"+parts[2])
	r.want(found && strings.TrimSuffix(topicARN, s.Resource) == at.stack.arn("sns", ""), at, "%s subscribes to %s, which is no topic %s of a deployment here", s.Function, topicARN, parts[2])
	out := plan.ExternalTopic{
		App: parts[1], Deployment: deployment,
		Topic: plan.Topic{ID: strings.Join(parts[:3], "/"), Name: parts[2], Resource: s.Resource},
	}
	s.Topic = out.Label()
	i := slices.IndexFunc(p.External, func(one plan.ExternalTopic) bool { return one.ID == out.ID })
	if i < 0 {
		i, p.External = len(p.External), append(p.External, out)
	}
	r.want(p.External[i].Resource == s.Resource, at, "%s is %s here and %s elsewhere", out.ID, s.Resource, p.External[i].Resource)
	p.External[i].Subscriptions = append(p.External[i].Subscriptions, s)
}
