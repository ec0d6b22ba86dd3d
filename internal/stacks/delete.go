package stacks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/less-go/less/internal/target"
)

// A ProtectedError is a deployment that refuses to be deleted.
type ProtectedError struct {
	Name   string
	Stacks []string
}

// Error tells what lifts the protection.
func (e *ProtectedError) Error() string {
	lines := make([]string, len(e.Stacks))
	for i, name := range e.Stacks {
		lines[i] = "aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name " + name
	}
	return fmt.Sprintf("%s is protected from being deleted, as every deployment is whose name ends in prod or production. Lift that first, and try again:\n%s",
		e.Name, strings.Join(lines, "\n"))
}

// Gone is told of each part of a deployment that has been deleted, and how many of
// all there are have gone: what is the folder of a stack, less/topics/order_placed, and
// "" for a resource that is none.
type Gone func(what string, gone, all int)

// Poll is how often CloudFormation is asked how far it is, where nobody says another time.
const Poll = 3 * time.Second

// DeleteOptions say how the end is waited for.
type DeleteOptions struct {
	Gone Gone
	// Poll is how often CloudFormation is asked; [Poll] where it is 0.
	Poll time.Duration
}

// Delete deletes the stacks of d, each after those that need it, and waits for the
// end. What ctx ends is the waiting: CloudFormation goes on with the stack that it has
// begun.
func Delete(ctx context.Context, t *target.Target, d Deployment, o DeleteOptions) error {
	w := &waiting{target: t, DeleteOptions: o, seen: map[string]bool{}, folders: map[string]string{}}
	if protected := d.Protected(); len(protected) > 0 {
		return &ProtectedError{d.Name, protected}
	}
	stacks := d.inOrder()
	for _, s := range stacks {
		if err := w.look(ctx, *s.StackId); err != nil {
			return err
		}
	}
	for _, s := range stacks {
		if err := start(ctx, t, s); err != nil {
			return err
		}
		if err := w.wait(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// StartDelete begins to delete all stacks of d, and does not wait.
func StartDelete(ctx context.Context, t *target.Target, d Deployment) error {
	if protected := d.Protected(); len(protected) > 0 {
		return &ProtectedError{d.Name, protected}
	}
	for _, s := range d.inOrder() {
		if err := start(ctx, t, s); err != nil {
			return err
		}
	}
	return nil
}

func start(ctx context.Context, t *target.Target, s types.Stack) error {
	_, err := t.CloudFormation().DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: s.StackId})
	if err != nil {
		return fmt.Errorf("delete stack %s: %w", *s.StackName, t.Explain(err))
	}
	return nil
}

// waiting knows what has gone, and what is still there.
type waiting struct {
	DeleteOptions
	target  *target.Target
	folders map[string]string // of nested stacks, by part
	seen    map[string]bool   // the parts that have been told
	all     int
}

// look counts the parts of a stack before it goes.
func (w *waiting) look(ctx context.Context, id string) error {
	all, err := stackResources(ctx, w.target, id)
	if err != nil {
		return w.target.Explain(err)
	}
	w.all += len(all)
	for _, r := range all {
		if r.ResourceStatus == types.ResourceStatusDeleteComplete {
			w.seen[part(id, r)] = true // by an earlier attempt
		}
		if !isNested(r) {
			continue
		}
		out, err := w.target.CloudFormation().DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: r.PhysicalResourceId})
		if err != nil {
			return w.target.Explain(err)
		}
		w.folders[part(id, r)] = aws.ToString(out.Stacks[0].Description)
	}
	return nil
}

// part is what a resource of a stack is known by.
func part(stack string, r types.StackResourceSummary) string {
	return stack + " " + aws.ToString(r.LogicalResourceId)
}

// wait returns when a stack is gone, or stays.
func (w *waiting) wait(ctx context.Context, s types.Stack) error {
	for {
		now, err := w.status(ctx, s)
		if err != nil {
			return err
		}
		if now == types.StackStatusDeleteComplete {
			if of := aws.ToString(s.Description); strings.HasPrefix(of, "less/") {
				w.Gone(of, len(w.seen), w.all)
			}
			return nil
		}
		if err := w.progress(ctx, *s.StackId); err != nil {
			return err
		}
		if now == types.StackStatusDeleteFailed {
			return w.failure(ctx, s)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(cmp.Or(w.Poll, Poll)):
		}
	}
}

// status is that of a stack now. One that is not there any more is deleted.
func (w *waiting) status(ctx context.Context, s types.Stack) (types.StackStatus, error) {
	out, err := w.target.CloudFormation().DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: s.StackId})
	if absent(err) || err == nil && len(out.Stacks) == 0 {
		return types.StackStatusDeleteComplete, nil
	}
	if err != nil {
		return "", w.target.Explain(err)
	}
	return out.Stacks[0].StackStatus, nil
}

// progress tells what has gone since the last look.
func (w *waiting) progress(ctx context.Context, id string) error {
	all, err := stackResources(ctx, w.target, id)
	if absent(err) {
		return nil
	}
	for _, r := range all {
		if key := part(id, r); r.ResourceStatus == types.ResourceStatusDeleteComplete && !w.seen[key] {
			w.seen[key] = true
			w.Gone(w.folders[key], len(w.seen), w.all)
		}
	}
	return w.target.Explain(err)
}

// absent says whether CloudFormation has answered that there is no such stack.
func absent(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist")
}

// failure is why a stack could not be deleted.
func (w *waiting) failure(ctx context.Context, s types.Stack) error {
	var lines []string
	ids := []string{*s.StackId}
	for len(ids) > 0 {
		all, err := stackResources(ctx, w.target, ids[0])
		if err != nil {
			return w.target.Explain(err)
		}
		ids = ids[1:]
		for _, r := range all {
			if r.ResourceStatus != types.ResourceStatusDeleteFailed {
				continue
			}
			if isNested(r) {
				ids = append(ids, *r.PhysicalResourceId) // which knows what of it
				continue
			}
			lines = append(lines, fmt.Sprintf("%s %s: %s", aws.ToString(r.ResourceType), aws.ToString(r.PhysicalResourceId), aws.ToString(r.ResourceStatusReason)))
		}
	}
	slices.Sort(lines)
	return fmt.Errorf("%s could not be deleted, and what has gone is gone. Remove what is named, and try again:\n%s", *s.StackName, strings.Join(lines, "\n"))
}
