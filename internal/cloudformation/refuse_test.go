package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/less-go/less/internal/cloudformation"
)

func TestATemplateThatCannotBeMadeIsRefusedBeforeAnythingIsMade(t *testing.T) {
	for _, tt := range []struct{ name, body, want string }{
		{
			"a type", `{"Resources": {"A": {"Type": "AWS::Test::Thin"}, "B": {"Type": "AWS::EC2::Instance"}}}`,
			"ValidationError: Template format error: Unrecognized resource types: [AWS::EC2::Instance, AWS::Test::Thin]. Less makes AWS::CDK::Metadata, AWS::CloudFormation::Stack, AWS::IAM::Role, AWS::Test::Thing. Did you mean AWS::Test::Thing?",
		},
		{
			"properties", things(map[string]string{"A": `"Valu": 1, "Seconds": "x"`, "B": `"Tags": [{"Value": {"Ref": "A"}}]`}),
			"ValidationError: Properties validation failed for resource A with message:\n#/Seconds: expected type: Integer, found: String\n#: extraneous key [Valu] is not permitted. Did you mean Value?\nProperties validation failed for resource B with message:\n#/Tags/0: required key [Key] not found",
		},
		{
			"an attribute", things(map[string]string{"A": ``, "B": `"Value": {"Fn::Sub": "${A.Url}"}`}),
			"ValidationError: Template error: resource A does not support attribute type Url in Fn::GetAtt",
		},
		{
			"capabilities", `{"Resources": {"A": {"Type": "AWS::IAM::Role", "Properties": {"Name": "n"}}}}`,
			"InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_IAM]",
		},
		{
			"a nested template", `{"Resources": {"A": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "bad"}}}}`,
			"ValidationError: nested stack A: Template format error: Unrecognized resource types: [X]. Less makes AWS::CDK::Metadata, AWS::CloudFormation::Stack, AWS::IAM::Role, AWS::Test::Thing.",
		},
		{
			"no such template", `{"Resources": {"A": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "missing"}}}}`,
			"ValidationError: nested stack A: S3 error: The specified key does not exist.",
		},
		{"an import", things(map[string]string{"A": `"Value": {"Fn::ImportValue": "nothing"}`}), "ValidationError: No export named nothing found."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inTime(t, func(r *rig) {
				r.templates["bad"] = `{"Resources": {"A": {"Type": "X"}}}`
				if err := r.propose("CREATE", tt.body); err == nil || err.Error() != tt.want {
					t.Errorf("%v\nwant\n%s", err, tt.want)
				}
				if r.status() != "" {
					t.Errorf("there is a stack in %s", r.status())
				}
			})
		})
	}
}

func TestWhatTheStateForbids(t *testing.T) {
	inTime(t, func(r *rig) {
		ctx := t.Context()
		body := things(map[string]string{"A": `"Value": "a"`})
		refused := func(err error, want string) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
		refused(r.propose("UPDATE", body), "Stack [shop] does not exist")
		_, err := r.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: "shop"})
		refused(err, "ValidationError: Stack with id shop does not exist")
		r.deploy(body)
		refused(r.propose("CREATE", body), "Stack [shop] already exists and cannot be created again with the changeSet [deploy].")
		_, err = r.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: "shop", Settings: cloudformation.Settings{TemplateBody: body}})
		refused(err, "AlreadyExistsException: Stack [shop] already exists")
		_, err = r.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetReference: cloudformation.ChangeSetReference{StackName: "shop", ChangeSetName: "other"}})
		refused(err, "ChangeSetNotFound: ChangeSet [other] does not exist")
		if _, err := r.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{StackName: "shop", EnableTerminationProtection: true}); err != nil {
			t.Fatal(err)
		}
		_, err = r.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: "shop"})
		refused(err, "Stack [shop] cannot be deleted while TerminationProtection is enabled")
		_, err = r.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: "other", Settings: cloudformation.Settings{TemplateBody: body, NotificationARNs: []string{"arn"}}})
		refused(err, "NotImplemented: Less does not implement NotificationARNs of a stack")
	})
}

func TestAnExportIsKeptAsLongAsItIsImported(t *testing.T) {
	inTime(t, func(r *rig) {
		export := func(value string) string {
			return `{"Resources": {"A": {"Type": "AWS::Test::Thing", "Properties": {"Value": "` + value + `"}}}, "Outputs": {"O": {"Value": {"Fn::GetAtt": ["A", "Value"]}, "Export": {"Name": "word"}}}}`
		}
		r.deploy(export("a"))
		user := cloudformation.CreateStackInput{StackName: "user", Settings: cloudformation.Settings{TemplateBody: things(map[string]string{"B": `"Value": {"Fn::ImportValue": "word"}`})}}
		if _, err := r.CreateStack(t.Context(), &user); err != nil {
			t.Fatal(err)
		}
		r.sleep(1)
		if r.world.has() != "a a" {
			t.Errorf("there is %s", r.world.has())
		}
		if status := r.deploy(export("b")); status != "UPDATE_ROLLBACK_COMPLETE" || r.world.has() != "a a" {
			t.Errorf("%s with %s", status, r.world.has())
		}
		if _, err := r.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: "shop"}); err != nil {
			t.Fatal(err)
		}
		r.wait()
		if last := r.events("shop"); last[len(last)-1] != "shop DELETE_FAILED Export word cannot be deleted as it is in use by user" {
			t.Error(last[len(last)-1])
		}
	})
}
