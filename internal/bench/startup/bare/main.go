// Command bare is the smallest Lambda function that aws-lambda-go makes: what a
// function on package less is measured against.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

type echo struct{}

func (echo) Invoke(_ context.Context, payload []byte) ([]byte, error) { return payload, nil }

func main() { lambda.StartWithOptions(echo{}) }
