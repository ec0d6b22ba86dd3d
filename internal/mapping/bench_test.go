package mapping_test

import (
	"context"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/mapping"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/queue"
)

// BenchmarkMessage is one message from its acknowledged send to its deletion, on
// a real file: one at a time, which is latency, and from many senders.
func BenchmarkMessage(b *testing.B) {
	for _, senders := range []int{1, 64} {
		b.Run("senders="+strconv.Itoa(senders), func(b *testing.B) {
			store, err := queue.Open(b.Context(), filepath.Join(b.TempDir(), "queues.db"), queue.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer store.Close()
			if err := store.Ensure(b.Context(), queue.Spec{Name: "kitchen", Visibility: time.Minute, Retention: time.Hour}); err != nil {
				b.Fatal(err)
			}
			var waiting sync.Map // message id -> chan struct{}
			m := mapping.New(mapping.Options{
				Subscription: plan.Subscription{Queue: plan.Queue{Name: "kitchen"}, Mapping: plan.Mapping{BatchSize: 10, Concurrency: 10}},
				Store:        store,
				Invoker: invoker(func(context.Context, string, []byte) (lambda.Result, error) {
					return lambda.Result{}, nil
				}),
				Sink: func(e activity.Event) {
					if done, found := waiting.LoadAndDelete(e.MessageID); found && e.Kind == activity.Done {
						close(done.(chan struct{}))
					}
				},
			})
			m.Start()
			b.ResetTimer()
			var all sync.WaitGroup
			for sender := range senders {
				all.Go(func() {
					for i := sender; i < b.N; i += senders {
						id, done := strconv.Itoa(i), make(chan struct{})
						waiting.Store(id, done)
						if _, err := store.Send(b.Context(), queue.Entry{Queue: "kitchen", ID: id, Body: make([]byte, 1000)}); err != nil {
							b.Error(err)
							return
						}
						<-done
					}
				})
			}
			all.Wait()
			b.StopTimer()
			if err := m.Stop(b.Context()); err != nil {
				b.Error(err)
			}
		})
	}
}
