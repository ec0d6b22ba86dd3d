// Package provider is what CloudFormation needs to know of a type of resource: a
// [Provider] makes, changes and deletes the resources of one type.
//
// # Writing one
//
// Declare the properties as a struct and say the rest with its tags:
//
//	type queueProperties struct {
//		QueueName         string            `cfn:",replace"`
//		VisibilityTimeout *int              // nil where the template does not say
//		RedrivePolicy     map[string]any    // free JSON: any, map[string]any, []any
//		KMSMasterKeyID    string            `cfn:"KmsMasterKeyId"`
//		Tags              []provider.Tag
//	}
//
//	func (queues) Schema() provider.Schema {
//		return provider.SchemaOf[queueProperties](provider.Options{Name: "QueueName", Attributes: []string{"Arn", "QueueName"}})
//	}
//
// The name of a property is the field's, or the tag's. The option required says that a template must have it, and
// replace that another value needs another resource. Leave out what has no effect here: a template that uses a property
// which the struct does not have is refused before anything is made, in whatever depth. So declare a property that is known to be harmless, and
// say in its comment why it is.
//
// Create reads its properties with [Decode], which is as lenient as CloudFormation: "10" is 10 and true is "true".
//
//	func (q queues) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
//		p, err := provider.Decode[queueProperties](r.LogicalID, r.Properties)
//		...
//		name := cmp.Or(p.QueueName, r.Name(80))
//		if q.exists(name) {
//			return provider.Made{}, provider.AlreadyExists("AWS::SQS::Queue", name)
//		}
//		if err := r.Begin(url); err != nil {
//			return provider.Made{}, err
//		}
//		...
//		return provider.Made{PhysicalID: url, Attributes: map[string]any{"Arn": arn, "QueueName": name}}, nil
//	}
//
// # What may be relied on
//
// Properties have no intrinsic functions any more, and nothing that AWS::NoValue took away. Numbers are json.Number
// where the template has them as numbers. The context belongs to an administrator's request in the stack's
// region, so that a provider calls the actions of its service as a client would and never goes around them. It ends when the engine stops.
//
// Providers of several resources, and one provider for several resources, run at the same time.
//
// # After a kill
//
// An operation that a kill interrupted is rolled back by the next engine. Three rules make that possible:
//
//   - Create calls [Resource.Begin] with the physical id, once it knows that the name is free and before it makes anything. Where the service
//     chooses the id, make the id from the resource's Token ([Resource.ID]) if the service can take one, and call Begin directly after otherwise.
//     What was not begun is not deleted; what was is, whether Create went on, failed or was killed.
//   - Update may be called again, with the same properties or with those from before.
//   - Delete of something that is gone is done.
package provider

import "context"

// A Provider makes the resources of one type. Its methods may be called concurrently.
type Provider interface {
	// Schema says which properties and attributes the type has. It is always the same.
	Schema() Schema
	// Create makes a resource, and returns when it can be used.
	Create(ctx context.Context, r Resource) (Made, error)
	// Update changes the resource r.PhysicalID from the properties old to r.Properties. No property that replaces differs. What
	// it returns has the same PhysicalID.
	Update(ctx context.Context, r Resource, old map[string]any) (Made, error)
	// Delete ends the resource r.PhysicalID, which need not be whole, nor exist. r.Properties are those it was made with.
	Delete(ctx context.Context, r Resource) error
}

// Made is a resource that exists.
type Made struct {
	// PhysicalID is what Ref returns.
	PhysicalID string
	// Attributes are what Fn::GetAtt returns, by name: text, or a list of texts.
	Attributes map[string]any
}
