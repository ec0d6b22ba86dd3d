// Package shelf keeps the values of one kind, each under its name: in memory to be read,
// and as documents in the store to outlive the engine. It is for services that only keep
// what their clients make.
package shelf

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/less-go/less/internal/queue"
)

// A Store keeps documents; [queue.Store] is one.
type Store interface {
	Keep(ctx context.Context, documents ...queue.Document) error
	Documents(ctx context.Context, kind string) ([]queue.Document, error)
}

// A Shelf has the values of one kind. It may be used by several goroutines; what it
// hands out is shared, and not to be changed.
type Shelf[T any] struct {
	store Store
	kind  string

	changing sync.Mutex // held from reading a value to having changed it
	mu       sync.RWMutex
	values   map[string]T
}

// Open reads the values of a kind.
func Open[T any](ctx context.Context, store Store, kind string) (*Shelf[T], error) {
	documents, err := store.Documents(ctx, kind)
	if err != nil {
		return nil, fmt.Errorf("read what there is of kind %s: %w", kind, err)
	}
	s := &Shelf[T]{store: store, kind: kind, values: map[string]T{}}
	for _, d := range documents {
		var v T
		if err := json.Unmarshal(d.Value, &v); err != nil {
			return nil, fmt.Errorf("read the %s %s: %w", kind, d.Name, err)
		}
		s.values[d.Name] = v
	}
	return s, nil
}

// Get returns the value of a name.
func (s *Shelf[T]) Get(name string) (T, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, found := s.values[name]
	return v, found
}

// Names returns all names in their order.
func (s *Shelf[T]) Names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.values))
}

// All returns all values in the order of their names.
func (s *Shelf[T]) All() []T {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]T, 0, len(s.values))
	for _, name := range slices.Sorted(maps.Keys(s.values)) {
		out = append(out, s.values[name])
	}
	return out
}

// Change replaces the value of a name by what next makes of it; nil removes it. Nobody
// else changes any value meanwhile. The new value is on disk when Change returns
// without an error, and with an error, that of next or of the store, nothing has changed.
func (s *Shelf[T]) Change(ctx context.Context, name string, next func(old T, found bool) (*T, error)) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	v, err := next(s.Get(name))
	if err != nil {
		return err
	}
	d := queue.Document{Kind: s.kind, Name: name}
	if v != nil {
		if d.Value, err = json.Marshal(v); err != nil {
			return fmt.Errorf("write the %s %s: %w", s.kind, name, err)
		}
	}
	if err := s.store.Keep(ctx, d); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if v == nil {
		delete(s.values, name)
	} else {
		s.values[name] = *v
	}
	return nil
}
