package template_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/template"
)

// scope knows the resources A, which is there, and B, of which nothing is known yet.
func scope(parameters map[string]any) template.Scope {
	return template.Scope{
		Parameters: parameters, Account: "123456789012", Region: "eu-west-1", StackName: "shop", StackID: "arn:shop", NotificationARNs: []string{"arn:n"},
		Ref: func(id string) (any, error) {
			if id == "B" {
				return template.Unknown{}, nil
			}
			return "id-" + id, nil
		},
		GetAtt: func(id, attribute string) (any, error) {
			switch {
			case id == "B":
				return template.Unknown{}, nil
			case attribute == "List":
				return []any{"x", "y"}, nil
			}
			return id + "." + attribute, nil
		},
		Import: func(name string) (any, error) { return "imported " + name, nil },
	}
}

// bind reads a template with the resources A and B and one whose property P is value.
func bind(value string) (*template.Instance, error) {
	t, err := template.Parse([]byte(`{
		"Parameters": {"Name": {"Type": "String", "Default": "n"}, "List": {"Type": "CommaDelimitedList", "Default": "a, b"}},
		"Mappings": {"Sizes": {"eu-west-1": {"small": "1", "all": ["1", "2"]}}},
		"Conditions": {"Yes": {"Fn::Equals": [{"Ref": "Name"}, "n"]}, "No": {"Fn::Not": [{"Condition": "Yes"}]},
			"Either": {"Fn::Or": [{"Condition": "No"}, {"Condition": "Yes"}]}, "Both": {"Fn::And": [{"Condition": "No"}, {"Condition": "Yes"}]}},
		"Resources": {"A": {"Type": "T"}, "B": {"Type": "T"}, "Absent": {"Type": "T", "Condition": "No"}, "X": {"Type": "T", "Properties": {"P": ` + value + `}}}}`))
	if err != nil {
		return nil, err
	}
	return t.Bind(scope(map[string]any{"Name": "n", "List": []any{"a", "b"}}))
}

func TestFunctions(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{`"text"`, `"text"`},
		{`[1, true, null, 1.50]`, `[1, true, null, 1.50]`},
		{`{"Ref": "Name"}`, `"n"`},
		{`{"Ref": "List"}`, `["a", "b"]`},
		{`{"Ref": "A"}`, `"id-A"`},
		{`{"Ref": "AWS::AccountId"}`, `"123456789012"`},
		{`{"Ref": "AWS::NotificationARNs"}`, `["arn:n"]`},
		{`{"Fn::GetAtt": ["A", "Arn"]}`, `"A.Arn"`},
		{`{"Fn::GetAtt": "A.Outputs.Url"}`, `"A.Outputs.Url"`},
		{`{"Fn::GetAtt": ["A", {"Ref": "Name"}]}`, `"A.n"`},
		{`{"Fn::Join": ["-", ["a", {"Ref": "A"}, 3]]}`, `"a-id-A-3"`},
		{`{"Fn::Join": ["", {"Ref": "List"}]}`, `"ab"`},
		{`{"Fn::Sub": "${Name} ${A} ${A.Arn} ${AWS::Region} ${!Name} $x"}`, `"n id-A A.Arn eu-west-1 ${Name} $x"`},
		{`{"Fn::Sub": ["${Own}${Name}", {"Own": {"Fn::Join": [":", ["1", "2"]]}}]}`, `"1:2n"`},
		{`{"Fn::Select": ["1", {"Ref": "List"}]}`, `"b"`},
		{`{"Fn::Select": [0, {"Fn::GetAZs": ""}]}`, `"eu-west-1a"`},
		{`{"Fn::Split": ["|", "a|b"]}`, `["a", "b"]`},
		{`{"Fn::Select": [5, {"Fn::Split": [":", "arn:aws:sqs:eu-west-1:1:jobs"]}]}`, `"jobs"`},
		{`{"Fn::Base64": "text"}`, `"dGV4dA=="`},
		{`{"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "small"]}`, `"1"`},
		{`{"Fn::FindInMap": ["Sizes", "eu-west-1", "all"]}`, `["1", "2"]`},
		{`{"Fn::ImportValue": {"Fn::Sub": "${AWS::StackName}-x"}}`, `"imported shop-x"`},
		{`{"Fn::If": ["Yes", "y", {"Ref": "Absent"}]}`, `"y"`},
		{`{"Fn::If": ["Both", 1, {"Fn::If": ["Either", 2, 3]}]}`, `2`},
		{`{"a": {"Ref": "AWS::NoValue"}, "b": [{"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, 2]}`, `{"b": [2]}`},
		{`{"Condition": "of a policy's statement"}`, `{"Condition": "of a policy's statement"}`},
		{`{"Statement": {"Condition": {"Bool": {"a": "b"}}}}`, `{"Statement": {"Condition": {"Bool": {"a": "b"}}}}`},
	} {
		in, err := bind(tt.value)
		if err != nil {
			t.Errorf("%s: %v", tt.value, err)
			continue
		}
		got, err := in.Properties("X")
		if err != nil {
			t.Errorf("%s: %v", tt.value, err)
			continue
		}
		var want any
		d := json.NewDecoder(strings.NewReader(tt.want))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got["P"]); diff != "" {
			t.Errorf("%s: %s", tt.value, diff)
		}
	}
}

