package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/less-go/less/internal/contract"
	"github.com/less-go/less/internal/gen"
	"github.com/less-go/less/internal/plural"
	"github.com/less-go/less/internal/project"
	"github.com/less-go/less/internal/revision"
	"github.com/less-go/less/internal/schema"
)

// contract reads what the routes and topics of w promise.
func (w workflow) contract(ctx context.Context) (contract.Contract, error) {
	c, err := contract.Load(ctx, w.dir, w.flow)
	if problems, ok := errors.AsType[schema.Problems](err); ok {
		return contract.Contract{}, fmt.Errorf("%s in %s:\n%w", plural.Count(len(problems), "problem"), w.dir, problems)
	}
	return c, project.CompileError(err)
}

// workflowAt reads the workflow of the project in dir as it was at a git ref. Call
// done when it is not needed any more.
func (e Env) workflowAt(ctx context.Context, dir, ref string) (w workflow, done func(), err error) {
	copied, remove, err := revision.Checkout(ctx, dir, ref)
	if err != nil {
		return workflow{}, nil, err
	}
	done = func() {
		if err := remove(); err != nil {
			fmt.Fprintf(e.Err, "%s WARNING: %v\n", tag, err)
		}
	}
	defer func() {
		if err != nil {
			done()
			err = fmt.Errorf("the project as it was at %s: %w", ref, err)
		}
	}()
	a, files, err := project.Scan(copied)
	if err != nil {
		return workflow{}, nil, err
	}
	// An older version may have generated it in another form.
	if _, err := gen.Write(copied, files); err != nil {
		return workflow{}, nil, err
	}
	w, err = workflowOf(ctx, copied, a)
	return w, done, err
}
