package cdk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/less-go/less/internal/cors"
)

// What an HTTP API does by itself for pages of other origins, a REST API has to be made
// to do: methods of its own answer preflights, gateway responses are for what the
// gateway answers in place of a function, and the functions say the rest themselves.

// always is the one value of Access-Control-Allow-Origin that is right for every answer,
// "" where that depends on who asks.
func always(c cors.Policy) string {
	switch {
	case slices.Contains(c.Origins, "*"):
		return "*"
	case len(c.Origins) == 1 && !strings.Contains(c.Origins[0], "*"):
		return c.Origins[0]
	}
	return ""
}

// preflight answers browsers that ask what they may send to a resource.
func preflight(scope constructs.Construct, api, resource string, c cors.Policy) awscdk.CfnResource {
	headers := map[string]string{
		cors.AllowHeaders: strings.Join(c.Headers, ","),
		cors.AllowMethods: strings.Join(c.Methods, ","),
		cors.MaxAge:       fmt.Sprint(int(c.MaxAge.Seconds())),
		"Vary":            "Origin",
	}
	response := &awsapigateway.CfnMethod_IntegrationResponseProperty{StatusCode: jsii.String("204")}
	if origin := always(c); origin != "" {
		headers[cors.AllowOrigin] = origin
	} else {
		response.ResponseTemplates = &map[string]*string{"application/json": jsii.String(chooseOrigin(c))}
	}
	values, declared := map[string]*string{}, map[string]any{"method.response.header." + cors.AllowOrigin: jsii.Bool(true)}
	for name, value := range headers {
		values["method.response.header."+name] = jsii.String("'" + value + "'")
		declared["method.response.header."+name] = jsii.Bool(true)
	}
	response.ResponseParameters = &values
	m := awsapigateway.NewCfnMethod(scope, jsii.String("Preflight"), &awsapigateway.CfnMethodProps{
		RestApiId: jsii.String(api), ResourceId: jsii.String(resource), HttpMethod: jsii.String("OPTIONS"),
		AuthorizationType: jsii.String("NONE"),
		Integration: &awsapigateway.CfnMethod_IntegrationProperty{
			Type: jsii.String("MOCK"), RequestTemplates: &map[string]*string{"application/json": jsii.String(`{"statusCode":204}`)},
			ContentHandling:      jsii.String("CONVERT_TO_TEXT"),
			IntegrationResponses: &[]any{response},
		},
		MethodResponses: &[]any{&awsapigateway.CfnMethod_MethodResponseProperty{StatusCode: jsii.String("204"), ResponseParameters: &declared}},
	})
	why := "A browser's preflight carries no credentials, and reaches no function."
	suppress(m, suppression{ID: "AwsSolutions-APIG4", Reason: why}, suppression{ID: "AwsSolutions-COG4", Reason: why})
	return m
}

// chooseOrigin is a template of API Gateway's that allows the origin that asks, where it
// may call: a static header could name one only. The names of headers come as they were sent.
func chooseOrigin(c cors.Policy) string {
	var tests []string
	for _, o := range c.Origins {
		if scheme, found := strings.CutSuffix(o, "*"); found {
			tests = append(tests, fmt.Sprintf("$origin.startsWith(%q)", scheme))
		} else {
			tests = append(tests, fmt.Sprintf("$origin == %q", o))
		}
	}
	return `#foreach($name in $input.params().header.keySet())` +
		`#if($name.equalsIgnoreCase("origin"))` +
		`#set($origin = $input.params().header.get($name))` +
		`#if(` + strings.Join(tests, " || ") + `)` +
		`#set($context.responseOverride.header.` + cors.AllowOrigin + ` = $origin)` +
		`#end#end#end`
}

// gatewayResponses let pages of other origins read what the gateway itself answers. They
// cannot choose between origins: where there are several, such an answer is not readable.
func gatewayResponses(scope constructs.Construct, api string, c cors.Policy) []awscdk.CfnResource {
	origin := always(c)
	if origin == "" {
		return nil
	}
	var out []awscdk.CfnResource
	for _, kind := range []string{"DEFAULT_4XX", "DEFAULT_5XX"} {
		out = append(out, awsapigateway.NewCfnGatewayResponse(scope, jsii.String(kind), &awsapigateway.CfnGatewayResponseProps{
			RestApiId: jsii.String(api), ResponseType: jsii.String(kind),
			ResponseParameters: &map[string]*string{"gatewayresponse.header." + cors.AllowOrigin: jsii.String("'" + origin + "'")},
		}))
	}
	return out
}
