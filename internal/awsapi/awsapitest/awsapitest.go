// Package awsapitest lets tests talk to services as AWS's SDK does.
package awsapitest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/less-go/less/internal/awsapi"
)

// Region is the region of [Config].
const Region = "eu-west-1"

// Serve serves h as the engine does, on a socket of the loopback interface, until
// the test ends.
func Serve(tb testing.TB, h http.Handler) *httptest.Server {
	tb.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.Config = awsapi.NewServer(tb.Context(), h)
	server.Start()
	tb.Cleanup(server.Close)
	return server
}

// Config is that of an administrator's clients for an endpoint. They try
// everything once, and use client, or that of the SDK where it is nil.
func Config(endpoint string, client *http.Client) aws.Config {
	config := aws.Config{
		Region:       Region,
		BaseEndpoint: aws.String(endpoint),
		Credentials:  Key("test"),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
	if client != nil {
		config.HTTPClient = client
	}
	return config
}

// Key are the credentials with this access key id.
func Key(id string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: id, SecretAccessKey: "test"}, nil
	})
}
