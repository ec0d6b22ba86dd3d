package sns

import (
	"context"
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
}

// A BatchResultErrorEntry says why one message of a batch was not published.
type BatchResultErrorEntry struct {
	ID          string `json:"Id"`
	Code        string
	Message     string
	SenderFault bool
}

// PublishBatch publishes up to ten messages, those that are fit for it in one
// transaction.
func (s *Service) PublishBatch(ctx context.Context, in *PublishBatchInput) (*PublishBatchOutput, error) {
	t, err := s.topic(in.TopicARN)
	if err != nil {
		return nil, err
	}
	if e := checkBatch(in.Entries); e != nil {
		return nil, e
	}
	out := &PublishBatchOutput{}
	var messages []message
	for i := range in.Entries {
		entry := &in.Entries[i]
		if err := entry.check(); err != nil {
			e := awsapi.AsError(err)
			out.Failed = append(out.Failed, BatchResultErrorEntry{entry.ID, e.Code, e.Message, e.SenderFault()})
			continue
		}
		m := newMessage(&entry.Outgoing, awsapi.RequestFrom(ctx))
		messages = append(messages, m)
		out.Successful = append(out.Successful, PublishBatchResult{entry.ID, m.id})
	}
	if err := s.deliver(ctx, t, messages...); err != nil {
		return nil, err
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
