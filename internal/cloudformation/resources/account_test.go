package resources_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/ecr"
	"github.com/less-go/less/internal/iamapi"
	"github.com/less-go/less/internal/policy"
	"github.com/less-go/less/internal/s3"
	"github.com/less-go/less/internal/ssm"
)

// openAccount gives the rig the services that a deployment rests on.
func (r *rig) openAccount() {
	r.t.Helper()
	var errs [4]error
	r.services.S3, errs[0] = s3.Open(r.ctx, r.store, r.t.TempDir())
	r.services.IAM, errs[1] = iamapi.Open(r.ctx, r.store)
	r.services.SSM, errs[2] = ssm.Open(r.ctx, r.store)
	r.services.ECR, errs[3] = ecr.Open(r.ctx, r.store)
	if err := errors.Join(errs[:]...); err != nil {
		r.t.Fatal(err)
	}
}

// The bucket of the CDK's bootstrap, as its template has it.
const staging = `{"BucketName": "cdk-assets", "AccessControl": "Private",
	"BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]},
	"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
	"VersioningConfiguration": {"Status": "Enabled"},
	"LifecycleConfiguration": {"Rules": [
		{"Id": "CleanupOldVersions", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 30}},
		{"Id": "AbortIncompleteMultipartUploads", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}]}}`

func (r *rig) setting(name, want string) {
	r.t.Helper()
	got, err := r.services.S3.Setting("cdk-assets", name)
	if err != nil || !strings.Contains(got, want) {
		r.t.Errorf("%s is %s, %v, want %s", name, got, err, want)
	}
}

func TestABucketIsAsItsTemplateSays(t *testing.T) {
	r := newRig(t)
	bucket := r.create("AWS::S3::Bucket", "StagingBucket", staging)
	allow := r.create("AWS::S3::BucketPolicy", "Policy", `{"Bucket": "cdk-assets", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
		{"Sid": "AllowSSLRequestsOnly", "Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}}`)
	r.setting("versioning", "<Status>Enabled</Status>")
	r.setting("encryption", "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault>")
	r.setting("lifecycle", "<ID>CleanupOldVersions</ID><Status>Enabled</Status>")
	r.setting("publicAccessBlock", "<RestrictPublicBuckets>true</RestrictPublicBuckets>")
	r.setting("tagging", "<Key>less:app</Key><Value>shop</Value>")
	if r.services.S3.Policy("cdk-assets") == nil {
		t.Error("it has no policy")
	}
	r.update(bucket, `{"BucketName": "cdk-assets", "VersioningConfiguration": {"Status": "Suspended"}}`)
	r.setting("versioning", "<Status>Suspended</Status>")
	r.setting("encryption", "AES256")
	if _, err := r.services.S3.Setting("cdk-assets", "lifecycle"); err == nil {
		t.Error("it still has lifecycle rules")
	}
	r.remove(allow)
	if r.services.S3.Policy("cdk-assets") != nil {
		t.Error("it still has a policy")
	}
	r.remove(bucket)
}

const assume = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}`

// allows says whether a role may do an action.
func (r *rig) allows(role, action string) bool {
	r.t.Helper()
	documents, err := r.services.IAM.Policies("arn:aws:iam::000000000000:role/" + role)
	if err != nil {
		r.t.Fatal(err)
	}
	return policy.Evaluate(policy.Request{Action: action, Resource: topicARN}, policy.Policies{Identity: documents}).Allowed
}

func document(action string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "` + action + `", "Resource": "*"}]}`
}

