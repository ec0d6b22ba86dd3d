// Package policy reads the policy documents of IAM and decides by them, as AWS's
// evaluation logic has it. It does no I/O and knows no service.
//
// A document is read once, by the kind of place that it is for: [ParseIdentity] for
// the policies of roles, [ParseResource] for those of queues, topics and buckets, and
// [ParseTrust] for who may assume a role. Then [Evaluate] asks it about requests: a
// deny that matches wins over everything; within one account an allow of either side
// is enough; and what nobody allows is denied.
//
// There are no permission boundaries, session policies or service control policies.
package policy
