package cloudformation

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/template"
)

// create is the operation that makes a stack, with the way back.
func (s *Service) create(ctx context.Context, st *stack) error {
	failed, err := s.put(ctx, st)
	if err != nil {
		return err
	}
	if failed.none() {
		return s.enter(st, createComplete, "", nil)
	}
	return s.creationFailed(ctx, st, failed.String())
}

// creationFailed rolls a creation back, or leaves it as it is where that was asked for.
func (s *Service) creationFailed(ctx context.Context, st *stack, reason string) error {
	switch {
	case st.DisableRollback:
		return s.enter(st, createFailed, reason, nil)
	case st.DeleteOnFailure:
		if err := s.enter(st, deleteInProgress, reason+"Delete requested by user.", nil); err != nil {
			return err
		}
		return s.delete(ctx, st)
	}
	if err := s.enter(st, rollbackInProgress, reason+"Rollback requested by user.", nil); err != nil {
		return err
	}
	return s.rollBackCreation(ctx, st)
}

// rollBackCreation deletes what the creation has made.
func (s *Service) rollBackCreation(ctx context.Context, st *stack) error {
	failed, err := s.removeAll(ctx, st, true)
	if err != nil {
		return err
	}
	if !failed.none() {
		return s.enter(st, rollbackFailed, failed.String(), nil)
	}
	return s.enter(st, rollbackComplete, "", nil)
}

// A put makes the resources of a stack what its template says.
type put struct {
	*Service
	st *stack
	in *template.Instance
	// waits has for each resource those it needs.
	waits map[string][]string
	// cancel ends the others.
	cancel context.CancelCauseFunc
	// updating says that the stack has been there before.
	updating bool
}

// put makes, changes and replaces resources as the template of st says, and finds its outputs. What the template does not have any
// more stays for now. An error is the engine's own.
func (s *Service) put(ctx context.Context, st *stack) (failures, error) {
	in, err := s.instance(st)
	if err != nil {
		return failures{other: err.Error()}, nil
	}
	waits, err := in.Dependencies()
	if err != nil {
		return failures{other: err.Error()}, nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.mu.Lock()
	st.cancel = func() { cancel(errCancelled) }
	s.mu.Unlock()
	p := put{s, st, in, waits, cancel, st.Previous != nil}
	errs := inOrder(waits, true, func(id string) error { return p.one(ctx, id) })
	s.mu.Lock()
	st.cancel = nil
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return failures{}, errStopped
	}
	var failed failures
	for _, id := range sortedKeys(errs) {
		switch err := errs[id]; {
		case errors.Is(err, errCancelled):
		case !errors.Is(err, errMade):
			return failed, err
		case st.resources[id].Status == createFailed:
			failed.created = append(failed.created, id)
		default:
			failed.updated = append(failed.updated, id)
		}
	}
	if failed.none() && context.Cause(ctx) != nil {
		failed.other = "User Initiated"
	}
	if failed.none() {
		if err := s.conclude(st, in); err != nil {
			failed.other = err.Error()
		}
	}
	return failed, nil
}

// errMade says that a resource was not made; its event says why.
var errMade = errors.New("not made")

// one makes one resource, or changes it, or finds that there is nothing to do.
func (p *put) one(ctx context.Context, id string) error {
	if context.Cause(ctx) != nil {
		return errCancelled
	}
	p.mu.Lock()
	r := p.st.resources[id]
	if r == nil {
		r = &resource{LogicalID: id}
		p.st.resources[id] = r
	}
	was, status := r.Now, r.Status
	p.mu.Unlock()

	resource := p.in.Resource(id)
	properties, err := p.in.Properties(id)
	next := thing{
		Type: resource.Type, Properties: properties, Tags: p.st.Config.Tags, DependsOn: p.waits[id],
		DeletionPolicy: resource.DeletionPolicy, UpdateReplacePolicy: resource.UpdateReplacePolicy,
	}
	if status == createFailed && was.exists() {
		// What an earlier attempt without a rollback has left.
		if err := p.providers[was.Type].Delete(ctx, p.st.input(id, was)); err != nil {
			return p.failed(ctx, r, createFailed, err)
		}
		was = thing{}
	}
	switch {
	case !was.exists() && err != nil:
		if err := p.note(p.st, r, createInProgress, "", func() { r.Now = next }); err != nil {
			return err
		}
		return p.failed(ctx, r, createFailed, err)
	case !was.exists():
		return p.create(ctx, r, next)
	case err != nil:
		if err := p.note(p.st, r, updateInProgress, "", nil); err != nil {
			return err
		}
		return p.failed(ctx, r, updateFailed, err)
	case was.same(next) && status != updateFailed:
		next.PhysicalID, next.Token, next.Attributes = was.PhysicalID, was.Token, was.Attributes
		return p.alter(p.st, r, func() { r.Now = next })
	}
	schema := p.providers[next.Type].Schema()
	if slices.ContainsFunc(next.differing(was), schema.Replaces) {
		return p.replace(ctx, r, was, next, schema)
	}
	return p.update(ctx, r, was, next)
}

