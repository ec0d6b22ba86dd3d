// Package sts is STS's answer to the question who is calling, which every client
// asks first.
package sts

import (
	"context"
	"crypto/sha256"
	"encoding/base32"

	"github.com/less-go/less/internal/awsapi"
)

// API returns the table of actions. GetCallerIdentity needs no permission, as on AWS.
func API() *awsapi.Service {
	api := &awsapi.Service{
		Name:        "sts",
		Versions:    []string{"2011-06-15"},
		Namespace:   "https://sts.amazonaws.com/doc/2011-06-15/",
		Permissions: map[string]string{"GetCallerIdentity": awsapi.NoPermission},
	}
	awsapi.Register(api, "GetCallerIdentity", GetCallerIdentity)
	return api
}

// GetCallerIdentityInput is the input of GetCallerIdentity.
type GetCallerIdentityInput struct{}

// GetCallerIdentityOutput is the output of GetCallerIdentity.
type GetCallerIdentityOutput struct {
	ARN     string `json:"Arn"`
	UserID  string `json:"UserId"`
	Account string
}

// GetCallerIdentity returns who calls: the account's root user, or a function in
// its role.
func GetCallerIdentity(ctx context.Context, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	p := awsapi.RequestFrom(ctx).Principal
	out := &GetCallerIdentityOutput{ARN: p.ARN(), UserID: awsapi.Account, Account: awsapi.Account}
	if !p.Administrator() {
		out.UserID = roleID(p.Session()) + ":" + p.Session()
	}
	return out, nil
}

// roleID is the unique id of a role, which has the form of AWS's and is the same
// each time.
func roleID(role string) string {
	sum := sha256.Sum256([]byte(role))
	return "AROA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}
