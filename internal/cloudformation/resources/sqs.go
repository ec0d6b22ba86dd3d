package resources

import (
	"context"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/sqs"
)

const queueType = "AWS::SQS::Queue"

// queues makes queues.
type queues struct{ service *sqs.Service }

type queueProperties struct {
	QueueName                     string `cfn:",replace"`
	FIFOQueue                     bool   `cfn:"FifoQueue,replace"`
	VisibilityTimeout             *int
	DelaySeconds                  *int
	MessageRetentionPeriod        *int
	MaximumMessageSize            *int
	ReceiveMessageWaitTimeSeconds *int
	RedrivePolicy                 any
	RedriveAllowPolicy            any
	SSE                           *bool   `cfn:"SqsManagedSseEnabled"`
	KMSMasterKeyID                *string `cfn:"KmsMasterKeyId"`
	KMSReuse                      *int    `cfn:"KmsDataKeyReusePeriodSeconds"`
	ContentBasedDeduplication     *bool
	DeduplicationScope            *string
	FIFOThroughputLimit           *string `cfn:"FifoThroughputLimit"`
	Tags                          []provider.Tag
}

func (queues) Schema() provider.Schema {
	return provider.SchemaOf[queueProperties](provider.Options{Name: "QueueName", Attributes: []string{"Arn", "QueueName", "QueueUrl"}})
}

// attributes are what the template says. A queue that it made before has the others
// as they are without being said.
func (p queueProperties) attributes(update bool) map[string]string {
	out := map[string]string{}
	number := func(name string, n *int, otherwise int) {
		if n != nil || update {
			out[name] = strconv.Itoa(or(n, otherwise))
		}
	}
	number("VisibilityTimeout", p.VisibilityTimeout, 30)
	number("DelaySeconds", p.DelaySeconds, 0)
	number("MessageRetentionPeriod", p.MessageRetentionPeriod, 345_600)
	number("MaximumMessageSize", p.MaximumMessageSize, 1<<20)
	number("ReceiveMessageWaitTimeSeconds", p.ReceiveMessageWaitTimeSeconds, 0)
	for name, policy := range map[string]any{"RedrivePolicy": p.RedrivePolicy, "RedriveAllowPolicy": p.RedriveAllowPolicy} {
		if policy != nil || update {
			out[name] = text(policy)
		}
	}
	switch {
	case p.KMSMasterKeyID != nil && *p.KMSMasterKeyID != "":
		out["KmsMasterKeyId"] = *p.KMSMasterKeyID
		number("KmsDataKeyReusePeriodSeconds", p.KMSReuse, 300)
	case p.SSE != nil || update:
		out["SqsManagedSseEnabled"] = strconv.FormatBool(or(p.SSE, true))
	}
	if !p.FIFOQueue {
		return out
	}
	if !update {
		out["FifoQueue"] = "true"
	}
	if p.ContentBasedDeduplication != nil || update {
		out["ContentBasedDeduplication"] = strconv.FormatBool(or(p.ContentBasedDeduplication, false))
	}
	if p.DeduplicationScope != nil || update {
		out["DeduplicationScope"] = or(p.DeduplicationScope, "queue")
	}
	if p.FIFOThroughputLimit != nil || update {
		out["FifoThroughputLimit"] = or(p.FIFOThroughputLimit, "perQueue")
	}
	return out
}

func (q queues) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[queueProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	name := p.QueueName
	if name == "" {
		if name = r.Name(80); p.FIFOQueue {
			name = r.Name(75) + ".fifo"
		}
	}
	there, err := q.service.GetQueueURL(ctx, &sqs.GetQueueURLInput{QueueName: name})
	switch {
	case err == nil:
		return provider.Made{}, provider.AlreadyExists(queueType, there.QueueURL)
	case !isGone(err):
		return provider.Made{}, err
	}
	url := awsapi.RequestFrom(ctx).URL + "/" + awsapi.Account + "/" + name
	if err := r.Begin(url); err != nil {
		return provider.Made{}, err
	}
	if _, err := q.service.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: name, Attributes: p.attributes(false), Tags: tags(r, p.Tags)}); err != nil {
		return provider.Made{}, err
	}
	return madeQueue(ctx, url), nil
}

