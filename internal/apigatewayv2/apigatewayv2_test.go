package apigatewayv2_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsapis "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/apigatewayv2"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// documents keep what a service writes.
type documents map[string][]byte

func (d documents) Keep(_ context.Context, all ...queue.Document) error {
	for _, doc := range all {
		if d[doc.Name] = doc.Value; doc.Value == nil {
			delete(d, doc.Name)
		}
	}
	return nil
}

func (d documents) Documents(_ context.Context, kind string) (out []queue.Document, err error) {
	for name, value := range d {
		out = append(out, queue.Document{Kind: kind, Name: name, Value: value})
	}
	return out, nil
}

// A rig is API Gateway behind HTTP, and the SDK's client for it.
type rig struct {
	*awsapis.Client
	t      *testing.T
	stored documents
	served []*apigatewayv2.API
}

func newRig(t *testing.T, stored documents) *rig {
	t.Helper()
	r := &rig{t: t, stored: stored}
	service, err := apigatewayv2.New(t.Context(), stored, func(all []*apigatewayv2.API) { r.served = all })
	if err != nil {
		t.Fatal(err)
	}
	server := awsapitest.Serve(t, awsapi.NewHandler(awsapi.Options{}, service.API()))
	r.Client = awsapis.NewFromConfig(awsapitest.Config(server.URL, server.Client()))
	return r
}

const functionARN = "arn:aws:lambda:eu-west-1:000000000000:function:post"

