package engine

import (
	"context"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation"
	"github.com/less-go/less/internal/cloudformation/resources"
)

// openStacks returns CloudFormation, which makes its resources by the other services.
func (e *Engine) openStacks(ctx context.Context, services resources.Services) (*cloudformation.Service, error) {
	return cloudformation.Open(ctx, e.store, cloudformation.Options{
		Providers: resources.Providers(services),
		Fetch:     e.fetchTemplate,
		URL:       e.AWS,
		Failed:    e.failed,
	})
}

// fetchTemplate reads a template from S3, or says what CloudFormation says of one that is missing.
func (e *Engine) fetchTemplate(ctx context.Context, url string) ([]byte, error) {
	body, err := e.s3.Fetch(ctx, url)
	if err == nil {
		return body, nil
	}
	failure := awsapi.AsError(err)
	if !failure.SenderFault() {
		return nil, err
	}
	return nil, awsapi.Errorf("ValidationError", "S3 error: %s\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", failure.Message)
}
