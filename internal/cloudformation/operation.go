package cloudformation

import (
	"context"
	"errors"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/template"
)

// errStopped ends an operation that the next service goes on with.
var errStopped = errors.New("the service is stopping")

// errCancelled ends what is being made when something else has failed.
var errCancelled = errors.New("cancelled")

// start runs an operation of a stack on a goroutine of its own.
func (s *Service) start(do func(ctx context.Context) error) {
	s.running.Go(func() {
		ctx := awsapi.WithRequest(s.ctx, awsapi.Request{Region: awsapi.DefaultRegion, URL: s.options.URL()})
		if err := do(ctx); err != nil && s.ctx.Err() == nil {
			s.options.Failed(err)
		}
	})
}

// begin starts an operation of a client's. It refuses once the service is closed. The caller does not hold mu.
func (s *Service) begin(do func(ctx context.Context) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return context.Canceled
	}
	s.start(do)
	return nil
}

// resume ends the operation that the last service did not end.
func (s *Service) resume(st *stack) {
	s.start(func(ctx context.Context) error {
		if err := s.end(ctx, st); err != nil {
			return err
		}
		return s.executed(st)
	})
}

func (s *Service) end(ctx context.Context, st *stack) error {
	const reason = "The engine was stopped during the operation. "
	switch st.Status {
	case createInProgress:
		if err := s.interrupt(st); err != nil {
			return err
		}
		return s.creationFailed(ctx, st, reason)
	case rollbackInProgress:
		return s.rollBackCreation(ctx, st)
	case updateInProgress:
		if err := s.interrupt(st); err != nil {
			return err
		}
		return s.updateFailed(ctx, st, reason)
	case updateCleanup:
		return s.cleanUp(ctx, st)
	case updateRollbackInProgress:
		return s.rollBackUpdate(ctx, st, nil)
	case updateRollbackCleanup:
		return s.cleanUpRollback(ctx, st)
	}
	return s.delete(ctx, st)
}

// interrupt tells that what was being made is not made any more.
func (s *Service) interrupt(st *stack) error {
	s.mu.Lock()
	all := st.sortedResources()
	s.mu.Unlock()
	for _, r := range all {
		var err error
		switch r.Status {
		case createInProgress:
			err = s.note(st, r, createFailed, "Resource creation cancelled", nil)
		case updateInProgress:
			err = s.note(st, r, updateFailed, "Resource update cancelled", nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// instance returns the template of st with its values.
func (s *Service) instance(st *stack) (*template.Instance, error) {
	s.mu.Lock()
	body := s.templates[st.Config.Template]
	s.mu.Unlock()
	t, err := template.Parse([]byte(body))
	if err != nil {
		return nil, err
	}
	parameters, err := t.Values(context.Background(), st.Config.Given, st.Config.looked)
	if err != nil {
		return nil, err
	}
	return t.Bind(s.scope(st, parameters, func(id string) (thing, bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r := st.resources[id]; r != nil {
			return r.Now, r.Now.exists()
		}
		return thing{}, false
	}))
}

// looked is what the Parameter Store said when the configuration was made.
func (c configuration) looked(context.Context, []string) (map[string]string, error) {
	return c.Looked, nil
}

// failures are what an operation failed at.
type failures struct {
	created, updated, deleted []string
	// other is a reason that is no resource's.
	other string
}

func (f failures) none() bool {
	return len(f.created)+len(f.updated)+len(f.deleted) == 0 && f.other == ""
}

// String is the reason that the stack's event gives.
func (f failures) String() string {
	var out strings.Builder
	for _, kind := range []struct {
		verb string
		ids  []string
	}{{"create", f.created}, {"update", f.updated}, {"delete", f.deleted}} {
		if len(kind.ids) > 0 {
			out.WriteString("The following resource(s) failed to " + kind.verb + ": [" + strings.Join(kind.ids, ", ") + "]. ")
		}
	}
	return out.String() + f.other
}
