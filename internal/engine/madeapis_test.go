package engine_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/less-go/less/internal/activity"
)

// postOrders is the function of the route POST /orders.
const postOrders = "apis/orders/orders/post"

const anOrder = `{"customer":"Cesaria","items":["cachupa"],"simulate":"confirm"}`

// makeAPI makes an API whose POST /orders is the function, in a stage, and returns
// its endpoint and id.
func (d *demo) makeAPI(functionARN, stage string) (endpoint, id string) {
	d.t.Helper()
	client := apigatewayv2.NewFromConfig(d.config())
	api, err := client.CreateApi(d.t.Context(), &apigatewayv2.CreateApiInput{Name: aws.String("shop"), ProtocolType: types.ProtocolTypeHttp})
	if err != nil {
		d.t.Fatal(err)
	}
	integration, err := client.CreateIntegration(d.t.Context(), &apigatewayv2.CreateIntegrationInput{
		ApiId: api.ApiId, IntegrationType: types.IntegrationTypeAwsProxy, PayloadFormatVersion: aws.String("2.0"), IntegrationUri: aws.String(functionARN),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := client.CreateRoute(d.t.Context(), &apigatewayv2.CreateRouteInput{
		ApiId: api.ApiId, RouteKey: aws.String("POST /orders"), Target: aws.String("integrations/" + *integration.IntegrationId),
	}); err != nil {
		d.t.Fatal(err)
	}
	if _, err := client.CreateStage(d.t.Context(), &apigatewayv2.CreateStageInput{ApiId: api.ApiId, StageName: aws.String(stage), AutoDeploy: aws.Bool(true)}); err != nil {
		d.t.Fatal(err)
	}
	return *api.ApiEndpoint, *api.ApiId
}

// permit lets an API invoke a function by POST /orders.
func (d *demo) permit(function, api string) {
	d.t.Helper()
	if _, err := lambda.NewFromConfig(d.config()).AddPermission(d.t.Context(), &lambda.AddPermissionInput{
		FunctionName: aws.String(function), StatementId: aws.String("api"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("apigateway.amazonaws.com"), SourceArn: aws.String("arn:aws:execute-api:us-east-1:000000000000:" + api + "/*/POST/orders"),
	}); err != nil {
		d.t.Fatal(err)
	}
}

func TestAnAPIThatAClientMadeAnswersWhereItsFunctionLetsIt(t *testing.T) {
	state := t.TempDir()
	d := startEmpty(t, state)
	if _, err := sns.NewFromConfig(d.config()).CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("mine-order_placed")}); err != nil {
		t.Fatal(err)
	}
	function := d.deploy("post", postOrders)
	endpoint, id := d.makeAPI(*function.FunctionArn, "$default")
	status, body, err := postTo(endpoint, anOrder)
	if err != nil || status != 500 || body != `{"message":"Internal Server Error"}` {
		t.Errorf("without a permission: %d %s, %v", status, body, err)
	}
	why := d.journal.Await(t, 1, func(e activity.Event) bool { return e.Kind == activity.Request && e.Status == 500 })[0]
	if !strings.Contains(why.Err, "no permission for apigateway.amazonaws.com and arn:aws:execute-api:us-east-1:000000000000:"+id+"/$default/POST/orders") {
		t.Errorf("the request failed with %q", why.Err)
	}
	d.permit("post", id)
	if status, body, err := postTo(endpoint, anOrder); err != nil || status != 201 || !strings.Contains(body, "Cesaria") {
		t.Errorf("with a permission: %d %s, %v", status, body, err)
	}
	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}

	d = startEmpty(t, state)
	byName, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.AWS()+"/orders", strings.NewReader(anOrder))
	if err != nil {
		t.Fatal(err)
	}
	byName.Host = id + ".execute-api.localhost"
	byName.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(byName)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != 201 {
		t.Errorf("by its name, after a restart: %s %s", resp.Status, answer)
	}
	if _, err := apigatewayv2.NewFromConfig(d.config()).DeleteApi(t.Context(), &apigatewayv2.DeleteApiInput{ApiId: &id}); err != nil {
		t.Fatal(err)
	}
	if status, body, err := postTo(d.AWS()+"/_aws/execute-api/"+id, anOrder); err != nil || status != 404 || body != `{"message":"Not Found"}` {
		t.Errorf("after its deletion: %d %s, %v", status, body, err)
	}
}

func TestANamedStageIsServedUnderItsName(t *testing.T) {
	d := startEmpty(t, t.TempDir())
	if _, err := sns.NewFromConfig(d.config()).CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("mine-order_placed")}); err != nil {
		t.Fatal(err)
	}
	function := d.deploy("post", postOrders)
	endpoint, id := d.makeAPI(*function.FunctionArn, "prod")
	d.permit("post", id)
	for path, want := range map[string]int{"/prod": 201, "": 404, "/dev": 404} {
		if status, body, err := postTo(endpoint+path, anOrder); err != nil || status != want {
			t.Errorf("%s/orders: %d %s (%v), want %d", path, status, body, err, want)
		}
	}
}

func TestAPageOfAnotherNameDoesNotReachAnAPI(t *testing.T) {
	d := startEmpty(t, t.TempDir())
	_, id := d.makeAPI("arn:aws:lambda:us-east-1:000000000000:function:post", "$default")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.AWS()+"/orders", strings.NewReader(anOrder))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = id + ".execute-api.evil.example"
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("it is answered %s", resp.Status)
	}
}