func (p *put) create(ctx context.Context, r *resource, next thing) error {
	next.Token = uuid.NewString()
	err := p.note(p.st, r, createInProgress, "", func() {
		r.Now = next
		if p.updating {
			r.Change = added
		}
	})
	if err != nil {
		return err
	}
	return p.make(ctx, r, createInProgress, createComplete, createFailed)
}

// make has the provider make what r is to be.
func (p *put) make(ctx context.Context, r *resource, working, complete, failed string) error {
	begun := false
	began := func(id string) error {
		begun = true
		return p.note(p.st, r, working, "Resource creation Initiated", func() { r.Now.PhysicalID = id })
	}
	p.mu.Lock()
	input := p.st.input(r.LogicalID, r.Now)
	p.mu.Unlock()
	input.Began = began
	made, err := p.providers[input.Type].Create(ctx, input)
	if err != nil {
		return p.failed(ctx, r, failed, err)
	}
	if !begun {
		if err := began(made.PhysicalID); err != nil {
			return err
		}
	}
	return p.note(p.st, r, complete, "", func() { r.Now.PhysicalID, r.Now.Attributes = made.PhysicalID, attributes(made) })
}

func (p *put) update(ctx context.Context, r *resource, was, next thing) error {
	next.PhysicalID, next.Token, next.Attributes = was.PhysicalID, was.Token, was.Attributes
	err := p.note(p.st, r, updateInProgress, "", func() {
		if r.Change == unchanged {
			r.Change, r.Before = modified, was
		}
		r.Now = next
	})
	if err != nil {
		return err
	}
	made, err := p.providers[next.Type].Update(ctx, p.st.input(r.LogicalID, next), was.Properties)
	if err != nil {
		return p.failed(ctx, r, updateFailed, err)
	}
	return p.note(p.st, r, updateComplete, "", func() { r.Now.Attributes = attributes(made) })
}

func (p *put) replace(ctx context.Context, r *resource, was, next thing, schema provider.Schema) error {
	const why = "Requested update requires the creation of a new physical resource; hence creating one."
	next.Token = uuid.NewString()
	err := p.tell(p.st, r, &was, updateInProgress, why, func() {
		r.Status, r.Reason, r.Updated = updateInProgress, why, now()
	})
	if err != nil {
		return err
	}
	if name, has := next.Properties[schema.NameProperty()]; has && string(encode(name)) == string(encode(was.Properties[schema.NameProperty()])) {
		text, _ := template.Text(name)
		return p.failed(ctx, r, updateFailed, &provider.Failure{
			Message: "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename " + text + " and update the stack again.",
		})
	}
	err = p.alter(p.st, r, func() {
		switch r.Change {
		case unchanged:
			r.Change, r.Before = replaced, was
		case modified:
			r.Change = replaced // what it was before is still there
		default:
			r.Discard = was // it was made by an attempt that was not rolled back
		}
		r.Now = next
	})
	if err != nil {
		return err
	}
	return p.make(ctx, r, updateInProgress, updateComplete, updateFailed)
}

// failed tells that a resource was not made, and ends the others.
func (p *put) failed(ctx context.Context, r *resource, status string, err error) error {
	if p.ctx.Err() != nil {
		return errStopped
	}
	if context.Cause(ctx) != nil {
		reason := "Resource creation cancelled"
		if status == updateFailed {
			reason = "Resource update cancelled"
		}
		if err := p.note(p.st, r, status, reason, nil); err != nil {
			return err
		}
		return errCancelled
	}
	p.cancel(errCancelled)
	if err := p.note(p.st, r, status, reasonOf(err, r.Now.Token), nil); err != nil {
		return err
	}
	return errMade
}

// conclude finds the outputs. The caller holds mu.
func (s *Service) conclude(st *stack, in *template.Instance) error {
	s.mu.Unlock()
	values, err := in.Outputs()
	s.mu.Lock()
	if err != nil {
		return err
	}
	var outputs []output
	for _, v := range values {
		text, _ := v.Value.(string)
		outputs = append(outputs, output{v.Name, text, v.Description, v.Export})
	}
	if err := s.checkExports(st, outputs); err != nil {
		return err
	}
	st.Config.Outputs = outputs
	return nil
}
