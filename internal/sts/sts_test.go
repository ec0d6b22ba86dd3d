package sts_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/iamapi"
	"github.com/less-go/less/internal/policy"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sts"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// denyAll is the strictest authorizer there can be.
type denyAll struct{}

func (denyAll) Decide(awsapi.Principal, string, string) policy.Decision { return policy.Decision{} }

const (
	deployRole = "arn:aws:iam::000000000000:role/deploy"
	// The trust policy of the roles of the CDK's bootstrap.
	deployTrust = `{"Statement":[
		{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"000000000000"},"Condition":{"Null":{"sts:ExternalId":"true"}}},
		{"Effect":"Allow","Action":"sts:TagSession","Principal":{"AWS":"000000000000"}}]}`
)

// services returns STS and the IAM that it asks, with the role deploy.
func services(t *testing.T) (*sts.Service, *iamapi.Service) {
	t.Helper()
	store, err := queue.Open(context.WithoutCancel(t.Context()), ":memory:", queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	roles, err := iamapi.Open(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	service, err := sts.Open(t.Context(), store, roles)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := roles.CreateRole(t.Context(), &iamapi.CreateRoleInput{
		RoleName: iamapi.RoleName{RoleName: "deploy"}, AssumeRolePolicyDocument: deployTrust,
	}); err != nil {
		t.Fatal(err)
	}
	return service, roles
}

func client(t *testing.T, service *sts.Service, key string) *awssts.Client {
	t.Helper()
	options := awsapi.Options{Authorizer: denyAll{}, Function: func(key string) (awsapi.Principal, bool) {
		if key == "ASIACHARGE" {
			return awsapi.Principal{Function: "topics/order_placed/charge", Name: "shop-charge"}, true
		}
		return service.Principal(key)
	}}
	server := awsapitest.Serve(t, awsapi.NewHandler(options, service.API()))
	config := awsapitest.Config(server.URL, server.Client())
	config.Credentials = awsapitest.Key(key)
	return awssts.NewFromConfig(config)
}

func TestWhoIsCalling(t *testing.T) {
	service, _ := services(t)
	for _, tt := range []struct{ name, key, arn, userID string }{
		{"a person", "test", "arn:aws:iam::000000000000:root", `^000000000000$`},
		{"a function", "ASIACHARGE", "arn:aws:sts::000000000000:assumed-role/shop-charge/shop-charge", `^AROA[A-Z2-7]{17}:shop-charge$`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, service, tt.key)
			first, err := c.GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
			if err != nil {
				t.Fatal(err)
			}
			if *first.Account != "000000000000" || *first.Arn != tt.arn || !regexp.MustCompile(tt.userID).MatchString(*first.UserId) {
				t.Errorf("%s %s %s, want %s %s", *first.Account, *first.Arn, *first.UserId, tt.arn, tt.userID)
			}
			second, err := c.GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
			if err != nil || *second.UserId != *first.UserId {
				t.Errorf("the second time the user id is %s, %v", *second.UserId, err)
			}
		})
	}
}

