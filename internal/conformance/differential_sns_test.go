package conformance_test

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
)

// topic is the name of a topic that there is or was.
func (d *differential) topic() string {
	if len(d.topics) == 0 || d.rand.IntN(25) == 0 {
		return "nobody"
	}
	return pick(d, d.topics...)
}

// snsOperations are what is done to SNS, and to the queues that subscribe.
var snsOperations = []operation{
	{"CreateQueue", 3, func(d *differential) (string, sqsCall) {
		name := d.newName("s-", &d.queues)
		return name, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sqs.CreateQueue(ctx, &awssqs.CreateQueueInput{QueueName: &name})
		}
	}},
	{"CreateTopic", 4, func(d *differential) (string, sqsCall) {
		name := d.newName("t-", &d.topics)
		return name, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sns.CreateTopic(ctx, &awssns.CreateTopicInput{Name: &name})
		}
	}},
	{"CreateTopic", 1, func(d *differential) (string, sqsCall) {
		name := pick(d, "", "a b", "a:b")
		return strconv.Quote(name), func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sns.CreateTopic(ctx, &awssns.CreateTopicInput{Name: &name})
		}
	}},
	{"Subscribe", 8, func(d *differential) (string, sqsCall) {
		if len(d.queues) == 0 {
			return "", nil
		}
		topic, queue := d.topic(), pick(d, d.queues...) // moto fails to publish to one that does not exist
		attributes := pick(d, nil, map[string]string{"RawMessageDelivery": "true"}, map[string]string{"FilterPolicy": `{"kind":["a","b"]}`})
		if d.subscribed[topic+" "+queue] {
			attributes = nil
		}
		d.subscribed[topic+" "+queue] = true
		at := len(d.subscriptions)
		return fmt.Sprint(topic, " ", queue, attributes), func(ctx context.Context, i int, s *side) (any, error) {
			out, err := s.sns.Subscribe(ctx, &awssns.SubscribeInput{
				TopicArn: s.arn("sns", topic), Protocol: aws.String("sqs"), Endpoint: s.arn("sqs", queue), Attributes: attributes, ReturnSubscriptionArn: true,
			})
			if err != nil {
				return nil, err
			}
			if at == len(d.subscriptions) {
				d.subscriptions = append(d.subscriptions, [2]string{})
			}
			d.subscriptions[at][i] = *out.SubscriptionArn
			return out, nil
		}
	}},
	{"Publish", 25, func(d *differential) (string, sqsCall) {
		topic := d.topic()
		in := &awssns.PublishInput{Message: aws.String(d.body()), MessageAttributes: d.snsAttributes()}
		switch d.rand.IntN(8) {
		case 0:
			in.Subject = aws.String("a subject")
		case 1:
			in.MessageStructure, in.MessageAttributes = aws.String("json"), nil // moto delivers them too, AWS does not
			in.Message = aws.String(fmt.Sprintf(`{"default":"%d d","sqs":"%d q"}`, d.bodies, d.bodies))
		}
		return fmt.Sprintf("%s %q", topic, *in.Message), func(ctx context.Context, _ int, s *side) (any, error) {
			in.TopicArn = s.arn("sns", topic)
			return s.sns.Publish(ctx, in)
		}
	}},
	{"PublishBatch", 5, func(d *differential) (string, sqsCall) {
		topic := d.topic()
		var entries []types.PublishBatchRequestEntry
		for i := range pick(d, 1, 2, 3, 10, 11) {
			entries = append(entries, types.PublishBatchRequestEntry{Id: aws.String("e" + strconv.Itoa(i)), Message: aws.String(d.body()), MessageAttributes: d.snsAttributes()})
		}
		return fmt.Sprint(topic, " ", len(entries)), func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sns.PublishBatch(ctx, &awssns.PublishBatchInput{TopicArn: s.arn("sns", topic), PublishBatchRequestEntries: entries})
		}
	}},
	{"ReceiveMessage", 20, func(d *differential) (string, sqsCall) {
		name := d.queue()
		return name, func(ctx context.Context, _ int, s *side) (any, error) {
			messages, err := s.receiveAll(ctx, name)
			for i, m := range messages {
				if published(m) != *m.Body {
					messages[i].MD5OfBody = nil // of an envelope, with an id in it
				}
			}
			return messages, err
		}
	}},
	{"GetSubscriptionAttributes", 4, func(d *differential) (string, sqsCall) {
		sub, what := d.subscription()
		return what, func(ctx context.Context, i int, s *side) (any, error) {
			out, err := s.sns.GetSubscriptionAttributes(ctx, &awssns.GetSubscriptionAttributesInput{SubscriptionArn: &sub[i]})
			if err == nil {
				delete(out.Attributes, "SubscriptionPrincipal") // moto has none
			}
			return out, err
		}
	}},
	{"SetSubscriptionAttributes", 4, func(d *differential) (string, sqsCall) {
		sub, what := d.subscription()
		value := pick(d, "true", "false") // moto takes anything
		return what + " " + value, func(ctx context.Context, i int, s *side) (any, error) {
			return s.sns.SetSubscriptionAttributes(ctx, &awssns.SetSubscriptionAttributesInput{
				SubscriptionArn: &sub[i], AttributeName: aws.String("RawMessageDelivery"), AttributeValue: &value,
			})
		}
	}},
	{"ListSubscriptionsByTopic", 3, func(d *differential) (string, sqsCall) {
		topic := d.topic()
		return topic, func(ctx context.Context, _ int, s *side) (any, error) {
			out, err := s.sns.ListSubscriptionsByTopic(ctx, &awssns.ListSubscriptionsByTopicInput{TopicArn: s.arn("sns", topic)})
			if err != nil {
				return nil, err
			}
			return len(out.Subscriptions), nil // AWS says nothing of their order
		}
	}},
	{"Unsubscribe", 1, func(d *differential) (string, sqsCall) {
		sub, what := d.subscription()
		return what, func(ctx context.Context, i int, s *side) (any, error) {
			return s.sns.Unsubscribe(ctx, &awssns.UnsubscribeInput{SubscriptionArn: &sub[i]})
		}
	}},
	{"DeleteTopic", 1, func(d *differential) (string, sqsCall) {
		topic := d.topic()
		d.deleted[topic] = true
		return topic, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sns.DeleteTopic(ctx, &awssns.DeleteTopicInput{TopicArn: s.arn("sns", topic)})
		}
	}},
	{"TagResource", 2, func(d *differential) (string, sqsCall) {
		topic, value := d.topic(), strconv.Itoa(d.rand.IntN(5))
		return topic, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sns.TagResource(ctx, &awssns.TagResourceInput{ResourceArn: s.arn("sns", topic), Tags: []types.Tag{{Key: aws.String("team"), Value: &value}}})
		}
	}},
	{"ListTagsForResource", 2, func(d *differential) (string, sqsCall) {
		topic := d.topic()
		return topic, func(ctx context.Context, _ int, s *side) (any, error) {
			return s.sns.ListTagsForResource(ctx, &awssns.ListTagsForResourceInput{ResourceArn: s.arn("sns", topic)})
		}
	}},
}

// snsAttributes are those of a message, sometimes such that a filter lets it pass.
// None is binary: moto cannot encode one that was delivered raw.
func (d *differential) snsAttributes() map[string]types.MessageAttributeValue {
	switch d.rand.IntN(3) {
	case 0:
		return map[string]types.MessageAttributeValue{"kind": {DataType: aws.String("String"), StringValue: aws.String(pick(d, "a", "b", "c"))}}
	case 1:
		return map[string]types.MessageAttributeValue{"n": {DataType: aws.String("Number"), StringValue: aws.String("7")}, "s": {DataType: aws.String("String"), StringValue: aws.String("ü")}}
	}
	return nil
}

// subscription is one of both sides.
func (d *differential) subscription() ([2]string, string) {
	if len(d.subscriptions) == 0 {
		return [2]string{"none", "none"}, "none"
	}
	sub := pick(d, d.subscriptions...)
	return sub, sub[0]
}
