package awsapi

import (
	"context"
	"slices"
)

// A Service is one service of AWS: how it is addressed, and its table of actions.
type Service struct {
	// Name is what the service is called in ARNs, in signatures and in the names
	// of permissions: "sqs".
	Name string
	// Target is what stands before the action in X-Amz-Target: "AmazonSQS".
	// Empty for a service that has no JSON protocol.
	Target string
	// Versions are the values of the form field Version that mean this service,
	// the current one first. None for a service that has no query protocol.
	Versions []string
	// Namespace is the XML namespace of answers.
	Namespace string
	// PathField is the form field that the request's path stands for where a
	// query request has no such field: SQS's "QueueUrl".
	PathField string
	// ErrorDetail says that XML errors have an empty element Detail.
	ErrorDetail bool
	// Denied is the error that refuses a user's permission to do an action on a
	// resource.
	Denied func(user, action, resource string) *Error

	actions map[string]action
}

// An action is a registered function without its types.
type action struct {
	input func() any
	do    func(ctx context.Context, input any) (any, error)
}

// Register adds an action to s. In and Out are structs; an Out without fields
// means that the answer has no result. In may have the method
//
//	Resource(region string) string
//
// that returns the ARN of what the action is done to, for the [Authorizer].
// Registering a name twice panics.
func Register[In, Out any](s *Service, name string, do func(context.Context, *In) (*Out, error)) {
	if _, taken := s.actions[name]; taken {
		panic("awsapi: " + s.Name + " has two actions " + name)
	}
	if s.actions == nil {
		s.actions = map[string]action{}
	}
	s.actions[name] = action{
		input: func() any { return new(In) },
		do:    func(ctx context.Context, input any) (any, error) { return do(ctx, input.(*In)) },
	}
}

func (s *Service) hasVersion(version string) bool { return slices.Contains(s.Versions, version) }
