package engine

import (
	"context"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation"
	"github.com/less-go/less/internal/cloudformation/resources"
	"github.com/less-go/less/internal/ssm"
)

// openStacks returns CloudFormation, which makes its resources by the other services.
func (e *Engine) openStacks(ctx context.Context, services resources.Services) (*cloudformation.Service, error) {
	return cloudformation.Open(ctx, e.store, cloudformation.Options{
		Providers: resources.Providers(services),
		Fetch:     e.fetchTemplate,
		Lookup:    e.lookUpParameters,
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

// lookUpParameters reads parameters of the Parameter Store, those that exist.
func (e *Engine) lookUpParameters(ctx context.Context, names []string) (map[string]string, error) {
	found := map[string]string{}
	for _, name := range names {
		out, err := e.account.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: name})
		switch {
		case err == nil:
			found[name] = out.Parameter.Value
		case !awsapi.AsError(err).SenderFault():
			return nil, err
		}
	}
	return found, nil
}
