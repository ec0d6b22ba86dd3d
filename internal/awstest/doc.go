// Package awstest deploys the application and looks at what is there: that the wiring
// which CloudFormation has made is the plan's, and that it works. The target is an
// engine of its own, another endpoint, or AWS.
//
// The wiring is read through the services' own APIs, which a stack's status says nothing
// of. That each mistake in it would be seen is shown by mistakes in the template.
package awstest
