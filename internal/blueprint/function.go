package blueprint

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/event"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/policy"
	"github.com/less-go/less/internal/secret"
)

// A function is one of the deployment.
type function struct {
	at        *resource
	id, name  string
	arn, role string
	queue     string // the ARN of the one that it reads, "" for none
	timeout   time.Duration
	publishes []string
	// invokers are the policies of those who may invoke it.
	invokers []invoker
}

// An invoker is a permission.
type invoker struct {
	at       *resource
	document *policy.Document
}

// functions reads the functions and who may invoke them.
func (r *reader) functions() {
	retention, first := time.Duration(0), true
	each(r, functionType, func(at *resource, p functionProperties) {
		vars := maps.Clone(p.Environment.Variables)
		f := &function{
			at: at, id: vars[event.EnvFunction], name: p.FunctionName, role: p.Role,
			arn: at.stack.arn("lambda", "function:"+p.FunctionName), timeout: seconds(p.Timeout, 3*time.Second),
		}
		if f.id == "" {
			r.refuse(at, "its environment has no %s, so it is not of a less/ tree. Take it out, or deploy the stacks with the CDK's command line", event.EnvFunction)
			at.used = true
			return
		}
		prefix := at.stack.arn("sns", r.out.Plan.TopicPrefix)
		r.want(vars[event.EnvTopicPrefix] == prefix, at, "%s is %q, and its topics begin with %s", event.EnvTopicPrefix, vars[event.EnvTopicPrefix], prefix)
		r.want(vars[event.EnvOrigins] == "", at, "%s is for functions of REST APIs, and there is none", event.EnvOrigins)
		for _, own := range []string{event.EnvFunction, event.EnvTopicPrefix, event.EnvOrigins} {
			delete(vars, own)
		}
		var env map[string]secret.Text
		for name, value := range vars {
			if env == nil {
				env = map[string]secret.Text{}
			}
			env[name] = secret.Text(value)
		}
		r.want(p.Runtime == "provided.al2023", at, "its runtime is %s, and the programs of a tree are for provided.al2023", p.Runtime)
		r.settings(at, p)
		if _, named := r.retention[p.LoggingConfig.LogGroup]; !named || p.LoggingConfig.LogGroup != "/aws/lambda/"+f.name || p.LoggingConfig.LogFormat != "JSON" {
			r.refuse(at, "it does not log as JSON to a log group of its own, /aws/lambda/%s", f.name)
		} else if retention = r.retention[p.LoggingConfig.LogGroup]; first || retention == r.out.LogRetention {
			r.out.LogRetention, first = retention, false
		} else {
			r.refuse(at, "its log is kept for %s, and that of others for %s", retention, r.out.LogRetention)
		}
		path, found := at.stack.assembly.asset(at.stack.root, p.Code.S3Bucket, p.Code.S3Key)
		r.want(found, at, "its program %s/%s is not among the assets. Synthesize once more", p.Code.S3Bucket, p.Code.S3Key)
		r.out.Programs[f.id] = path
		if other := r.code[f.arn]; other != nil {
			r.refuse(at, "%s/%s is called %s as well", other.at.stack.path, other.at.id, f.name)
		}
		r.code[f.arn] = f
		r.out.Plan.Functions = append(r.out.Plan.Functions, plan.Function{
			ID: f.id, Name: f.name, Main: "functions/" + f.id, Timeout: f.timeout, Memory: or(p.MemorySize, 128), Env: env,
		})
	})
	each(r, permissionType, func(at *resource, p permissionProperties) {
		f := r.named(at, p.FunctionName)
		if f == nil {
			r.refuse(at, "there is no function %s", p.FunctionName)
			at.used = true
			return
		}
		statement := map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"Service": p.Principal}, "Action": p.Action, "Resource": f.arn,
		}
		if p.SourceARN != "" {
			statement["Condition"] = map[string]any{"ArnLike": map[string]any{"AWS:SourceArn": p.SourceARN}}
		}
		text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{statement}})
		if err != nil {
			panic(fmt.Sprint("blueprint: a permission cannot be written: ", err)) // it is text only
		}
		document, err := policy.ParseResource(string(text))
		if err != nil {
			r.refuse(at, "it cannot be read: %v", err)
			at.used = true
			return
		}
		f.invokers = append(f.invokers, invoker{at, document})
	})
}

// settings reads what all functions have in common.
func (r *reader) settings(at *resource, p functionProperties) {
	architecture := plan.X86 // AWS's default
	if len(p.Architectures) > 0 {
		architecture = plan.Architecture(p.Architectures[0])
	}
	tracing := p.TracingConfig.Mode == "Active"
	if len(r.code) == 0 {
		r.out.Architecture, r.out.Tracing = architecture, tracing
	}
	r.want(architecture == r.out.Architecture, at, "it is for %s, and others are for %s", architecture, r.out.Architecture)
	r.want(tracing == r.out.Tracing, at, "tracing is on for some functions only")
}

// named finds a function by its name or ARN.
func (r *reader) named(at *resource, name string) *function {
	if !strings.HasPrefix(name, "arn:") {
		name = at.stack.arn("lambda", "function:"+name)
	}
	return r.code[name]
}

// index finds a function of the plan, which is not sorted yet.
func (r *reader) index(id string) (int, bool) {
	i := slices.IndexFunc(r.out.Plan.Functions, func(f plan.Function) bool { return f.ID == id })
	return i, i >= 0
}

// invoked checks that a service may invoke f for source, and not for another one's.
func (r *reader) invoked(at *resource, f *function, service, source, stranger string) {
	f.at.used = true
	allowed := false
	for _, i := range f.invokers {
		may := func(source string) bool {
			return policy.Evaluate(policy.Request{
				Principal: policy.Principal{Service: service}, Action: "lambda:InvokeFunction", Resource: f.arn,
				Context: map[string][]string{"aws:sourcearn": {source}},
			}, policy.Policies{Resource: i.document, ResourceDecides: true}).Allowed
		}
		if may(source) {
			i.at.used, allowed = true, true
			r.want(!may(stranger), i.at, "it lets others of %s invoke %s. Give it a SourceArn", service, f.id)
		}
	}
	r.want(allowed, at, "%s may not be invoked by %s for %s: the permission is missing", f.id, service, source)
}

// crons reads the rules.
func (r *reader) crons() {
	each(r, ruleType, func(at *resource, p ruleProperties) {
		at.used = true
		if len(p.Targets) != 1 {
			r.refuse(at, "it has %d targets, and a cron has one, its function", len(p.Targets))
			return
		}
		f := r.named(at, p.Targets[0].ARN)
		if f == nil {
			r.refuse(at, "its target %s is no function of these stacks", p.Targets[0].ARN)
			return
		}
		r.want(p.State == "" || p.State == "ENABLED", at, "its state is %s, and a plan has no crons that do not run", p.State)
		r.want(strings.HasPrefix(f.id, "crons/"), at, "it invokes %s, which is no cron", f.id)
		r.invoked(at, f, "events.amazonaws.com", at.stack.arn("events", "rule/"+p.Name), at.stack.arn("events", "rule/-"))
		r.out.Plan.Crons = append(r.out.Plan.Crons, plan.Cron{Function: f.id, Rule: p.Name, Schedule: p.ScheduleExpression})
	})
}

func seconds(v *int, otherwise time.Duration) time.Duration {
	if v == nil {
		return otherwise
	}
	return time.Duration(*v) * time.Second
}

func or[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}
