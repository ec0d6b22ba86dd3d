// Package awsapi speaks the wire protocols of AWS on behalf of services that it
// knows nothing about.
//
// A [Service] is a table of actions, filled by [Register]: one function and one
// line per action. A [Handler] finds the service and the action a request means,
// decodes its parameters into the action's input, asks the [Authorizer], runs the
// action, and encodes its output or its [Error]. It does so in the protocol of
// the request:
//
//   - AWS JSON: the action is in the header X-Amz-Target, input and output are JSON.
//   - Query: the action is the form field Action, the input is flattened into form
//     fields, the output is XML. A request may address a queue's URL.
//   - REST-JSON: method and path are the action, see [RegisterREST].
//
// The same Go structs serve the first two. A field is called what AWS's JSON calls it:
// by its Go name, or by its json tag. Where the query protocol has another
// name, a query tag gives it; the option flat says that the elements of a list
// or map stand side by side in the XML, as in SQS, and not inside an element of
// the field's name, as in SNS (keyed is flat for a map whose entries have a Key
// and not a Name):
//
//	type ReceiveMessageOutput struct {
//		Messages []Message `json:",omitempty" query:"Message,flat"`
//	}
//
// Signatures are not verified: who can reach the port may use it, so it must be
// a local one, which [Guard] defends against web pages. The access key id in a
// signature says which function is calling.
package awsapi
