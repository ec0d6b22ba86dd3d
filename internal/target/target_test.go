package target_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/less-go/less/internal/target"
)

// developer is the environment of somebody who works with AWS.
var developer = map[string]string{
	"AWS_ACCESS_KEY_ID": "AKIADEVELOPER", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token", "AWS_REGION": "eu-west-1",
}

func environment(more ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(more); i += 2 {
			if more[i] == name {
				return more[i+1]
			}
		}
		return developer[name]
	}
}

func noCLI(context.Context, ...string) ([]byte, error) { return nil, errors.New("no aws command") }

func TestWhichPlaceIsMeant(t *testing.T) {
	const endpoint = "AWS_ENDPOINT_URL"
	tests := []struct {
		name   string
		opts   target.Options
		want   string
		region string
		local  bool
	}{
		{"the engine", target.Options{Getenv: environment()}, "http://localhost:4566", "us-east-1", true},
		{"another port", target.Options{Getenv: environment(endpoint, "http://moto:5000"), Port: 8000}, "http://localhost:8000", "us-east-1", true},
		{"the environment's", target.Options{Getenv: environment(endpoint, "http://moto:5000")}, "http://moto:5000", "eu-west-1", false},
		{"a given one", target.Options{Getenv: environment(endpoint, "http://moto:5000"), Endpoint: "https://stack.localhost"}, "https://stack.localhost", "eu-west-1", true},
		{"AWS", target.Options{Getenv: environment(endpoint, "http://moto:5000"), AWS: true}, "AWS in eu-west-1", "eu-west-1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.opts.DefaultPort, tt.opts.CLI = 4566, noCLI
			got, err := target.New(t.Context(), tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			if got.Name != tt.want || got.Region() != tt.region || got.Local != tt.local {
				t.Errorf("%s in %s, local: %v", got.Name, got.Region(), got.Local)
			}
		})
	}
}

func TestADevelopersKeysGoNowhereButToAWS(t *testing.T) {
	var asked []*http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r)
		http.Error(w, "{}", http.StatusBadRequest)
	}))
	defer server.Close()
	place, err := target.New(t.Context(), target.Options{Endpoint: server.URL, Getenv: environment(), CLI: noCLI})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = place.SQS().ListQueues(t.Context(), &sqs.ListQueuesInput{})
	_, _ = place.ARN(t.Context(), "sqs", "orders")
	if len(asked) != 2 {
		t.Fatalf("%d requests", len(asked))
	}
	for _, r := range asked {
		if auth := r.Header.Get("Authorization"); !strings.Contains(auth, "Credential=test/") || r.Header.Get("X-Amz-Security-Token") != "" {
			t.Errorf("asked with %v", r.Header)
		}
	}
}

func TestKeysOfTheAWSCommand(t *testing.T) {
	getenv := func(string) string { return "" }
	cli := func(_ context.Context, args ...string) ([]byte, error) {
		if strings.Join(args, " ") == "configure get region" {
			return []byte("eu-north-1\n"), nil
		}
		return []byte(`{"Version":1,"AccessKeyId":"ASIASSO","SecretAccessKey":"s","SessionToken":"t","Expiration":"2999-01-01T00:00:00Z"}`), nil
	}
	got, err := target.New(t.Context(), target.Options{AWS: true, Getenv: getenv, CLI: cli})
	if err != nil || got.Name != "AWS in eu-north-1" {
		t.Fatalf("%v, %v", got, err)
	}
	keys, err := got.SQS().Options().Credentials.Retrieve(t.Context())
	if err != nil || keys.AccessKeyID != "ASIASSO" || keys.SessionToken != "t" {
		t.Errorf("%+v, %v", keys, err)
	}
}

func TestAPlaceThatLetsNobodyIn(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"message":"User is not authorized to perform: sqs:ListQueues"}`))
	}))
	defer server.Close()
	place, err := target.New(t.Context(), target.Options{Endpoint: server.URL, Getenv: environment(), CLI: noCLI})
	if err != nil {
		t.Fatal(err)
	}
	_, err = place.Logs().DescribeLogGroups(t.Context(), nil)
	if got := place.Explain(err).Error(); got != server.URL+" does not let these credentials do that: User is not authorized to perform: sqs:ListQueues" {
		t.Error(got)
	}
}
