package lambdaapi

import (
	"context"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/less-go/less/internal/awsapi"
)

// CreateFunctionInput is the input of CreateFunction.
type CreateFunctionInput struct {
	FunctionName  string
	Code          FunctionCode
	Architectures []string
	PackageType   string
	Publish       bool
	PublishTo     string
	Tags          map[string]string
	FunctionSettings
}

// Resource returns the function's ARN.
func (in *CreateFunctionInput) Resource(region string) string {
	return Reference{FunctionName: in.FunctionName}.Resource(region)
}

// maxNewName is how long the name of a function may be. The model has 140, for ARNs.
const maxNewName = 64

var validNewName = regexp.MustCompile(`^[a-zA-Z0-9-_]+$`)

// CreateFunction makes a function, which can be invoked when this returns.
func (s *Service) CreateFunction(ctx context.Context, in *CreateFunctionInput) (*Configuration, error) {
	name, _ := splitName(in.FunctionName)
	switch {
	case !validName.MatchString(in.FunctionName), !validNewName.MatchString(name):
		return nil, invalidMember(in.FunctionName, "functionName", "Member must satisfy regular expression pattern: "+namePattern)
	case len(name) > maxNewName:
		return nil, invalidMember(in.FunctionName, "functionName", "Member must have length less than or equal to 64")
	}
	f := Function{
		ID: name, Name: name, Timeout: defaultTimeout * time.Second, MemoryMB: defaultMemory,
		Deployment: &Deployment{Region: awsapi.RequestFrom(ctx).Region, Tracing: tracingPassThrough, Tags: in.Tags, Modified: time.Now()},
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := in.apply(&f); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	if err := s.checkRole(ctx, f.Deployment.Role); err != nil {
		return nil, err
	}
	if err := s.unknown(name); err != nil {
		return nil, err
	}
	// Not under the lock: what comes at the same time is unpacked at the same time.
	if err := s.load(ctx, &f, in.Code, in.Architectures); err != nil {
		return nil, err
	}
	s.deploying.Lock()
	defer s.deploying.Unlock()
	if err := s.unknown(name); err != nil {
		return nil, err
	}
	if err := s.deploy(ctx, &f); err != nil {
		return nil, err
	}
	c, err := s.configuration(ctx, &f, "")
	if err != nil {
		return nil, err
	}
	c.HTTPStatus = http.StatusCreated
	c.State, c.StateReason, c.StateReasonCode = "Pending", "The function is being created.", "Creating"
	c.LastUpdateStatus = ""
	return c, nil
}

// check refuses what lacks a part or is of another kind.
func (in *CreateFunctionInput) check() error {
	switch {
	case in.PackageType != "" && in.PackageType != "Zip":
		return awsapi.NotImplemented("functions of the package type %s", in.PackageType)
	case in.Publish, in.PublishTo != "":
		return awsapi.NotImplemented("versions of functions")
	case in.Role == nil:
		return awsapi.Errorf("ValidationException", "1 validation error detected: Value null at 'role' failed to satisfy constraint: Member must not be null")
	case in.Runtime == nil, in.Handler == nil:
		return invalidValue("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	}
	return in.FunctionSettings.check()
}

// unknown refuses to make a second function of a name.
func (s *Service) unknown(name string) error {
	if s.functions.Load().byName[name] != nil {
		return conflict("Function already exist: %s", name) // AWS's grammar
	}
	return nil
}

// checkRole refuses a role that Lambda could not assume.
func (s *Service) checkRole(ctx context.Context, role string) error {
	if s.roles != nil && !s.roles.Assumable(ctx, role, "lambda.amazonaws.com") {
		return invalidValue("The role defined for the function cannot be assumed by Lambda.")
	}
	return nil
}

// deploy runs f as it is now. The caller holds s.deploying.
func (s *Service) deploy(ctx context.Context, f *Function) error {
	f.Deployment.Revision = uuid.NewString()
	if err := s.deployer.Deploy(ctx, *f); err != nil {
		return broken(err)
	}
	return nil
}

// clone is a copy of f that can be changed, while others read f.
func (f *Function) clone() Function {
	out, d := *f, *f.Deployment
	d.Tags = maps.Clone(d.Tags)
	d.Permissions = slices.Clone(d.Permissions)
	out.Deployment = &d
	return out
}
