package sqs

import (
	"context"
	"time"
)

// NewVisibility is the part of an input that hides a received message for
// another time.
type NewVisibility struct {
	Receipt
	VisibilityTimeout *int
}

// ChangeMessageVisibilityInput is the input of ChangeMessageVisibility.
type ChangeMessageVisibilityInput struct {
	Queue
	NewVisibility
}

// ChangeMessageVisibility hides a received message for another time, from now on.
func (s *Service) ChangeMessageVisibility(ctx context.Context, in *ChangeMessageVisibilityInput) (*Empty, error) {
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	if err := s.changeVisibility(ctx, q.Name, in.NewVisibility); err != nil {
		return nil, err
	}
	return &Empty{}, nil
}

func (s *Service) changeVisibility(ctx context.Context, name string, v NewVisibility) error {
	if err := v.check(); err != nil {
		return err
	}
	if v.VisibilityTimeout == nil {
		return missing("VisibilityTimeout")
	}
	timeout, err := visibilityOf(v.VisibilityTimeout, "")
	if err != nil {
		return err
	}
	if err := s.store.ChangeVisibility(ctx, name, v.ReceiptHandle, timeout); err != nil {
		return failure(err, v.ReceiptHandle)
	}
	return nil
}

// visibilityOf checks a visibility timeout; condition completes the sentence
// that refuses it.
func visibilityOf(seconds *int, condition string) (time.Duration, error) {
	if *seconds < 0 || *seconds > maxVisibility {
		return 0, invalidValue(*seconds, "VisibilityTimeout", "Must be between 0 and 43200"+condition+".")
	}
	return time.Duration(*seconds) * time.Second, nil
}

// A ChangeMessageVisibilityBatchEntry is one message of a batch.
type ChangeMessageVisibilityBatchEntry struct {
	BatchEntry
	NewVisibility
}

// ChangeMessageVisibilityBatchInput is the input of ChangeMessageVisibilityBatch.
type ChangeMessageVisibilityBatchInput struct {
	Queue
	Entries []ChangeMessageVisibilityBatchEntry `query:"ChangeMessageVisibilityBatchRequestEntry"`
}

// ChangeMessageVisibilityBatchOutput is the output of ChangeMessageVisibilityBatch.
type ChangeMessageVisibilityBatchOutput struct {
	Successful []BatchEntry            `json:",omitempty" query:"ChangeMessageVisibilityBatchResultEntry,flat"`
	Failed     []BatchResultErrorEntry `json:",omitempty" query:"BatchResultErrorEntry,flat"`
}

// ChangeMessageVisibilityBatch hides up to ten received messages for another time.
func (s *Service) ChangeMessageVisibilityBatch(ctx context.Context, in *ChangeMessageVisibilityBatchInput) (*ChangeMessageVisibilityBatchOutput, error) {
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	if err := checkBatch("ChangeMessageVisibilityBatch", in.Entries); err != nil {
		return nil, err
	}
	out := &ChangeMessageVisibilityBatchOutput{}
	for _, e := range in.Entries {
		if err := s.changeVisibility(ctx, q.Name, e.NewVisibility); err != nil {
			out.Failed = append(out.Failed, failedEntry(e.ID, err))
		} else {
			out.Successful = append(out.Successful, e.BatchEntry)
		}
	}
	return out, nil
}