// madeQueue is a queue that exists.
func madeQueue(ctx context.Context, url string) provider.Made {
	name := url[strings.LastIndexByte(url, '/')+1:]
	return provider.Made{PhysicalID: url, Attributes: map[string]any{
		"Arn": awsapi.LocalARN("sqs", awsapi.RequestFrom(ctx).Region, name), "QueueName": name, "QueueUrl": url,
	}}
}

func (q queues) Update(ctx context.Context, r provider.Resource, old map[string]any) (provider.Made, error) {
	p, err := provider.Decode[queueProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	queue := sqs.Queue{QueueURL: r.PhysicalID}
	if _, err := q.service.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{Queue: queue, Attributes: p.attributes(true)}); err != nil {
		return provider.Made{}, err
	}
	now := tags(r, p.Tags)
	before, err := q.service.ListQueueTags(ctx, &sqs.ListQueueTagsInput{Queue: queue})
	if err != nil {
		return provider.Made{}, err
	}
	if keys := untag(before.Tags, now); len(keys) > 0 {
		if _, err := q.service.UntagQueue(ctx, &sqs.UntagQueueInput{Queue: queue, TagKeys: keys}); err != nil {
			return provider.Made{}, err
		}
	}
	if len(now) > 0 {
		if _, err := q.service.TagQueue(ctx, &sqs.TagQueueInput{Queue: queue, Tags: now}); err != nil {
			return provider.Made{}, err
		}
	}
	return madeQueue(ctx, r.PhysicalID), nil
}

func (q queues) Delete(ctx context.Context, r provider.Resource) error {
	_, err := q.service.DeleteQueue(ctx, &sqs.DeleteQueueInput{Queue: sqs.Queue{QueueURL: r.PhysicalID}, Settled: true})
	return unlessGone(err)
}

// queuePolicies gives queues a policy.
type queuePolicies struct{ service *sqs.Service }

type queuePolicyProperties struct {
	Queues         []string `cfn:",required"`
	PolicyDocument any      `cfn:",required"`
}

func (queuePolicies) Schema() provider.Schema {
	return provider.SchemaOf[queuePolicyProperties](provider.Options{Attributes: []string{"Id"}})
}

// put gives each queue the policy.
func (q queuePolicies) put(ctx context.Context, urls []string, policy string) error {
	for _, url := range urls {
		_, err := q.service.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
			Queue: sqs.Queue{QueueURL: url}, Attributes: map[string]string{"Policy": policy},
		})
		if policy == "" {
			err = unlessGone(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (q queuePolicies) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	p, err := provider.Decode[queuePolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	made := named(r.Name(128))
	if err := r.Begin(made.PhysicalID); err != nil {
		return provider.Made{}, err
	}
	return made, q.put(ctx, p.Queues, text(p.PolicyDocument))
}

// named is a resource that has nothing but an id.
func named(id string) provider.Made {
	return provider.Made{PhysicalID: id, Attributes: map[string]any{"Id": id}}
}

func (q queuePolicies) Update(ctx context.Context, r provider.Resource, old map[string]any) (provider.Made, error) {
	p, err := provider.Decode[queuePolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return provider.Made{}, err
	}
	before, err := provider.Decode[queuePolicyProperties](r.LogicalID, old)
	if err != nil {
		return provider.Made{}, err
	}
	if err := q.put(ctx, without(before.Queues, p.Queues), ""); err != nil {
		return provider.Made{}, err
	}
	return named(r.PhysicalID), q.put(ctx, p.Queues, text(p.PolicyDocument))
}

func (q queuePolicies) Delete(ctx context.Context, r provider.Resource) error {
	p, err := provider.Decode[queuePolicyProperties](r.LogicalID, r.Properties)
	if err != nil {
		return err
	}
	return q.put(ctx, p.Queues, "")
}
