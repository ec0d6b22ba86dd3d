package cdk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/less-go/less/internal/plan"
)

// restStage is the stage of a REST API, which always has one in its URL.
const restStage = "live"

var parameter = regexp.MustCompile(`\{[^}]*\}`)

func (b *builder) rest(scope constructs.Construct, a plan.API) error {
	api := awsapigateway.NewCfnRestApi(scope, jsii.String("Api"), &awsapigateway.CfnRestApiProps{
		Name: jsii.String(b.Deployment.APIName(a)), Description: jsii.String("less/" + a.ID),
		EndpointConfiguration: &awsapigateway.CfnRestApi_EndpointConfigurationProperty{Types: jsii.Strings("REGIONAL")},
		// Bodies reach the function as they were sent.
		BinaryMediaTypes: jsii.Strings("*/*"),
	})
	suppress(api, suppression{ID: "AwsSolutions-APIG2", Reason: "The function decodes and checks each request, and answers 400 itself."})
	id := *api.Ref()
	folders := map[string]string{"": *api.AttrRootResourceId()}
	var methods []awscdk.CfnResource
	for _, r := range a.Routes {
		b.at = r.Function
		f, _ := b.Deployment.Function(r.Function)
		route := b.routeScope(scope, r)
		name := b.functionName(a.ID, f)
		resource, made := b.restFolder(scope, id, a, strings.TrimSuffix(r.Path, "/"), folders)
		methods = append(methods, made...)
		method := awsapigateway.NewCfnMethod(route, jsii.String("Method"), &awsapigateway.CfnMethodProps{
			RestApiId: jsii.String(id), ResourceId: jsii.String(resource), HttpMethod: jsii.String(r.Method),
			AuthorizationType: jsii.String("NONE"),
			Integration: &awsapigateway.CfnMethod_IntegrationProperty{
				Type: jsii.String("AWS_PROXY"), IntegrationHttpMethod: jsii.String("POST"),
				Uri: jsii.String(b.arns.Replace("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/") +
					b.arn("lambda", "function:"+name) + "/invocations"),
				TimeoutInMillis: jsii.Number(float64(min(f.Timeout, plan.RouteTimeout).Milliseconds())),
			},
		})
		suppress(method, public, suppression{ID: "AwsSolutions-COG4", Reason: public.Reason})
		methods = append(methods, method)
		b.permission(route, name, id+"/*/"+r.Method+parameter.ReplaceAllString(r.Path, "*"))
	}
	b.at = a.ID
	if a.CORS != nil {
		methods = append(methods, gatewayResponses(scope, id, *a.CORS)...)
	}
	deployment := awsapigateway.NewCfnDeployment(scope, jsii.String("Deployment"+b.fingerprint(a)), &awsapigateway.CfnDeploymentProps{
		RestApiId: jsii.String(id), Description: jsii.String("less/" + a.ID),
	})
	for _, m := range methods {
		deployment.AddResourceDependency(m, nil)
	}
	b.restStage(scope, a, id, deployment)
	b.apiOutput(scope, a, b.restURL(id))
	return nil
}

// restStage serves a deployment of the REST API of a, and watches it.
func (b *builder) restStage(scope constructs.Construct, a plan.API, id string, deployment awsapigateway.CfnDeployment) {
	account := b.restLogs(scope)
	log := b.accessLogGroup(scope, a)
	stage := awsapigateway.NewCfnStage(scope, jsii.String("Stage"), &awsapigateway.CfnStageProps{
		RestApiId: jsii.String(id), DeploymentId: deployment.Ref(), StageName: jsii.String(restStage),
		AccessLogSetting: &awsapigateway.CfnStage_AccessLogSettingProperty{
			DestinationArn: log.AttrArn(), Format: jsii.String(accessLog("resourcePath", "error.message")),
		},
		MethodSettings: &[]any{&awsapigateway.CfnStage_MethodSettingProperty{
			HttpMethod: jsii.String("*"), ResourcePath: jsii.String("/*"),
			LoggingLevel: jsii.String("ERROR"), MetricsEnabled: jsii.Bool(true), DataTraceEnabled: jsii.Bool(false),
			ThrottlingRateLimit:  jsii.Number(float64(b.Deployment.ThrottleRate)),
			ThrottlingBurstLimit: jsii.Number(float64(b.Deployment.ThrottleBurst)),
		}},
		TracingEnabled: jsii.Bool(b.Deployment.Tracing),
	})
	stage.AddResourceDependency(account, nil)
	asked := []suppression{{ID: "AwsSolutions-APIG3", Reason: "A web application firewall is priced by the month and chosen by who owns the account."}}
	if !b.Deployment.Tracing {
		asked = append(asked, suppression{ID: "Serverless-APIGWXrayEnabled", Reason: "X-Ray costs by the trace and is a setting of the application: tracing in less.config."})
	}
	suppress(stage, asked...)
	b.alarm(scope, b.Deployment.APIAlarm(a, plan.REST))
}

// restURL is where a REST API is served.
func (b *builder) restURL(id string) string {
	return "https://" + id + ".execute-api." + *awscdk.Aws_REGION() + "." + b.urlSuffix + "/" + restStage
}

// restFolder returns the resource of a path, made with those above it where they
// are new, and the methods that answer browsers there.
func (b *builder) restFolder(scope constructs.Construct, api string, a plan.API, path string, folders map[string]string) (string, []awscdk.CfnResource) {
	if id, found := folders[path]; found {
		return id, nil
	}
	cut := strings.LastIndexByte(path, '/')
	parent, made := b.restFolder(scope, api, a, path[:cut], folders)
	folder := constructs.NewConstruct(scope, jsii.String("folder"+strings.ReplaceAll(path, "/", ".")))
	resource := awsapigateway.NewCfnResource(folder, jsii.String("Resource"), &awsapigateway.CfnResourceProps{
		RestApiId: jsii.String(api), ParentId: jsii.String(parent), PathPart: jsii.String(path[cut+1:]),
	})
	folders[path] = *resource.Ref()
	if a.CORS != nil {
		made = append(made, preflight(folder, api, folders[path], *a.CORS))
	}
	return folders[path], made
}

// fingerprint changes with what a deployment of a REST API is a copy of. A new one
// has to be made then, under a new name, or the stage stays as it was.
func (b *builder) fingerprint(a plan.API) string {
	timeouts := map[string]any{}
	for _, r := range a.Routes {
		f, _ := b.Deployment.Function(r.Function)
		timeouts[f.Name] = f.Timeout
	}
	return fingerprintOf(a.Routes, timeouts, a.CORS)
}

func fingerprintOf(content ...any) string {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// restLogs lets API Gateway write logs. It is a setting of the account in its
// region that HTTP APIs do not need, so it stays when the stack goes.
func (b *builder) restLogs(scope constructs.Construct) awscdk.CfnResource {
	role := awsiam.NewCfnRole(scope, jsii.String("LogRole"), &awsiam.CfnRoleProps{
		AssumeRolePolicyDocument: policy(map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "apigateway.amazonaws.com"},
		}),
		ManagedPolicyArns: &[]any{jsii.String(b.arns.Replace("arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"))},
	})
	suppress(role, suppression{ID: "AwsSolutions-IAM4", Reason: "The role is the account's, for the logs of all its REST APIs, and API Gateway asks for this policy."})
	role.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	account := awsapigateway.NewCfnAccount(scope, jsii.String("Account"), &awsapigateway.CfnAccountProps{CloudWatchRoleArn: role.AttrArn()})
	account.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	return account
}
