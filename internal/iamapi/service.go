// Package iamapi is the part of IAM that deployments and functions need: roles with
// their trust policies, their inline policies, and managed policies. What they allow is
// decided by package policy; [Service.Policies] has it ready to be asked.
//
// Roles are of the account, not of a region. There are no users, groups and instance
// profiles, and permission boundaries are refused, since a role without the one that it
// was given would be allowed too much.
package iamapi

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/policy"
	"github.com/less-go/less/internal/shelf"
)

// A Service is IAM. Its methods are its actions; they may be called at the same time.
type Service struct {
	roles   *shelf.Shelf[role]          // by name in lower case: names that differ only in case are the same
	managed *shelf.Shelf[managedPolicy] // by ARN

	changing sync.Mutex // held by what looks at roles and managed policies together
	// compiled has the policies of roles that were asked for since the last change, by
	// the role's name in lower case.
	compiled atomic.Pointer[sync.Map]
}

// Open returns IAM with what store has.
func Open(ctx context.Context, store shelf.Store) (*Service, error) {
	s := &Service{}
	var err error
	if s.roles, err = shelf.Open[role](ctx, store, "iam role"); err != nil {
		return nil, err
	}
	if s.managed, err = shelf.Open[managedPolicy](ctx, store, "iam policy"); err != nil {
		return nil, err
	}
	s.compiled.Store(&sync.Map{})
	return s, nil
}

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{
		Name:      "iam",
		Versions:  []string{"2010-05-08"},
		Namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
		Denied: func(d awsapi.Denial) *awsapi.Error {
			return &awsapi.Error{Code: "AccessDenied", Status: http.StatusForbidden, Message: d.Sentence("iam:" + d.Action)}
		},
	}
	awsapi.Register(api, "AttachRolePolicy", s.AttachRolePolicy)
	awsapi.Register(api, "CreatePolicy", s.CreatePolicy)
	awsapi.Register(api, "CreatePolicyVersion", s.CreatePolicyVersion)
	awsapi.Register(api, "CreateRole", s.CreateRole)
	awsapi.Register(api, "DeletePolicy", s.DeletePolicy)
	awsapi.Register(api, "DeletePolicyVersion", s.DeletePolicyVersion)
	awsapi.Register(api, "DeleteRole", s.DeleteRole)
	awsapi.Register(api, "DeleteRolePolicy", s.DeleteRolePolicy)
	awsapi.Register(api, "DetachRolePolicy", s.DetachRolePolicy)
	awsapi.Register(api, "GetPolicy", s.GetPolicy)
	awsapi.Register(api, "GetPolicyVersion", s.GetPolicyVersion)
	awsapi.Register(api, "GetRole", s.GetRole)
	awsapi.Register(api, "GetRolePolicy", s.GetRolePolicy)
	awsapi.Register(api, "ListAttachedRolePolicies", s.ListAttachedRolePolicies)
	awsapi.Register(api, "ListInstanceProfilesForRole", s.ListInstanceProfilesForRole)
	awsapi.Register(api, "ListPolicies", s.ListPolicies)
	awsapi.Register(api, "ListPolicyVersions", s.ListPolicyVersions)
	awsapi.Register(api, "ListRolePolicies", s.ListRolePolicies)
	awsapi.Register(api, "ListRoles", s.ListRoles)
	awsapi.Register(api, "ListRoleTags", s.ListRoleTags)
	awsapi.Register(api, "PutRolePolicy", s.PutRolePolicy)
	awsapi.Register(api, "TagRole", s.TagRole)
	awsapi.Register(api, "UntagRole", s.UntagRole)
	awsapi.Register(api, "UpdateAssumeRolePolicy", s.UpdateAssumeRolePolicy)
	awsapi.Register(api, "UpdateRole", s.UpdateRole)
	awsapi.Register(api, "UpdateRoleDescription", s.UpdateRoleDescription)
	return api
}

// Empty is the output of an action that returns nothing.
type Empty struct{}

// EmptyResult is the output of an action whose result has nothing in it.
type EmptyResult struct{ Empty }

// A Tag is a tag of a role or a policy.
type Tag struct{ Key, Value string }

func noEntity(format string, args ...any) *awsapi.Error {
	return &awsapi.Error{Code: "NoSuchEntity", Status: http.StatusNotFound, Message: fmt.Sprintf(format, args...)}
}

func conflict(code, format string, args ...any) *awsapi.Error {
	return &awsapi.Error{Code: code, Status: http.StatusConflict, Message: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("ValidationError", format, args...)
}

var (
	validName = regexp.MustCompile(`^[\w+=,.@-]+$`)
	validPath = regexp.MustCompile(`^/([\x21-\x7e]+/)?$`)
)

func checkName(name, member string, most int) error {
	switch {
	case name == "" || len(name) > most:
		return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", name, member, most)
	case !validName.MatchString(name):
		return invalid("The specified value for %s is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-", member)
	}
	return nil
}

// checkPath returns the path that is meant, which is / where none is given.
func checkPath(path string) (string, error) {
	switch {
	case path == "":
		return "/", nil
	case !validPath.MatchString(path) || len(path) > 512:
		return "", invalid("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
	}
	return path, nil
}

// arn is the ARN of something of the account: "role/x".
func arn(resource string) string {
	return awsapi.ARN{Partition: "aws", Service: "iam", Account: awsapi.Account, Resource: resource}.String()
}

// newID is a unique id of the form of AWS's: "AROA" and 17 letters and digits.
func newID(prefix string) string { return prefix + rand.Text()[:17] }

// encoded is how IAM writes a policy in an answer.
func encoded(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}

func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// malformed is the error of a policy that cannot be read.
func malformed(err error) error {
	return awsapi.Errorf("MalformedPolicyDocument", "%s", err)
}

func checkIdentity(document string) error {
	if _, err := policy.ParseIdentity(document); err != nil {
		return malformed(err)
	}
	return nil
}

// A Page is the part of an input that says which page of a list is wanted. There is one
// page, which has all.
type Page struct {
	Marker   string
	MaxItems *int
}

// changed forgets what was compiled.
func (s *Service) changed() { s.compiled.Store(&sync.Map{}) }
