package lambdaapi

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/policy"
)

// A Permission lets somebody invoke a function: a statement of its policy.
type Permission struct {
	StatementID   string `json:"Sid"`
	Action        string
	Principal     string
	SourceARN     string `json:",omitempty"`
	SourceAccount string `json:",omitempty"`
}

// policyOf reads the policy of a function once, when somebody asks for it. Nil is that
// of a function which nobody was let invoke.
func policyOf(f *Function) func() *policy.Document {
	return sync.OnceValue(func() *policy.Document {
		if f.Deployment == nil || len(f.Deployment.Permissions) == 0 {
			return nil
		}
		document, err := policy.ParseResource(f.policy())
		if err != nil {
			panic("lambdaapi: a policy cannot be read: " + err.Error()) // AddPermission has read it
		}
		return document
	})
}

// Policy is who may invoke the function of a name, nil where nobody was let.
func (s *Service) Policy(name string) *policy.Document {
	if of := s.functions.Load().policies[name]; of != nil {
		return of()
	}
	return nil
}

// Identity is the identity of the function of a name.
func (s *Service) Identity(name string) (id string, found bool) {
	if f := s.functions.Load().byName[name]; f != nil {
		return f.ID, true
	}
	return "", false
}

// MayInvoke says whether a service may invoke a function for a source: the stage
// and route of an API, a topic or a rule, by its ARN. Functions of the plan are
// invoked by what the plan says. That there is no such function is for others to say.
func (s *Service) MayInvoke(function, service, source string) bool {
	f := s.functions.Load().byName[function]
	if f == nil || f.Deployment == nil {
		return true
	}
	return policy.Evaluate(policy.Request{
		Principal: policy.Principal{Service: service}, Action: "lambda:InvokeFunction", Resource: arn(f.Deployment.Region, f.Name),
		Context: map[string][]string{"aws:sourcearn": {source}, "aws:sourceaccount": {awsapi.Account}},
	}, policy.Policies{Resource: s.Policy(function)}).Allowed
}

// AddPermissionInput is the input of AddPermission.
type AddPermissionInput struct {
	Reference
	StatementID   string `json:"StatementId"`
	Action        string
	Principal     string
	SourceARN     string `json:"SourceArn"`
	SourceAccount string
	RevisionID    string `json:"RevisionId"`
	// These narrow a permission, so that ignoring them would widen it.
	EventSourceToken      *string
	PrincipalOrgID        *string
	FunctionURLAuthType   *string `json:"FunctionUrlAuthType"`
	InvokedViaFunctionURL *bool   `json:"InvokedViaFunctionUrl"`
}

// AddPermissionOutput is the output of AddPermission.
type AddPermissionOutput struct {
	Status int `json:"-" rest:"status"`
	// Statement is the JSON of the statement.
	Statement string
}

// The patterns that AWS's errors show.
const (
	statementPattern = `([a-zA-Z0-9-_]+)`
	actionPattern    = `(lambda:[*]|lambda:[a-zA-Z]+|[*])`
	principalPattern = `[^\s]+`
	accountPattern   = `\d{12}`
	sourcePattern    = `arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*)`
)

var (
	validStatement = regexp.MustCompile(`^` + statementPattern + `$`)
	validAction    = regexp.MustCompile(`^` + actionPattern + `$`)
	validPrincipal = regexp.MustCompile(`^` + principalPattern + `$`)
	validAccount   = regexp.MustCompile(`^` + accountPattern + `$`)
	validSource    = regexp.MustCompile(`^` + sourcePattern + `$`)
)

