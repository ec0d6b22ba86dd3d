package cloudformation

import (
	"context"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// CreateStackInput is the input of CreateStack.
type CreateStackInput struct {
	StackName, ClientRequestToken, OnFailure     string
	DisableRollback, EnableTerminationProtection bool
	StackPolicyBody, StackPolicyURL              string
	TimeoutInMinutes                             int
	Settings
}

// StackReference is the output of actions that begin something.
type StackReference struct {
	StackID string `json:"StackId"`
}

// CreateStack begins to make a stack.
func (s *Service) CreateStack(ctx context.Context, in *CreateStackInput) (*StackReference, error) {
	switch {
	case in.StackPolicyBody != "" || in.StackPolicyURL != "":
		return nil, awsapi.NotImplemented("stack policies")
	case in.TimeoutInMinutes != 0:
		return nil, awsapi.NotImplemented("TimeoutInMinutes of a stack")
	case in.DisableRollback && in.OnFailure != "":
		return nil, invalid("Only one of DisableRollback or OnFailure can be specified")
	case in.OnFailure != "" && !slices.Contains([]string{"ROLLBACK", "DO_NOTHING", "DELETE"}, in.OnFailure):
		return nil, invalid("1 validation error detected: Value '%s' at 'onFailure' failed to satisfy constraint: Member must satisfy enum value set: [ROLLBACK, DELETE, DO_NOTHING]", in.OnFailure)
	}
	if err := in.unsupported(); err != nil {
		return nil, err
	}
	if err := checkName(in.StackName); err != nil {
		return nil, err
	}
	st := newStack(ctx, in.StackName)
	p, err := s.propose(ctx, st, source{in.TemplateBody, in.TemplateURL, false}, &in.Settings)
	if err != nil {
		return nil, err
	}
	st.Token, st.Protected = in.ClientRequestToken, in.EnableTerminationProtection
	st.DisableRollback, st.DeleteOnFailure = in.DisableRollback || in.OnFailure == "DO_NOTHING", in.OnFailure == "DELETE"
	s.mu.Lock()
	if s.byName[st.Name] != nil {
		s.mu.Unlock()
		return nil, alreadyExists("Stack [%s] already exists", st.Name)
	}
	s.stacks[st.ID], s.byName[st.Name] = st, st
	text := s.adopt(st, p)
	s.mu.Unlock()
	return &StackReference{st.ID}, s.launch(st, text)
}

// UpdateStackInput is the input of UpdateStack.
type UpdateStackInput struct {
	StackName, ClientRequestToken                           string
	UsePreviousTemplate, DisableRollback                    bool
	StackPolicyBody, StackPolicyURL                         string
	StackPolicyDuringUpdateBody, StackPolicyDuringUpdateURL string
	Settings
}

// UpdateStack begins to change a stack.
func (s *Service) UpdateStack(ctx context.Context, in *UpdateStackInput) (*StackReference, error) {
	if in.StackPolicyBody != "" || in.StackPolicyURL != "" || in.StackPolicyDuringUpdateBody != "" || in.StackPolicyDuringUpdateURL != "" {
		return nil, awsapi.NotImplemented("stack policies")
	}
	if err := in.unsupported(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	st := s.find(in.StackName)
	var err error
	if st == nil || st.Status == deleteComplete {
		err = invalid("Stack [%s] does not exist", in.StackName)
	} else {
		err = s.updatable(st)
	}
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	p, err := s.propose(ctx, st, source{in.TemplateBody, in.TemplateURL, in.UsePreviousTemplate}, &in.Settings)
	if err != nil {
		return nil, err
	}
	if !p.changed() {
		return nil, invalid("No updates are to be performed.")
	}
	s.mu.Lock()
	if err := s.updatable(st); err != nil { // somebody was quicker
		s.mu.Unlock()
		return nil, err
	}
	text := s.adopt(st, p)
	st.Token, st.ChangeSetID, st.DisableRollback, st.DeleteOnFailure = in.ClientRequestToken, "", in.DisableRollback, false
	s.mu.Unlock()
	return &StackReference{st.ID}, s.launch(st, text)
}

// DeleteStackInput is the input of DeleteStack.
type DeleteStackInput struct {
	StackName, ClientRequestToken, RoleARN, DeletionMode string
	RetainResources                                      []string
}

// DeleteStack begins to delete a stack. One that is not there is deleted.
func (s *Service) DeleteStack(_ context.Context, in *DeleteStackInput) (*Nothing, error) {
	if in.DeletionMode != "" && in.DeletionMode != "STANDARD" {
		return nil, awsapi.NotImplemented("the deletion mode %s of a stack", in.DeletionMode)
	}
	s.mu.Lock()
	st := s.find(in.StackName)
	if st == nil || st.Status == deleteComplete || st.Status == deleteInProgress {
		s.mu.Unlock()
		return &Nothing{}, nil
	}
	if err := deletable(st, in.RetainResources); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	st.Token, st.Retain = in.ClientRequestToken, in.RetainResources
	documents := s.entered(st, deleteInProgress, "User Initiated")
	for id, c := range s.changeSets {
		if c.StackID == st.ID {
			delete(s.changeSets, id)
			documents = append(documents, queue.Document{Kind: kindChangeSet, Name: id})
		}
	}
	s.mu.Unlock()
	if err := s.keep(documents...); err != nil {
		return nil, err
	}
	return &Nothing{}, s.begin(func(ctx context.Context) error { return s.delete(ctx, st) })
}

// deletable refuses to delete a stack whose state does not allow it.
func deletable(st *stack, retain []string) error {
	switch {
	case st.Protected:
		return invalid("Stack [%s] cannot be deleted while TerminationProtection is enabled", st.Name)
	case st.ParentID != "":
		return invalid("Nested stack %s cannot be deleted by itself. Delete its root stack %s.", st.ID, st.RootID) // AWS can
	case inProgress(st.Status):
		return invalid("Stack [%s] cannot be deleted while in status %s", st.Name, st.Status)
	case len(retain) > 0 && st.Status != deleteFailed:
		return invalid("Invalid operation on stack [%s]. To delete the stack and retain some of its resources, the stack must be in the DELETE_FAILED state", st.ID)
	}
	return nil
}

// RollbackStackInput is the input of RollbackStack.
type RollbackStackInput struct {
	StackName, RoleARN, ClientRequestToken string
	RetainExceptOnCreate                   bool
}

// RollbackStack begins to roll a stack back whose operation has failed without that.
func (s *Service) RollbackStack(_ context.Context, in *RollbackStackInput) (*StackReference, error) {
	s.mu.Lock()
	st := s.find(in.StackName)
	if st == nil {
		s.mu.Unlock()
		return nil, noStack(in.StackName)
	}
	status, run := rollbackInProgress, s.rollBackCreation
	switch st.Status {
	case createFailed:
	case updateFailed:
		status, run = updateRollbackInProgress, func(ctx context.Context, st *stack) error { return s.rollBackUpdate(ctx, st, nil) }
	default:
		s.mu.Unlock()
		return nil, invalid("Stack [%s] can not be rolled back in its current state: [%s]", st.Name, st.Status)
	}
	st.Token = in.ClientRequestToken
	documents := s.entered(st, status, "User Initiated")
	s.mu.Unlock()
	if err := s.keep(documents...); err != nil {
		return nil, err
	}
	return &StackReference{st.ID}, s.begin(func(ctx context.Context) error { return run(ctx, st) })
}

// ContinueUpdateRollbackInput is the input of ContinueUpdateRollback.
type ContinueUpdateRollbackInput struct {
	StackName, RoleARN, ClientRequestToken string
	ResourcesToSkip                        []string
}

// ContinueUpdateRollback begins once more what a rollback has failed at.
func (s *Service) ContinueUpdateRollback(_ context.Context, in *ContinueUpdateRollbackInput) (*Empty, error) {
	s.mu.Lock()
	st := s.find(in.StackName)
	var err error
	switch {
	case st == nil:
		err = noStack(in.StackName)
	case st.Status != updateRollbackFailed:
		err = invalid("Stack:%s is in %s state and can not continue rollback.", st.ID, st.Status)
	default:
		for _, id := range in.ResourcesToSkip {
			if r := st.resources[id]; r == nil || r.Status != updateFailed {
				err = invalid("The resource to skip %s is not in the state UPDATE_FAILED", id)
			}
		}
	}
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	st.Token = in.ClientRequestToken
	documents := s.entered(st, updateRollbackInProgress, "User Initiated")
	s.mu.Unlock()
	if err := s.keep(documents...); err != nil {
		return nil, err
	}
	return &Empty{}, s.begin(func(ctx context.Context) error { return s.rollBackUpdate(ctx, st, in.ResourcesToSkip) })
}

// CancelUpdateStackInput is the input of CancelUpdateStack.
type CancelUpdateStackInput struct{ StackName, ClientRequestToken string }

// CancelUpdateStack rolls back the update that runs.
func (s *Service) CancelUpdateStack(_ context.Context, in *CancelUpdateStackInput) (*Nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.find(in.StackName)
	switch {
	case st == nil:
		return nil, noStack(in.StackName)
	case st.Status != updateInProgress || st.cancel == nil:
		return nil, invalid("CancelUpdateStack cannot be called from current stack status")
	}
	st.cancel()
	return &Nothing{}, nil
}

// UpdateTerminationProtectionInput is the input of UpdateTerminationProtection.
type UpdateTerminationProtectionInput struct {
	StackName                   string
	EnableTerminationProtection bool
}

// UpdateTerminationProtection says whether a stack can be deleted.
func (s *Service) UpdateTerminationProtection(_ context.Context, in *UpdateTerminationProtectionInput) (*StackReference, error) {
	s.mu.Lock()
	st := s.find(in.StackName)
	if st == nil || strings.HasPrefix(st.Status, "DELETE_") {
		s.mu.Unlock()
		return nil, noStack(in.StackName)
	}
	st.Protected = in.EnableTerminationProtection
	d := st.document()
	s.mu.Unlock()
	return &StackReference{st.ID}, s.keep(d)
}
