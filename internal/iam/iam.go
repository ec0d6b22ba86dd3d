// Package iam is what each function may do on AWS, and why: the plan's grants as
// the statements of its role, each with the code that earns it.
package iam

import (
	"cmp"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/config"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/plan"
)

// A Role is what one function may do.
type Role struct {
	// Function is the function's identity.
	Function   string      `json:"function"`
	Statements []Statement `json:"statements"`
}

// TopicsAPI stands for a function in the role of the Topics API, which has none.
const TopicsAPI = "topics_api"

// A Statement allows actions on one resource.
type Statement struct {
	Actions []string `json:"actions"`
	Service string   `json:"-"`
	// Resource is an ARN with the placeholders of CloudFormation.
	Resource string `json:"resource"`
	// Name is the resource's own part of the ARN.
	Name string `json:"-"`
	// Condition is what has to hold besides, as IAM has it; nil for nothing.
	Condition map[string]any `json:"condition,omitempty"`
	Reasons   []Reason       `json:"reasons"`
}

// A Reason is why a statement is there.
type Reason struct {
	Pos  app.Pos `json:"pos,omitempty"`
	Text string  `json:"text"`
}

// Roles lists the role of every function of p, by identity. f says why functions
// publish, and a where they are.
func Roles(a app.App, p plan.Plan, f flow.Flow) []Role {
	places := places(a)
	queues := map[string]plan.Subscription{}
	for _, s := range p.Subscriptions() {
		queues[s.Function] = s
	}
	var out []Role
	for _, fn := range p.Functions {
		role := Role{Function: fn.ID}
		role.add("logs", "log-group:"+fn.LogGroup()+":*", Reason{places[fn.ID], "its log"},
			"logs:CreateLogStream", "logs:PutLogEvents")
		read, _ := f.Function(fn.ID)
		for _, topic := range fn.Publishes {
			s := role.add("sns", p.TopicPrefix+topic, Reason{}, "sns:Publish")
			s.Reasons = publishes(read, topic)
		}
		if s, found := queues[fn.ID]; found {
			role.add("sqs", s.Queue.Name, Reason{places[fn.ID], "its queue, of the topic " + s.Topic},
				"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
			role.addKey(p.Key, len(fn.Publishes) > 0)
		} else if len(fn.Publishes) > 0 {
			role.addKey(p.Key, true)
		}
		out = append(out, role)
	}
	if p.TopicsAPI {
		role := Role{Function: TopicsAPI}
		for _, t := range p.Topics {
			role.add("sns", t.Resource, Reason{config.File, "topics_api"}, "sns:Publish")
		}
		role.addKey(p.Key, true)
		out = append(out, role)
	}
	return out
}

func (r *Role) add(service, name string, reason Reason, actions ...string) *Statement {
	r.Statements = append(r.Statements, Statement{
		Actions: actions, Service: service, Name: name,
		Resource: "arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + name,
		Reasons:  []Reason{reason},
	})
	return &r.Statements[len(r.Statements)-1]
}

// addKey allows what reading from a queue takes that k encrypts, and publishing to a topic.
func (r *Role) addKey(k *plan.Key, publishes bool) {
	if k == nil {
		return
	}
	actions := []string{"kms:Decrypt"}
	if publishes {
		actions = append(actions, "kms:GenerateDataKey")
	}
	s := r.add("kms", "key/*", Reason{config.File, "kms_key encrypts the queues and topics"}, actions...)
	s.Name = k.ID()
	if k.ARN != "" {
		s.Resource = k.ARN
	}
	if k.Alias != "" {
		// IAM knows keys by their ids, and one with an alias by a condition.
		s.Resource = strings.Replace(s.Resource, k.Alias, "key/*", 1)
		s.Condition = map[string]any{"ForAnyValue:StringEquals": map[string]any{"kms:ResourceAliases": k.Alias}}
	}
}

// publishes are the places where a function publishes to topic.
func publishes(f flow.Function, topic string) []Reason {
	var out []Reason
	for _, p := range f.Publishes {
		if p.Topic != topic {
			continue
		}
		var steps []string
		for _, s := range p.Path {
			steps = append(steps, s.Function)
		}
		text := strings.Join(steps, " > ") + " publishes"
		if p.Declared {
			text = strings.Join(steps, " > ") + " declares it"
		}
		out = append(out, Reason{p.Pos, text})
	}
	return out
}

func places(a app.App) map[string]app.Pos {
	out := map[string]app.Pos{}
	for _, api := range a.APIs {
		for _, r := range api.Routes {
			out[r.ID()] = r.Pos
		}
	}
	for _, c := range a.Crons {
		out[c.ID()] = c.Pos
	}
	for _, s := range a.Subscribers() {
		out[s.ID()] = s.Pos
	}
	return out
}

// A Change is an action on a resource that a function may do in one of two
// versions only.
type Change struct {
	Function string `json:"function"`
	Action   string `json:"action"`
	Resource string `json:"resource"`
	// Grown says that it is new, not gone.
	Grown   bool     `json:"grown"`
	Reasons []Reason `json:"reasons"`
}

// Diff lists what functions may do in after and not in before, and the other way
// round, what grew first.
func Diff(before, after []Role) []Change {
	var out []Change
	for _, c := range missing(after, before) {
		c.Grown = true
		out = append(out, c)
	}
	out = append(out, missing(before, after)...)
	slices.SortStableFunc(out, func(a, b Change) int {
		if a.Grown != b.Grown {
			return cmp.Compare(rank(a), rank(b))
		}
		return cmp.Or(strings.Compare(a.Function, b.Function), strings.Compare(a.Resource, b.Resource), strings.Compare(a.Action, b.Action))
	})
	return out
}

func rank(c Change) int {
	if c.Grown {
		return 0
	}
	return 1
}

// missing lists what is in have and not in other.
func missing(have, other []Role) []Change {
	known := map[[3]string]bool{}
	for _, r := range other {
		for _, s := range r.Statements {
			for _, action := range s.Actions {
				known[[3]string{r.Function, action, s.Resource}] = true
			}
		}
	}
	var out []Change
	for _, r := range have {
		for _, s := range r.Statements {
			for _, action := range s.Actions {
				if !known[[3]string{r.Function, action, s.Resource}] {
					out = append(out, Change{Function: r.Function, Action: action, Resource: s.Resource, Reasons: s.Reasons})
				}
			}
		}
	}
	return out
}
