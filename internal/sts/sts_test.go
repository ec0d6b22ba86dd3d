package sts_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"go.uber.org/goleak"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/sts"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// denyAll is the strictest authorizer there can be.
type denyAll struct{}

func (denyAll) Allow(awsapi.Principal, string, string) bool { return false }

func client(t *testing.T, key string) *awssts.Client {
	t.Helper()
	options := awsapi.Options{Authorizer: denyAll{}, Function: func(key string) (awsapi.Principal, bool) {
		if key != "ASIACHARGE" {
			return awsapi.Principal{}, false
		}
		return awsapi.Principal{Function: "topics/order_placed/charge", Name: "shop-charge"}, true
	}}
	server := awsapitest.Serve(t, awsapi.NewHandler(options, sts.API()))
	config := awsapitest.Config(server.URL, server.Client())
	config.Credentials = awsapitest.Key(key)
	return awssts.NewFromConfig(config)
}

func TestWhoIsCalling(t *testing.T) {
	for _, tt := range []struct{ name, key, arn, userID string }{
		{"a person", "test", "arn:aws:iam::000000000000:root", `^000000000000$`},
		{"a function", "ASIACHARGE", "arn:aws:sts::000000000000:assumed-role/shop-charge/shop-charge", `^AROA[A-Z2-7]{17}:shop-charge$`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, tt.key)
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

func TestOtherActionsAreNotImplemented(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "http://localhost/?Action=AssumeRole&Version=2011-06-15", nil)
	w := httptest.NewRecorder()
	awsapi.NewHandler(awsapi.Options{}, sts.API()).ServeHTTP(w, r)
	if w.Code != http.StatusNotImplemented || !regexp.MustCompile("the action AssumeRole of sts").MatchString(w.Body.String()) {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}
