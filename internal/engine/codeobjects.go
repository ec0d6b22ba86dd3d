package engine

import (
	"context"
	"io"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/s3"
)

// codeObjects are S3's objects for Lambda, which reads the code of functions there.
type codeObjects struct{ s3 *s3.Service }

// Object returns the content of an object, or what Lambda says of one that is missing.
func (o codeObjects) Object(ctx context.Context, bucket, key, version string) (io.ReadCloser, error) {
	content, err := o.s3.Object(ctx, bucket, key, version)
	if err == nil {
		return content, nil
	}
	e := awsapi.AsError(err)
	if !e.SenderFault() {
		return nil, err
	}
	return nil, awsapi.Errorf("InvalidParameterValueException",
		"Error occurred while GetObject. S3 Error Code: %s. S3 Error Message: %s", e.Code, e.Message)
}
