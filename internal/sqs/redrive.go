package sqs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

func (d *draft) redrivePolicy() string {
	if d.spec.DeadLetter == "" {
		return ""
	}
	return fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, arn(d.region, d.spec.DeadLetter), d.spec.MaxReceives)
}

const maxReceiveCount = 1000

// setRedrivePolicy reads a redrive policy. AWS takes its number as a string, too.
func (d *draft) setRedrivePolicy(value string) (bool, error) {
	if value == "" {
		d.spec.DeadLetter, d.spec.MaxReceives = "", 0
		return true, nil
	}
	refuse := func(format string, args ...any) (bool, error) {
		return false, invalidValue(value, "RedrivePolicy", fmt.Sprintf(format, args...))
	}
	var policy map[string]json.RawMessage
	if json.Unmarshal([]byte(value), &policy) != nil || policy == nil {
		return refuse("Redrive policy is not a valid JSON map.")
	}
	for key := range policy {
		if key != "deadLetterTargetArn" && key != "maxReceiveCount" {
			return refuse("Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].")
		}
	}
	for _, key := range []string{"maxReceiveCount", "deadLetterTargetArn"} {
		if len(policy[key]) == 0 {
			return refuse("Redrive policy does not contain mandatory attribute: %s.", key)
		}
	}
	text := string(policy["maxReceiveCount"])
	_ = json.Unmarshal(policy["maxReceiveCount"], &text) // stays as it is where it is no string
	count, err := strconv.Atoi(text)
	if err != nil || count < 1 || count > maxReceiveCount {
		return refuse("Invalid value for maxReceiveCount: %s, valid values are from 1 to 1000 both inclusive.", text)
	}
	var target string
	_ = json.Unmarshal(policy["deadLetterTargetArn"], &target)
	name, ok := QueueOf(target)
	if !ok {
		return refuse("Invalid value for deadLetterTargetArn.")
	}
	dead, exists := d.service.store.Queue(name)
	switch {
	case name == d.spec.Name:
	case !exists:
		return refuse("Dead letter target does not exist.")
	case dead.FIFO != d.spec.FIFO:
		return refuse("Dead-letter queue must be same type of queue as the source.")
	case !settingsOf(dead).admits(d.spec.Name):
		// AWS refuses it too; its words were not seen.
		return refuse("The dead letter target does not allow this queue as a source.")
	}
	d.spec.DeadLetter, d.spec.MaxReceives = name, count
	return true, nil
}

// A redriveAllowPolicy says of a dead-letter queue whose messages it takes.
type redriveAllowPolicy struct {
	Permission string   `json:"redrivePermission"`
	Sources    []string `json:"sourceQueueArns,omitempty"`
}

const maxSources = 10

func (d *draft) setRedriveAllowPolicy(value string) (bool, error) {
	d.RedriveAllowPolicy = value
	if value == "" {
		return true, nil
	}
	refuse := func(reason string) (bool, error) {
		// AWS refuses these too; its words were not seen.
		return false, invalidValue(value, "RedriveAllowPolicy", reason)
	}
	var p redriveAllowPolicy
	if json.Unmarshal([]byte(value), &p) != nil {
		return refuse("Redrive allow policy is not a valid JSON map.")
	}
	switch p.Permission {
	case "allowAll", "denyAll":
		if len(p.Sources) > 0 {
			return refuse("sourceQueueArns is allowed only when redrivePermission is byQueue.")
		}
	case "byQueue":
		if len(p.Sources) < 1 || len(p.Sources) > maxSources {
			return refuse("sourceQueueArns must name 1 to 10 queues.")
		}
	default:
		return refuse("redrivePermission must be allowAll, denyAll or byQueue.")
	}
	return true, nil
}

// admits says whether the queue may be the dead-letter queue of another one.
func (s settings) admits(source string) bool {
	if s.RedriveAllowPolicy == "" {
		return true
	}
	var p redriveAllowPolicy
	_ = json.Unmarshal([]byte(s.RedriveAllowPolicy), &p) // it was read when it was set
	switch p.Permission {
	case "denyAll":
		return false
	case "byQueue":
		return slices.ContainsFunc(p.Sources, func(text string) bool {
			name, ok := QueueOf(text)
			return ok && name == source
		})
	}
	return true
}

// ListDeadLetterSourceQueuesInput is the input of ListDeadLetterSourceQueues.
type ListDeadLetterSourceQueuesInput struct {
	Queue
	MaxResults *int
	NextToken  string
}

// ListDeadLetterSourceQueuesOutput is the output of ListDeadLetterSourceQueues.
// AWS spells its first field unlike that of ListQueues.
type ListDeadLetterSourceQueuesOutput struct {
	QueueURLs []string `json:"queueUrls" query:"QueueUrl,flat"`
	NextToken string   `json:",omitempty"`
}

// ListDeadLetterSourceQueues returns the URLs of the queues whose dead-letter
// queue this one is.
func (s *Service) ListDeadLetterSourceQueues(ctx context.Context, in *ListDeadLetterSourceQueuesInput) (*ListDeadLetterSourceQueuesOutput, error) {
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	names, err := s.sources(ctx, q.Name)
	if err != nil {
		return nil, err
	}
	urls, next, err := urlPage(ctx, names, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &ListDeadLetterSourceQueuesOutput{append([]string{}, urls...), next}, nil
}

// sources returns the names of the queues whose dead-letter queue is this one.
func (s *Service) sources(ctx context.Context, deadLetter string) (names []string, err error) {
	specs, err := s.store.Queues(ctx)
	for _, spec := range specs {
		if spec.DeadLetter == deadLetter {
			names = append(names, spec.Name)
		}
	}
	return names, err
}
