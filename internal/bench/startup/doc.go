// Package startup measures what package less adds to the start and to the size
// of a Lambda function: it has the functions, and its benchmark runs them. It measures
// the start of less-cli too.
package startup
