package sns

import (
	"context"
	"fmt"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

const (
	maxBatch   = 10
	maxBatchID = 80
	idLetters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

// PublishBatchInput is the input of PublishBatch.
type PublishBatchInput struct {
	TopicARN string              `json:"TopicArn"`
	Entries  []PublishBatchEntry `json:"PublishBatchRequestEntries"`
}

// Resource returns the topic's ARN.
func (in *PublishBatchInput) Resource(string) string { return in.TopicARN }

// A PublishBatchEntry is one message of a batch.
type PublishBatchEntry struct {
	ID string `json:"Id"`
	Outgoing
}

// PublishBatchOutput is the output of PublishBatch.
type PublishBatchOutput struct {
	Successful []PublishBatchResult
	Failed     []BatchResultErrorEntry
}

// A PublishBatchResult is a message that was published.
type PublishBatchResult struct {
	ID        string `json:"Id"`
	MessageID string `json:"MessageId"`
	// SequenceNumber is of the messages of FIFO topics.
	SequenceNumber string
}

// A BatchResultErrorEntry says why one message of a batch was not published.
type BatchResultErrorEntry struct {
	ID          string `json:"Id"`
	Code        string
	Message     string
	SenderFault bool
}

// PublishBatch publishes up to ten messages. One that is not fit for it makes SNS
// refuse them all. Those of a standard topic are published in one transaction; those
// of a FIFO topic one after the other, and one that fails ends it for the later ones.
func (s *Service) PublishBatch(ctx context.Context, in *PublishBatchInput) (*PublishBatchOutput, error) {
	t, err := s.topic(ctx, in.TopicARN)
	if err != nil {
		return nil, err
	}
	if e := checkBatch(in.Entries); e != nil {
		return nil, e
	}
	messages := make([]*message, len(in.Entries))
	for i := range in.Entries {
		place := fmt.Sprintf("publishBatchRequestEntries.%d.member.", i+1)
		if messages[i], err = accept(t, &in.Entries[i].Outgoing, place, awsapi.RequestFrom(ctx)); err != nil {
			return nil, err
		}
	}
	if t.fifo {
		return s.publishInOrder(ctx, t, in.Entries, messages)
	}
	if err := s.deliver(ctx, t, messages...); err != nil {
		return nil, err
	}
	out := &PublishBatchOutput{}
	for i, m := range messages {
		out.Successful = append(out.Successful, PublishBatchResult{in.Entries[i].ID, m.id, m.sequence})
	}
	return out, nil
}

// publishInOrder publishes the messages of a batch to a FIFO topic.
func (s *Service) publishInOrder(ctx context.Context, t *topic, entries []PublishBatchEntry, messages []*message) (*PublishBatchOutput, error) {
	out := &PublishBatchOutput{}
	var failure error
	for i, m := range messages {
		if failure == nil {
			failure = s.deliverOnce(ctx, t, m)
		}
		switch {
		case failure == nil:
			out.Successful = append(out.Successful, PublishBatchResult{entries[i].ID, m.id, m.sequence})
		case i == 0:
			return nil, failure
		default:
			if len(out.Failed) == 0 {
				s.notice(t, "a batch for topic %s stopped after %d messages: %v", t.title(), i, failure)
			}
			e := awsapi.AsError(failure)
			out.Failed = append(out.Failed, BatchResultErrorEntry{entries[i].ID, e.Code, e.Message, e.SenderFault()})
		}
	}
	return out, nil
}

// checkBatch checks what must hold for a batch as a whole.
func checkBatch(entries []PublishBatchEntry) error {
	switch {
	case len(entries) == 0:
		return awsapi.Errorf("EmptyBatchRequest", "The batch request doesn't contain any entries.")
	case len(entries) > maxBatch:
		return awsapi.Errorf("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.")
	}
	size, seen := 0, map[string]bool{}
	for _, e := range entries {
		switch {
		case e.ID == "" || strings.Trim(e.ID, idLetters) != "":
			return awsapi.Errorf("InvalidBatchEntryId", "The Id of a batch entry in a batch request contains an impermissible character: %s", e.ID)
		case len(e.ID) > maxBatchID:
			return awsapi.Errorf("InvalidBatchEntryId", "The Id of a batch entry in a batch request is too long: %s", e.ID)
		case seen[e.ID]:
			return awsapi.Errorf("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
		}
		seen[e.ID] = true
		size += e.size()
	}
	if size > maxMessage {
		return awsapi.Errorf("BatchRequestTooLong", "The length of all the messages put together is more than the limit.")
	}
	return nil
}
