package iamapi_test

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/iamapi"
	"github.com/less-go/less/internal/policy"
	"github.com/less-go/less/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	trust   = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}}`
	publish = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:*:*:shop-*"}}`
	roleARN = "arn:aws:iam::000000000000:role/less/charge"
)

// A rig is IAM over a file, that can be started again.
type rig struct {
	*iam.Client
	t       *testing.T
	path    string
	store   *queue.Store
	service *iamapi.Service
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, path: filepath.Join(t.TempDir(), "store")}
	r.start()
	t.Cleanup(func() { r.store.Close() })
	return r
}

func (r *rig) start() {
	r.t.Helper()
	var err error
	if r.store, err = queue.Open(context.WithoutCancel(r.t.Context()), r.path, queue.Options{}); err != nil {
		r.t.Fatal(err)
	}
	if r.service, err = iamapi.Open(r.t.Context(), r.store); err != nil {
		r.t.Fatal(err)
	}
	server := awsapitest.Serve(r.t, awsapi.NewHandler(awsapi.Options{}, r.service.API()))
	r.Client = iam.NewFromConfig(awsapitest.Config(server.URL, server.Client()))
}

func (r *rig) restart() {
	r.t.Helper()
	if err := r.store.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.start()
}

// createRole makes the role charge.
func (r *rig) createRole() {
	r.t.Helper()
	if _, err := r.CreateRole(r.t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("charge"), Path: aws.String("/less/"), AssumeRolePolicyDocument: aws.String(trust),
		Tags: []types.Tag{{Key: aws.String("app"), Value: aws.String("shop")}},
	}); err != nil {
		r.t.Fatal(err)
	}
}

// allows says whether the role charge may publish to a topic.
func (r *rig) allows(topic string) bool {
	r.t.Helper()
	documents, err := r.service.Policies(roleARN)
	if err != nil {
		r.t.Fatal(err)
	}
	return policy.Evaluate(
		policy.Request{Action: "sns:Publish", Resource: "arn:aws:sns:us-east-1:000000000000:" + topic}, policy.Policies{Identity: documents},
	).Allowed
}

// failed returns the code and the message of an error of the service, "" of none.
func failed(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("error %v, want one of the service", err)
	}
	return api.ErrorCode() + ": " + api.ErrorMessage()
}

func TestARoleAndItsPoliciesSurviveARestart(t *testing.T) {
	r := newRig(t)
	r.createRole()
	charge := aws.String("charge")
	if r.allows("shop-paid") {
		t.Error("a role without policies may publish")
	}
	if _, err := r.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: charge, PolicyName: aws.String("less"), PolicyDocument: aws.String(publish)}); err != nil {
		t.Fatal(err)
	}
	r.restart()
	if !r.allows("shop-paid") || r.allows("other") {
		t.Error("the role does not allow what its policy does")
	}
	role, err := r.GetRole(t.Context(), &iam.GetRoleInput{RoleName: charge})
	if err != nil {
		t.Fatal(err)
	}
	document, err := url.PathUnescape(*role.Role.AssumeRolePolicyDocument)
	if err != nil || document != trust || *role.Role.Arn != roleARN || !strings.HasPrefix(*role.Role.RoleId, "AROA") ||
		len(role.Role.Tags) != 1 || *role.Role.MaxSessionDuration != 3600 || role.Role.CreateDate.IsZero() {
		t.Errorf("%+v, %v", role.Role, err)
	}
	got, err := r.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: charge, PolicyName: aws.String("less")})
	if document, _ := url.PathUnescape(aws.ToString(got.PolicyDocument)); err != nil || document != publish {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := r.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: charge}); failed(t, err) != "DeleteConflict: Cannot delete entity, must delete policies first." {
		t.Errorf("%v", err)
	}
	if _, err := r.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: charge, PolicyName: aws.String("less")}); err != nil {
		t.Fatal(err)
	}
	if r.allows("shop-paid") {
		t.Error("the role allows what its policy did before it was deleted")
	}
	if _, err := r.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: charge}); err != nil {
		t.Error(err)
	}
	if _, err := r.GetRole(t.Context(), &iam.GetRoleInput{RoleName: charge}); failed(t, err) != "NoSuchEntity: The role with name charge cannot be found." {
		t.Errorf("%v", err)
	}
}

