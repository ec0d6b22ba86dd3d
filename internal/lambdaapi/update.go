package lambdaapi

import (
	"context"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// UpdateFunctionCodeInput is the input of UpdateFunctionCode.
type UpdateFunctionCodeInput struct {
	FunctionOnly
	FunctionCode
	Architectures []string
	DryRun        bool
	Publish       bool
	PublishTo     string
	RevisionID    string `json:"RevisionId"`
}

// UpdateFunctionCode has a function run other code from now on. What runs ends in
// the code that it began in, and what had failed is tried again at once.
func (s *Service) UpdateFunctionCode(ctx context.Context, in *UpdateFunctionCodeInput) (*Configuration, error) {
	if in.Publish || in.PublishTo != "" {
		return nil, awsapi.NotImplemented("versions of functions")
	}
	f, err := s.changeableFunction(ctx, in.FunctionName, in.RevisionID)
	if err != nil {
		return nil, err
	}
	loaded := f.clone()
	// Not under the lock, as in CreateFunction.
	if err := s.load(ctx, &loaded, in.FunctionCode, in.Architectures); err != nil {
		return nil, err
	}
	if in.DryRun {
		return s.configuration(ctx, &loaded, "")
	}
	return s.change(ctx, in.FunctionName, in.RevisionID, func(f *Function) error {
		d := f.Deployment
		f.Binary, d.Code, d.Architecture, d.Modified = loaded.Binary, loaded.Deployment.Code, loaded.Deployment.Architecture, time.Now()
		return nil
	})
}

// UpdateFunctionConfigurationInput is the input of UpdateFunctionConfiguration.
type UpdateFunctionConfigurationInput struct {
	FunctionOnly
	RevisionID string `json:"RevisionId"`
	FunctionSettings
}

// UpdateFunctionConfiguration changes some of a function's settings.
func (s *Service) UpdateFunctionConfiguration(ctx context.Context, in *UpdateFunctionConfigurationInput) (*Configuration, error) {
	return s.change(ctx, in.FunctionName, in.RevisionID, func(f *Function) error {
		if err := in.apply(f); err != nil {
			return err
		}
		f.Deployment.Modified = time.Now()
		return s.checkRole(ctx, f.Deployment.Role)
	})
}

// change makes a change to a function, and tells what it is then.
func (s *Service) change(ctx context.Context, name, revision string, how func(*Function) error) (*Configuration, error) {
	s.deploying.Lock()
	defer s.deploying.Unlock()
	before, err := s.changeableFunction(ctx, name, revision)
	if err != nil {
		return nil, err
	}
	f := before.clone()
	if err := how(&f); err != nil {
		return nil, err
	}
	if err := s.deploy(ctx, &f); err != nil {
		return nil, err
	}
	c, err := s.configuration(ctx, &f, "")
	if err != nil {
		return nil, err
	}
	c.LastUpdateStatus, c.LastUpdateStatusReason, c.LastUpdateStatusReasonCode = "InProgress", "The function is being created.", "Creating"
	return c, nil
}

// changeableFunction returns a function that a client may change, if it is of the
// revision that is meant; an empty one is any.
func (s *Service) changeableFunction(ctx context.Context, name, revision string) (*Function, error) {
	f, _, err := s.find(ctx, Reference{FunctionName: name})
	switch {
	case err != nil:
		return nil, err
	case f.Deployment == nil:
		return nil, invalidValue("The function " + f.Name + " belongs to less/" + f.ID + ". Change it there.")
	case revision != "" && revision != f.Deployment.Revision:
		return nil, staleRevision()
	}
	return f, nil
}

// NoContent is the output of an action that says no more than that it is done.
type NoContent struct {
	Status int `json:"-" rest:"status"`
}

// DeleteFunction removes a function. What runs may end; events that wait are lost,
// and event source mappings stay without it, as on AWS.
func (s *Service) DeleteFunction(ctx context.Context, in *Reference) (*NoContent, error) {
	s.deploying.Lock()
	defer s.deploying.Unlock()
	if in.Qualifier != "" && in.Qualifier != latest {
		return nil, awsapi.NotImplemented("versions of functions")
	}
	f, err := s.changeableFunction(ctx, in.FunctionName, "")
	if err != nil {
		return nil, err
	}
	if err := s.deployer.Withdraw(ctx, f.Name); err != nil {
		return nil, broken(err)
	}
	return &NoContent{204}, nil
}