// AddPermission lets somebody invoke a function.
func (s *Service) AddPermission(ctx context.Context, in *AddPermissionInput) (*AddPermissionOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	p := Permission{in.StatementID, in.Action, in.Principal, in.SourceARN, in.SourceAccount}
	var statement []byte
	_, err := s.change(ctx, in.FunctionName, in.RevisionID, func(f *Function) error {
		if slices.ContainsFunc(f.Deployment.Permissions, p.same) {
			return conflict("The statement id (%s) provided already exists. Please provide a new statement id, or remove the existing statement.", p.StatementID)
		}
		f.Deployment.Permissions = append(f.Deployment.Permissions, p)
		if _, err := policy.ParseResource(f.policy()); err != nil {
			return invalidValue("The provided principal was invalid. Please check the principal and try again.")
		}
		statement = mustEncode(p.statement(arn(f.Deployment.Region, f.Name)))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &AddPermissionOutput{http.StatusCreated, string(statement)}, nil
}

func (p Permission) same(other Permission) bool { return p.StatementID == other.StatementID }

func (in *AddPermissionInput) check() error {
	for _, m := range []struct {
		name, value string
		valid       *regexp.Regexp
		pattern     string
	}{
		{"statementId", in.StatementID, validStatement, statementPattern},
		{"action", in.Action, validAction, actionPattern},
		{"principal", in.Principal, validPrincipal, principalPattern},
		{"sourceArn", in.SourceARN, validSource, sourcePattern},
		{"sourceAccount", in.SourceAccount, validAccount, accountPattern},
	} {
		optional := strings.HasPrefix(m.name, "source")
		if (m.value != "" || !optional) && !m.valid.MatchString(m.value) {
			return invalidMember(m.value, m.name, "Member must satisfy regular expression pattern: "+m.pattern)
		}
	}
	switch {
	case in.EventSourceToken != nil, in.PrincipalOrgID != nil, in.FunctionURLAuthType != nil, in.InvokedViaFunctionURL != nil:
		return awsapi.NotImplemented("permissions for an event source token, an organisation or a function URL")
	case in.Qualifier != "" && in.Qualifier != latest:
		return awsapi.NotImplemented("versions of functions")
	}
	return nil
}

// RemovePermissionInput is the input of RemovePermission.
type RemovePermissionInput struct {
	Reference
	StatementID string `json:"-" rest:"path=StatementId"`
	RevisionID  string `json:"-" rest:"query=RevisionId"`
}

// RemovePermission takes a permission back.
func (s *Service) RemovePermission(ctx context.Context, in *RemovePermissionInput) (*NoContent, error) {
	_, err := s.change(ctx, in.FunctionName, in.RevisionID, func(f *Function) error {
		before := len(f.Deployment.Permissions)
		f.Deployment.Permissions = slices.DeleteFunc(f.Deployment.Permissions, Permission{StatementID: in.StatementID}.same)
		if len(f.Deployment.Permissions) == before {
			return missing("Statement " + in.StatementID + " is not found in resource policy.")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &NoContent{http.StatusNoContent}, nil
}

// GetPolicyOutput is the output of GetPolicy.
type GetPolicyOutput struct {
	// Policy is the JSON of the policy.
	Policy     string
	RevisionID string `json:"RevisionId"`
}

// GetPolicy returns who may invoke a function.
func (s *Service) GetPolicy(ctx context.Context, in *Reference) (*GetPolicyOutput, error) {
	f, _, err := s.find(ctx, *in)
	if err != nil {
		return nil, err
	}
	if f.Deployment == nil || len(f.Deployment.Permissions) == 0 {
		return nil, missing("The resource you requested does not exist.")
	}
	return &GetPolicyOutput{f.policy(), f.Deployment.Revision}, nil
}

// policy is the JSON of who may invoke f.
func (f *Function) policy() string {
	var statements []any
	for _, p := range f.Deployment.Permissions {
		statements = append(statements, p.statement(arn(f.Deployment.Region, f.Name)))
	}
	return string(mustEncode(struct {
		Version   string
		ID        string `json:"Id"`
		Statement []any
	}{"2012-10-17", "default", statements}))
}

// statement is p in the language of policies.
func (p Permission) statement(resource string) any {
	type object = map[string]any
	var principal any = "*"
	switch {
	case strings.Contains(p.Principal, ".amazonaws.com"):
		principal = object{"Service": p.Principal}
	case validAccount.MatchString(p.Principal):
		principal = object{"AWS": "arn:aws:iam::" + p.Principal + ":root"}
	case p.Principal != "*":
		principal = object{"AWS": p.Principal}
	}
	condition := object{}
	if p.SourceAccount != "" {
		condition["StringEquals"] = object{"AWS:SourceAccount": p.SourceAccount}
	}
	if p.SourceARN != "" {
		condition["ArnLike"] = object{"AWS:SourceArn": p.SourceARN}
	}
	return struct {
		StatementID string `json:"Sid"`
		Effect      string
		Principal   any
		Action      string
		Resource    string
		Condition   object `json:",omitempty"`
	}{p.StatementID, "Allow", principal, p.Action, resource, condition}
}

// mustEncode encodes strings and objects of strings.
func mustEncode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("lambdaapi: a policy cannot be encoded: " + err.Error())
	}
	return text
}
