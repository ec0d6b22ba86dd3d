// Package sts is STS's answer to the question who is calling, which every client
// asks first, and the sessions of those who assume a role.
package sts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"net/http"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/iamapi"
	"github.com/less-go/less/internal/policy"
	"github.com/less-go/less/internal/shelf"
)

// Roles are IAM's.
type Roles interface {
	// Assume returns the role of an ARN, if it is there.
	Assume(roleARN string) (iamapi.Assumable, bool)
	// Policies returns the policies of a role, or why they are not known.
	Policies(roleARN string) ([]*policy.Document, error)
}

// A Service is STS. Its methods are its actions; they may be called at the same time.
type Service struct {
	roles    Roles
	sessions *shelf.Shelf[session] // by access key
}

// Open returns STS with the sessions that store has.
func Open(ctx context.Context, store shelf.Store, roles Roles) (*Service, error) {
	sessions, err := shelf.Open[session](ctx, store, "sts session")
	if err != nil {
		return nil, err
	}
	s := &Service{roles, sessions}
	return s, s.forget(ctx)
}

// API returns the table of actions. GetCallerIdentity needs no permission, as on AWS;
// whether a role may be assumed is decided by more than the caller's policies.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name:        "sts",
		Versions:    []string{"2011-06-15"},
		Namespace:   "https://sts.amazonaws.com/doc/2011-06-15/",
		Permissions: map[string]string{"GetCallerIdentity": awsapi.NoPermission, "AssumeRole": awsapi.NoPermission},
		Denied: func(d awsapi.Denial) *awsapi.Error {
			return denied("User: %s is not authorized to perform: sts:%s on resource: %s", d.User, d.Action, d.Resource)
		},
	}
	awsapi.Register(api, "AssumeRole", s.AssumeRole)
	awsapi.Register(api, "GetCallerIdentity", GetCallerIdentity)
	return api
}

func denied(format string, args ...any) *awsapi.Error {
	e := awsapi.Errorf("AccessDenied", format, args...)
	e.Status = http.StatusForbidden
	return e
}

// GetCallerIdentityInput is the input of GetCallerIdentity.
type GetCallerIdentityInput struct{}

// GetCallerIdentityOutput is the output of GetCallerIdentity.
type GetCallerIdentityOutput struct {
	ARN     string `json:"Arn"`
	UserID  string `json:"UserId"`
	Account string
}

// GetCallerIdentity returns who calls: the account's root user, or who has a role.
func GetCallerIdentity(ctx context.Context, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	p := awsapi.RequestFrom(ctx).Principal
	out := &GetCallerIdentityOutput{ARN: p.ARN(), UserID: awsapi.Account, Account: awsapi.Account}
	if !p.Administrator() {
		out.UserID = cmp.Or(p.RoleID, roleID(p.Session())) + ":" + p.Session()
	}
	return out, nil
}

// roleID is the unique id of the role of a function of the plan, which has the form of
// AWS's and is the same each time.
func roleID(role string) string {
	sum := sha256.Sum256([]byte(role))
	return "AROA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}
