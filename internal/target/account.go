package target

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// account is the region and the keys of the AWS account that the environment
// names, or that the aws command is configured with: profiles, roles and single
// sign-on are its business.
func (o Options) account(ctx context.Context) (region string, keys aws.CredentialsProvider, err error) {
	region = cmp.Or(o.Getenv("AWS_REGION"), o.Getenv("AWS_DEFAULT_REGION"))
	if region == "" {
		// Without the command, or without a region in its files, it is missing.
		out, _ := o.CLI(ctx, "configure", "get", "region")
		region = trimmed(out)
	}
	if region == "" {
		return "", nil, errors.New("AWS_REGION is not set. Set it to the region of the deployment, such as eu-west-1")
	}
	if id := o.Getenv("AWS_ACCESS_KEY_ID"); id != "" {
		return region, static(aws.Credentials{
			AccessKeyID: id, SecretAccessKey: o.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: o.Getenv("AWS_SESSION_TOKEN"),
			Source: "environment",
		}), nil
	}
	provider := aws.NewCredentialsCache(aws.CredentialsProviderFunc(o.exported))
	if _, err := provider.Retrieve(ctx); err != nil {
		return "", nil, cmp.Or(errors.Unwrap(err), err) // without the cache's own words
	}
	return region, provider, nil
}

// exported asks the aws command for keys.
func (o Options) exported(ctx context.Context) (aws.Credentials, error) {
	out, err := o.CLI(ctx, "configure", "export-credentials", "--format", "process")
	var keys struct {
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      time.Time
	}
	if err == nil {
		err = json.Unmarshal(out, &keys)
	}
	if err == nil && keys.AccessKeyID == "" {
		err = errors.New("it knows none")
	}
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("there are no AWS credentials: AWS_ACCESS_KEY_ID is not set, and the aws command gives none (%w). "+
			"Set the variables, or run 'aws configure' or 'aws sso login'", err)
	}
	return aws.Credentials{
		AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken,
		CanExpire: !keys.Expiration.IsZero(), Expires: keys.Expiration, Source: "aws command",
	}, nil
}
