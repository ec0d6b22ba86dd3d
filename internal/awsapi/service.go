package awsapi

import (
	"context"
	"slices"
	"strings"
)

// A Service is one service of AWS: how it is addressed, and its table of actions.
type Service struct {
	// Name is what the service is called in ARNs, in signatures and in the names
	// of permissions: "sqs".
	Name string
	// Prefix is what the service is called in the names of permissions, where that is
	// not Name: CloudWatch signs as "monitoring" and is "cloudwatch" there.
	Prefix string
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
	// Denied is the error that refuses a permission; nil where every action is
	// everybody's.
	Denied func(Denial) *Error
	// Permissions has the permission that an action needs where that is called
	// other than the action: Lambda's Invoke needs "InvokeFunction". An action
	// with the permission [NoPermission] is everybody's.
	Permissions map[string]string
	// RESTError is the JSON of an error in REST-JSON; nil for an object with the
	// member message.
	RESTError func(*Error) any
	// Bodies has how long the body of a REST action may be, where that is not [MaxBody].
	Bodies map[string]int64
	// TooLarge is what a REST action answers to a body that is longer; nil where the
	// service has no word of its own.
	TooLarge func(action string) *Error

	actions map[string]action
	routes  []*route
}

// NoPermission is in [Service.Permissions] for an action that needs none.
const NoPermission = "-"

// An action is a registered function without its types.
type action struct {
	input   func() any
	do      func(ctx context.Context, input any) (any, error)
	in, out *plan
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
		in:    planOf[In](),
		out:   planOf[Out](),
	}
}

// permission is what the action is called in policies. A batch is the same as one.
func (s *Service) permission(action string) string {
	if name := s.Permissions[action]; name != "" {
		return name
	}
	return strings.TrimSuffix(action, "Batch")
}

func (s *Service) hasVersion(version string) bool { return slices.Contains(s.Versions, version) }
