package engine

import (
	"context"
	"time"

	"github.com/less-go/less/internal/mapping"
	"github.com/less-go/less/internal/queue"
)

// functionStore is the store as AWS clients see it. A function that asks for
// another visibility timeout (less.RetryAfter) moves its message's next attempt,
// which the event source mapping must know to announce it.
type functionStore struct {
	*queue.Store
	engine *Engine
}

// ChangeVisibility makes a received message visible again after d.
func (s functionStore) ChangeVisibility(ctx context.Context, name, receipt string, d time.Duration) error {
	if err := s.Store.ChangeVisibility(ctx, name, receipt, d); err != nil {
		return err
	}
	visible := time.Now().Add(d)
	if m, found := s.engine.byQueue.Load(name); found {
		m.(*mapping.Mapping).VisibilityChanged(receipt, visible)
	}
	s.engine.eventSources.visibilityChanged(name, receipt, visible)
	return nil
}
