package sqs

import (
	"context"
	"regexp"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// BatchEntry is the part that the entries of all batches have.
type BatchEntry struct {
	// ID tells the entries of one request apart.
	ID string `json:"Id"`
}

func (e BatchEntry) id() string { return e.ID }

// A BatchResultErrorEntry says why one entry of a batch failed.
type BatchResultErrorEntry struct {
	ID          string `json:"Id"`
	SenderFault bool
	Code        string
	Message     string `json:",omitempty"`
}

func failedEntry(id string, err error) BatchResultErrorEntry {
	e := awsapi.AsError(err)
	return BatchResultErrorEntry{ID: id, SenderFault: e.SenderFault(), Code: e.InQuery(), Message: e.Message}
}

const maxBatch = 10

var batchID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// checkBatch checks what must hold for a batch as a whole.
func checkBatch[E interface{ id() string }](action string, entries []E) error {
	if len(entries) == 0 {
		return modeled("EmptyBatchRequest", "There should be at least one %sRequestEntry in the request.", action)
	}
	if len(entries) > maxBatch {
		return modeled("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxBatch, len(entries))
	}
	seen := map[string]bool{}
	for _, e := range entries {
		id := e.id()
		if !batchID.MatchString(id) {
			return modeled("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id] {
			return modeled("BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
		seen[id] = true
	}
	return nil
}

// A SendMessageBatchEntry is one message of a batch.
type SendMessageBatchEntry struct {
	BatchEntry
	Outgoing
}

// SendMessageBatchInput is the input of SendMessageBatch.
type SendMessageBatchInput struct {
	Queue
	Entries []SendMessageBatchEntry `query:"SendMessageBatchRequestEntry"`
}

// A SendMessageBatchResult is a message that was sent.
type SendMessageBatchResult struct {
	ID string `json:"Id"`
	SendMessageOutput
}

// SendMessageBatchOutput is the output of SendMessageBatch.
type SendMessageBatchOutput struct {
	Successful []SendMessageBatchResult `json:",omitempty" query:"SendMessageBatchResultEntry,flat"`
	Failed     []BatchResultErrorEntry  `json:",omitempty" query:"BatchResultErrorEntry,flat"`
}

// SendMessageBatch sends up to ten messages, those that are fit to be sent in
// one transaction.
func (s *Service) SendMessageBatch(ctx context.Context, in *SendMessageBatchInput) (*SendMessageBatchOutput, error) {
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	if err := checkBatch("SendMessageBatch", in.Entries); err != nil {
		return nil, err
	}
	size := 0
	for _, e := range in.Entries {
		if err := e.checkOrder(q); err != nil {
			return nil, invalid("%s", awsapi.AsError(err).Message)
		}
		size += e.size()
	}
	if size > maxMessage {
		return nil, modeled("BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxMessage, size)
	}
	out := &SendMessageBatchOutput{}
	var fit []checked
	var entries []queue.Entry
	for _, e := range in.Entries {
		m, err := e.check(ctx, q, "cannot be validated")
		if err != nil {
			out.Failed = append(out.Failed, failedEntry(e.ID, err))
			continue
		}
		fit, entries = append(fit, m), append(entries, m.entry)
		out.Successful = append(out.Successful, SendMessageBatchResult{ID: e.ID})
	}
	sent, err := s.store.Send(ctx, entries...)
	if err != nil {
		return nil, failure(err, "")
	}
	for i := range sent {
		out.Successful[i].SendMessageOutput = fit[i].output(sent[i])
	}
	return out, nil
}
