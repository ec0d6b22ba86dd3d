package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/less-go/less"
	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/target"
)

// source is where an event comes from that an operator has published.
const source = "/less-cli"

// An Event is one to publish.
type Event struct {
	Data json.RawMessage
	// CorrelationID is the order that the event belongs to; empty begins a new one.
	CorrelationID string
	Attributes    map[string]string
}

// Published tells of an event that every subscriber will get.
type Published struct {
	Topic string `json:"topic"`
	// MessageID is the event's id, which its subscribers see and log.
	MessageID     string `json:"message_id"`
	CorrelationID string `json:"correlation_id"`
	// Subscribers is how many will get it, by the plan.
	Subscribers int `json:"subscribers"`
}

// Publish publishes e to a topic, as a function of the project would.
func (d Deployment) Publish(ctx context.Context, topic plan.Topic, e Event) (Published, error) {
	out, err := e.outgoing(ctx, path.Base(topic.ID))
	if err != nil {
		return Published{}, err
	}
	arn, err := d.Target.ARN(ctx, "sns", topic.Resource)
	if err != nil {
		return Published{}, err
	}
	attributes := make(map[string]types.MessageAttributeValue, len(out.Attributes))
	for name, value := range out.Attributes {
		attributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
	}
	_, err = d.Target.SNS().Publish(ctx, &sns.PublishInput{
		TopicArn: aws.String(arn), Message: aws.String(string(out.Body)), MessageAttributes: attributes,
	})
	if target.NotFound(err) {
		return Published{}, d.absent("topic", topic.Resource)
	}
	if err != nil {
		return Published{}, d.Target.Explain(err)
	}
	return Published{
		Topic: strings.TrimPrefix(topic.ID, "topics/"), MessageID: out.Attributes[event.ID], CorrelationID: out.Attributes[event.CorrelationID],
		Subscribers: len(topic.Subscriptions),
	}, nil
}

// outgoing is the event as package less would send it, which has all the checks.
func (e Event) outgoing(ctx context.Context, topic string) (event.Outgoing, error) {
	if err := CheckCorrelationID(e.CorrelationID); e.CorrelationID != "" && err != nil {
		return event.Outgoing{}, err
	}
	var caught catcher
	ctx = event.WithCloud(ctx, &caught)
	if e.CorrelationID != "" {
		ctx = less.WithMessage(ctx, less.Message{CorrelationID: e.CorrelationID})
	}
	var options []less.PublishOption
	for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
		options = append(options, less.WithAttribute(name, e.Attributes[name]))
	}
	if err := less.NewTopic[json.RawMessage](topic).Publish(ctx, e.Data, options...); err != nil {
		return event.Outgoing{}, err
	}
	caught.event.Attributes[event.Source] = source
	return caught.event, nil
}

// A catcher is a cloud that keeps the event.
type catcher struct{ event event.Outgoing }

func (c *catcher) Publish(_ context.Context, e event.Outgoing) error {
	c.event = e
	return nil
}

func (c *catcher) ChangeVisibility(context.Context, string, string, time.Duration) error {
	return errors.New("nothing was received here")
}

// CheckCorrelationID refuses what cannot be one: package less takes no such id from
// a request either, since headers, attributes and logs have to carry it.
func CheckCorrelationID(id string) error {
	const characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+=@"
	if id == "" || len(id) > 128 || strings.Trim(id, characters) != "" {
		return fmt.Errorf("%q cannot be a correlation id. It has up to 128 letters, digits and - _ . : / + = @", id)
	}
	return nil
}

// CheckJSON says where data is not JSON, as an editor counts.
func CheckJSON(data []byte) error {
	var v any
	err := json.Unmarshal(data, &v)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		if len(data) == 0 {
			return errors.New("it is empty, and an event is JSON")
		}
		before := data[:min(int(syntax.Offset), len(data))]
		line, column := 1, 0
		for _, c := range before {
			if column++; c == '\n' {
				line, column = line+1, 0
			}
		}
		return fmt.Errorf("it is not JSON, at line %d, column %d: %w", line, max(column, 1), err)
	}
	return err
}
