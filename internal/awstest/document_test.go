package awstest

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/plan"
)

// A document is a template that can be changed.
type document struct {
	Resources map[string]*resource
	rest      map[string]any
}

type resource struct {
	Type       string
	Properties map[string]any
	DependsOn  any            `json:",omitempty"`
	Metadata   map[string]any `json:",omitempty"`
	// DeletionPolicy and the other are kept as they are.
	DeletionPolicy      string `json:",omitempty"`
	UpdateReplacePolicy string `json:",omitempty"`
}

func parse(template []byte) *document {
	d := &document{}
	if err := json.Unmarshal(template, d); err != nil {
		panic(err) // the CDK wrote it
	}
	if err := json.Unmarshal(template, &d.rest); err != nil {
		panic(err)
	}
	return d
}

func (d *document) String() string {
	out := maps.Clone(d.rest)
	out["Resources"] = d.Resources
	return written(out)
}

// remove removes a resource, and has nobody wait for it.
func (d *document) remove(id string) {
	delete(d.Resources, id)
	for _, r := range d.Resources {
		if list, is := r.DependsOn.([]any); is {
			r.DependsOn = slices.DeleteFunc(slices.Clone(list), func(v any) bool { return v == id })
		}
	}
}

// set sets what is at path, or removes it where value is nil.
func (r *resource) set(path string, value any) {
	r.Properties = set(r.Properties, strings.Split(path, "/"), value).(map[string]any)
}

func set(in any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	switch in := in.(type) {
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil {
			panic(err) // an edit says so
		}
		if value == nil && len(path) == 1 {
			return slices.Delete(in, i, i+1)
		}
		in[i] = set(in[i], path[1:], value)
		return in
	case map[string]any:
		if value == nil && len(path) == 1 {
			delete(in, path[0])
			return in
		}
		in[path[0]] = set(in[path[0]], path[1:], value)
		return in
	}
	panic("there is no " + path[0]) // an edit says so
}

// statementsAt is how many statements the policy at a path has.
func (r *resource) statementsAt(path string) int {
	var at any = r.Properties
	for step := range strings.SplitSeq(path, "/") {
		switch in := at.(type) {
		case map[string]any:
			at = in[step]
		case []any:
			i, _ := strconv.Atoi(step)
			at = in[i]
		}
	}
	return len(at.([]any))
}

// A part is what a resource is in the plan.
type part struct {
	// of is the identity of what it belongs to.
	of string
	// kind is its type, and what tells it from others of it: "AWS::SQS::Queue queue".
	kind string
}

// parts says what each resource of a document is in d.
func (doc *document) parts(d plan.Deployment) map[string]part {
	named := map[string]part{} // by the name that the plan chose
	for _, t := range d.Topics {
		named[t.Resource] = part{t.ID, ""}
	}
	named[d.OpsTopic] = part{d.Root, " ops"}
	for _, s := range d.Subscriptions() {
		named[s.Queue.Name], named[s.DeadLetter.Name] = part{s.Function, " queue"}, part{s.Function, " dead-letter queue"}
		for _, a := range d.SubscriberAlarms(s) {
			named[a.Text] = part{s.Function, " " + a.ID}
		}
	}
	for _, f := range d.Functions {
		named[f.LogGroup()], named["less/"+f.ID] = part{f.ID, ""}, part{f.ID, ""}
		if _, found := named[d.RouteAlarms(f)[0].Text]; !found {
			for _, a := range d.RouteAlarms(f) {
				named[a.Text] = part{f.ID, " " + a.ID}
			}
		}
	}
	for _, a := range d.APIs {
		named[d.AccessLogGroup(a)], named["less/"+a.ID] = part{a.ID, " access"}, part{a.ID, ""}
		alarm := d.APIAlarm(a, plan.HTTP)
		named[alarm.Text] = part{a.ID, " " + alarm.ID}
		for _, r := range a.Routes {
			named[r.Method+" "+r.Path] = part{r.Function, ""}
		}
	}
	named[d.Name] = part{d.Root, ""}
	out := map[string]part{}
	for id, r := range doc.Resources {
		for _, key := range []string{"TopicName", "QueueName", "LogGroupName", "RouteKey", "AlarmDescription", "DashboardName", "Description"} {
			name, is := r.Properties[key].(string)
			if p, found := named[name]; is && found {
				out[id] = part{p.of, r.Type + p.kind}
				break
			}
		}
	}
	// The others have no names, and name one of these.
	for id, r := range doc.Resources {
		if _, found := out[id]; found {
			continue
		}
		for _, key := range []string{"Queues", "Topics", "Endpoint", "EventSourceArn", "FunctionName", "IntegrationUri", "ApiId"} {
			text := written(r.Properties[key])
			for other, p := range maps.Clone(out) {
				if strings.Contains(text, strconv.Quote(other)) {
					out[id] = part{p.of, r.Type + strings.TrimPrefix(p.kind, doc.Resources[other].Type)}
				}
			}
			if _, found := out[id]; found {
				break
			}
		}
	}
	return out
}
