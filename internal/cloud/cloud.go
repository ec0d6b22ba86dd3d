// Package cloud is AWS as a function needs it: it publishes to SNS and changes
// the visibility of SQS messages, with what the environment says and nothing else.
package cloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"

	"github.com/less-go/less/internal/event"
)

// AWS implements [event.Cloud] with the AWS SDK. It is safe for concurrent use,
// and a client is made when it is first needed: a function that never publishes
// does not pay for one when it starts.
//
// The SDK's own configuration loader is not used. It reads files and asks
// services that a function does not have, and it takes longer to start than
// everything else in a function together.
type AWS struct {
	getenv func(string) string
	http   func() aws.HTTPClient
	sns    func() (*sns.Client, error)
	sqs    func() (*sqs.Client, error)
}

// New returns the AWS that the environment describes: AWS_REGION, the three
// variables of the credentials, AWS_ENDPOINT_URL_SNS, AWS_ENDPOINT_URL_SQS and
// AWS_ENDPOINT_URL, and event.EnvTopicPrefix.
func New(getenv func(string) string) *AWS {
	a := &AWS{getenv: getenv}
	a.http = sync.OnceValue(newHTTPClient)
	a.sns = sync.OnceValues(a.newSNS)
	a.sqs = sync.OnceValues(a.newSQS)
	return a
}

// Publish sends e to its topic and returns when SNS has stored it.
func (a *AWS) Publish(ctx context.Context, e event.Outgoing) error {
	prefix := a.getenv(event.EnvTopicPrefix)
	if prefix == "" {
		return missing(event.EnvTopicPrefix)
	}
	client, err := a.sns()
	if err != nil {
		return err
	}
	attributes := make(map[string]types.MessageAttributeValue, len(e.Attributes))
	for name, value := range e.Attributes {
		attributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
	}
	_, err = client.Publish(ctx, &sns.PublishInput{
		TopicArn:          aws.String(prefix + e.Topic),
		Message:           aws.String(string(e.Body)),
		MessageAttributes: attributes,
	})
	return err
}

// ChangeVisibility hides the message of receipt for d from now on, rounded up to
// whole seconds, which is what SQS counts in.
func (a *AWS) ChangeVisibility(ctx context.Context, queueARN, receipt string, d time.Duration) error {
	url, err := a.queueURL(queueARN)
	if err != nil {
		return err
	}
	client, err := a.sqs()
	if err != nil {
		return err
	}
	_, err = client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl:          aws.String(url),
		ReceiptHandle:     aws.String(receipt),
		VisibilityTimeout: int32((d + time.Second - 1) / time.Second),
	})
	return err
}

// queueURL makes the URL of a queue from its ARN, so that a function needs no
// permission to look it up.
func (a *AWS) queueURL(arn string) (string, error) {
	parts := strings.Split(arn, ":")
	if len(parts) != 6 || parts[2] != "sqs" {
		return "", fmt.Errorf("%q is not the ARN of a queue", arn)
	}
	partition, region, account, name := parts[1], parts[3], parts[4], parts[5]
	if endpoint := a.endpoint("SQS"); endpoint != "" {
		return strings.TrimSuffix(endpoint, "/") + "/" + account + "/" + name, nil
	}
	domain := "amazonaws.com"
	if partition == "aws-cn" {
		domain = "amazonaws.com.cn"
	}
	return fmt.Sprintf("https://sqs.%s.%s/%s/%s", region, domain, account, name), nil
}

func (a *AWS) newSNS() (*sns.Client, error) {
	region, credentials, err := a.settings()
	if err != nil {
		return nil, err
	}
	endpoint := a.endpoint("SNS")
	o := sns.Options{
		Region: region, Credentials: credentials, HTTPClient: a.client(endpoint),
		APIOptions: []func(*middleware.Stack) error{lean},
	}
	if endpoint != "" {
		o.BaseEndpoint = aws.String(endpoint)
	}
	return sns.New(o), nil
}

func (a *AWS) newSQS() (*sqs.Client, error) {
	region, credentials, err := a.settings()
	if err != nil {
		return nil, err
	}
	endpoint := a.endpoint("SQS")
	o := sqs.Options{Region: region, Credentials: credentials, HTTPClient: a.client(endpoint)}
	if endpoint != "" {
		o.BaseEndpoint = aws.String(endpoint)
	}
	return sqs.New(o), nil
}

// client returns what sends the requests to endpoint.
func (a *AWS) client(endpoint string) aws.HTTPClient {
	if l := newLocal(endpoint); l != nil {
		return l
	}
	return a.http()
}

func (a *AWS) endpoint(service string) string {
	return cmp.Or(a.getenv("AWS_ENDPOINT_URL_"+service), a.getenv("AWS_ENDPOINT_URL"))
}

// settings reads what every client needs. Credentials are read once: Lambda
// replaces a process before the ones it was started with expire.
func (a *AWS) settings() (region string, credentials aws.CredentialsProvider, err error) {
	region = cmp.Or(a.getenv("AWS_REGION"), a.getenv("AWS_DEFAULT_REGION"))
	keys := aws.Credentials{
		AccessKeyID:     a.getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: a.getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    a.getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	switch {
	case region == "":
		err = missing("AWS_REGION")
	case keys.AccessKeyID == "":
		err = missing("AWS_ACCESS_KEY_ID")
	case keys.SecretAccessKey == "":
		err = missing("AWS_SECRET_ACCESS_KEY")
	}
	provider := func(context.Context) (aws.Credentials, error) { return keys, nil }
	return region, aws.CredentialsProviderFunc(provider), err
}

// missing says which variable is not set and how a function comes to have it.
func missing(variable string) error {
	return errors.New(variable + " is not set. A function gets it from AWS and from less-cli run; " +
		"in a test, use the context that lesstest.New returns.")
}

// newHTTPClient keeps as many idle connections to one host as a busy function
// has publications under way. With the SDK's 10, every further one would open a
// connection and close it again.
func newHTTPClient() aws.HTTPClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns = 256
		t.MaxIdleConnsPerHost = 256
	})
}
