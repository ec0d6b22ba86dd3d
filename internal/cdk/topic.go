package cdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/less-go/less/internal/plan"
)

// topic makes a topic and returns its ARN.
func (b *builder) topic(scope constructs.Construct, t plan.Topic) string {
	scope = constructs.NewConstruct(scope, jsii.String("$topic"))
	b.Scopes[t.ID] = scope
	props := &awssns.CfnTopicProps{TopicName: jsii.String(t.Resource), KmsMasterKeyId: b.keyID()}
	if b.Deployment.Tracing {
		props.TracingConfig = jsii.String("Active")
	}
	topic := awssns.NewCfnTopic(scope, jsii.String("Topic"), props)
	arn := topic.Ref()
	// Who may publish is said by the roles of the functions that do; within an
	// account that is enough. This policy replaces the default one, which lets
	// everybody in the account in.
	awssns.NewCfnTopicPolicy(scope, jsii.String("Policy"), &awssns.CfnTopicPolicyProps{
		Topics:         &[]*string{arn},
		PolicyDocument: policy(onlyTLS("sns:Publish", *arn)),
	})
	b.output("Topic", t.Name, b.arn("sns", t.Resource), "ARN of the topic "+t.Name)
	return *arn
}

// subscriber makes what one subscriber adds to its topic.
func (b *builder) subscriber(scope constructs.Construct, s plan.Subscription, topicARN string) error {
	dead := awssqs.NewCfnQueue(scope, jsii.String("DeadLetterQueue"), &awssqs.CfnQueueProps{
		QueueName:              jsii.String(s.DeadLetter.Name),
		MessageRetentionPeriod: seconds(s.DeadLetter.Retention),
		VisibilityTimeout:      seconds(s.DeadLetter.Visibility),
		SqsManagedSseEnabled:   b.ownEncryption(),
		KmsMasterKeyId:         b.keyID(),
		RedriveAllowPolicy: map[string]any{
			"redrivePermission": "byQueue", "sourceQueueArns": []string{b.arn("sqs", s.Queue.Name)},
		},
	})
	b.keep(dead)
	suppress(dead, suppression{ID: "AwsSolutions-SQS3", Reason: "It is the dead-letter queue."},
		suppression{ID: "Serverless-SQSRedrivePolicy", Reason: "It is the dead-letter queue."})
	deadARN := *dead.AttrArn()
	queue := awssqs.NewCfnQueue(scope, jsii.String("Queue"), &awssqs.CfnQueueProps{
		QueueName:                     jsii.String(s.Queue.Name),
		MessageRetentionPeriod:        seconds(s.Queue.Retention),
		VisibilityTimeout:             seconds(s.Queue.Visibility),
		ReceiveMessageWaitTimeSeconds: seconds(plan.QueueWait),
		SqsManagedSseEnabled:          b.ownEncryption(),
		KmsMasterKeyId:                b.keyID(),
		RedrivePolicy:                 map[string]any{"deadLetterTargetArn": deadARN, "maxReceiveCount": s.Queue.MaxReceives},
	})
	queueARN := *queue.AttrArn()
	queuePolicy := b.queuePolicy(scope, "QueuePolicy", queue, queueARN, topicARN)
	// The subscription delivers here what it cannot deliver to the queue.
	deadPolicy := b.queuePolicy(scope, "DeadLetterQueuePolicy", dead, deadARN, topicARN)

	subscription := awssns.NewCfnSubscription(scope, jsii.String("Subscription"), &awssns.CfnSubscriptionProps{
		TopicArn:           jsii.String(topicARN),
		Protocol:           jsii.String("sqs"),
		Endpoint:           jsii.String(queueARN),
		RawMessageDelivery: jsii.Bool(true),
		RedrivePolicy:      map[string]any{"deadLetterTargetArn": deadARN},
	})
	// An event that is published before SNS may send to the queues would be lost.
	subscription.AddResourceDependency(queuePolicy, nil)
	subscription.AddResourceDependency(deadPolicy, nil)

	fn, err := b.function(scope, s.Function)
	if err != nil {
		return err
	}
	mapping := awslambda.NewCfnEventSourceMapping(scope, jsii.String("Mapping"), &awslambda.CfnEventSourceMappingProps{
		EventSourceArn:                 jsii.String(queueARN),
		FunctionName:                   fn.FunctionName(),
		BatchSize:                      jsii.Number(float64(s.Mapping.BatchSize)),
		MaximumBatchingWindowInSeconds: seconds(s.Mapping.Window),
		FunctionResponseTypes:          jsii.Strings("ReportBatchItemFailures"),
		ScalingConfig: &awslambda.CfnEventSourceMapping_ScalingConfigProperty{
			MaximumConcurrency: jsii.Number(float64(s.Mapping.Concurrency)),
		},
	})
	suppress(mapping, suppression{
		ID:     "Serverless-LambdaEventSourceMappingDestination",
		Reason: "Destinations are for streams. What fails here goes back to its queue, and from there to the dead-letter queue.",
	})
	b.alarms(scope, b.Deployment.SubscriberAlarms(s))
	return nil
}

// queuePolicy lets the topic, and nobody else's, send to a queue, by TLS.
func (b *builder) queuePolicy(scope constructs.Construct, id string, queue awssqs.CfnQueue, queueARN, topicARN string) awssqs.CfnQueuePolicy {
	return awssqs.NewCfnQueuePolicy(scope, jsii.String(id), &awssqs.CfnQueuePolicyProps{
		Queues: &[]*string{queue.Ref()},
		PolicyDocument: policy(
			map[string]any{
				"Sid": "Topic", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queueARN,
				"Principal": map[string]any{"Service": "sns.amazonaws.com"},
				"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": topicARN}},
			},
			onlyTLS("sqs:*", queueARN),
		),
	})
}

func policy(statements ...map[string]any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": statements}
}

// onlyTLS denies everybody what is not encrypted on its way.
func onlyTLS(action, resource string) map[string]any {
	return map[string]any{
		"Sid": "OnlyTLS", "Effect": "Deny", "Action": action, "Resource": resource,
		"Principal": map[string]any{"AWS": "*"},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}
}
