package ssm_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/ssm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is one of a Parameter Store over the file path, which is closed by the function.
func client(t *testing.T, path string) (*awsssm.Client, func()) {
	t.Helper()
	store, err := queue.Open(context.WithoutCancel(t.Context()), path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	service, err := ssm.Open(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	server := awsapitest.Serve(t, awsapi.NewHandler(awsapi.Options{}, service.API()))
	end := func() {
		server.Close()
		store.Close()
	}
	t.Cleanup(end)
	return awsssm.NewFromConfig(awsapitest.Config(server.URL, server.Client())), end
}

func put(name, value string) *awsssm.PutParameterInput {
	return &awsssm.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString}
}

// failed is the code of an error of the service.
func failed(t *testing.T, err error) string {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("error %v, want one of the service", err)
	}
	return api.ErrorCode()
}

func TestVersionsSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	c, end := client(t, path)
	for _, value := range []string{"20", "21"} {
		in := put("/cdk-bootstrap/hnb659fds/version", value)
		in.Overwrite = aws.Bool(value == "21")
		if _, err := c.PutParameter(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.PutParameter(t.Context(), put("/cdk-bootstrap/hnb659fds/version", "22")); failed(t, err) != "ParameterAlreadyExists" {
		t.Errorf("%v", err)
	}
	end()
	c, _ = client(t, path)
	const arn = "arn:aws:ssm:eu-west-1:000000000000:parameter/cdk-bootstrap/hnb659fds/version"
	for selector, want := range map[string]string{"": "21", ":1": "20", ":2": "21"} {
		for _, name := range []string{"/cdk-bootstrap/hnb659fds/version", arn} {
			out, err := c.GetParameter(t.Context(), &awsssm.GetParameterInput{Name: aws.String(name + selector)})
			if err != nil || *out.Parameter.Value != want || *out.Parameter.ARN != arn {
				t.Errorf("%s%s: %+v, %v", name, selector, out, err)
			}
		}
	}
	for name, want := range map[string]string{"/none": "ParameterNotFound", "/cdk-bootstrap/hnb659fds/version:3": "ParameterVersionNotFound"} {
		if _, err := c.GetParameter(t.Context(), &awsssm.GetParameterInput{Name: &name}); failed(t, err) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	history, err := c.GetParameterHistory(t.Context(), &awsssm.GetParameterHistoryInput{Name: aws.String("/cdk-bootstrap/hnb659fds/version")})
	if err != nil || len(history.Parameters) != 2 || *history.Parameters[0].Value != "20" {
		t.Errorf("%+v, %v", history, err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	c, _ := client(t, ":memory:")
	for _, tt := range []struct {
		in   *awsssm.PutParameterInput
		want string
	}{
		{put("aws/x", "v"), "AccessDeniedException"},
		{put("/ssm/x", "v"), "ValidationException"},
		{put("a b", "v"), "ValidationException"},
		{put("a/b", "v"), "ValidationException"},
		{put("/a//b", "v"), "ValidationException"},
		{put(strings.Repeat("/a", 16), "v"), "HierarchyLevelLimitExceededException"},
		{put("big", strings.Repeat("v", 4097)), "ValidationException"},
		{&awsssm.PutParameterInput{Name: aws.String("n"), Value: aws.String("v")}, "ValidationException"},
		{&awsssm.PutParameterInput{Name: aws.String("n"), Value: aws.String("v"), Type: types.ParameterTypeSecureString}, "NotImplemented"},
		{&awsssm.PutParameterInput{Name: aws.String("n"), Value: aws.String("v"), Type: "Number"}, "UnsupportedParameterType"},
		{&awsssm.PutParameterInput{Name: aws.String("n"), Value: aws.String("v"), Type: types.ParameterTypeString, AllowedPattern: aws.String(`^\d+$`)}, "ParameterPatternMismatchException"},
	} {
		if _, err := c.PutParameter(t.Context(), tt.in); err == nil || failed(t, err) != tt.want {
			t.Errorf("%s: %v, want %s", *tt.in.Name, err, tt.want)
		}
	}
	if out, err := c.DescribeParameters(t.Context(), &awsssm.DescribeParametersInput{}); err != nil || len(out.Parameters) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestManyParameters(t *testing.T) {
	c, _ := client(t, ":memory:")
	for _, name := range []string{"/app/a", "/app/b", "/app/c/d", "/apple"} {
		if _, err := c.PutParameter(t.Context(), put(name, "v")); err != nil {
			t.Fatal(err)
		}
	}
	byPath := func(recursive bool) string {
		var names []string
		pages := awsssm.NewGetParametersByPathPaginator(c, &awsssm.GetParametersByPathInput{Path: aws.String("/app"), Recursive: &recursive, MaxResults: aws.Int32(1)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range page.Parameters {
				names = append(names, *p.Name)
			}
		}
		return strings.Join(names, " ")
	}
	if got := byPath(false); got != "/app/a /app/b" {
		t.Errorf("by path: %s", got)
	}
	if got := byPath(true); got != "/app/a /app/b /app/c/d" {
		t.Errorf("recursively: %s", got)
	}
	names := []string{"/app/a", "/none"}
	got, err := c.GetParameters(t.Context(), &awsssm.GetParametersInput{Names: names})
	if err != nil || len(got.Parameters) != 1 || got.InvalidParameters[0] != "/none" {
		t.Errorf("%+v, %v", got, err)
	}
	gone, err := c.DeleteParameters(t.Context(), &awsssm.DeleteParametersInput{Names: names})
	if err != nil || len(gone.DeletedParameters) != 1 || gone.InvalidParameters[0] != "/none" {
		t.Errorf("%+v, %v", gone, err)
	}
	if _, err := c.DeleteParameter(t.Context(), &awsssm.DeleteParameterInput{Name: aws.String("/app/a")}); failed(t, err) != "ParameterNotFound" {
		t.Errorf("%v", err)
	}
}

func TestTags(t *testing.T) {
	c, _ := client(t, ":memory:")
	in := put("p", "v")
	in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}}
	if _, err := c.PutParameter(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if _, err := c.AddTagsToResource(t.Context(), &awsssm.AddTagsToResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String("p"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("3")}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.RemoveTagsFromResource(t.Context(), &awsssm.RemoveTagsFromResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String("p"), TagKeys: []string{"b"},
	}); err != nil {
		t.Fatal(err)
	}
	out, err := c.ListTagsForResource(t.Context(), &awsssm.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String("p")})
	if err != nil || len(out.TagList) != 1 || *out.TagList[0].Value != "3" {
		t.Errorf("%+v, %v", out, err)
	}
}