func TestWhatIsMadeOfTheUnknownIsUnknown(t *testing.T) {
	for _, value := range []string{
		`{"Ref": "B"}`, `{"Fn::Join": ["", ["a", {"Ref": "B"}]]}`, `{"Fn::Sub": "a ${B.Arn}"}`, `{"Fn::Select": [0, {"Fn::Split": [":", {"Ref": "B"}]}]}`,
	} {
		in, err := bind(value)
		if err != nil {
			t.Fatal(err)
		}
		got, err := in.Properties("X")
		if err != nil || got["P"] != (template.Unknown{}) {
			t.Errorf("%s is %v, %v", value, got["P"], err)
		}
	}
}

func TestFunctionsThatCannotBe(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{`{"Ref": "Nam"}`, "Template format error: Unresolved resource dependencies [Nam] in the Resources block of the template"},
		{`{"Ref": "Absent"}`, "Template format error: Unresolved resource dependencies [Absent] in the Resources block of the template"},
		{`{"Fn::GetAtt": ["C", "Arn"]}`, "Template error: instance of Fn::GetAtt references undefined resource C"},
		{`{"Fn::Sub": "${C.Arn}"}`, "Template error: instance of Fn::GetAtt references undefined resource C"},
		{`{"Fn::Sub": "${"}`, "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons"},
		{`{"Fn::Joni": ["", []]}`, "Less does not implement the function Fn::Joni. Did you mean Fn::Join?"},
		{`{"Fn::Transform": {"Name": "AWS::Include"}}`, "Less does not implement the function Fn::Transform."},
		{`{"Fn::If": ["Maybe", 1, 2]}`, "Template format error: Unresolved condition dependency Maybe in the Resources block of the template"},
		{`{"Fn::Equals": ["a", "a"]}`, "Template error: Fn::Equals cannot be used in the Resources block of the template"},
		{`{"Fn::FindInMap": ["Size", "a", "b"]}`, "Template error: Mapping named 'Size' is not present in the 'Mappings' section of template."},
		{`{"Fn::FindInMap": ["Sizes", "a", "b"]}`, "Template error: Unable to get mapping for Sizes::a::b"},
		{`{"Fn::Select": [2, {"Ref": "List"}]}`, "Template error: Fn::Select cannot select nonexistent value at index 2"},
		{`{"Fn::Join": ["-", "text"]}`, "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined"},
	} {
		in, err := bind(tt.value)
		if err == nil {
			_, err = in.Properties("X")
		}
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", tt.value, err, tt.want)
		}
	}
}