func TestManagedPolicies(t *testing.T) {
	r := newRig(t)
	r.createRole()
	charge := aws.String("charge")
	made, err := r.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("publish"), PolicyDocument: aws.String(publish)})
	if err != nil {
		t.Fatal(err)
	}
	arn := made.Policy.Arn
	attach := func(arn *string) error {
		_, err := r.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: charge, PolicyArn: arn})
		return err
	}
	if err := attach(arn); err != nil {
		t.Fatal(err)
	}
	r.restart()
	if !r.allows("shop-paid") {
		t.Error("the role does not allow what its managed policy does")
	}
	if _, err := r.DeletePolicy(t.Context(), &iam.DeletePolicyInput{PolicyArn: arn}); failed(t, err) != "DeleteConflict: Cannot delete a policy attached to entities." {
		t.Errorf("%v", err)
	}
	if _, err := r.CreatePolicyVersion(t.Context(), &iam.CreatePolicyVersionInput{
		PolicyArn: arn, SetAsDefault: true, PolicyDocument: aws.String(strings.Replace(publish, "shop-*", "other", 1)),
	}); err != nil {
		t.Fatal(err)
	}
	if r.allows("shop-paid") || !r.allows("other") {
		t.Error("the role does not allow what the new version does")
	}
	// All of AWS's can be attached; of one that is not known nothing can be decided.
	if err := attach(aws.String("arn:aws:iam::aws:policy/AmazonS3FullAccess")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.service.Policies(roleARN); err == nil || !strings.Contains(err.Error(), "the managed policy arn:aws:iam::aws:policy/AmazonS3FullAccess") {
		t.Errorf("%v", err)
	}
	listed, err := r.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: charge})
	if err != nil || len(listed.AttachedPolicies) != 2 || *listed.AttachedPolicies[1].PolicyName != "AmazonS3FullAccess" {
		t.Errorf("%+v, %v", listed, err)
	}
	for _, policyARN := range []string{*arn, "arn:aws:iam::aws:policy/AmazonS3FullAccess"} {
		if _, err := r.DetachRolePolicy(t.Context(), &iam.DetachRolePolicyInput{RoleName: charge, PolicyArn: &policyARN}); err != nil {
			t.Error(err)
		}
	}
	if _, err := r.DeletePolicyVersion(t.Context(), &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v1")}); err != nil {
		t.Error(err)
	}
	if _, err := r.DeletePolicy(t.Context(), &iam.DeletePolicyInput{PolicyArn: arn}); err != nil {
		t.Error(err)
	}
	if err := attach(arn); failed(t, err) != "NoSuchEntity: Policy "+*arn+" does not exist or is not attachable." {
		t.Errorf("%v", err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	r := newRig(t)
	r.createRole()
	create := func(change func(*iam.CreateRoleInput)) error {
		in := &iam.CreateRoleInput{RoleName: aws.String("other"), AssumeRolePolicyDocument: aws.String(trust)}
		change(in)
		_, err := r.CreateRole(t.Context(), in)
		return err
	}
	for want, change := range map[string]func(*iam.CreateRoleInput){
		"EntityAlreadyExists: Role with name CHARGE already exists.":                              func(in *iam.CreateRoleInput) { in.RoleName = aws.String("CHARGE") },
		"ValidationError: The specified value for roleName is invalid.":                           func(in *iam.CreateRoleInput) { in.RoleName = aws.String("a b") },
		"ValidationError: The specified value for path is invalid.":                               func(in *iam.CreateRoleInput) { in.Path = aws.String("less") },
		"MalformedPolicyDocument: Syntax errors in policy.":                                       func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = aws.String("{}") },
		"ValidationError: 1 validation error detected: Value '60' at 'maxSessionDuration' failed": func(in *iam.CreateRoleInput) { in.MaxSessionDuration = aws.Int32(60) },
		"NotImplemented: Less does not implement permission boundaries of roles.":                 func(in *iam.CreateRoleInput) { in.PermissionsBoundary = aws.String(roleARN) },
	} {
		if err := create(change); !strings.HasPrefix(failed(t, err), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := r.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("charge"), PolicyName: aws.String("p"), PolicyDocument: aws.String(trust)}); failed(t, err) != "MalformedPolicyDocument: Policy document should not specify a principal." {
		t.Errorf("%v", err)
	}
	if _, err := r.ListUsers(t.Context(), &iam.ListUsersInput{}); !strings.HasPrefix(failed(t, err), "NotImplemented: Less does not implement the action ListUsers of iam") {
		t.Errorf("%v", err)
	}
}

func TestWhoMayAssumeARole(t *testing.T) {
	r := newRig(t)
	r.createRole()
	for _, tt := range []struct {
		role, service string
		want          bool
	}{
		{roleARN, "lambda.amazonaws.com", true},
		{roleARN, "events.amazonaws.com", false},
		{"arn:aws:iam::000000000000:role/charge", "lambda.amazonaws.com", false}, // it has a path
		{"arn:aws:iam::000000000000:role/less/other", "lambda.amazonaws.com", false},
	} {
		if got := r.service.Assumable(t.Context(), tt.role, tt.service); got != tt.want {
			t.Errorf("%s by %s: %t", tt.role, tt.service, got)
		}
	}
}
