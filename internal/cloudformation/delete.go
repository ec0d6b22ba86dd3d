package cloudformation

import (
	"context"
	"slices"
)

// delete is the operation that ends a stack.
func (s *Service) delete(ctx context.Context, st *stack) error {
	if name, user := s.exportInUse(st); user != "" {
		return s.enter(st, deleteFailed, "Export "+name+" cannot be deleted as it is in use by "+user, nil)
	}
	failed, err := s.removeAll(ctx, st, false)
	if err != nil {
		return err
	}
	if !failed.none() {
		return s.enter(st, deleteFailed, failed.String(), nil)
	}
	return s.enter(st, deleteComplete, "", func() { st.Config.Outputs, st.Config.Imports, st.Previous = nil, nil, nil })
}

// removeAll deletes all that a stack has: because its creation is rolled back where created is set.
func (s *Service) removeAll(ctx context.Context, st *stack, created bool) (failures, error) {
	s.mu.Lock()
	waits := map[string][]string{}
	for _, r := range st.sortedResources() {
		if r.Status != deleteComplete && r.Status != deleteSkipped {
			waits[r.LogicalID] = r.Now.DependsOn
		}
	}
	retained := st.Retain
	s.mu.Unlock()
	errs := inOrder(acyclic(reverse(waits)), false, func(id string) error {
		s.mu.Lock()
		r := st.resources[id]
		s.mu.Unlock()
		keeps := r.Now.DeletionPolicy.Keeps(created) || slices.Contains(retained, id)
		for _, t := range []thing{r.Before, r.Discard} { // of an update that was neither finished nor rolled back
			if t.exists() && t.PhysicalID != r.Now.PhysicalID {
				if err := s.remove(ctx, st, r, t, keeps, nil); err != nil {
					return err
				}
			}
		}
		return s.remove(ctx, st, r, r.Now, keeps, &r.Now)
	})
	if s.ctx.Err() != nil {
		return failures{}, errStopped
	}
	return failures{deleted: sortedKeys(errs)}, nil
}

// remove deletes t, or lets it go. It is what the resource is where of is its Now, which is then gone, and nil where it is not.
func (s *Service) remove(ctx context.Context, st *stack, r *resource, t thing, keeps bool, of *thing) error {
	status := func(status, reason string) error {
		return s.tell(st, r, &t, status, reason, func() {
			if of == nil {
				return
			}
			r.Status, r.Reason, r.Updated = status, reason, now()
			if status == deleteComplete {
				*of = thing{Type: t.Type, PhysicalID: "", Properties: t.Properties}
			}
		})
	}
	switch {
	case keeps && t.exists():
		return status(deleteSkipped, "")
	case !t.exists():
		return status(deleteComplete, "")
	}
	if err := status(deleteInProgress, ""); err != nil {
		return err
	}
	err := s.providers[t.Type].Delete(ctx, st.input(r.LogicalID, t))
	if s.ctx.Err() != nil {
		return errStopped
	}
	if err != nil {
		if err := status(deleteFailed, reasonOf(err, t.Token)); err != nil {
			return err
		}
		return errMade
	}
	return status(deleteComplete, "")
}
