package awstest

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/less-go/less/internal/plan"
)

// api reads an HTTP API: its stage, its routes, and that each may invoke its function.
func (r *reading) api(a plan.API, alarms alarms) {
	client := apigatewayv2.NewFromConfig(r.config)
	all, err := client.GetApis(r.ctx, &apigatewayv2.GetApisInput{})
	if !r.known("API", err) {
		return
	}
	var made []types.Api
	for _, one := range all.Items {
		if aws.ToString(one.Name) == r.d.APIName(a) {
			made = append(made, one)
		}
	}
	if len(made) != 1 {
		r.fault("API", "there are %d with the name %s, and the plan wants one", len(made), r.d.APIName(a))
		return
	}
	api := made[0]
	r.same("API protocol", api.ProtocolType, types.ProtocolTypeHttp)
	r.same("API description", aws.ToString(api.Description), "less/"+a.ID)
	r.same("API CORS", api.CorsConfiguration != nil, a.CORS != nil)
	if c := api.CorsConfiguration; c != nil && a.CORS != nil {
		r.same("API CORS origins", c.AllowOrigins, a.CORS.Origins)
		r.same("API CORS methods", c.AllowMethods, a.CORS.Methods)
		r.same("API CORS headers", c.AllowHeaders, a.CORS.Headers)
		r.same("API CORS age", float64(aws.ToInt32(c.MaxAge)), a.CORS.MaxAge.Seconds())
	}
	r.tags("API tags", api.Tags)
	r.stage(a, client, api.ApiId)
	r.routes(a, client, api.ApiId)
	alarm := r.d.APIAlarm(a, plan.HTTP)
	alarm.Dimensions["ApiId"] = *api.ApiId
	r.alarm(alarms, alarm)
}

// accessLogFields are the variables that each access log line holds.
var accessLogFields = map[string]string{
	"requestId": "requestId", "time": "requestTimeEpoch", "ip": "identity.sourceIp", "method": "httpMethod",
	"route": "routeKey", "path": "path", "protocol": "protocol", "status": "status", "bytes": "responseLength",
	"ms": "responseLatency", "integrationStatus": "integration.status", "integrationMs": "integration.latency",
	"error": "integrationErrorMessage", "userAgent": "identity.userAgent",
}

func (r *reading) stage(a plan.API, client *apigatewayv2.Client, id *string) {
	r.logGroup("access log group", r.d.AccessLogGroup(a))
	got, err := client.GetStage(r.ctx, &apigatewayv2.GetStageInput{ApiId: id, StageName: aws.String("$default")})
	if !r.known("stage", err) {
		return
	}
	r.same("stage auto deploy", aws.ToBool(got.AutoDeploy), true)
	if settings := got.DefaultRouteSettings; settings == nil {
		r.fault("stage throttling", "it has none")
	} else {
		r.same("stage throttling rate", aws.ToFloat64(settings.ThrottlingRateLimit), float64(r.d.ThrottleRate))
		r.same("stage throttling burst", int(aws.ToInt32(settings.ThrottlingBurstLimit)), r.d.ThrottleBurst)
		r.same("stage metrics", aws.ToBool(settings.DetailedMetricsEnabled), true)
	}
	if settings := got.AccessLogSettings; settings == nil {
		r.fault("stage access log", "it has none")
	} else {
		// CloudFormation's attribute ends with ":*", and the service has it without: whether AWS
		// says it as it was told was not seen.
		destination := strings.TrimSuffix(aws.ToString(settings.DestinationArn), ":*")
		r.same("stage access log", destination, r.arn("logs", "log-group:"+r.d.AccessLogGroup(a)))
		fields := map[string]string{}
		for name, variable := range accessLogFields {
			fields[name] = "$context." + variable
		}
		r.sameJSON("stage access log format", aws.ToString(settings.Format), fields)
	}
	r.tags("stage tags", got.Tags)
}

func (r *reading) routes(a plan.API, client *apigatewayv2.Client, id *string) {
	got, err := client.GetRoutes(r.ctx, &apigatewayv2.GetRoutesInput{ApiId: id, MaxResults: aws.String("500")})
	if !r.known("routes", err) {
		return
	}
	r.same("routes", len(got.Items), len(a.Routes))
	byKey := map[string]types.Route{}
	for _, route := range got.Items {
		byKey[aws.ToString(route.RouteKey)] = route
	}
	api := r.at
	defer func() { r.at = api }()
	for _, want := range a.Routes {
		r.at = want.Function
		f, _ := r.d.Function(want.Function)
		r.permission(f, "apigateway.amazonaws.com", r.arn("execute-api", *id+"/*/"+want.Method+want.Path))
		route, found := byKey[want.Method+" "+want.Path]
		if !found {
			r.fault("route", "the API has none for %s %s", want.Method, want.Path)
			continue
		}
		r.same("route authorization", route.AuthorizationType, types.AuthorizationTypeNone)
		target := aws.ToString(route.Target)
		if len(target) < len("integrations/") {
			r.fault("route target", "it is %q", target)
			continue
		}
		r.integration(f, client, id, target[len("integrations/"):])
	}
}

func (r *reading) integration(f plan.Function, client *apigatewayv2.Client, api *string, id string) {
	got, err := client.GetIntegration(r.ctx, &apigatewayv2.GetIntegrationInput{ApiId: api, IntegrationId: &id})
	if !r.known("integration", err) {
		return
	}
	r.same("integration type", got.IntegrationType, types.IntegrationTypeAwsProxy)
	r.same("integration function", aws.ToString(got.IntegrationUri), r.arn("lambda", "function:"+f.Name))
	r.same("integration payload", aws.ToString(got.PayloadFormatVersion), "2.0")
	r.same("integration timeout", int64(aws.ToInt32(got.TimeoutInMillis)), min(f.Timeout, plan.RouteTimeout).Milliseconds()+1000)
}

// cron reads a rule of EventBridge, and that it may invoke its function.
func (r *reading) cron(c plan.Cron) {
	client := eventbridge.NewFromConfig(r.config)
	got, err := client.DescribeRule(r.ctx, &eventbridge.DescribeRuleInput{Name: &c.Rule})
	if !r.known("rule", err) {
		return
	}
	f, _ := r.d.Function(c.Function)
	r.same("rule schedule", aws.ToString(got.ScheduleExpression), c.Schedule)
	r.same("rule state", got.State, eventtypes.RuleStateEnabled)
	r.same("rule description", aws.ToString(got.Description), "less/"+c.Function)
	r.permission(f, "events.amazonaws.com", aws.ToString(got.Arn))
	targets, err := client.ListTargetsByRule(r.ctx, &eventbridge.ListTargetsByRuleInput{Rule: &c.Rule})
	if !r.known("rule target", err) {
		return
	}
	var arns []string
	for _, t := range targets.Targets {
		arns = append(arns, aws.ToString(t.Arn))
	}
	r.same("rule target", arns, []string{r.arn("lambda", "function:"+f.Name)})
}