func TestTemplatesThatCannotBe(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{`{`, "Template format error: JSON not well-formed. (line 1, column 1)"},
		{``, "Template format error: unsupported structure."},
		{`[]`, "Template format error: unsupported structure."},
		{`{"Resources": {}}`, "Template format error: At least one Resources member must be defined."},
		{`{"Resource": {}, "Resources": {"A": {"Type": "T"}}}`, "Invalid template property or properties [Resource]. Did you mean Resources?"},
		{`{"Transform": "AWS::Serverless-2016-10-31", "Resources": {"A": {"Type": "T"}}}`, "Less does not implement transforms, which AWS::Serverless-2016-10-31 is. Deploy the processed template."},
		{`{"Resources": {"A": {}}}`, "Template format error: [/Resources/A] Every Resources object must contain a Type member."},
		{`{"Resources": {"a-b": {"Type": "T"}}}`, "Template format error: Resource name a-b is non alphanumeric."},
		{`{"Resources": {"A": {"Type": "T", "DeletionPolicy": "Snapshot"}}}`, "Template error: DeletionPolicy of [/Resources/A] is Snapshot. Less has Delete and Retain."},
		{`{"Resources": {"A": {"Type": "T", "UpdatePolicy": {}}}}`, "Template format error: [/Resources/A] has UpdatePolicy, which Less does not know."},
		{`{"Parameters": {"P": {"Type": "Strin"}}, "Resources": {"A": {"Type": "T"}}}`, "Template format error: Unrecognized parameter type: Strin. Did you mean String?"},
		{`{"Resources": {"A": {"Type": "T", "DependsOn": ["B", "A"]}}}`, "Circular dependency between resources: [A]\nTemplate format error: Unresolved resource dependencies [B] in the Resources block of the template"},
		{"Resources:\n  A: &a\n    Type: T\n", "Template error: YAML aliases are not allowed in CloudFormation templates (line 2)"},
		{"Resources:\n  A: {Type: T}\n  A: {Type: T}\n", "Template format error: A is there twice. (line 3, column 3)"},
		{"Resources: {A: {Type: !Reff x}}", "Template format error: Less does not implement the function !Reff (line 1). Did you mean Ref?"},
	} {
		_, err := template.Parse([]byte(tt.body))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s:\n%v\nwant\n%s", tt.body, err, tt.want)
		}
	}
}

