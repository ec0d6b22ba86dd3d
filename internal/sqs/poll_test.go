package sqs_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// A watchedStore tells when a receive begins, and what it ended with.
type watchedStore struct {
	*queue.Store
	begun chan struct{}
	ended chan error
}

func (s *watchedStore) Receive(ctx context.Context, name string, r queue.Receive) ([]queue.Message, error) {
	s.begun <- struct{}{}
	messages, err := s.Store.Receive(ctx, name, r)
	s.ended <- err
	return messages, err
}

func watch(t *testing.T) (*watchedStore, rig) {
	store := &watchedStore{newStore(t), make(chan struct{}, 1), make(chan error, 1)}
	return store, rigOver(t, store, awsapi.Options{})
}

func TestLongPollWakesAtASend(t *testing.T) {
	store, r := watch(t)
	received := make(chan *awssqs.ReceiveMessageOutput, 1)
	go func() {
		out, err := r.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: r.URL("jobs"), WaitTimeSeconds: 20})
		if err != nil {
			t.Error(err)
		}
		received <- out
	}()
	<-store.begun
	r.send(t, "jobs", "wake up")
	if out := <-received; out == nil || len(out.Messages) != 1 || aws.ToString(out.Messages[0].Body) != "wake up" {
		t.Errorf("received %+v, want the message", out)
	}
}

func TestLongPollEndsWithItsClient(t *testing.T) {
	store, r := watch(t)
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, err := r.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{QueueUrl: r.URL("jobs"), WaitTimeSeconds: 20})
		if err == nil {
			t.Error("a receive that was given up has no error")
		}
	}()
	<-store.begun
	leave()
	if err := <-store.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the receive ended with %v, want context.Canceled", err)
	}
	<-gone
	r.send(t, "jobs", "x")
	r.checkCounts(t, "jobs", "1 0 0")
}
