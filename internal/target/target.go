// Package target is where the operator's commands find a deployment: the local
// engine, AWS, or whatever else speaks AWS's protocols. It alone decides which
// one, and with whose keys.
package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/less-go/less/internal/loopback"
)

// Rule is the whole of it, as the commands' help says it.
const Rule = `It talks to the local engine, which 'less-cli run' starts (http://localhost:4566, or --aws-port);
with --endpoint or AWS_ENDPOINT_URL to that endpoint; with --aws to AWS. Only --aws uses AWS
credentials: those that any AWS SDK finds.`

// CloudRule is that of the commands whose place is AWS where nobody says another.
const CloudRule = `It talks to AWS, with the credentials that any AWS SDK finds; with --endpoint or AWS_ENDPOINT_URL
to that endpoint, with a key that is nobody's.`

// DefaultRegion is the local engine's, and that of an endpoint where no region is
// set. LocalKey is the key that both are asked with.
const (
	DefaultRegion = "us-east-1"
	LocalKey      = "test"
)

// Options say which target is meant. The first that is given counts: AWS and
// Endpoint, which exclude each other, Port, AWS_ENDPOINT_URL in the environment.
type Options struct {
	// AWS is AWS itself, whatever AWS_ENDPOINT_URL says.
	AWS bool
	// Endpoint is the URL of another one.
	Endpoint string
	// Port is that of an engine on this machine. DefaultPort is where there is none; it
	// is 0 for those who do not mean an engine.
	Port, DefaultPort int
	// Region and Profile are AWS's, where the environment's are not meant. A profile
	// counts before keys in the environment.
	Region, Profile string
	Getenv          func(string) string
}

// A Target is a place where deployments are. Its clients are made when they are
// first asked for.
type Target struct {
	// Name is what people know it by: "AWS in eu-west-1", "http://localhost:4566".
	Name string
	// Local says that it is on this machine.
	Local  bool
	config aws.Config
	opts   Options

	SNS            func() *sns.Client
	SQS            func() *sqs.Client
	Lambda         func() *lambda.Client
	Logs           func() *cloudwatchlogs.Client
	CloudFormation func() *cloudformation.Client
	SSM            func() *ssm.Client
}

// New finds the target that is meant. It does not talk to it yet.
func New(ctx context.Context, opts Options) (*Target, error) {
	t := &Target{opts: opts}
	client, err := opts.client()
	if err != nil {
		return nil, err
	}
	switch endpoint := opts.endpoint(); {
	case opts.AWS && opts.Endpoint != "":
		return nil, errors.New("--aws and --endpoint are two places: choose one")
	case opts.AWS:
		region, keys, err := opts.account(ctx)
		if err != nil {
			return nil, err
		}
		t.Name = "AWS in " + region
		t.config = aws.Config{Region: region, Credentials: keys, HTTPClient: client}
	default:
		u, err := url.Parse(endpoint)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("%q is not the URL of an endpoint. Write it like http://localhost:4566", endpoint)
		}
		t.Name, t.Local = endpoint, loopback.AllowedHost(u.Host)
		t.config = aws.Config{
			// A region means other resources in an emulator, but nothing to the engine.
			Region:       cmp.Or(opts.Region, opts.Getenv("AWS_REGION"), opts.Getenv("AWS_DEFAULT_REGION"), DefaultRegion),
			BaseEndpoint: aws.String(endpoint),
			Credentials:  static(aws.Credentials{AccessKeyID: LocalKey, SecretAccessKey: LocalKey}),
			HTTPClient:   client,
		}
		if endpoint == opts.engine() {
			t.config.Region = DefaultRegion
		}
		if t.Local {
			t.config.Retryer = func() aws.Retryer { return retry.NewStandard(onlyBrokenOff) }
		}
	}
	t.SNS = sync.OnceValue(func() *sns.Client { return sns.NewFromConfig(t.config) })
	t.SQS = sync.OnceValue(func() *sqs.Client { return sqs.NewFromConfig(t.config) })
	t.Lambda = sync.OnceValue(func() *lambda.Client { return lambda.NewFromConfig(t.config) })
	t.Logs = sync.OnceValue(func() *cloudwatchlogs.Client { return cloudwatchlogs.NewFromConfig(t.config) })
	t.CloudFormation = sync.OnceValue(func() *cloudformation.Client { return cloudformation.NewFromConfig(t.config) })
	t.SSM = sync.OnceValue(func() *ssm.Client { return ssm.NewFromConfig(t.config) })
	return t, nil
}

func (o Options) endpoint() string {
	if o.Endpoint != "" {
		return o.Endpoint
	}
	if fromEnv := o.Getenv("AWS_ENDPOINT_URL"); o.Port == 0 && fromEnv != "" {
		return fromEnv
	}
	return o.engine()
}

func (o Options) engine() string {
	return fmt.Sprintf("http://localhost:%d", cmp.Or(o.Port, o.DefaultPort))
}

// AWS says that the target is AWS itself, and no other endpoint.
func (t *Target) AWS() bool { return t.config.BaseEndpoint == nil }

// Region is where the target's resources are.
func (t *Target) Region() string { return t.config.Region }

// Account is the number of the account that the target's keys belong to, and the
// partition that it is in.
func (t *Target) Account(ctx context.Context) (number, partition string, err error) {
	out, err := sts.NewFromConfig(t.config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", t.Explain(err)
	}
	who, err := arn.Parse(aws.ToString(out.Arn))
	if err != nil {
		who.Partition = "aws" // an emulator's own idea of a name
	}
	return aws.ToString(out.Account), who.Partition, nil
}

// ARN is that of a resource of the account that the target's keys belong to.
func (t *Target) ARN(ctx context.Context, service, resource string) (string, error) {
	account, partition, err := t.Account(ctx)
	if err != nil {
		return "", err
	}
	return arn.ARN{
		Partition: partition, Service: service, Region: t.config.Region, AccountID: account, Resource: resource,
	}.String(), nil
}

// static provides keys that do not change.
func static(keys aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })
}

// onlyBrokenOff has a call tried again whose connection broke off, and no other: where
// nobody listens on this machine, nobody will in a second, and people wait.
func onlyBrokenOff(o *retry.StandardOptions) {
	o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
		return aws.BoolTernary(errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET))
	})}, o.Retryables...)
}