// shop makes an API with the route POST /orders.
func (r *rig) shop() (id, integration, route string) {
	r.t.Helper()
	api, err := r.CreateApi(r.t.Context(), &awsapis.CreateApiInput{Name: aws.String("shop"), ProtocolType: types.ProtocolTypeHttp})
	if err != nil {
		r.t.Fatal(err)
	}
	i, err := r.CreateIntegration(r.t.Context(), &awsapis.CreateIntegrationInput{
		ApiId: api.ApiId, IntegrationType: types.IntegrationTypeAwsProxy, PayloadFormatVersion: aws.String("2.0"),
		IntegrationUri: aws.String(functionARN), TimeoutInMillis: aws.Int32(10_000),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	made, err := r.CreateRoute(r.t.Context(), &awsapis.CreateRouteInput{
		ApiId: api.ApiId, RouteKey: aws.String("POST /orders"), Target: aws.String("integrations/" + *i.IntegrationId), AuthorizationType: types.AuthorizationTypeNone,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return *api.ApiId, *i.IntegrationId, *made.RouteId
}

// serves is what a stage of the one API serves.
func (r *rig) serves(stage string) []apigatewayv2.ServedRoute {
	r.t.Helper()
	if len(r.served) != 1 {
		r.t.Fatalf("%d APIs are served", len(r.served))
	}
	a := r.served[0]
	i := slices.IndexFunc(a.Stages, func(s apigatewayv2.Stage) bool { return s.Name == stage })
	if i < 0 {
		return nil
	}
	return a.Served(a.Stages[i])
}

func failed(t *testing.T, err error) (code, message string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("error %v, want one of the service", err)
	}
	return api.ErrorCode(), api.ErrorMessage()
}

func TestAnAPIsLife(t *testing.T) {
	r := newRig(t, documents{})
	id, integration, route := r.shop()
	stage, err := r.CreateStage(t.Context(), &awsapis.CreateStageInput{
		ApiId: aws.String(id), StageName: aws.String("$default"), AutoDeploy: aws.Bool(true),
		AccessLogSettings:    &types.AccessLogSettings{DestinationArn: aws.String("arn:aws:logs:eu-west-1:000000000000:log-group:shop"), Format: aws.String("{}")},
		DefaultRouteSettings: &types.RouteSettings{ThrottlingRateLimit: aws.Float64(50), ThrottlingBurstLimit: aws.Int32(100), DetailedMetricsEnabled: aws.Bool(true)},
	})
	if err != nil || *stage.DefaultRouteSettings.ThrottlingBurstLimit != 100 || *stage.AccessLogSettings.Format != "{}" || stage.CreatedDate == nil {
		t.Fatalf("%+v, %v", stage, err)
	}
	want := []apigatewayv2.ServedRoute{{Key: "POST /orders", Function: "post", Timeout: 10 * time.Second}}
	if diff := cmp.Diff(want, r.serves("$default")); diff != "" {
		t.Error(diff)
	}
	if got := r.served[0].SourceARN("$default", "POST /orders"); got != "arn:aws:execute-api:eu-west-1:000000000000:"+id+"/$default/POST/orders" {
		t.Errorf("source %s", got)
	}

	// All of it is there after a restart.
	r = newRig(t, r.stored)
	if diff := cmp.Diff(want, r.serves("$default")); diff != "" {
		t.Error(diff)
	}
	api, err := r.GetApi(t.Context(), &awsapis.GetApiInput{ApiId: aws.String(id)})
	if err != nil || *api.Name != "shop" || api.ProtocolType != types.ProtocolTypeHttp || !strings.HasSuffix(*api.ApiEndpoint, "/_aws/execute-api/"+id) {
		t.Errorf("%+v, %v", api, err)
	}
	if _, err := r.UpdateIntegration(t.Context(), &awsapis.UpdateIntegrationInput{ApiId: aws.String(id), IntegrationId: aws.String(integration), TimeoutInMillis: aws.Int32(50)}); err != nil {
		t.Fatal(err)
	}
	updated, err := r.UpdateRoute(t.Context(), &awsapis.UpdateRouteInput{ApiId: aws.String(id), RouteId: aws.String(route), RouteKey: aws.String("ANY /orders/{id}")})
	if err != nil || *updated.Target != "integrations/"+integration {
		t.Fatalf("%+v, %v", updated, err)
	}
	if diff := cmp.Diff([]apigatewayv2.ServedRoute{{Key: "ANY /orders/{id}", Function: "post", Timeout: 50 * time.Millisecond}}, r.serves("$default")); diff != "" {
		t.Error(diff)
	}
	if got := r.served[0].SourceARN("prod", "ANY /orders/{id}"); !strings.HasSuffix(got, "/prod/*/orders/{id}") {
		t.Errorf("source %s", got)
	}

	if _, err := r.DeleteIntegration(t.Context(), &awsapis.DeleteIntegrationInput{ApiId: aws.String(id), IntegrationId: aws.String(integration)}); err == nil {
		t.Error("an integration that a route leads to was deleted")
	}
	if _, err := r.DeleteRoute(t.Context(), &awsapis.DeleteRouteInput{ApiId: aws.String(id), RouteId: aws.String(route)}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.DeleteIntegration(t.Context(), &awsapis.DeleteIntegrationInput{ApiId: aws.String(id), IntegrationId: aws.String(integration)}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.DeleteStage(t.Context(), &awsapis.DeleteStageInput{ApiId: aws.String(id), StageName: aws.String("$default")}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.DeleteApi(t.Context(), &awsapis.DeleteApiInput{ApiId: aws.String(id)}); err != nil {
		t.Fatal(err)
	}
	if len(r.served) > 0 || len(r.stored) > 0 {
		t.Errorf("left: %v, %v", r.served, r.stored)
	}
}

func TestAStageServesItsDeploymentUntilTheNext(t *testing.T) {
	r := newRig(t, documents{})
	id, _, route := r.shop()
	if _, err := r.CreateStage(t.Context(), &awsapis.CreateStageInput{ApiId: aws.String(id), StageName: aws.String("prod")}); err != nil {
		t.Fatal(err)
	}
	if got := r.serves("prod"); got != nil {
		t.Errorf("without a deployment it serves %v", got)
	}
	deploy := func() string {
		t.Helper()
		out, err := r.CreateDeployment(t.Context(), &awsapis.CreateDeploymentInput{ApiId: aws.String(id), StageName: aws.String("prod")})
		if err != nil || out.DeploymentStatus != types.DeploymentStatusDeployed {
			t.Fatalf("%+v, %v", out, err)
		}
		return *out.DeploymentId
	}
	first := deploy()
	if _, err := r.DeleteRoute(t.Context(), &awsapis.DeleteRouteInput{ApiId: aws.String(id), RouteId: aws.String(route)}); err != nil {
		t.Fatal(err)
	}
	if got := r.serves("prod"); len(got) != 1 {
		t.Errorf("before the next deployment it serves %v", got)
	}
	deploy()
	if got := r.serves("prod"); len(got) != 0 {
		t.Errorf("after the next deployment it serves %v", got)
	}
	if _, err := r.UpdateStage(t.Context(), &awsapis.UpdateStageInput{ApiId: aws.String(id), StageName: aws.String("prod"), DeploymentId: aws.String(first)}); err != nil {
		t.Fatal(err)
	}
	if got := r.serves("prod"); len(got) != 1 {
		t.Errorf("after it went back it serves %v", got)
	}
}

func TestWhatCannotBeServedIsRefused(t *testing.T) {
	r := newRig(t, documents{})
	id, integration, _ := r.shop()
	ctx := t.Context()
	route := func(key, target string, change func(*awsapis.CreateRouteInput)) func() error {
		return func() error {
			in := &awsapis.CreateRouteInput{ApiId: aws.String(id), RouteKey: aws.String(key), Target: aws.String(target)}
			if change != nil {
				change(in)
			}
			_, err := r.CreateRoute(ctx, in)
			return err
		}
	}
	integrate := func(kind types.IntegrationType, format, uri string) func() error {
		return func() error {
			in := &awsapis.CreateIntegrationInput{ApiId: aws.String(id), IntegrationType: kind, IntegrationUri: aws.String(uri)}
			if format != "" {
				in.PayloadFormatVersion = aws.String(format)
			}
			_, err := r.CreateIntegration(ctx, in)
			return err
		}
	}
	good := "integrations/" + integration
	tests := map[string]struct {
		do            func() error
		code, message string
	}{
		"an unknown API": {func() error {
			_, err := r.GetApi(ctx, &awsapis.GetApiInput{ApiId: aws.String("none")})
			return err
		}, "NotFoundException", "Invalid API identifier specified 000000000000:none"},
		"a route that is there": {route("POST /orders", good, nil), "ConflictException", "Route with key POST /orders already exists for this API"},
		"a key that is none":    {route("orders", good, nil), "BadRequestException", "The provided route key is not formatted properly"},
		"a broken parameter":    {route("GET /orders/{id", good, nil), "BadRequestException", "{id"},
		"an unknown target":     {route("GET /orders", "integrations/none", nil), "BadRequestException", "integrations/none"},
		"an authorizer": {route("GET /orders", good, func(in *awsapis.CreateRouteInput) {
			in.AuthorizationType = types.AuthorizationTypeJwt
		}), "NotImplemented", "JWT"},
		"another integration": {integrate(types.IntegrationTypeHttpProxy, "1.0", "https://example.com"), "NotImplemented", "HTTP_PROXY"},
		"format 1.0":          {integrate(types.IntegrationTypeAwsProxy, "1.0", functionARN), "NotImplemented", "1.0"},
		"no format":           {integrate(types.IntegrationTypeAwsProxy, "", functionARN), "NotImplemented", "1.0"},
		"no function":         {integrate(types.IntegrationTypeAwsProxy, "2.0", "https://example.com"), "BadRequestException", "Invalid integration URI"},
		"WebSockets": {func() error {
			_, err := r.CreateApi(ctx, &awsapis.CreateApiInput{Name: aws.String("x"), ProtocolType: types.ProtocolTypeWebsocket})
			return err
		}, "NotImplemented", "WebSocket"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			code, message := failed(t, tt.do())
			if code != tt.code || !strings.Contains(message, tt.message) {
				t.Errorf("%s: %s, want %s: %s", code, message, tt.code, tt.message)
			}
		})
	}
}

func TestTagsOfAnAPI(t *testing.T) {
	r := newRig(t, documents{})
	id, _, _ := r.shop()
	arn := aws.String("arn:aws:apigateway:eu-west-1::/apis/" + id)
	if _, err := r.TagResource(t.Context(), &awsapis.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"a": "1", "b": "2"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.UntagResource(t.Context(), &awsapis.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	out, err := r.GetTags(t.Context(), &awsapis.GetTagsInput{ResourceArn: arn})
	if err != nil || !cmp.Equal(out.Tags, map[string]string{"b": "2"}) {
		t.Errorf("%v, %v", out, err)
	}
}
