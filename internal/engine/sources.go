package engine

import (
	"sync"

	"github.com/less-go/less/internal/plan"
)

// sources finds the subscription that a queue belongs to.
type sources struct {
	mu      sync.RWMutex
	byQueue map[string]plan.Subscription
}

func (s *sources) set(p plan.Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byQueue = map[string]plan.Subscription{}
	for _, sub := range p.Subscriptions() {
		s.byQueue[sub.Queue.Name] = sub
	}
}

// of returns the zero subscription for a queue that no subscriber has any more.
func (s *sources) of(queue string) plan.Subscription {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byQueue[queue]
}
