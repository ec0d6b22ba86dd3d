package stacks

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"

	"github.com/less-go/less/internal/target"
)

// count adds to the subscribers of r how many dead letters they have. A queue that
// somebody has deleted has no number.
func (r *reader) count(ctx context.Context, all Resources) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2 * atOnce)
	for _, t := range all.Topics {
		for i := range t.Subscribers {
			sub := &t.Subscribers[i]
			if sub.url == "" {
				continue
			}
			group.Go(func() error {
				n, err := r.depth(ctx, sub.url)
				if target.NotFound(err) {
					return nil
				}
				if err != nil {
					return r.target.Explain(err)
				}
				sub.DeadLetters = &n
				return nil
			})
		}
	}
	return group.Wait()
}

// depth is how many messages a queue has, those included that somebody looks at.
func (r *reader) depth(ctx context.Context, url string) (int, error) {
	names := []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}
	out, err := r.target.SQS().GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: aws.String(url), AttributeNames: names})
	if err != nil {
		return 0, err
	}
	sum := 0
	for _, name := range names {
		n, _ := strconv.Atoi(out.Attributes[string(name)]) // always a number
		sum += n
	}
	return sum, nil
}
