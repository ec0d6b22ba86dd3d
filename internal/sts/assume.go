package sts

import (
	"context"
	"crypto/rand"
	"regexp"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/policy"
)

// A session is what the store keeps of somebody who has assumed a role.
type session struct {
	Key           string
	Name          string
	Role, RoleARN string
	RoleID        string
	Expires       time.Time
}

// remembered is how long a session is known after its end, so that its keys are told
// that they have expired. Later they are like every key that nobody knows.
const remembered = 7 * 24 * time.Hour

// forget removes the sessions that ended long ago.
func (s *Service) forget(ctx context.Context) error {
	for _, old := range s.sessions.All() {
		if time.Since(old.Expires) < remembered {
			continue
		}
		if err := s.sessions.Change(ctx, old.Key, func(session, bool) (*session, error) { return nil, nil }); err != nil {
			return err
		}
	}
	return nil
}

// Principal returns whose session an access key is of.
func (s *Service) Principal(accessKey string) (awsapi.Principal, bool) {
	found, ok := s.sessions.Get(accessKey)
	if !ok {
		return awsapi.Principal{}, false
	}
	return awsapi.Principal{Name: found.Name, Role: found.Role, RoleARN: found.RoleARN, RoleID: found.RoleID, Expires: found.Expires}, true
}

// AssumeRoleInput is the input of AssumeRole.
type AssumeRoleInput struct {
	RoleARN         string `json:"RoleArn"`
	RoleSessionName string
	DurationSeconds *int
	ExternalID      string `json:"ExternalId"`
	Tags            []Tag
	// Those below would change what the session may do if they were ignored.
	Policy       string
	PolicyARNs   []struct{} `json:"PolicyArns"`
	SerialNumber string
	TokenCode    string
}

// A Tag is a tag of a session.
type Tag struct{ Key, Value string }

// AssumeRoleOutput is the output of AssumeRole.
type AssumeRoleOutput struct {
	Credentials     Credentials
	AssumedRoleUser AssumedRoleUser
}

// Credentials are those of a session.
type Credentials struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

// An AssumedRoleUser is who has assumed a role.
type AssumedRoleUser struct {
	AssumedRoleID string `json:"AssumedRoleId"`
	ARN           string `json:"Arn"`
}

// What AWS allows of sessions.
const (
	defaultDuration = 3600 // s
	minDuration     = 900
)

var sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

// AssumeRole gives the caller the role's permissions, where the role's trust policy, and
// for one who has a role the policies of that too, allow it.
func (s *Service) AssumeRole(ctx context.Context, in *AssumeRoleInput) (*AssumeRoleOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	caller := awsapi.RequestFrom(ctx).Principal
	refused := func(action string) error {
		return denied("User: %s is not authorized to perform: %s on resource: %s", caller.ARN(), action, in.RoleARN)
	}
	r, found := s.roles.Assume(in.RoleARN)
	if !found {
		return nil, refused("sts:AssumeRole") // AWS does not tell who asks that there is none
	}
	actions := []string{"sts:AssumeRole"}
	if len(in.Tags) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	for _, action := range actions {
		allowed, err := s.allowed(caller, action, in, r.Trust)
		if err != nil {
			return nil, err
		}
		if !allowed {
			return nil, refused(action)
		}
	}
	duration := defaultDuration
	if in.DurationSeconds != nil {
		duration = *in.DurationSeconds
	}
	if duration > r.MaxSession {
		return nil, awsapi.Errorf("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	n := session{
		Key: "ASIA" + rand.Text()[:16], Name: in.RoleSessionName, Role: r.Name, RoleARN: r.ARN, RoleID: r.ID,
		Expires: time.Now().UTC().Truncate(time.Second).Add(time.Duration(duration) * time.Second),
	}
	if err := s.sessions.Change(ctx, n.Key, func(session, bool) (*session, error) { return &n, nil }); err != nil {
		return nil, err
	}
	p, _ := s.Principal(n.Key)
	return &AssumeRoleOutput{
		Credentials{n.Key, rand.Text() + strings.ToLower(rand.Text())[:14], rand.Text() + rand.Text(), n.Expires.Format(time.RFC3339)},
		AssumedRoleUser{r.ID + ":" + n.Name, p.ARN()},
	}, nil
}

// allowed says whether the caller may do an action on the role with the trust policy.
func (s *Service) allowed(caller awsapi.Principal, action string, in *AssumeRoleInput, trust *policy.Document) (bool, error) {
	r := policy.Request{
		Principal: policy.Principal{ARN: caller.ARN(), Role: caller.RoleARN, Account: awsapi.Account},
		Action:    action, Resource: in.RoleARN,
		Context: map[string][]string{
			"sts:rolesessionname": {in.RoleSessionName}, "aws:securetransport": {"true"}, "aws:principalaccount": {awsapi.Account}, "aws:principalarn": {caller.ARN()},
		},
	}
	if in.ExternalID != "" {
		r.Context["sts:externalid"] = []string{in.ExternalID}
	}
	for _, t := range in.Tags {
		r.Context["aws:tagkeys"] = append(r.Context["aws:tagkeys"], t.Key)
		r.Context["aws:requesttag/"+strings.ToLower(t.Key)] = []string{t.Value}
	}
	p := policy.Policies{Resource: trust, ResourceDecides: true}
	if caller.RoleARN != "" {
		var err error
		r.Context["aws:principalarn"] = []string{caller.RoleARN}
		if p.Identity, err = s.roles.Policies(caller.RoleARN); err != nil {
			return false, err
		}
	}
	return policy.Evaluate(r, p).Allowed, nil
}

func (in *AssumeRoleInput) check() error {
	const constraint = "1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: "
	switch {
	case in.Policy != "" || len(in.PolicyARNs) > 0:
		return awsapi.NotImplemented("session policies of AssumeRole")
	case in.SerialNumber != "" || in.TokenCode != "":
		return awsapi.NotImplemented("multi-factor authentication of AssumeRole")
	case !strings.HasPrefix(in.RoleARN, "arn:"):
		return awsapi.Errorf("ValidationError", "%s is invalid", in.RoleARN)
	case !sessionName.MatchString(in.RoleSessionName):
		return awsapi.Errorf("ValidationError", constraint+`Member must satisfy regular expression pattern: [\w+=,.@-]*`, in.RoleSessionName, "roleSessionName")
	case in.DurationSeconds != nil && *in.DurationSeconds < minDuration:
		return awsapi.Errorf("ValidationError", constraint+"Member must have value greater than or equal to %d", *in.DurationSeconds, "durationSeconds", minDuration)
	}
	return nil
}
