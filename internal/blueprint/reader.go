package blueprint

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/policy"
	"github.com/less-go/less/internal/problem"
)

// A reader makes a blueprint of an assembly, and collects what it cannot read.
type reader struct {
	assembly *assembly
	problems problem.List
	out      Blueprint
	all      []*resource

	alarmed   map[string]bool             // ARNs of topics that alarms tell
	retention map[string]time.Duration    // by log group
	documents map[string]*policy.Document // of queues and topics, by ARN
	told      map[string]*topic           // by ARN
	queues    map[string]*queue           // by ARN
	code      map[string]*function        // by ARN
	fed       map[string]*function        // by the ARN of their queue
	keyIDs    map[string]*resource        // that queues and topics are encrypted with
}

// inert are the types that watch, and change nothing of what runs.
var inert = []string{dashboardType, metadataType}

// known are the types that are read.
var known = append([]string{
	stackType, queueType, queuePolicyType, topicType, topicPolicyType, subscriptionType, functionType, mappingType, permissionType,
	roleType, ruleType, apiType, stageType, routeType, integrationType, keyType, aliasType, logGroupType, alarmType,
}, inert...)

func newReader(a *assembly) *reader {
	return &reader{
		assembly: a, out: Blueprint{Programs: map[string]string{}},
		alarmed: map[string]bool{}, retention: map[string]time.Duration{}, documents: map[string]*policy.Document{},
		told: map[string]*topic{}, queues: map[string]*queue{}, code: map[string]*function{}, fed: map[string]*function{},
		keyIDs: map[string]*resource{},
	}
}

func (r *reader) fail(place, format string, args ...any) {
	r.problems = append(r.problems, problem.Problem{Pos: app.Pos(place), Message: fmt.Sprintf(format, args...)})
}

// refuse says of a resource what is wrong.
func (r *reader) refuse(at *resource, format string, args ...any) {
	r.fail(at.stack.path+"/"+at.id, format, args...)
}

// want refuses at where ok is false.
func (r *reader) want(ok bool, at *resource, format string, args ...any) {
	if !ok {
		r.refuse(at, format, args...)
	}
}

// stacks opens all stacks and evaluates their resources.
func (r *reader) stacks() {
	count := 0
	for _, root := range r.assembly.roots {
		name := root.tags[plan.AppTag]
		if name == "" {
			r.fail(root.name, "the stack has no tag %s, so it is not of a less/ tree. Synthesize the project's own app into a folder of its own", plan.AppTag)
			continue
		}
		if p := &r.out.Plan; p.Name == "" {
			p.Name, p.TopicPrefix, r.out.Stage = name, name+"-", root.tags[plan.StageTag]
		} else if p.Name != name || r.out.Stage != root.tags[plan.StageTag] {
			r.fail(root.name, "the stack is of the deployment %s, and another one here is of %s. Synthesize each into a folder of its own", name, p.Name)
			continue
		}
		st := &stack{assembly: r.assembly, root: root, path: root.name, count: &count}
		if err := st.open(filepath.Join(r.assembly.dir, root.template), nil); err != nil {
			r.fail(st.path, "%v", err)
			continue
		}
		r.resources(st)
	}
}

func (r *reader) resources(st *stack) {
	for _, id := range st.instance.Resources() {
		at := &resource{stack: st, id: id, kind: st.instance.Resource(id).Type}
		if !slices.Contains(known, at.kind) {
			r.refuse(at, "a plan has nothing for %s. %s", at.kind, wayOut(at.kind))
			continue
		}
		if at.kind == stackType {
			child, err := st.child(id)
			if err != nil {
				r.refuse(at, "%v", err)
				continue
			}
			r.resources(child)
			continue
		}
		properties, err := st.instance.Properties(id)
		if err != nil {
			r.refuse(at, "%v", err)
			continue
		}
		at.properties = properties
		r.all = append(r.all, at)
	}
}

// wayOut is what to do about a type that is not read.
func wayOut(kind string) string {
	if strings.HasPrefix(kind, "AWS::ApiGateway::") {
		return "It is of a REST API: set api to http and topics_api to false in less.config, and synthesize once more"
	}
	return "Take it out of the stacks of the tree, or deploy them as they are with the CDK's command line"
}

