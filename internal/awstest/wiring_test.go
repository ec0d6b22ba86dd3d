package awstest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/less-go/less/internal/iam"
	"github.com/less-go/less/internal/plan"
)

// A cloud is where something has been deployed: an account and a region of AWS, or of
// what stands for it.
type cloud struct {
	config  aws.Config
	account string
}

// A fault is a property that is not as it was planned.
type fault struct {
	// Of is the identity of what has it: a function, a topic, an API.
	Of string
	// Name says which property: "queue visibility".
	Name string
	// Text says what is wrong.
	Text string
}

func (f fault) String() string { return f.Of + ": " + f.Name + ": " + f.Text }

// wiring reads the wiring of d through the APIs of the services, and returns how it is
// not as d and roles want it.
func (c *cloud) wiring(ctx context.Context, d plan.Deployment, roles []iam.Role) []fault {
	r := &reading{cloud: c, ctx: ctx, d: d, roles: map[string]iam.Role{}}
	if d.Gateway != plan.HTTP || d.Key != nil || d.TopicsAPI || d.Tracing {
		r.fault("deployment", "cannot be checked with a REST API, a key, the Topics API or tracing: nothing here reads their wiring")
	}
	for _, role := range roles {
		r.roles[role.Function] = role
	}
	for _, t := range d.Topics {
		r.at = t.ID
		r.topic(t)
	}
	for _, s := range d.Subscriptions() {
		r.at = s.Function
		r.queues(s)
		r.subscription(s)
		r.mapping(s)
	}
	for _, f := range d.Functions {
		r.at = f.ID
		r.function(f)
	}
	alarms := r.alarmsByText()
	for _, a := range d.APIs {
		r.at = a.ID
		r.api(a, alarms)
	}
	for _, cron := range d.Crons {
		r.at = cron.Function
		r.cron(cron)
	}
	r.watching(alarms)
	return r.faults
}

// A reading is one look at a cloud.
type reading struct {
	*cloud
	ctx    context.Context
	d      plan.Deployment
	roles  map[string]iam.Role
	at     string // the identity of what is being read
	faults []fault
}

func (r *reading) fault(name, format string, args ...any) {
	r.faults = append(r.faults, fault{Of: r.at, Name: name, Text: fmt.Sprintf(format, args...)})
}

// known notes err, and says whether there is none.
func (r *reading) known(name string, err error) bool {
	if err != nil {
		r.fault(name, "%v", err)
	}
	return err == nil
}

// same notes where got is not want.
func (r *reading) same(name string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		r.fault(name, "it is %v, and the plan wants %v", got, want)
	}
}

// sameText is [reading.same] for the attributes of SQS and SNS, which are texts.
func (r *reading) sameText(name, got string, want any) { r.same(name, got, fmt.Sprint(want)) }

// sameJSON holds the text of a JSON value against want.
func (r *reading) sameJSON(name, got string, want any) {
	var value any
	if got != "" {
		if err := json.Unmarshal([]byte(got), &value); err != nil {
			r.fault(name, "%q is not JSON: %v", got, err)
			return
		}
	}
	r.same(name, written(value), written(want))
}

// samePolicy notes each statement of a policy that is missing, and each that is not wanted.
func (r *reading) samePolicy(name, got string, want ...map[string]any) {
	var policy struct{ Statement []map[string]any }
	if got != "" {
		if err := json.Unmarshal([]byte(got), &policy); err != nil {
			r.fault(name, "%q is not a policy: %v", got, err)
			return
		}
	}
	have := statements(policy.Statement)
	wanted := statements(want)
	for _, s := range wanted {
		if !slices.Contains(have, s) {
			r.fault(name, "lacks the statement %s", s)
		}
	}
	for _, s := range have {
		if !slices.Contains(wanted, s) {
			r.fault(name, "has the statement %s, which nobody wants", s)
		}
	}
}

// statements are written so that those that mean the same are the same: services and the
// CDK write a list of one as its one, and choose the order of lists themselves.
func statements(all []map[string]any) []string {
	var out []string
	for _, s := range all {
		s = maps.Clone(s)
		for _, key := range []string{"Action", "Resource"} {
			var list []string
			switch v := s[key].(type) {
			case string:
				list = []string{v}
			case []string:
				list = slices.Clone(v)
			case []any:
				for _, one := range v {
					list = append(list, fmt.Sprint(one))
				}
			}
			slices.Sort(list)
			s[key] = list
		}
		out = append(out, written(s))
	}
	return out
}

// written is v as JSON, with its keys sorted.
func written(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // a test wrote it
	}
	return string(text)
}

// tags notes where the tags are not those of the deployment.
func (r *reading) tags(name string, got map[string]string) {
	want := map[string]string{plan.AppTag: r.d.Name}
	if r.d.Stage != "" {
		want[plan.StageTag] = r.d.Stage
	}
	ours := maps.Clone(got)
	// CloudFormation adds tags of its own.
	maps.DeleteFunc(ours, func(key, _ string) bool { return len(key) > 4 && key[:4] == "aws:" })
	r.same(name, written(ours), written(want))
}

func (r *reading) arn(service, name string) string {
	return "arn:aws:" + service + ":" + r.config.Region + ":" + r.account + ":" + name
}

// onlyTLS is the statement that denies everybody what is not encrypted on its way.
func onlyTLS(action, resource string) map[string]any {
	return map[string]any{
		"Sid": "OnlyTLS", "Effect": "Deny", "Action": action, "Resource": resource,
		"Principal": map[string]any{"AWS": "*"},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}
}
