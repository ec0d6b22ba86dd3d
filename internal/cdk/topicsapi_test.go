package cdk_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/plan"
)

func TestTheTopicsAPIAsksForIAMAndMayPublishToTheTopicsAlone(t *testing.T) {
	const path = "less-dev/$topics_api/"
	s := system{app: generated(1, "order_placed", "paid"), planned: plan.Options{TopicsAPI: true}}
	out := s.synth(t)
	all := resources(t, out)
	method := all[path+"Method"].Properties
	integration := mapOf(method["Integration"])
	for name, pair := range map[string][2]any{
		"authorization": {method["AuthorizationType"], "AWS_IAM"},
		"method":        {method["HttpMethod"], "POST"},
		"validator":     {method["RequestValidatorId"], "${" + path + "Validator}"},
		"type":          {integration["Type"], "AWS"},
		"uri":           {integration["Uri"], arnStart + ":apigateway:${AWS::Region}:sns:action/Publish"},
		"role":          {integration["Credentials"], "${" + path + "Role.Arn}"},
		"passthrough":   {integration["PassthroughBehavior"], "NEVER"},
		"last folder":   {all[path+"Topic"].Properties["PathPart"], "{topic}"},
		"first folder":  {all[path+"Topics"].Properties["PathPart"], "topics"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
		}
	}
	policies := list(all[path+"Role"].Properties["Policies"])
	want := []string{
		"Allow sns:Publish on " + arnStart + ":sns:" + here + ":less-dev-order_placed", "Allow sns:Publish on " + arnStart + ":sns:" + here + ":less-dev-paid",
	}
	if diff := cmp.Diff(want, allowed(mapOf(policies[0])["PolicyDocument"])); diff != "" {
		t.Errorf("the role allows (-want +got):\n%s", diff)
	}
	template, _ := mapOf(integration["RequestTemplates"])["application/json"].(string)
	for _, part := range []string{
		`#set($arn = "` + arnStart + ":sns:" + here + `:less-dev-$topic")Action=Publish&TopicArn=$util.urlEncode($arn)&Message=$util.urlEncode($input.body)&`,
		"&MessageAttributes.entry.1.Name=ce-id&MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=$context.requestId&",
		"Name=ce-source&MessageAttributes.entry.4.Value.DataType=String&MessageAttributes.entry.4.Value.StringValue=%2Ftopics_api&",
	} {
		if !strings.Contains(template, part) {
			t.Errorf("the template has no %s:\n%s", part, template)
		}
	}
	if strings.ContainsAny(template, "\n\t") {
		t.Errorf("the template would send its line ends: %q", template)
	}
	var made []string
	for id := range all {
		if strings.HasPrefix(id, path) {
			made = append(made, id)
		}
	}
	if len(made) != 14 {
		t.Errorf("%d resources, and the plan counts 14: %v", len(made), made)
	}
	root := templates(t, out)["less-dev.template.json"]
	if _, found := mapOf(root["Outputs"])["TopicsApi"]; !found {
		t.Errorf("no output tells its URL: %v", slices.Sorted(maps.Keys(mapOf(root["Outputs"]))))
	}
}

func TestAnAnswerOfSNSIsOneOfTheTopicsAPI(t *testing.T) {
	s := system{app: generated(1, "paid"), planned: plan.Options{TopicsAPI: true}}
	method := resources(t, s.synth(t))["less-dev/$topics_api/Method"].Properties
	patterns := map[string]string{}
	for _, r := range list(mapOf(method["Integration"])["IntegrationResponses"]) {
		pattern, _ := mapOf(r)["SelectionPattern"].(string)
		patterns[mapOf(r)["StatusCode"].(string)] = pattern
	}
	for sns, want := range map[string]string{"200": "202", "400": "400", "403": "404", "404": "404", "413": "400", "429": "400", "500": "500", "503": "500"} {
		got := []string{}
		for status, pattern := range patterns {
			if pattern != "" && regexp.MustCompile("^(?:"+pattern+")$").MatchString(sns) {
				got = append(got, status)
			}
		}
		if len(got) == 0 {
			got = append(got, "202") // the one without a pattern
		}
		if len(got) != 1 || got[0] != want {
			t.Errorf("SNS's %s becomes %v, want %s", sns, got, want)
		}
	}
}

func TestWithoutASettingThereIsNoTopicsAPI(t *testing.T) {
	for id, r := range resources(t, system{app: generated(1, "paid")}.synth(t)) {
		if strings.HasPrefix(r.Type, "AWS::ApiGateway") {
			t.Errorf("%s is there", id)
		}
	}
}
