package iamapi

import (
	"context"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/policy"
)

// awsPolicies are the managed policies of AWS that the templates of the CDK's bootstrap
// and of Less name. Of ReadOnlyAccess they have what is about services that are here.
var awsPolicies = map[string]string{
	"arn:aws:iam::aws:policy/AdministratorAccess": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	"arn:aws:iam::aws:policy/ReadOnlyAccess": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":[` +
		`"apigateway:GET","cloudformation:Describe*","cloudformation:Get*","cloudformation:List*","cloudwatch:Describe*","cloudwatch:Get*","cloudwatch:List*",` +
		`"ecr:BatchCheck*","ecr:BatchGet*","ecr:Describe*","ecr:Get*","ecr:List*","events:Describe*","events:List*","iam:Get*","iam:List*","lambda:Get*","lambda:List*",` +
		`"logs:Describe*","logs:FilterLogEvents","logs:Get*","logs:List*","s3:Get*","s3:List*","sns:Get*","sns:List*","sqs:Get*","sqs:List*","sqs:Receive*",` +
		`"ssm:Describe*","ssm:Get*","ssm:List*"]}]}`,
	"arn:aws:iam::aws:policy/AWSCloudFormationReadOnlyAccess": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":[` +
		`"cloudformation:Describe*","cloudformation:EstimateTemplateCost","cloudformation:Get*","cloudformation:List*","cloudformation:ValidateTemplate","cloudformation:Detect*"]}]}`,
	"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}`,
	"arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Action":["sqs:ReceiveMessage","sqs:DeleteMessage","sqs:GetQueueAttributes","logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}`,
	"arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Action":["xray:PutTraceSegments","xray:PutTelemetryRecords","xray:GetSamplingRules","xray:GetSamplingTargets","xray:GetSamplingStatisticSummaries"],"Resource":"*"}]}`,
}

// RoleOf returns the name of the role in an ARN.
func RoleOf(roleARN string) (name string, ok bool) {
	a, err := awsapi.ParseARN(roleARN)
	if err != nil || a.Service != "iam" || !strings.HasPrefix(a.Resource, "role/") {
		return "", false
	}
	return a.Resource[strings.LastIndexByte(a.Resource, '/')+1:], true
}

// byARN returns the role that an ARN means, path and all.
func (s *Service) byARN(roleARN string) (role, bool) {
	name, ok := RoleOf(roleARN)
	if !ok {
		return role{}, false
	}
	r, found := s.roles.Get(strings.ToLower(name))
	return r, found && r.arn() == roleARN
}

// Policies returns the policies of a role. The error says that there is no such role, or
// that it has a managed policy of AWS whose content is not known here: then nothing can
// be decided, and nothing is allowed.
func (s *Service) Policies(roleARN string) ([]*policy.Document, error) {
	compiled := s.compiled.Load() // before the role is read, so that no former one is put into it
	r, found := s.byARN(roleARN)
	if !found {
		return nil, noEntity("The role %s cannot be found.", roleARN)
	}
	key := strings.ToLower(r.Name)
	if documents, found := compiled.Load(key); found {
		return documents.([]*policy.Document), nil
	}
	documents, err := s.compile(r)
	if err != nil {
		return nil, unknownPolicy(r, err)
	}
	compiled.Store(key, documents)
	return documents, nil
}

func (s *Service) compile(r role) ([]*policy.Document, error) {
	var texts []string
	for _, text := range r.Inline {
		texts = append(texts, text)
	}
	for _, policyARN := range r.Attached {
		p, err := s.known(policyARN)
		if err != nil {
			return nil, err
		}
		v, _ := p.version(p.Default)
		texts = append(texts, v.Document)
	}
	documents := []*policy.Document{}
	for _, text := range texts {
		d, err := policy.ParseIdentity(text)
		if err != nil {
			return nil, err
		}
		documents = append(documents, d)
	}
	return documents, nil
}

// An Assumable is a role as STS needs it.
type Assumable struct {
	Name, ID, ARN string
	MaxSession    int // s
	Trust         *policy.Document
}

// Assume returns the role that somebody wants to assume, if it is there.
func (s *Service) Assume(roleARN string) (Assumable, bool) {
	r, found := s.byARN(roleARN)
	if !found {
		return Assumable{}, false
	}
	trust, err := policy.ParseTrust(r.Trust)
	if err != nil { // it was checked when it was set
		return Assumable{}, false
	}
	return Assumable{r.Name, r.ID, r.arn(), r.MaxSession, trust}, true
}

// Assumable says whether there is a role of that ARN which a service may assume.
func (s *Service) Assumable(_ context.Context, roleARN, service string) bool {
	r, found := s.Assume(roleARN)
	return found && policy.Evaluate(
		policy.Request{Principal: policy.Principal{Service: service}, Action: "sts:AssumeRole", Resource: r.ARN},
		policy.Policies{Resource: r.Trust, ResourceDecides: true},
	).Allowed
}
