package blueprint

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/less-go/less/internal/policy"
)

// A grant is a statement of a role. What is not a field here, such as NotAction, is
// refused.
type grant struct {
	Sid              string
	Effect           string   `cfn:",required"`
	Action, Resource []string `cfn:",required"`
	Condition        map[string]any
}

type grants struct {
	Version   string
	Statement []grant
}

// parse reads a policy document, or refuses it.
func parse(r *reader, at *resource, document map[string]any, read func(string) (*policy.Document, error)) *policy.Document {
	text, err := json.Marshal(document)
	if err == nil {
		var d *policy.Document
		if d, err = read(string(text)); err == nil {
			return d
		}
	}
	r.refuse(at, "its policy cannot be read: %v", err)
	return nil
}

// reading are the actions by which a mapping reads from a queue.
var reading = []string{"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}

// grants reads what roles allow their functions, and checks that it is what they need.
func (r *reader) grants() {
	roles := map[string]*resource{}
	read := map[*resource]roleProperties{}
	each(r, roleType, func(at *resource, p roleProperties) {
		name, _ := at.stack.name(at.id)
		roles[at.stack.arn("iam", "role/"+name)], read[at] = at, p
	})
	for _, f := range r.code {
		at := roles[f.role]
		if at == nil {
			r.refuse(f.at, "its role %s is not in these stacks, so nobody here knows what it may do. Let the CDK make its role", f.role)
			continue
		}
		at.used = true
		r.role(f, at, read[at])
	}
}

func (r *reader) role(f *function, at *resource, p roleProperties) {
	trust := parse(r, at, p.AssumeRolePolicyDocument, policy.ParseTrust)
	trusted := policy.Evaluate(policy.Request{
		Principal: policy.Principal{Service: "lambda.amazonaws.com"}, Action: "sts:AssumeRole", Resource: f.role,
	}, policy.Policies{Resource: trust, ResourceDecides: true}).Allowed
	r.want(trust == nil || trusted, at, "it does not let lambda.amazonaws.com assume it, so its function could not start")
	var documents []*policy.Document
	for _, one := range p.Policies {
		document := parse(r, at, one.PolicyDocument, policy.ParseIdentity)
		g, problems := decode[grants](one.PolicyDocument)
		for _, text := range problems {
			r.refuse(at, "%s in its policy %s", text, one.PolicyName)
		}
		if document == nil || len(problems) > 0 {
			return
		}
		documents = append(documents, document)
		for _, s := range g.Statement {
			r.statement(f, at, s)
		}
	}
	slices.Sort(f.publishes)
	f.publishes = slices.Compact(f.publishes)
	may := func(action, resource string, of *policy.Document) {
		allowed := policy.Evaluate(policy.Request{
			Principal: policy.Principal{ARN: strings.Replace(f.role, ":iam:", ":sts:", 1), Role: f.role, Account: at.stack.root.account},
			Action:    action, Resource: resource,
			Context: map[string][]string{"aws:securetransport": {"true"}, "kms:resourcealiases": {r.alias()}},
		}, policy.Policies{Identity: documents, Resource: of}).Allowed
		r.want(allowed, at, "%s needs %s on %s, and is not allowed it", f.id, action, resource)
	}
	for _, topic := range f.publishes {
		arn := at.stack.arn("sns", r.out.Plan.TopicPrefix+topic)
		may("sns:Publish", arn, r.documents[arn])
	}
	if f.queue != "" {
		for _, action := range reading {
			may(action, f.queue, r.documents[f.queue])
		}
	}
	if r.out.Plan.Key != nil && (f.queue != "" || len(f.publishes) > 0) {
		arn := at.stack.arn("kms", "key/any")
		if k := r.out.Plan.Key; k.Alias == "" {
			arn = k.ARN
		}
		may("kms:Decrypt", arn, nil)
		if len(f.publishes) > 0 {
			may("kms:GenerateDataKey", arn, nil)
		}
	}
	if i, found := r.index(f.id); found {
		r.out.Plan.Functions[i].Publishes = f.publishes
	}
}

func (r *reader) alias() string {
	if r.out.Plan.Key == nil {
		return ""
	}
	return r.out.Plan.Key.Alias
}

// statement reads one grant to f. A plan says of a function which topics it may publish
// to; what else it may do follows from what it is.
func (r *reader) statement(f *function, at *resource, s grant) {
	if s.Effect != "Allow" {
		r.refuse(at, "it denies %s, which a plan cannot say", strings.Join(s.Action, ", "))
		return
	}
	log := at.stack.arn("logs", "log-group:/aws/lambda/"+f.name+":*")
	for _, action := range s.Action {
		service, _, _ := strings.Cut(action, ":")
		r.want(s.Condition == nil || service == "kms", at, "%s depends on a condition, which a plan cannot say", action)
		for _, resource := range s.Resource {
			ok := false
			switch {
			case action == "sns:Publish":
				if t := r.told[resource]; t != nil && t.id != "" {
					f.publishes = append(f.publishes, t.name)
					ok = true
				}
			case slices.Contains(reading, action):
				ok = resource == f.queue
			case action == "logs:CreateLogStream" || action == "logs:PutLogEvents":
				ok = resource == log
			case action == "xray:PutTelemetryRecords" || action == "xray:PutTraceSegments":
				ok = r.out.Tracing && resource == "*"
			case action == "kms:Decrypt" || action == "kms:GenerateDataKey":
				ok = r.out.Plan.Key != nil
			}
			r.want(ok, at, "it allows %s on %s, which no plan grants to %s. Deploy the stacks with the CDK's command line, which needs no plan", action, resource, f.id)
		}
	}
}
