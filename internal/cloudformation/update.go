package cloudformation

import (
	"context"
	"slices"

	"github.com/less-go/less/internal/cloudformation/provider"
)

// transactional is a provider whose resources keep what an update has taken away until the whole stack has succeeded.
type transactional interface {
	// revert takes back the last update of r.
	revert(ctx context.Context, r provider.Resource) (provider.Made, error)
	// finish lets go what the last update, or its rollback, does not need any more.
	finish(ctx context.Context, r provider.Resource) error
}

// update is the operation that changes a stack, with the way back.
func (s *Service) update(ctx context.Context, st *stack) error {
	failed, err := s.put(ctx, st)
	if err != nil {
		return err
	}
	if !failed.none() {
		return s.updateFailed(ctx, st, failed.String())
	}
	if err := s.enter(st, updateCleanup, "", nil); err != nil {
		return err
	}
	return s.cleanUp(ctx, st)
}

// updateFailed rolls an update back, or leaves it as it is where that was asked for.
func (s *Service) updateFailed(ctx context.Context, st *stack, reason string) error {
	if st.DisableRollback {
		return s.enter(st, updateFailed, reason, nil)
	}
	if err := s.enter(st, updateRollbackInProgress, reason, nil); err != nil {
		return err
	}
	return s.rollBackUpdate(ctx, st, nil)
}

// cleanUp deletes what an update that succeeded has replaced or taken away.
func (s *Service) cleanUp(ctx context.Context, st *stack) error {
	in, err := s.instance(st)
	if err != nil {
		return err
	}
	failed, err := s.takeAway(ctx, st, func(r *resource) (things []thing, keeps bool, gone bool) {
		if !in.Has(r.LogicalID) {
			return []thing{r.Now, r.Before, r.Discard}, r.Now.DeletionPolicy.Keeps(false), true
		}
		if r.Change == replaced {
			return []thing{r.Before, r.Discard}, r.Before.UpdateReplacePolicy.Keeps(false), false
		}
		return []thing{r.Discard}, false, false
	})
	if err != nil {
		return err
	}
	reason := ""
	if !failed.none() {
		reason = "Update successful. One or more resources could not be deleted."
	}
	if err := s.settle(st); err != nil {
		return err
	}
	return s.enter(st, updateComplete, reason, func() { st.Previous = nil })
}

// takeAway deletes things in the opposite order of that in which they were made. choose says for each resource which, whether they are only let go, and whether the
// resource goes with them.
func (s *Service) takeAway(ctx context.Context, st *stack, choose func(*resource) (things []thing, keeps, gone bool)) (failures, error) {
	s.mu.Lock()
	waits := map[string][]string{}
	for _, r := range st.sortedResources() {
		waits[r.LogicalID] = slices.Concat(r.Now.DependsOn, r.Before.DependsOn)
		slices.Sort(waits[r.LogicalID])
		waits[r.LogicalID] = slices.Compact(waits[r.LogicalID])
	}
	s.mu.Unlock()
	var failed failures
	errs := inOrder(acyclic(reverse(waits)), false, func(id string) error {
		s.mu.Lock()
		r := st.resources[id]
		things, keeps, gone := choose(r)
		s.mu.Unlock()
		var trouble error
		if p, is := s.providers[r.Now.Type].(transactional); is && !gone && r.Change == modified {
			if err := p.finish(ctx, st.input(id, r.Now)); err != nil {
				return err
			}
		}
		for _, t := range things {
			if !t.exists() {
				continue
			}
			if err := s.remove(ctx, st, r, t, keeps, nil); err != nil {
				trouble = err
			}
		}
		if s.ctx.Err() != nil {
			return errStopped
		}
		if gone {
			if err := s.drop(st, r); err != nil {
				return err
			}
		}
		return trouble
	})
	if s.ctx.Err() != nil {
		return failed, errStopped
	}
	failed.deleted = sortedKeys(errs)
	return failed, nil
}

// acyclic returns waits without what closes a ring: the dependencies from before an update and those from after it may make one.
func acyclic(waits map[string][]string) map[string][]string {
	out := map[string][]string{}
	reaches := func(from, to string) bool {
		seen := map[string]bool{from: true}
		for next := []string{from}; len(next) > 0; {
			at := next[len(next)-1]
			if at == to {
				return true
			}
			next = next[:len(next)-1]
			for _, id := range out[at] {
				if !seen[id] {
					seen[id] = true
					next = append(next, id)
				}
			}
		}
		return false
	}
	for _, id := range sortedKeys(waits) {
		out[id] = nil
	}
	for _, id := range sortedKeys(waits) {
		for _, on := range waits[id] {
			if !reaches(on, id) {
				out[id] = append(out[id], on)
			}
		}
	}
	return out
}

// settle ends the changes of an update: what the resources are now is what they are.
func (s *Service) settle(st *stack) error {
	s.mu.Lock()
	all := st.sortedResources()
	s.mu.Unlock()
	for _, r := range all {
		if r.Change == unchanged {
			continue
		}
		if err := s.alter(st, r, func() { r.Change, r.Before, r.Discard = unchanged, thing{}, thing{} }); err != nil {
			return err
		}
	}
	return nil
}
