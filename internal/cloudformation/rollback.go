package cloudformation

import (
	"context"
	"errors"
	"slices"
)

// rollBackUpdate is the operation that makes a stack what it was before an update. Resources in skip are taken for what they were.
func (s *Service) rollBackUpdate(ctx context.Context, st *stack, skip []string) error {
	if err := s.turnBack(ctx, st, skip); err != nil || st.Status != updateRollbackCleanup {
		return err
	}
	return s.cleanUpRollback(ctx, st)
}

// turnBack makes the resources what they were before the update, and deletes nothing yet.
func (s *Service) turnBack(ctx context.Context, st *stack, skip []string) error {
	s.mu.Lock()
	waits := map[string][]string{}
	for _, r := range st.sortedResources() {
		waits[r.LogicalID] = r.Before.DependsOn
	}
	s.mu.Unlock()
	errs := inOrder(waits, false, func(id string) error {
		s.mu.Lock()
		r := st.resources[id]
		s.mu.Unlock()
		return s.back(ctx, st, r, slices.Contains(skip, id))
	})
	if s.ctx.Err() != nil {
		return errStopped
	}
	var failed failures
	for _, id := range sortedKeys(errs) {
		if !errors.Is(errs[id], errMade) {
			return errs[id]
		}
		failed.updated = append(failed.updated, id)
	}
	if !failed.none() {
		return s.enter(st, updateRollbackFailed, failed.String(), nil)
	}
	return s.enter(st, updateRollbackCleanup, "", func() {
		if st.Previous != nil {
			st.Config = *st.Previous
		}
	})
}

// back makes one resource what it was.
func (s *Service) back(ctx context.Context, st *stack, r *resource, skip bool) error {
	switch r.Change {
	case replaced:
		// The old one was never touched; the new one goes when all are back.
		return s.note(st, r, updateComplete, "", func() {
			if r.Discard.exists() && !r.Now.exists() {
				r.Now = r.Discard
			}
			r.Discard, r.Now, r.Before, r.Change = r.Now, r.Before, thing{}, unchanged
		})
	case modified:
	default:
		return nil
	}
	s.mu.Lock()
	was, now := r.Before, r.Now
	was.PhysicalID = now.PhysicalID
	s.mu.Unlock()
	if err := s.note(st, r, updateInProgress, "", nil); err != nil {
		return err
	}
	made, err := func() (map[string]any, error) {
		if skip {
			return was.Attributes, nil
		}
		input := st.input(r.LogicalID, was)
		if p, is := s.providers[now.Type].(transactional); is {
			made, err := p.revert(ctx, input)
			return attributes(made), err
		}
		made, err := s.providers[now.Type].Update(ctx, input, now.Properties)
		return attributes(made), err
	}()
	if s.ctx.Err() != nil {
		return errStopped
	}
	if err != nil {
		if err := s.note(st, r, updateFailed, reasonOf(err, now.Token), nil); err != nil {
			return err
		}
		return errMade
	}
	return s.note(st, r, updateComplete, "", func() { was.Attributes = made; r.Now = was })
}

// cleanUpRollback deletes what an update that was rolled back had made.
func (s *Service) cleanUpRollback(ctx context.Context, st *stack) error {
	failed, err := s.takeAway(ctx, st, func(r *resource) (things []thing, keeps, gone bool) {
		if r.Change == added {
			return []thing{r.Now, r.Discard}, r.Now.DeletionPolicy.Keeps(true), true
		}
		return []thing{r.Discard}, false, false
	})
	if err != nil {
		return err
	}
	reason := ""
	if !failed.none() {
		reason = "Update rollback successful. One or more resources could not be deleted." // not seen on AWS
	}
	s.mu.Lock()
	all := st.sortedResources()
	s.mu.Unlock()
	for _, r := range all {
		if r.Discard.exists() {
			if err := s.alter(st, r, func() { r.Discard = thing{} }); err != nil {
				return err
			}
		}
	}
	if err := s.settle(st); err != nil {
		return err
	}
	return s.enter(st, updateRollbackComplete, reason, func() { st.Previous = nil })
}
