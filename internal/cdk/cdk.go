// Package cdk makes the constructs of a deployment. Every number, name and grant
// is decided before, in the plan and in the roles; here they become CloudFormation.
//
// Functions and roles are the CDK's higher constructs, so that a project can grant
// them its own resources. All else is written as CloudFormation has it, one
// construct for each resource: that is what a reviewer reads, it takes half of the
// calls to Node, and no library's default gets in between.
//
// Between stacks there are names only, no references, so no stack waits for
// another one's export, and topics may depend on each other in circles.
package cdk

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/less-go/less/internal/iam"
	"github.com/less-go/less/internal/plan"
)

// An Asset is the program of a function: a folder that holds bootstrap, or a zip
// file of it.
type Asset struct {
	Path string
	// Hash identifies its content; where it is empty, the CDK reads the content.
	Hash string
}

// Input is all that is to be deployed.
type Input struct {
	Deployment plan.Deployment
	// Roles say what each function may do.
	Roles []iam.Role
	// Asset returns the program of the function with an identity.
	Asset func(functionID string) (Asset, error)
	// Synthesizer is how the root and its siblings are written; nil is the CDK's own.
	Synthesizer awscdk.IStackSynthesizer
}

// A Tree is the constructs of a deployment.
type Tree struct {
	// Root is the stack that everything hangs from.
	Root awscdk.Stack
	// Functions are by identity.
	Functions map[string]awslambda.Function
	// Stacks are the scopes of the deployment's stacks, by their identity.
	Stacks map[string]constructs.Construct
	// Scopes are what functions, APIs and topics hang from, by identity.
	Scopes map[string]constructs.Construct
}

// builder makes a Tree.
type builder struct {
	Input
	Tree
	app       awscdk.App
	roles     map[string]iam.Role
	at        string // the identity of what is being made
	groups    map[string]constructs.Construct
	arns      *strings.Replacer
	folders   map[string]constructs.Construct
	homes     map[string]string // the stack of each function
	common    common
	urlSuffix string
	keyScope  constructs.Construct // of the key that is made; nil for none
	outputs   map[string]bool
}

// An Error is a thing that could not be made.
type Error struct {
	// ID is its identity.
	ID    string
	Cause any
}

// Error names the folder.
func (e *Error) Error() string {
	return fmt.Sprintf("less/%s: %v", strings.TrimSuffix(e.ID, "/"), e.Cause)
}

// New makes the constructs of in, below app. An error is an [*Error] with what was
// being made; the CDK tells its own by panics.
func New(app awscdk.App, in Input) (tree *Tree, err error) {
	b := &builder{
		Input: in, app: app, roles: map[string]iam.Role{}, groups: map[string]constructs.Construct{},
		folders: map[string]constructs.Construct{}, homes: map[string]string{}, outputs: map[string]bool{},
		Tree: Tree{
			Functions: map[string]awslambda.Function{},
			Stacks:    map[string]constructs.Construct{},
			Scopes:    map[string]constructs.Construct{},
		},
	}
	defer func() {
		if cause := recover(); cause != nil {
			tree, err = nil, &Error{ID: b.at, Cause: cause}
		}
	}()
	for _, r := range in.Roles {
		b.roles[r.Function] = r
	}
	b.common = newCommon(in.Deployment.Architecture)
	b.arns = strings.NewReplacer("${AWS::Partition}", *awscdk.Aws_PARTITION(),
		"${AWS::Region}", *awscdk.Aws_REGION(), "${AWS::AccountId}", *awscdk.Aws_ACCOUNT_ID())
	b.urlSuffix = *awscdk.Aws_URL_SUFFIX()

	b.Root = b.stack(in.Deployment.Root, "Topics, queues, functions and APIs of "+in.Deployment.Name)
	b.key()
	b.ops()
	b.topicsAPI()
	for _, s := range in.Deployment.Stacks {
		b.at = s.Of
		if err := b.fill(s); err != nil {
			return nil, err
		}
	}
	b.at = ""
	b.dashboard()
	return &b.Tree, nil
}

