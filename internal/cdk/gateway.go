package cdk

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/less-go/less/internal/plan"
)

// public is why no route asks who calls.
var public = suppression{ID: "AwsSolutions-APIG4", Reason: "Routes are public until the application decides who may call: it checks in its handlers, or adds an authorizer."}

// gateway makes the API of s with its routes.
func (b *builder) gateway(scope constructs.Construct, s plan.Stack) error {
	gateway := constructs.NewConstruct(scope, jsii.String("$gateway"))
	b.Scopes[s.API.ID] = gateway
	if b.Deployment.Gateway == plan.REST {
		return b.rest(gateway, *s.API)
	}
	return b.http(gateway, *s.API)
}

func (b *builder) http(scope constructs.Construct, a plan.API) error {
	props := &awsapigatewayv2.CfnApiProps{
		Name: jsii.String(b.Deployment.APIName(a)), ProtocolType: jsii.String("HTTP"), Description: jsii.String("less/" + a.ID),
	}
	if c := a.CORS; c != nil {
		props.CorsConfiguration = &awsapigatewayv2.CfnApi_CorsProperty{
			AllowOrigins: jsii.Strings(c.Origins...), AllowMethods: jsii.Strings(c.Methods...),
			AllowHeaders: jsii.Strings(c.Headers...), MaxAge: seconds(*c.MaxAge),
		}
	}
	api := awsapigatewayv2.NewCfnApi(scope, jsii.String("Api"), props)
	id := *api.Ref()
	log := b.accessLogGroup(scope, a)
	awsapigatewayv2.NewCfnStage(scope, jsii.String("Stage"), &awsapigatewayv2.CfnStageProps{
		ApiId: jsii.String(id), StageName: jsii.String("$default"), AutoDeploy: jsii.Bool(true),
		AccessLogSettings: &awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
			DestinationArn: log.AttrArn(), Format: jsii.String(accessLog("routeKey", "integrationErrorMessage")),
		},
		DefaultRouteSettings: &awsapigatewayv2.CfnStage_RouteSettingsProperty{
			ThrottlingRateLimit:  jsii.Number(float64(b.Deployment.ThrottleRate)),
			ThrottlingBurstLimit: jsii.Number(float64(b.Deployment.ThrottleBurst)),
			// Counts, latencies and errors for each route.
			DetailedMetricsEnabled: jsii.Bool(true),
		},
	})
	for _, r := range a.Routes {
		b.at = r.Function
		f, _ := b.Deployment.Function(r.Function)
		route := b.routeScope(scope, r)
		name := b.functionName(a.ID, f)
		integration := awsapigatewayv2.NewCfnIntegration(route, jsii.String("Integration"), &awsapigatewayv2.CfnIntegrationProps{
			ApiId: jsii.String(id), IntegrationType: jsii.String("AWS_PROXY"), PayloadFormatVersion: jsii.String("2.0"),
			IntegrationUri:  jsii.String(b.arn("lambda", "function:"+name)),
			TimeoutInMillis: jsii.Number(float64(min(f.Timeout, plan.RouteTimeout).Milliseconds() + 1000)),
		})
		made := awsapigatewayv2.NewCfnRoute(route, jsii.String("Route"), &awsapigatewayv2.CfnRouteProps{
			ApiId: jsii.String(id), RouteKey: jsii.String(r.Method + " " + r.Path),
			AuthorizationType: jsii.String("NONE"),
			Target:            jsii.String("integrations/" + *integration.Ref()),
		})
		suppress(made, public)
		b.permission(route, name, id+"/*/"+r.Method+r.Path)
	}
	b.at = a.ID
	alarm := b.Deployment.APIAlarm(a, plan.HTTP)
	alarm.Dimensions["ApiId"] = id
	b.alarm(scope, alarm)
	// The endpoint is asked for, and not put together: an emulator's is its own.
	b.apiOutput(scope, a, *api.AttrApiEndpoint())
	return nil
}

// apiOutput writes the URL of a. Between stacks that are not nested it would be an
// export, so there it is an output of the API's own stack.
func (b *builder) apiOutput(scope constructs.Construct, a plan.API, url string) {
	if b.Deployment.Layout != plan.Split {
		b.output("Api", a.Name, url, plan.APIOutput+a.Name)
		return
	}
	awscdk.NewCfnOutput(awscdk.Stack_Of(scope), jsii.String("Url"), &awscdk.CfnOutputProps{
		Value: jsii.String(url), Description: jsii.String("URL of the API " + a.Name),
	})
}

// routeScope is what the gateway's part of a route hangs from.
func (b *builder) routeScope(gateway constructs.Construct, r plan.Route) constructs.Construct {
	return constructs.NewConstruct(gateway, jsii.String(strings.ReplaceAll(r.Function[strings.IndexByte(r.Function, '/')+1:], "/", ".")))
}

// functionName is how the gateway names f: by reference in the same stack, so that
// CloudFormation makes the function first, and by name in another.
func (b *builder) functionName(stack string, f plan.Function) string {
	if b.homes[f.ID] == stack {
		return *b.Functions[f.ID].Node().DefaultChild().(awslambda.CfnFunction).Ref()
	}
	return f.Name
}

// permission lets one route of one API invoke a function.
func (b *builder) permission(scope constructs.Construct, function, source string) {
	awslambda.NewCfnPermission(scope, jsii.String("Permission"), &awslambda.CfnPermissionProps{
		Action: jsii.String("lambda:InvokeFunction"), FunctionName: jsii.String(function),
		Principal: jsii.String("apigateway.amazonaws.com"), SourceArn: jsii.String(b.arn("execute-api", source)),
	})
}

// accessLog is the format of access logs: a JSON object for each request.
func accessLog(route, failure string) string {
	fields := [][2]string{
		{"requestId", "requestId"},
		{"time", "requestTimeEpoch"},
		{"ip", "identity.sourceIp"},
		{"method", "httpMethod"},
		{"route", route},
		{"path", "path"},
		{"protocol", "protocol"},
		{"status", "status"},
		{"bytes", "responseLength"},
		{"ms", "responseLatency"},
		{"integrationStatus", "integration.status"},
		{"integrationMs", "integration.latency"},
		{"error", failure},
		{"userAgent", "identity.userAgent"},
	}
	var out strings.Builder
	for i, f := range fields {
		if i > 0 {
			out.WriteByte(',')
		}
		name, _ := json.Marshal(f[0])
		fmt.Fprintf(&out, `%s:"$context.%s"`, name, f[1])
	}
	return "{" + out.String() + "}"
}