// each calls read for all resources of a type, with what its properties are.
func each[T any](r *reader, kind string, read func(at *resource, p T)) {
	for _, at := range r.all {
		if at.kind != kind {
			continue
		}
		p, problems := decode[T](at.properties)
		for _, text := range problems {
			r.refuse(at, "%s, which a plan of a %s cannot say. Take it out, or deploy the stacks with the CDK's command line", text, kind)
		}
		if len(problems) > 0 {
			at.used = true // one refusal is enough
			continue
		}
		read(at, p)
	}
}

// watchers reads what only watches.
func (r *reader) watchers() {
	for _, at := range r.all {
		at.used = at.used || slices.Contains(inert, at.kind) || at.kind == alarmType
		if actions, ok := at.properties["AlarmActions"].([]any); ok && at.kind == alarmType {
			for _, arn := range actions {
				r.alarmed[fmt.Sprint(arn)] = true
			}
		}
	}
	each(r, logGroupType, func(at *resource, p logGroupProperties) {
		at.used = true
		name, _ := at.stack.name(at.id) // it was evaluated
		r.retention[name] = time.Duration(p.RetentionInDays) * 24 * time.Hour
	})
}

// policies reads those of queues and topics.
func (r *reader) policies() {
	add := func(at *resource, arn string, document map[string]any) {
		if _, twice := r.documents[arn]; twice {
			r.refuse(at, "%s has another policy, and the one that is made last wins. Leave one", arn)
		}
		r.documents[arn] = parse(r, at, document, policy.ParseResource)
		at.used = true
	}
	each(r, queuePolicyType, func(at *resource, p queuePolicyProperties) {
		for _, url := range p.Queues {
			add(at, at.stack.arn("sqs", url[strings.LastIndexByte(url, '/')+1:]), p.PolicyDocument)
		}
	})
	each(r, topicPolicyType, func(at *resource, p topicPolicyProperties) {
		for _, arn := range p.Topics {
			add(at, arn, p.PolicyDocument)
		}
	})
}

// leftovers refuses what is a part of nothing.
func (r *reader) leftovers() {
	for _, at := range r.all {
		if !at.used {
			r.refuse(at, "the %s is a part of no subscription, route or cron, so a plan has no place for it. Take it out, or deploy the stacks with the CDK's command line", at.kind)
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(r.documents)) {
		if r.queues[arn] == nil && r.told[arn] == nil {
			r.fail(r.out.Plan.Name, "there is a policy for %s, which is no queue or topic of these stacks", arn)
		}
	}
}

// key reads the key of the queues and topics, and that all have the same.
func (r *reader) key() {
	keys := map[string]*resource{}
	each(r, keyType, func(at *resource, p keyProperties) {
		name, _ := at.stack.name(at.id)
		arn := at.stack.arn("kms", "key/"+name)
		keys[arn], at.used = at, true
		document := parse(r, at, p.KeyPolicy, policy.ParseResource)
		for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey"} {
			allowed := policy.Evaluate(policy.Request{
				Principal: policy.Principal{Service: "sns.amazonaws.com"}, Action: action, Resource: arn,
				Context: map[string][]string{"aws:sourceaccount": {at.stack.root.account}, "aws:securetransport": {"true"}},
			}, policy.Policies{Resource: document, ResourceDecides: true}).Allowed
			r.want(allowed, at, "its policy does not let SNS %s, so no event would reach a queue", action)
		}
	})
	aliases := map[string]bool{}
	each(r, aliasType, func(at *resource, p aliasProperties) {
		at.used = true
		aliases[p.AliasName] = true
		r.want(keys[p.TargetKeyID] != nil, at, "it is of a key that is not in these stacks: %s", p.TargetKeyID)
	})
	first := ""
	encrypted := func(at *resource, id string) {
		if len(r.keyIDs) == 0 {
			first = id
		}
		r.keyIDs[id] = at
		r.want(id == first, at, "its KMS key is %q, and that of other queues and topics %q. A plan has one for all", id, first)
	}
	each(r, queueType, func(at *resource, p queueProperties) { encrypted(at, p.KmsMasterKeyID) })
	each(r, topicType, func(at *resource, p topicProperties) { encrypted(at, p.KmsMasterKeyID) })
	if first != "" {
		r.out.Plan.Key = plan.KeyOf(first)
		r.out.Plan.Key.Create = aliases[first]
	}
}