// stack makes a stack that is not nested.
func (b *builder) stack(name, description string) awscdk.Stack {
	env := environment()
	s := awscdk.NewStack(b.app, jsii.String(name), &awscdk.StackProps{
		Env: env, Description: jsii.String(description), Synthesizer: b.Synthesizer,
		TerminationProtection: jsii.Bool(b.Deployment.Protect),
	})
	tags := awscdk.Tags_Of(s)
	// Checkers of templates, cfn-lint 1.51 among them, know no tags of dashboards yet.
	all := &awscdk.TagProps{ExcludeResourceTypes: jsii.Strings("AWS::CloudWatch::Dashboard")}
	tags.Add(jsii.String(plan.AppTag), jsii.String(b.Deployment.Name), all)
	if b.Deployment.Stage != "" {
		tags.Add(jsii.String(plan.StageTag), jsii.String(b.Deployment.Stage), all)
	}
	return s
}

// scope makes what the resources of s hang from, as the layout wants it.
func (b *builder) scope(s plan.Stack) constructs.Construct {
	kind, name := path.Split(s.ID)
	if b.Deployment.Layout == plan.Split {
		return b.stack(s.Name, "less/"+s.Of)
	}
	group := b.group(strings.TrimSuffix(kind, "/"))
	if b.Deployment.Layout == plan.Single {
		return constructs.NewConstruct(group, jsii.String(name))
	}
	return awscdk.NewNestedStack(group, jsii.String(name), &awscdk.NestedStackProps{Description: jsii.String("less/" + s.Of)})
}

// group makes the constructs for the folders of dir: topics, external_topics/chat.
func (b *builder) group(dir string) constructs.Construct {
	if group, found := b.groups[dir]; found {
		return group
	}
	outer := constructs.Construct(b.Root)
	if parent := path.Dir(dir); parent != "." {
		outer = b.group(parent)
	}
	b.groups[dir] = constructs.NewConstruct(outer, jsii.String(path.Base(dir)))
	return b.groups[dir]
}

// fill makes everything that is in s.
func (b *builder) fill(s plan.Stack) error {
	scope := b.scope(s)
	b.Stacks[s.ID] = scope
	if s.Topic != nil || len(s.Subscriptions) > 0 {
		b.afterKey(scope, b.Deployment.Layout == plan.Split)
	}
	for _, id := range s.After {
		if b.Deployment.Layout == plan.Single {
			scope.Node().AddDependency(b.Stacks[id])
		} else {
			awscdk.Stack_Of(scope).AddStackDependency(awscdk.Stack_Of(b.Stacks[id]), nil)
		}
	}
	topicARN := ""
	if s.Topic != nil {
		topicARN = b.topic(scope, *s.Topic)
	}
	for _, sub := range s.Subscriptions {
		b.at = sub.Function
		arn := topicARN
		if arn == "" {
			arn = b.arn("sns", sub.Resource) // of another stack, or of another deployment's
		}
		if err := b.subscriber(b.child(scope, s, sub.Function), sub, arn); err != nil {
			return err
		}
	}
	for _, id := range s.Functions {
		b.at = id
		if err := b.routeFunction(b.child(scope, s, id), id); err != nil {
			return err
		}
	}
	for _, c := range s.Crons {
		b.at = c.Function
		if err := b.cron(constructs.NewConstruct(scope, jsii.String(path.Base(c.Function))), c); err != nil {
			return err
		}
	}
	b.at = s.Of
	if s.API != nil {
		return b.gateway(scope, s)
	}
	return nil
}

// child makes the constructs for the folders of the function id, below the scope of
// the stack it is in. Shards of an API share folders, and each has its own
// constructs for them.
func (b *builder) child(scope constructs.Construct, s plan.Stack, id string) constructs.Construct {
	parts := strings.Split(strings.TrimPrefix(id, s.Of+"/"), "/")
	for i, part := range parts {
		key := s.ID + "/" + strings.Join(parts[:i+1], "/")
		c, found := b.folders[key]
		if !found {
			c = constructs.NewConstruct(scope, jsii.String(part))
			b.folders[key] = c
		}
		scope = c
	}
	b.Scopes[id] = scope
	b.homes[id] = s.ID
	return scope
}

// arn is the ARN of a resource of this account and region.
func (b *builder) arn(service, name string) string {
	return b.arns.Replace("arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + name)
}

func seconds(d time.Duration) *float64 { return jsii.Number(d.Seconds()) }