func TestARoleAllowsWhatItsTemplateSays(t *testing.T) {
	r := newRig(t)
	role := r.create("AWS::IAM::Role", "Role", `{"RoleName": "charge", "AssumeRolePolicyDocument": `+assume+`, "Description": "x",
		"Policies": [{"PolicyName": "one", "PolicyDocument": `+document("sns:Publish")+`}], "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}`)
	other := r.create("AWS::IAM::Policy", "Policy", `{"PolicyName": "other", "PolicyDocument": `+document("sqs:SendMessage")+`, "Roles": ["charge"]}`)
	managed := r.create("AWS::IAM::ManagedPolicy", "Managed", `{"ManagedPolicyName": "managed", "PolicyDocument": `+document("ssm:PutParameter")+`, "Roles": ["charge"]}`)
	expect := func(when string, want map[string]bool) {
		t.Helper()
		for _, action := range slices.Sorted(maps.Keys(want)) {
			if got := r.allows("charge", action); got != want[action] {
				t.Errorf("%s: %s is allowed: %t", when, action, got)
			}
		}
	}
	expect("made", map[string]bool{"sns:Publish": true, "sns:GetTopicAttributes": true, "sqs:SendMessage": true, "ssm:PutParameter": true, "s3:PutObject": false})
	role = r.update(role, `{"RoleName": "charge", "AssumeRolePolicyDocument": `+assume+`, "Policies": [{"PolicyName": "two", "PolicyDocument": `+document("s3:PutObject")+`}]}`)
	other = r.update(other, `{"PolicyName": "other", "PolicyDocument": `+document("sqs:DeleteMessage")+`, "Roles": ["charge"]}`)
	for range 7 { // more than there may be versions
		managed = r.update(managed, `{"ManagedPolicyName": "managed", "PolicyDocument": `+document("ssm:GetParameter")+`, "Roles": ["charge"]}`)
		managed = r.update(managed, `{"ManagedPolicyName": "managed", "PolicyDocument": `+document("ssm:DeleteParameter")+`, "Roles": ["charge"]}`)
	}
	expect("updated", map[string]bool{
		"sns:Publish": false, "sns:GetTopicAttributes": false, "s3:PutObject": true, "sqs:SendMessage": false, "sqs:DeleteMessage": true,
		"ssm:PutParameter": false, "ssm:DeleteParameter": true,
	})
	if !r.services.IAM.Assumable(r.ctx, "arn:aws:iam::000000000000:role/charge", "lambda.amazonaws.com") {
		t.Error("Lambda may not assume it")
	}
	r.remove(other)
	r.remove(managed)
	expect("without the others", map[string]bool{"sqs:DeleteMessage": false, "ssm:DeleteParameter": false, "s3:PutObject": true})
	r.remove(role)
	if _, err := r.services.IAM.GetRole(r.ctx, &iamapi.GetRoleInput{RoleName: iamapi.RoleName{RoleName: "charge"}}); err == nil {
		t.Error("the role is still there")
	}
}

func TestAParameterIsAsItsTemplateSays(t *testing.T) {
	r := newRig(t)
	const head = `{"Type": "String", "Name": "/cdk-bootstrap/hnb659fds/version", "Value": `
	parameter := r.create("AWS::SSM::Parameter", "Version", head+`"30"}`)
	parameter = r.update(parameter, head+`"31", "Tags": {"own": "1"}}`)
	out, err := r.services.SSM.GetParameter(r.ctx, &ssm.GetParameterInput{Name: parameter.PhysicalID})
	if err != nil || out.Parameter.Value != "31" || out.Parameter.Version != 2 {
		t.Errorf("%+v, %v", out, err)
	}
	r.remove(parameter)
}

func TestARepositoryIsMade(t *testing.T) {
	r := newRig(t)
	const name = `{"RepositoryName": "cdk-container-assets", `
	repository := r.create("AWS::ECR::Repository", "Repository", name+`"ImageTagMutability": "IMMUTABLE", "LifecyclePolicy": {"LifecyclePolicyText": "{}"},
		"RepositoryPolicyText": {"Version": "2012-10-17", "Statement": []}}`)
	repository = r.update(repository, name+`"ImageScanningConfiguration": {"ScanOnPush": "true"}}`)
	r.remove(repository)
}

func TestWhatIsTakenOfAnAccountIsNotMadeAndNotBegun(t *testing.T) {
	r := newRig(t)
	for kind, properties := range map[string]string{
		"AWS::S3::Bucket":         staging,
		"AWS::IAM::Role":          `{"RoleName": "charge", "AssumeRolePolicyDocument": ` + assume + `}`,
		"AWS::IAM::ManagedPolicy": `{"ManagedPolicyName": "managed", "PolicyDocument": ` + document("sns:Publish") + `}`,
		"AWS::SSM::Parameter":     `{"Name": "p", "Type": "String", "Value": "v"}`,
		"AWS::ECR::Repository":    `{"RepositoryName": "repository"}`,
	} {
		r.create(kind, "First", properties)
		before := len(r.began)
		_, err := r.providers[kind].Create(r.ctx, r.resource(kind, "Second", properties))
		f, ok := errors.AsType[*provider.Failure](err)
		if !ok || f.Code != provider.CodeAlreadyExists || len(r.began) != before {
			t.Errorf("%s: %v, begun %q", kind, err, r.began[before:])
		}
	}
}

func TestPropertiesThatWouldBeLostAreRefused(t *testing.T) {
	r := newRig(t)
	for kind, property := range map[string]string{
		"AWS::S3::Bucket": "WebsiteConfiguration", "AWS::IAM::Role": "PermissionsBoundary", "AWS::IAM::Policy": "Users",
		"AWS::SSM::Parameter": "Policies", "AWS::ECR::Repository": "EncryptionConfiguration",
	} {
		problems := r.providers[kind].Schema().Problems(map[string]any{property: "x"})
		if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, "extraneous key ["+property+"]") }) {
			t.Errorf("%s: %q", kind, problems)
		}
	}
}
