// Package cloudformation is CloudFormation: it makes what templates say, tells each
// step as an event, and goes back to what was before where a step fails.
//
// How a type of resource is made is known to its [provider.Provider]. What is between
// them is here: the order, what has changed, what needs a replacement, and what to undo.
//
// # Operations
//
// A stack is created, updated, rolled back or deleted by one operation at a time, on a
// goroutine of the service. Resources that do not depend on each other are made at the same
// time; deleted they are in the opposite order. A replacement is made before what it
// replaces goes, and that goes, like all that the new template does not have any more, only when
// everything else has succeeded: until then the way back is open.
//
// # Durability
//
// The state of a stack and of each of its resources is a document in the store, written before the next
// step begins. An operation that was interrupted, by a kill or by [Service.Close], is ended by the next service ([Service.Resume]): a creation
// and an update are rolled back, what was rolled back, cleaned up or deleted goes on. So a stack is never stuck in a state
// that only a running operation can leave.
//
// # Nested stacks
//
// A nested stack is a resource, and its operations are parts of its parent's: it keeps what an update takes away until the
// root stack has succeeded.
package cloudformation
