package cdk

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/iam"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/topicsapi"
)

// topicsAPI makes the API by which other systems publish. It is a REST API, which calls
// SNS by itself, of one path for all topics: callers are known by IAM, which can be told
// of one topic as .../POST/topics/order_placed, and the role that publishes knows the
// topics that there are.
func (b *builder) topicsAPI() {
	if !b.Deployment.TopicsAPI {
		return
	}
	scope := constructs.NewConstruct(b.Root, jsii.String("$topics_api"))
	a := b.Deployment.TopicsAPIAsAPI()
	api := awsapigateway.NewCfnRestApi(scope, jsii.String("Api"), &awsapigateway.CfnRestApiProps{
		Name: jsii.String(b.Deployment.APIName(a)), Description: jsii.String("POST /topics/{topic}"),
		EndpointConfiguration: &awsapigateway.CfnRestApi_EndpointConfigurationProperty{Types: jsii.Strings("REGIONAL")},
	})
	id := *api.Ref()
	folder := awsapigateway.NewCfnResource(scope, jsii.String("Topics"), &awsapigateway.CfnResourceProps{
		RestApiId: jsii.String(id), ParentId: api.AttrRootResourceId(), PathPart: jsii.String("topics"),
	})
	resource := awsapigateway.NewCfnResource(scope, jsii.String("Topic"), &awsapigateway.CfnResourceProps{
		RestApiId: jsii.String(id), ParentId: folder.Ref(), PathPart: jsii.String("{topic}"),
	})
	model := awsapigateway.NewCfnModel(scope, jsii.String("Event"), &awsapigateway.CfnModelProps{
		RestApiId: jsii.String(id), ContentType: jsii.String("application/json"),
		Schema: map[string]any{"$schema": "http://json-schema.org/draft-04/schema#", "title": "any JSON"},
	})
	validator := awsapigateway.NewCfnRequestValidator(scope, jsii.String("Validator"), &awsapigateway.CfnRequestValidatorProps{
		RestApiId: jsii.String(id), ValidateRequestBody: jsii.Bool(true), ValidateRequestParameters: jsii.Bool(true),
	})
	notJSON := awsapigateway.NewCfnGatewayResponse(scope, jsii.String("NotJSON"), &awsapigateway.CfnGatewayResponseProps{
		RestApiId: jsii.String(id), ResponseType: jsii.String("BAD_REQUEST_BODY"), StatusCode: jsii.String("400"),
		ResponseTemplates: &map[string]*string{"application/json": jsii.String(refusal(topicsapi.NotJSON))},
	})
	template := publishTemplate(b.arn("sns", b.Deployment.TopicPrefix))
	responses := publishResponses()
	method := awsapigateway.NewCfnMethod(scope, jsii.String("Method"), &awsapigateway.CfnMethodProps{
		RestApiId: jsii.String(id), ResourceId: resource.Ref(), HttpMethod: jsii.String("POST"),
		AuthorizationType: jsii.String("AWS_IAM"), RequestValidatorId: validator.Ref(),
		RequestModels:     &map[string]*string{"application/json": model.Ref()},
		RequestParameters: &map[string]any{"method.request.path.topic": jsii.Bool(true)},
		Integration: &awsapigateway.CfnMethod_IntegrationProperty{
			Type: jsii.String("AWS"), IntegrationHttpMethod: jsii.String("POST"), Credentials: b.publisher(scope).AttrArn(),
			Uri:                 jsii.String(b.arns.Replace("arn:${AWS::Partition}:apigateway:${AWS::Region}:sns:action/Publish")),
			PassthroughBehavior: jsii.String("NEVER"),
			RequestParameters:   &map[string]*string{"integration.request.header.Content-Type": jsii.String("'application/x-www-form-urlencoded'")},
			RequestTemplates:    &map[string]*string{"application/json": jsii.String(template)},
			IntegrationResponses: &[]any{
				responses["202"], responses["400"], responses["404"], responses["500"],
			},
		},
		MethodResponses: &[]any{
			statusOnly("202"), statusOnly("400"), statusOnly("404"), statusOnly("500"),
		},
	})
	suppress(method, suppression{ID: "AwsSolutions-COG4", Reason: "Its callers are other systems, which IAM knows, not users of a pool."})
	deployment := awsapigateway.NewCfnDeployment(scope, jsii.String("Deployment"+fingerprintOf(b.Deployment.TopicPrefix, publishTemplate(""), responses)),
		&awsapigateway.CfnDeploymentProps{RestApiId: jsii.String(id), Description: jsii.String("POST /topics/{topic}")})
	for _, r := range []awscdk.CfnResource{method, notJSON} {
		deployment.AddResourceDependency(r, nil)
	}
	b.restStage(scope, a, id, deployment)
	b.output("TopicsApi", "", b.restURL(id), plan.TopicsAPIOutput)
}

