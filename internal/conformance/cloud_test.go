package conformance_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/mapping"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
	"github.com/less-go/less/internal/sqs"
)

// A cloud is what the cases are about: an empty account of ours. All that they
// need of the services is in this file.
type cloud struct {
	store   *queue.Store
	handler http.Handler
}

func newCloud(t testing.TB) *cloud {
	store, err := queue.Open(t.Context(), ":memory:", queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	topics, err := sns.New(t.Context(), store, sns.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := topics.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	api := awsapi.NewHandler(awsapi.Options{Failed: func(err error) { t.Errorf("a failure of the engine's own: %v", err) }},
		sqs.New(store).API(), topics.API())
	return &cloud{store: store, handler: api}
}

// mappingSettings are what an event source mapping has of its own.
type mappingSettings struct {
	queue              string
	batch, concurrency int
	window             time.Duration
}

// newMapping returns a mapping from a queue to a function, not running yet.
func (c *cloud) newMapping(settings mappingSettings, function mapping.Invoker) *mapping.Mapping {
	return mapping.New(mapping.Options{
		Topic: "topic",
		Subscription: plan.Subscription{
			Function: "function",
			Queue:    plan.Queue{Name: settings.queue},
			Mapping:  plan.Mapping{BatchSize: settings.batch, Window: settings.window, Concurrency: settings.concurrency},
		},
		Store:   c.store,
		Invoker: function,
	})
}
