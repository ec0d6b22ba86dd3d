package sqs

import "context"

// Receipt is the part of an input that names one receive of a message.
type Receipt struct {
	ReceiptHandle string
}

func (r Receipt) check() error {
	if r.ReceiptHandle == "" {
		return missing("ReceiptHandle")
	}
	return nil
}

// DeleteMessageInput is the input of DeleteMessage.
type DeleteMessageInput struct {
	Queue
	Receipt
}

// DeleteMessage deletes a received message.
func (s *Service) DeleteMessage(ctx context.Context, in *DeleteMessageInput) (*Empty, error) {
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	errs, err := s.store.Delete(ctx, q.Name, in.ReceiptHandle)
	if err == nil {
		err = errs[0]
	}
	if err != nil {
		return nil, failure(err, in.ReceiptHandle)
	}
	return &Empty{}, nil
}

// A DeleteMessageBatchEntry is one message of a batch.
type DeleteMessageBatchEntry struct {
	BatchEntry
	Receipt
}

// DeleteMessageBatchInput is the input of DeleteMessageBatch.
type DeleteMessageBatchInput struct {
	Queue
	Entries []DeleteMessageBatchEntry `query:"DeleteMessageBatchRequestEntry"`
}

// DeleteMessageBatchOutput is the output of DeleteMessageBatch.
type DeleteMessageBatchOutput struct {
	Successful []BatchEntry            `json:",omitempty" query:"DeleteMessageBatchResultEntry,flat"`
	Failed     []BatchResultErrorEntry `json:",omitempty" query:"BatchResultErrorEntry,flat"`
}

// DeleteMessageBatch deletes up to ten received messages.
func (s *Service) DeleteMessageBatch(ctx context.Context, in *DeleteMessageBatchInput) (*DeleteMessageBatchOutput, error) {
	q, err := s.queue(in.Queue)
	if err != nil {
		return nil, err
	}
	if err := checkBatch("DeleteMessageBatch", in.Entries); err != nil {
		return nil, err
	}
	receipts := make([]string, len(in.Entries))
	for i, e := range in.Entries {
		receipts[i] = e.ReceiptHandle
	}
	errs, err := s.store.Delete(ctx, q.Name, receipts...)
	if err != nil {
		return nil, failure(err, "")
	}
	out := &DeleteMessageBatchOutput{}
	for i, e := range in.Entries {
		if errs[i] != nil {
			out.Failed = append(out.Failed, failedEntry(e.ID, failure(errs[i], e.ReceiptHandle)))
		} else {
			out.Successful = append(out.Successful, e.BatchEntry)
		}
	}
	return out, nil
}
