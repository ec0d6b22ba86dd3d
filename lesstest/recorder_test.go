package lesstest_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less"
	"github.com/less-go/less/lesstest"
)

type order struct {
	ID string `json:"id"`
}

var (
	placed = less.NewTopic[order]("order_placed")
	paid   = less.NewTopic[order]("payment_success")
)

func TestPublishedReturnsTheMessagesOfOneTopicInOrder(t *testing.T) {
	ctx, rec := lesstest.New(t)
	for _, publish := range []error{
		placed.Publish(ctx, order{"1"}),
		paid.Publish(ctx, order{"2"}),
		placed.Publish(ctx, order{"3"}),
	} {
		if publish != nil {
			t.Fatal(publish)
		}
	}
	if diff := cmp.Diff([]order{{"1"}, {"3"}}, lesstest.Published(rec, placed)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]order{{"2"}}, lesstest.Published(rec, paid)); diff != "" {
		t.Error(diff)
	}
}

func TestEventsHaveTheirAttributes(t *testing.T) {
	ctx, rec := lesstest.New(t)
	ctx = less.WithMessage(ctx, less.Message{ID: "cause", CorrelationID: "all"})
	if err := placed.Publish(ctx, order{"1"}, less.WithAttribute("priority", "high")); err != nil {
		t.Fatal(err)
	}
	events := rec.Events()
	if len(events) != 1 {
		t.Fatalf("%d events, want 1", len(events))
	}
	got := events[0]
	if got.Topic != "order_placed" || string(got.Body) != `{"id":"1"}` {
		t.Errorf("got %s to %s", got.Body, got.Topic)
	}
	for name, want := range map[string]string{"priority": "high", "ce-causationid": "cause", "ce-correlationid": "all"} {
		if got.Attributes[name] != want {
			t.Errorf("attribute %s is %q, want %q", name, got.Attributes[name], want)
		}
	}
}

func TestFailPublishFailsUntilItIsLifted(t *testing.T) {
	ctx, rec := lesstest.New(t)
	down := errors.New("the cloud is down")
	rec.FailPublish(down)
	if err := placed.Publish(ctx, order{"1"}); !errors.Is(err, down) {
		t.Errorf("got %v, want %v", err, down)
	}
	rec.FailPublish(nil)
	if err := placed.Publish(ctx, order{"2"}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]order{{"2"}}, lesstest.Published(rec, placed)); diff != "" {
		t.Error(diff)
	}
}

func TestACancelledContextPublishesNothing(t *testing.T) {
	ctx, rec := lesstest.New(t)
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if err := placed.Publish(ctx, order{"1"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if got := rec.Events(); len(got) != 0 {
		t.Errorf("recorded %v", got)
	}
}

func TestHandlersMayPublishConcurrently(t *testing.T) {
	ctx, rec := lesstest.New(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if err := placed.Publish(ctx, order{"1"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := lesstest.Published(rec, placed); len(got) != 50 {
		t.Errorf("recorded %d messages, want 50", len(got))
	}
}