func TestWhatWaitsForEachOtherIsTold(t *testing.T) {
	tpl, err := template.Parse([]byte(`{"Resources": {
		"A": {"Type": "T", "Properties": {"P": {"Ref": "B"}}}, "B": {"Type": "T", "Properties": {"P": {"Fn::Sub": "${C.Arn}"}}}, "C": {"Type": "T", "DependsOn": "A"},
		"Before": {"Type": "T"}, "After": {"Type": "T", "DependsOn": ["A", "Before"]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	in, err := tpl.Bind(scope(nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Dependencies(); err == nil || err.Error() != "Circular dependency between resources: [A, B, C]" {
		t.Error(err)
	}
}

func TestYAMLIsTheSameAsJSON(t *testing.T) {
	const yaml = `
Parameters:
  Flag: {Type: String, Default: 'true'}
Conditions:
  Is: !Equals [!Ref Flag, 'true']
  Not: !Not [!Condition Is]
Resources:
  A:
    Type: T
    Properties:
      Version: 2012-10-17
      Number: 10
      Yes: yes
      True: true
      Long: |
        {"a": 1}
      List: !If [Is, !Split [",", "a,b"], !Ref AWS::NoValue]
      Gone: !If [Not, 1, !Ref "AWS::NoValue"]
      Sub: !Sub "${Flag} ${AWS::Region}"
      Join: !Join ["-", [!Ref Flag, !GetAtt B.Outputs.Url]]
  B: {Type: T}
`
	tpl, err := template.Parse([]byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	in, err := tpl.Bind(scope(map[string]any{"Flag": "true"}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := in.Properties("A")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"Version": "2012-10-17", "Number": json.Number("10"), "Yes": "yes", "True": true, "Long": "{\"a\": 1}\n", "List": []any{"a", "b"},
		"Sub": "true eu-west-1", "Join": template.Unknown{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func lookup(stored map[string]string) template.Lookup {
	return func(context.Context, []string) (map[string]string, error) { return stored, nil }
}

func TestParameters(t *testing.T) {
	tpl, err := template.Parse([]byte(`{"Parameters": {
		"Name": {"Type": "String", "AllowedPattern": "[a-z]+", "MaxLength": 5}, "Size": {"Type": "Number", "Default": 3, "MaxValue": 10, "ConstraintDescription": "at most ten"},
		"Kind": {"Type": "String", "AllowedValues": ["a", "b"], "Default": "a"}, "Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk/version"}},
		"Rules": {"Bootstrapped": {"Assertions": [{"Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2"], {"Ref": "Version"}]}]}, "AssertDescription": "version 3 is required"}]}},
		"Resources": {"A": {"Type": "T"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		given map[string]string
		want  string
	}{
		{map[string]string{"Name": "abc"}, ""},
		{nil, "Parameters: [Name] must have values"},
		{map[string]string{"Name": "abc", "Colour": "red"}, "Parameters: [Colour] do not exist in the template"},
		{map[string]string{"Name": "ABC", "Size": "11", "Kind": "c"}, "Parameter 'Kind' must be one of AllowedValues\nParameter 'Name' must match pattern [a-z]+\nParameter Size failed to satisfy constraint: at most ten"},
		{map[string]string{"Name": "abcdef"}, "Parameter 'Name' must contain at most 5 characters"},
	} {
		_, err := tpl.Give(tt.given)
		if got := text(err); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.given, got, tt.want)
		}
	}
	given, err := tpl.Give(map[string]string{"Name": "abc"})
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{
		"":  "Unable to fetch parameters [/cdk/version] from parameter store for this account.",
		"2": "Rule Bootstrapped: version 3 is required",
		"3": "",
	} {
		stored := map[string]string{}
		if version != "" {
			stored["/cdk/version"] = version
		}
		values, err := tpl.Values(t.Context(), given, lookup(stored))
		if err == nil {
			_, err = tpl.Bind(scope(values))
		}
		if got := text(err); got != want {
			t.Errorf("version %s: %s, want %s", version, got, want)
		}
	}
}

// The template that the CDK's CLI bootstraps with is as much of CloudFormation as anybody needs.
func TestTheBootstrapTemplateIsRead(t *testing.T) {
	body, err := os.ReadFile("../../node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the CDK's CLI is not installed: make node_modules")
	}
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := template.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	given, err := tpl.Give(map[string]string{"FileAssetsBucketKmsKeyId": "AWS_MANAGED_KEY", "PublicAccessBlockConfiguration": "true"})
	if err != nil {
		t.Fatal(err)
	}
	values, err := tpl.Values(t.Context(), given, nil)
	if err != nil {
		t.Fatal(err)
	}
	in, err := tpl.Bind(scope(values))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range in.Resources() {
		if _, err := in.Properties(id); err != nil {
			t.Error(err)
		}
	}
	if in.Has("FileAssetsBucketEncryptionKey") || !in.Has("StagingBucket") {
		t.Errorf("there are %q", in.Resources())
	}
	bucket, _ := in.Properties("StagingBucket")
	if bucket["BucketName"] != "cdk-hnb659fds-assets-123456789012-eu-west-1" {
		t.Errorf("the bucket is %v", bucket["BucketName"])
	}
	role, _ := in.Properties("CloudFormationExecutionRole")
	if diff := cmp.Diff([]any{"arn:aws:iam::aws:policy/AdministratorAccess"}, role["ManagedPolicyArns"]); diff != "" {
		t.Error(diff)
	}
}
