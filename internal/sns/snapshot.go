package sns

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/queue"
)

// A snapshot is all topics and their subscriptions at one moment. It does not change.
type snapshot struct {
	topics        map[string]*topic        // by name
	subscriptions map[string]*subscription // of these topics, by id
}

// sorted returns the topics in the order of their names.
func (s *snapshot) sorted() []*topic {
	return slices.SortedFunc(maps.Values(s.topics), func(a, b *topic) int { return strings.Compare(a.Name, b.Name) })
}

// The kinds of documents that SNS keeps.
const (
	topicKind        = "sns-topic"
	subscriptionKind = "sns-subscription"
)

// load reads what the store keeps. Queues whose subscription is gone, which a crash
// can leave behind, go too.
func (s *Service) load(ctx context.Context) error {
	topics, err := s.store.Documents(ctx, topicKind)
	if err != nil {
		return err
	}
	for _, d := range topics {
		var r record
		if err := json.Unmarshal(d.Value, &r); err != nil {
			return fmt.Errorf("topic %s: %w", d.Name, err)
		}
		s.records[r.Name] = r
	}
	subscriptions, err := s.store.Documents(ctx, subscriptionKind)
	if err != nil {
		return err
	}
	for _, d := range subscriptions {
		sub := &subscription{}
		if err := json.Unmarshal(d.Value, sub); err != nil {
			return fmt.Errorf("subscription %s: %w", d.Name, err)
		}
		if e := sub.compile(); e != nil {
			return fmt.Errorf("subscription %s: %w", d.Name, e)
		}
		if sub.forgotten(time.Now()) {
			if err := s.store.Keep(ctx, sub.erasure()); err != nil {
				return err
			}
			continue
		}
		s.stored[sub.ID] = sub
	}
	return s.removeOrphans(ctx)
}

func (s *Service) removeOrphans(ctx context.Context) error {
	specs, err := s.store.Queues(ctx)
	if err != nil {
		return err
	}
	for _, spec := range specs {
		if id, ours := strings.CutPrefix(spec.Name, queuePrefix); ours && s.stored[id] == nil {
			if err := s.store.DeleteQueue(ctx, spec.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// commit keeps documents and then shows everybody what apply has changed. The caller
// holds mu.
func (s *Service) commit(ctx context.Context, apply func(), documents ...queue.Document) error {
	if len(documents) > 0 {
		if err := s.store.Keep(ctx, documents...); err != nil {
			return err
		}
	}
	apply()
	s.refresh()
	return nil
}

// refresh makes a new snapshot. The caller holds mu.
func (s *Service) refresh() {
	snap := &snapshot{topics: map[string]*topic{}, subscriptions: map[string]*subscription{}}
	for name, r := range s.records {
		if r.Created {
			snap.topics[name] = newTopic(r)
		}
	}
	for name, p := range s.planned {
		r := s.records[name]
		r.Name = name
		t := newTopic(r)
		t.label = p.label
		for _, sub := range p.subscriptions {
			t.add(sub)
		}
		snap.topics[name] = t
	}
	for _, sub := range slices.SortedFunc(maps.Values(s.stored), older) {
		// Those of a topic that the plan has no longer are hidden until it is back, and
		// one that the plan has now itself is hidden until it has it no longer.
		if t := snap.topics[sub.Topic]; t != nil && sub.Removed.IsZero() && !t.plans(sub) {
			t.add(sub)
		}
	}
	for _, t := range snap.topics {
		for _, sub := range t.subscriptions {
			snap.subscriptions[sub.ID] = sub
		}
	}
	s.snapshot.Store(snap)
	s.reconcile()
}

func older(a, b *subscription) int {
	return cmp.Or(a.Made.Compare(b.Made), strings.Compare(a.ID, b.ID))
}

// documentOf is a value as the store keeps it.
func documentOf(kind, name string, value any) queue.Document {
	text, err := json.Marshal(value)
	if err != nil {
		panic("sns: a " + kind + " cannot be encoded: " + err.Error())
	}
	return queue.Document{Kind: kind, Name: name, Value: text}
}
