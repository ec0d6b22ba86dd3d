package target_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
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
			tt.opts.DefaultPort = 4566
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
	place, err := target.New(t.Context(), target.Options{Endpoint: server.URL, Getenv: environment()})
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

// profiles makes the files of a developer who has one profile, and no keys anywhere else.
func profiles(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"AWS_CONFIG_FILE":             "[profile shop]\nregion = eu-north-1\n",
		"AWS_SHARED_CREDENTIALS_FILE": "[shop]\naws_access_key_id = AKIASHOP\naws_secret_access_key = s\naws_session_token = t\n",
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(name, path)
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for _, name := range []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(name, "")
	}
}

func TestKeysOfAProfile(t *testing.T) {
	profiles(t)
	got, err := target.New(t.Context(), target.Options{AWS: true, Profile: "shop", Getenv: environment("AWS_REGION", "")})
	if err != nil || got.Name != "AWS in eu-north-1" {
		t.Fatalf("%v, %v", got, err)
	}
	keys, err := got.SQS().Options().Credentials.Retrieve(t.Context())
	if err != nil || keys.AccessKeyID != "AKIASHOP" || keys.SessionToken != "t" {
		t.Errorf("%+v, %v", keys, err)
	}
	env := got.Environ([]string{"HOME=/home/me", "AWS_ACCESS_KEY_ID=AKIADEVELOPER", "AWS_ENDPOINT_URL=http://moto:5000"})
	want := []string{"HOME=/home/me", "AWS_REGION=eu-north-1", "AWS_DEFAULT_REGION=eu-north-1", "AWS_PROFILE=shop"}
	if !slices.Equal(env, want) {
		t.Errorf("%q, want %q", env, want)
	}
}

func TestAnotherProgramIsSentToTheSamePlace(t *testing.T) {
	place, err := target.New(t.Context(), target.Options{Endpoint: "http://localhost:5000", Getenv: environment()})
	if err != nil {
		t.Fatal(err)
	}
	got := place.Environ([]string{"AWS_SECRET_ACCESS_KEY=mine", "AWS_SESSION_TOKEN=mine", "AWS_PROFILE=mine", "PATH=/bin"})
	want := []string{
		"PATH=/bin", "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1", "AWS_ENDPOINT_URL=http://localhost:5000",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWhatIsMissingForAWSIsToldAtOnce(t *testing.T) {
	profiles(t)
	nothing := func(string) string { return "" }
	_, err := target.New(t.Context(), target.Options{AWS: true, Getenv: nothing})
	if err == nil || !strings.Contains(err.Error(), "AWS_REGION is not set. ") || !strings.Contains(err.Error(), "there are no AWS credentials: AWS_ACCESS_KEY_ID is not set, and the profile default in ~/.aws and the role of this machine give none") {
		t.Errorf("%v", err)
	}
	_, err = target.New(t.Context(), target.Options{AWS: true, Profile: "shpo", Getenv: nothing})
	if err == nil || !strings.HasPrefix(err.Error(), `there is no profile "shpo" in ~/.aws/config or ~/.aws/credentials. `) {
		t.Errorf("%v", err)
	}
}

func TestAPlaceThatLetsNobodyIn(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"message":"User is not authorized to perform: sqs:ListQueues"}`))
	}))
	defer server.Close()
	place, err := target.New(t.Context(), target.Options{Endpoint: server.URL, Getenv: environment()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = place.Logs().DescribeLogGroups(t.Context(), nil)
	if got := place.Explain(err).Error(); got != server.URL+" does not let these credentials do that: User is not authorized to perform: sqs:ListQueues" {
		t.Error(got)
	}
}