func TestAssumedRole(t *testing.T) {
	service, _ := services(t)
	out, err := client(t, service, "test").AssumeRole(t.Context(), &awssts.AssumeRoleInput{
		RoleArn: aws.String(deployRole), RoleSessionName: aws.String("aws-cdk-me"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(*out.Credentials.Expiration); left < 59*time.Minute || left > time.Hour {
		t.Errorf("it ends in %v", left)
	}
	who, err := client(t, service, *out.Credentials.AccessKeyId).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
	const arn = "arn:aws:sts::000000000000:assumed-role/deploy/aws-cdk-me"
	if err != nil || *who.Arn != arn || *out.AssumedRoleUser.Arn != arn || *who.UserId != *out.AssumedRoleUser.AssumedRoleId {
		t.Errorf("%+v, %+v, %v", who, out.AssumedRoleUser, err)
	}
}

func TestWhoMayNotAssumeARole(t *testing.T) {
	service, _ := services(t)
	const refused = "is not authorized to perform: sts:AssumeRole on resource: "
	for _, tt := range []struct {
		name, key string
		in        awssts.AssumeRoleInput
		want      string
	}{
		{"another role", "test", awssts.AssumeRoleInput{RoleArn: aws.String(deployRole + "2")}, "AccessDenied: User: arn:aws:iam::000000000000:root " + refused + deployRole + "2"},
		{"with an external id", "test", awssts.AssumeRoleInput{ExternalId: aws.String("x1")}, "AccessDenied: User: arn:aws:iam::000000000000:root " + refused + deployRole},
		{"a function without a policy for it", "ASIACHARGE", awssts.AssumeRoleInput{}, "AccessDenied: User: arn:aws:sts::000000000000:assumed-role/shop-charge/shop-charge " + refused + deployRole},
		{"too long", "test", awssts.AssumeRoleInput{DurationSeconds: aws.Int32(3601)}, "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		{"a bad name", "test", awssts.AssumeRoleInput{RoleSessionName: aws.String("a b")}, "ValidationError: 1 validation error detected: Value 'a b' at 'roleSessionName'"},
		{"with a policy", "test", awssts.AssumeRoleInput{Policy: aws.String("{}")}, "NotImplemented: Less does not implement session policies"},
	} {
		if tt.in.RoleArn == nil {
			tt.in.RoleArn = aws.String(deployRole)
		}
		if tt.in.RoleSessionName == nil {
			tt.in.RoleSessionName = aws.String("me")
		}
		if _, err := client(t, service, tt.key).AssumeRole(t.Context(), &tt.in); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// One role may assume another where the one's policies and the other's trust allow it.
func TestARoleAssumesARole(t *testing.T) {
	service, roles := services(t)
	caller, found := roles.Assume(deployRole)
	if !found {
		t.Fatal("there is no role deploy")
	}
	ctx := awsapi.WithRequest(t.Context(), awsapi.Request{Principal: awsapi.Principal{Name: "me", Role: caller.Name, RoleARN: caller.ARN}})
	in := &sts.AssumeRoleInput{RoleARN: deployRole, RoleSessionName: "again"}
	if _, err := service.AssumeRole(ctx, in); err == nil {
		t.Error("without a policy it may")
	}
	if _, err := roles.PutRolePolicy(t.Context(), &iamapi.PutRolePolicyInput{
		RoleName: iamapi.RoleName{RoleName: "deploy"}, PolicyName: "assume",
		PolicyDocument: `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"` + deployRole + `"}}`,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := service.AssumeRole(ctx, in); err != nil {
		t.Error(err)
	}
}

func TestASessionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, _ := services(t)
		out, err := service.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleARN: deployRole, RoleSessionName: "me"})
		if err != nil {
			t.Fatal(err)
		}
		h := awsapi.NewHandler(awsapi.Options{Function: service.Principal}, service.API())
		ask := func() string {
			r := httptest.NewRequest(http.MethodGet, "http://localhost/?Action=GetCallerIdentity&Version=2011-06-15", nil)
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+out.Credentials.AccessKeyID+"/20260102/us-east-1/sts/aws4_request, Signature=x")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Body.String()
		}
		time.Sleep(time.Hour - 2*time.Second)
		if got := ask(); !strings.Contains(got, "assumed-role/deploy/me") {
			t.Errorf("shortly before its end: %s", got)
		}
		time.Sleep(2 * time.Second)
		if got := ask(); !strings.Contains(got, "<Code>ExpiredToken</Code>") {
			t.Errorf("after its end: %s", got)
		}
	})
}

func TestOtherActionsAreNotImplemented(t *testing.T) {
	service, _ := services(t)
	r := httptest.NewRequest(http.MethodGet, "http://localhost/?Action=GetSessionToken&Version=2011-06-15", nil)
	w := httptest.NewRecorder()
	awsapi.NewHandler(awsapi.Options{}, service.API()).ServeHTTP(w, r)
	if w.Code != http.StatusNotImplemented || !regexp.MustCompile("the action GetSessionToken of sts").MatchString(w.Body.String()) {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}
