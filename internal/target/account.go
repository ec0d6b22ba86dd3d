package target

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
)

// account is the region and the keys of the AWS account that is meant, found as
// every AWS SDK finds them: in the environment, in the profile, by single sign-on, by
// the role of the machine. The error names both where both are missing.
func (o Options) account(ctx context.Context) (region string, keys aws.CredentialsProvider, err error) {
	found, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile(o.Profile), config.WithLogger(logging.NewStandardLogger(io.Discard)))
	if err != nil {
		if _, missing := errors.AsType[config.SharedConfigProfileNotExistError](err); missing {
			return "", nil, fmt.Errorf("there is no profile %q in ~/.aws/config or ~/.aws/credentials. Name another with --profile or AWS_PROFILE, or make it with 'aws configure --profile %[1]s'",
				cmp.Or(o.Profile, o.Getenv("AWS_PROFILE")))
		}
		return "", nil, fmt.Errorf("read the settings of AWS: %w", err)
	}
	region = cmp.Or(o.Region, o.Getenv("AWS_REGION"), o.Getenv("AWS_DEFAULT_REGION"), found.Region)
	var noRegion error
	if region == "" {
		noRegion = errors.New("AWS_REGION is not set. Set it to the region of the deployment, such as eu-west-1")
	}
	if id := o.Getenv("AWS_ACCESS_KEY_ID"); id != "" && o.Profile == "" {
		return region, static(aws.Credentials{
			AccessKeyID: id, SecretAccessKey: o.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: o.Getenv("AWS_SESSION_TOKEN"),
			Source: "environment",
		}), noRegion
	}
	if _, err := found.Credentials.Retrieve(ctx); err != nil {
		where := "AWS_ACCESS_KEY_ID is not set, "
		if o.Profile != "" {
			where = ""
		}
		return "", nil, errors.Join(noRegion, fmt.Errorf("there are no AWS credentials: %sand the profile %s in ~/.aws and the role of this machine give none (%w). "+
			"Set the variables, name a profile with --profile or AWS_PROFILE, or run 'aws configure' or 'aws sso login'",
			where, cmp.Or(o.Profile, o.Getenv("AWS_PROFILE"), "default"), root(err)))
	}
	return region, found.Credentials, noRegion
}

// client is what requests go over. It trusts the certificates that AWS_CA_BUNDLE
// names, as the AWS SDKs' own does.
func (o Options) client() (*awshttp.BuildableClient, error) {
	client := awshttp.NewBuildableClient()
	bundle := o.Getenv("AWS_CA_BUNDLE")
	if bundle == "" {
		return client, nil
	}
	content, err := os.ReadFile(bundle)
	if err != nil {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(bytes.TrimSpace(content)) {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %s holds no certificate. Name a file of certificates in PEM", bundle)
	}
	return client.WithTransportOptions(func(t *http.Transport) {
		if t.TLSClientConfig == nil {
			t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		t.TLSClientConfig.RootCAs = pool
	}), nil
}

// keyVariables are the variables that say whose requests are made.
var keyVariables = []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"}

// Environ is environ with what sends another program to the same place, with the
// same keys.
func (t *Target) Environ(environ []string) []string {
	without := map[string]bool{}
	add := []string{"AWS_REGION=" + t.Region(), "AWS_DEFAULT_REGION=" + t.Region()}
	switch {
	case t.config.BaseEndpoint != nil:
		for _, name := range keyVariables {
			without[name] = true
		}
		add = append(add, "AWS_ENDPOINT_URL="+*t.config.BaseEndpoint, "AWS_ACCESS_KEY_ID="+LocalKey, "AWS_SECRET_ACCESS_KEY="+LocalKey)
	case t.opts.Profile != "":
		for _, name := range keyVariables {
			without[name] = true
		}
		add = append(add, "AWS_PROFILE="+t.opts.Profile)
	}
	if t.opts.AWS {
		without["AWS_ENDPOINT_URL"] = true
	}
	var out []string
	for _, one := range environ {
		if name, _, _ := strings.Cut(one, "="); !without[name] {
			out = append(out, one)
		}
	}
	return append(out, add...)
}