// publisher makes the role that publishes, to the topics that there are and no other.
func (b *builder) publisher(scope constructs.Construct) awsiam.CfnRole {
	var topics []string
	var others []map[string]any
	for _, s := range b.roles[iam.TopicsAPI].Statements {
		if s.Service == "sns" {
			topics = append(topics, b.arns.Replace(s.Resource))
		} else {
			others = append(others, b.statement(s))
		}
	}
	statements := append([]map[string]any{{"Effect": "Allow", "Action": "sns:Publish", "Resource": topics}}, others...)
	role := awsiam.NewCfnRole(scope, jsii.String("Role"), &awsiam.CfnRoleProps{
		Description: jsii.String("The Topics API of " + b.Deployment.Name),
		AssumeRolePolicyDocument: policy(map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "apigateway.amazonaws.com"},
		}),
		Policies: &[]any{&awsiam.CfnRole_PolicyProperty{
			PolicyName:     jsii.String("less"),
			PolicyDocument: policy(statements...),
		}},
	})
	if len(others) > 0 {
		suppress(role, suppression{ID: "AwsSolutions-IAM5", Reason: "The key with one alias: IAM can name a key by its id only, and its alias by a condition."})
	}
	return role
}

// publishTemplate is a template of API Gateway's that makes a request to SNS of one to
// the Topics API, with the attributes that package less would send, but for ce-time: a
// template has no clock that writes it. It is one line, since line ends would be sent.
func publishTemplate(topicPrefix string) string {
	var out strings.Builder
	out.WriteString(`#set($topic = $input.params().path.get("topic"))` +
		`#set($correlation = $context.requestId)` +
		`#foreach($name in $input.params().header.keySet())` +
		`#if($name.equalsIgnoreCase("x-correlation-id") && $input.params().header.get($name).matches("` + topicsapi.CorrelationID + `"))` +
		`#set($correlation = $input.params().header.get($name))` +
		`#end#end` +
		`#set($arn = "` + topicPrefix + `$topic")` +
		`Action=Publish&TopicArn=$util.urlEncode($arn)&Message=$util.urlEncode($input.body)`)
	for i, attribute := range [][2]string{
		{event.ID, "$context.requestId"},
		{event.SpecVersion, "1.0"},
		{event.Type, "$util.urlEncode($topic)"},
		{event.Source, strings.ReplaceAll(topicsapi.Source, "/", "%2F")},
		{event.CorrelationID, "$util.urlEncode($correlation)"},
	} {
		fmt.Fprintf(&out, "&MessageAttributes.entry.%[1]d.Name=%[2]s&MessageAttributes.entry.%[1]d.Value.DataType=String&MessageAttributes.entry.%[1]d.Value.StringValue=%[3]s",
			i+1, attribute[0], attribute[1])
	}
	return out.String()
}

// publishResponses are what SNS's answers become, by their status. Its role may not
// publish to a topic that does not exist, so SNS answers 403 for one.
func publishResponses() map[string]*awsapigateway.CfnMethod_IntegrationResponseProperty {
	response := func(status, pattern, template string) *awsapigateway.CfnMethod_IntegrationResponseProperty {
		r := &awsapigateway.CfnMethod_IntegrationResponseProperty{
			StatusCode: jsii.String(status), ResponseTemplates: &map[string]*string{"application/json": jsii.String(template)},
		}
		if pattern != "" {
			r.SelectionPattern = jsii.String(pattern)
		}
		return r
	}
	return map[string]*awsapigateway.CfnMethod_IntegrationResponseProperty{
		"202": response("202", "", `#set($nothing = "")`),
		"404": response("404", `40[34]`, refusal(topicsapi.NotFound)),
		// No status is in two patterns: which would be taken is not said.
		"400": response("400", `40[0-25-9]|4[1-9]\d`, `{"error":$input.json("$.Error.Message")}`),
		"500": response("500", `5\d{2}`, refusal("The event is not published")),
	}
}

func refusal(text string) string { return fmt.Sprintf(`{"error":%q}`, text) }

func statusOnly(status string) *awsapigateway.CfnMethod_MethodResponseProperty {
	return &awsapigateway.CfnMethod_MethodResponseProperty{StatusCode: jsii.String(status)}
}
