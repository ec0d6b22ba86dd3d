package template_test

import (
	"testing"

	"github.com/less-go/less/internal/template"
)

// Whatever a template is, it is refused or it can be asked for all that it has.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{
		`{"Resources": {"A": {"Type": "T", "Properties": {"P": {"Fn::Sub": ["${B} ${C.D}", {"B": {"Ref": "AWS::Region"}}]}}}, "C": {"Type": "T", "DependsOn": "A"}}}`,
		`{"Parameters": {"P": {"Type": "CommaDelimitedList", "Default": "a,b"}}, "Conditions": {"X": {"Fn::Equals": [{"Fn::Select": [0, {"Ref": "P"}]}, "a"]}}, "Resources": {"A": {"Type": "T", "Condition": "X"}}}`,
		"Resources:\n  A:\n    Type: T\n    Properties: !If [X, !Split [',', 'a,b'], !Ref AWS::NoValue]\nConditions: {X: !Not [!Condition X]}\n",
		`{"Mappings": {"M": {"a": {"b": ["c"]}}}, "Resources": {"A": {"Type": "T", "Properties": {"Fn::FindInMap": ["M", "a", "b"]}}}, "Outputs": {"O": {"Value": {"Fn::GetAtt": "A.B"}, "Export": {"Name": "e"}}}}`,
		`{"Rules": {"R": {"RuleCondition": {"Fn::Contains": [["a"], "a"]}, "Assertions": [{"Assert": {"Fn::EachMemberIn": [["a"], ["a"]]}, "AssertDescription": "no"}]}}, "Resources": {"A": {"Type": "T"}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		tpl, err := template.Parse(body)
		if err != nil {
			return
		}
		given, err := tpl.Give(nil)
		if err != nil {
			return
		}
		values, err := tpl.Values(t.Context(), given, lookup(nil))
		if err != nil {
			return
		}
		in, err := tpl.Bind(scope(values))
		if err != nil {
			return
		}
		for _, id := range in.Resources() {
			if _, err := in.Properties(id); err != nil && err.Error() == "" {
				t.Error("an error without a word")
			}
			template.Attributes(in.Resource(id).Properties)
		}
		if _, err := in.Dependencies(); err != nil {
			return
		}
		_, _ = in.Outputs()
		_, _ = in.Imports()
	})
}
