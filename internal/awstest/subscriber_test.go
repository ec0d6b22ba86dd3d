package awstest

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/less-go/less/internal/plan"
)

// topic reads a topic, and that nobody but the planned is subscribed.
func (r *reading) topic(t plan.Topic) {
	client := sns.NewFromConfig(r.config)
	arn := r.arn("sns", t.Resource)
	out, err := client.GetTopicAttributes(r.ctx, &sns.GetTopicAttributesInput{TopicArn: &arn})
	if !r.known("topic", err) {
		return
	}
	r.samePolicy("topic policy", out.Attributes["Policy"], onlyTLS("sns:Publish", arn))
	r.same("topic encryption", out.Attributes["KmsMasterKeyId"], "")
	r.topicTags("topic tags", arn)
	r.same("topic subscriptions", len(r.subscriptions("topic subscriptions", arn)), len(t.Subscriptions))
}

func (r *reading) topicTags(name, arn string) {
	out, err := sns.NewFromConfig(r.config).ListTagsForResource(r.ctx, &sns.ListTagsForResourceInput{ResourceArn: &arn})
	if !r.known(name, err) {
		return
	}
	all := map[string]string{}
	for _, tag := range out.Tags {
		all[*tag.Key] = *tag.Value
	}
	r.tags(name, all)
}

// subscriptions are, by endpoint, the ARNs of those to a topic.
func (r *reading) subscriptions(name, topicARN string) map[string]string {
	all := map[string]string{}
	pages := sns.NewListSubscriptionsByTopicPaginator(sns.NewFromConfig(r.config), &sns.ListSubscriptionsByTopicInput{TopicArn: &topicARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(r.ctx)
		if !r.known(name, err) {
			return all
		}
		for _, s := range page.Subscriptions {
			all[*s.Endpoint] = *s.SubscriptionArn
		}
	}
	return all
}

// queues reads the queue and the dead-letter queue of a subscriber.
func (r *reading) queues(s plan.Subscription) {
	if q := r.queue("queue", s.Queue, s.Resource); q != nil {
		r.sameText("queue receive wait", q["ReceiveMessageWaitTimeSeconds"], plan.QueueWait.Seconds())
		r.sameJSON("queue redrive policy", q["RedrivePolicy"], map[string]any{
			"deadLetterTargetArn": r.arn("sqs", s.DeadLetter.Name), "maxReceiveCount": s.Queue.MaxReceives,
		})
	}
	if q := r.queue("dead-letter queue", s.DeadLetter, s.Resource); q != nil {
		r.sameText("dead-letter queue redrive policy", q["RedrivePolicy"], "")
		r.sameJSON("dead-letter queue redrive allow policy", q["RedriveAllowPolicy"], map[string]any{
			"redrivePermission": "byQueue", "sourceQueueArns": []string{r.arn("sqs", s.Queue.Name)},
		})
	}
}

// queue reads what both queues of a subscriber have, and returns its attributes.
func (r *reading) queue(kind string, q plan.Queue, topic string) map[string]string {
	client := sqs.NewFromConfig(r.config)
	url, err := client.GetQueueUrl(r.ctx, &sqs.GetQueueUrlInput{QueueName: &q.Name})
	if !r.known(kind, err) {
		return nil
	}
	out, err := client.GetQueueAttributes(r.ctx, &sqs.GetQueueAttributesInput{QueueUrl: url.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
	if !r.known(kind, err) {
		return nil
	}
	got, arn := out.Attributes, r.arn("sqs", q.Name)
	r.sameText(kind+" visibility", got["VisibilityTimeout"], q.Visibility.Seconds())
	r.sameText(kind+" retention", got["MessageRetentionPeriod"], int(q.Retention.Seconds()))
	r.sameText(kind+" delay", got["DelaySeconds"], 0)
	r.sameText(kind+" encryption", got["SqsManagedSseEnabled"], true)
	r.samePolicy(kind+" policy", got["Policy"], map[string]any{
		"Sid": "Topic", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn,
		"Principal": map[string]any{"Service": "sns.amazonaws.com"},
		"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": r.arn("sns", topic)}},
	}, onlyTLS("sqs:*", arn))
	if tags, err := client.ListQueueTags(r.ctx, &sqs.ListQueueTagsInput{QueueUrl: url.QueueUrl}); r.known(kind+" tags", err) {
		r.tags(kind+" tags", tags.Tags)
	}
	return got
}

// subscription reads what brings the messages of the topic to the queue.
func (r *reading) subscription(s plan.Subscription) {
	endpoint := r.arn("sqs", s.Queue.Name)
	arn, found := r.subscriptions("subscription", r.arn("sns", s.Resource))[endpoint]
	if !found {
		r.fault("subscription", "%s has none whose endpoint is %s", s.Resource, endpoint)
		return
	}
	out, err := sns.NewFromConfig(r.config).GetSubscriptionAttributes(r.ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: &arn})
	if !r.known("subscription", err) {
		return
	}
	got := out.Attributes
	r.same("subscription protocol", got["Protocol"], "sqs")
	r.same("subscription raw delivery", got["RawMessageDelivery"], "true")
	r.same("subscription confirmation", got["PendingConfirmation"], "false")
	r.same("subscription filter policy", got["FilterPolicy"], "")
	r.sameJSON("subscription redrive policy", got["RedrivePolicy"], map[string]any{"deadLetterTargetArn": r.arn("sqs", s.DeadLetter.Name)})
}

// mapping reads what brings the messages of the queue to the function.
func (r *reading) mapping(s plan.Subscription) {
	f, _ := r.d.Function(s.Function)
	out, err := lambda.NewFromConfig(r.config).ListEventSourceMappings(r.ctx, &lambda.ListEventSourceMappingsInput{
		EventSourceArn: aws.String(r.arn("sqs", s.Queue.Name)),
	})
	if !r.known("mapping", err) {
		return
	}
	if len(out.EventSourceMappings) != 1 {
		r.fault("mapping", "%s has %d, and the plan wants one", s.Queue.Name, len(out.EventSourceMappings))
		return
	}
	m := out.EventSourceMappings[0]
	r.same("mapping function", aws.ToString(m.FunctionArn), r.arn("lambda", "function:"+f.Name))
	r.same("mapping state", aws.ToString(m.State), "Enabled")
	r.same("mapping batch size", int(aws.ToInt32(m.BatchSize)), s.Mapping.BatchSize)
	r.same("mapping window", float64(aws.ToInt32(m.MaximumBatchingWindowInSeconds)), s.Mapping.Window.Seconds())
	r.same("mapping partial failures", m.FunctionResponseTypes, []lambdatypes.FunctionResponseType{lambdatypes.FunctionResponseTypeReportBatchItemFailures})
	concurrency := 0
	if m.ScalingConfig != nil {
		concurrency = int(aws.ToInt32(m.ScalingConfig.MaximumConcurrency))
	}
	r.same("mapping concurrency", concurrency, s.Mapping.Concurrency)
	r.same("mapping filter", m.FilterCriteria == nil, true)
}
