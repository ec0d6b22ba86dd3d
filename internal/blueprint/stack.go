package blueprint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/less-go/less/internal/template"
)

const stackType = "AWS::CloudFormation::Stack"

// A stack is a template of the assembly with its values.
type stack struct {
	assembly *assembly
	root     artifact
	// path is its name, and for a nested one that of the stack it is in and its logical id.
	path     string
	number   int // among all, so that what has no name of its own gets one
	instance *template.Instance
	children map[string]*stack // by logical id
	count    *int
}

// A resource is one of a stack.
type resource struct {
	stack      *stack
	id, kind   string
	properties map[string]any
	used       bool
}

// open reads the template in a file and gives its parameters values.
func (st *stack) open(file string, given map[string]string) error {
	*st.count++
	st.number, st.children = *st.count, map[string]*stack{}
	body, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read what was synthesized: %w", err)
	}
	t, err := template.Parse(body)
	if err != nil {
		return err
	}
	all, err := t.Give(given)
	if err != nil {
		return err
	}
	// The one parameter that is in the store is the version of what the CDK needs in an
	// account, and the assembly says which it takes.
	values, err := t.Values(context.Background(), all, func(_ context.Context, names []string) (map[string]string, error) {
		found := map[string]string{}
		for _, name := range names {
			if value, is := st.assembly.stored[name]; is {
				found[name] = value
			}
		}
		return found, nil
	})
	if err != nil {
		return err
	}
	name := strings.ReplaceAll(st.path, "/", "-")
	st.instance, err = t.Bind(template.Scope{
		Parameters: values, Account: st.root.account, Region: st.root.region, StackName: name,
		StackID: st.arn("cloudformation", "stack/"+name+"/0"),
		Ref:     st.ref, GetAtt: st.getAtt,
		Import: func(export string) (any, error) {
			return nil, fmt.Errorf("the value %s comes from another stack's exports, which are not read", export)
		},
	})
	return err
}

func (st *stack) arn(service, name string) string {
	region := st.root.region
	if service == "iam" {
		region = ""
	}
	return "arn:aws:" + service + ":" + region + ":" + st.root.account + ":" + name
}

// naming is how resources of a type are called.
type naming struct {
	property        string // that has the name
	service, prefix string // of the ARN
	suffix          string
}

var namings = map[string]naming{
	queueType:    {property: "QueueName", service: "sqs"},
	topicType:    {property: "TopicName", service: "sns"},
	functionType: {property: "FunctionName", service: "lambda", prefix: "function:"},
	roleType:     {property: "RoleName", service: "iam", prefix: "role/"},
	logGroupType: {property: "LogGroupName", service: "logs", prefix: "log-group:", suffix: ":*"},
	ruleType:     {property: "Name", service: "events", prefix: "rule/"},
	keyType:      {service: "kms", prefix: "key/"},
}

// name is what a resource is called, which is its own id where nothing names it.
func (st *stack) name(logicalID string) (string, error) {
	n := namings[st.instance.Resource(logicalID).Type]
	if n.property != "" {
		properties, err := st.instance.Properties(logicalID)
		if err != nil {
			return "", err
		}
		if name, ok := properties[n.property].(string); ok {
			return name, nil
		}
	}
	return fmt.Sprintf("%s-%d", logicalID, st.number), nil
}

// ref is what Ref returns for a resource.
func (st *stack) ref(logicalID string) (any, error) {
	name, err := st.name(logicalID)
	if err != nil {
		return nil, err
	}
	switch st.instance.Resource(logicalID).Type {
	case queueType:
		return "https://sqs." + st.root.region + ".amazonaws.com/" + st.root.account + "/" + name, nil
	case topicType:
		return st.arn("sns", name), nil
	}
	return name, nil
}

// getAtt is what Fn::GetAtt returns.
func (st *stack) getAtt(logicalID, attribute string) (any, error) {
	kind := st.instance.Resource(logicalID).Type
	if output, is := strings.CutPrefix(attribute, "Outputs."); is && kind == stackType {
		return st.output(logicalID, output)
	}
	n, found := namings[kind]
	name, err := st.name(logicalID)
	switch {
	case err != nil:
		return nil, err
	case found && (attribute == "Arn" || kind == topicType && attribute == "TopicArn"):
		return st.arn(n.service, n.prefix+name+n.suffix), nil
	case n.property != "" && attribute == n.property:
		return name, nil
	}
	return nil, fmt.Errorf("the attribute %s of %s, which is a %s, is not known before it is made", attribute, logicalID, kind)
}

func (st *stack) output(logicalID, name string) (any, error) {
	child, err := st.child(logicalID)
	if err != nil {
		return nil, err
	}
	outputs, err := child.instance.Outputs()
	if err != nil {
		return nil, err
	}
	for _, o := range outputs {
		if o.Name == name {
			return o.Value, nil
		}
	}
	return nil, fmt.Errorf("the stack %s has no output %s", child.path, name)
}

// child is the stack that is nested under a logical id.
func (st *stack) child(logicalID string) (*stack, error) {
	if c := st.children[logicalID]; c != nil {
		return c, nil
	}
	properties, err := st.instance.Properties(logicalID)
	if err != nil {
		return nil, err
	}
	p, problems := decode[nestedProperties](properties)
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(problems, "; "))
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(p.TemplateURL, "https://s3."+st.root.region+".amazonaws.com/"), "/")
	file, found := st.assembly.asset(st.root, bucket, key)
	if !found {
		return nil, fmt.Errorf("its template %s is not among the assets in %s. Synthesize once more", p.TemplateURL, filepath.Base(st.assembly.dir))
	}
	c := &stack{assembly: st.assembly, root: st.root, path: st.path + "/" + logicalID, count: st.count}
	if err := c.open(file, p.Parameters); err != nil {
		return nil, fmt.Errorf("the stack %s: %w", c.path, err)
	}
	st.children[logicalID] = c
	return c, nil
}
