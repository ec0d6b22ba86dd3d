// Package awstest deploys the application and looks at what is there: that the wiring
// which CloudFormation has made is the plan's, and that it works. The target is an
// engine of its own, another endpoint, or AWS.
package awstest
