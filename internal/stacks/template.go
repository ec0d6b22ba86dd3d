package stacks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/less-go/less/internal/event"
)

// A template is what of a stack's template tells whose its resources are.
type template struct {
	Resources map[string]resource
}

type resource struct {
	Type           string
	DeletionPolicy string
	Properties     properties
}

// properties are those that are read, of all types. Each may be a function of
// CloudFormation's instead of its value, or something else in a type that is not ours.
type properties struct {
	Description        json.RawMessage
	FunctionName       json.RawMessage
	TopicName          json.RawMessage
	QueueName          json.RawMessage
	LogGroupName       json.RawMessage
	ScheduleExpression json.RawMessage
	EventSourceArn     json.RawMessage
	RedrivePolicy      json.RawMessage
	Environment        json.RawMessage
}

func parseTemplate(body string) (template, error) {
	var t template
	if err := json.Unmarshal([]byte(body), &t); err != nil {
		return template{}, fmt.Errorf("its template is not the JSON that the CDK writes: %w", err)
	}
	return t, nil
}

// text is a value that is a text, "" for a function of CloudFormation's.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// refers is the logical id that a value refers to, by Ref or Fn::GetAtt.
func refers(raw json.RawMessage) string {
	var ref struct {
		Ref    string
		GetAtt []string `json:"Fn::GetAtt"`
	}
	if json.Unmarshal(raw, &ref) != nil {
		return ""
	}
	if len(ref.GetAtt) > 0 {
		return ref.GetAtt[0]
	}
	return ref.Ref
}

// function is the identity of the function that r is, "" for one that is not ours.
func (r resource) function() string {
	var environment struct{ Variables map[string]json.RawMessage }
	if json.Unmarshal(r.Properties.Environment, &environment) != nil {
		return ""
	}
	return text(environment.Variables[event.EnvFunction])
}

// folder is what a description of ours names: "topics/order_placed" for "less/topics/order_placed".
func folder(description json.RawMessage) string {
	id, found := strings.CutPrefix(text(description), "less/")
	if !found {
		return ""
	}
	return id
}

// deadLetters is the logical id of the dead-letter queue of a queue.
func (r resource) deadLetters() string {
	var policy struct {
		DeadLetterTargetArn json.RawMessage `json:"deadLetterTargetArn"`
	}
	if json.Unmarshal(r.Properties.RedrivePolicy, &policy) != nil {
		return ""
	}
	return refers(policy.DeadLetterTargetArn)
}

// kept are the names of the queues and log groups that stay when the stack goes.
func (t template) kept() []string {
	var out []string
	for _, r := range t.Resources {
		name := text(r.Properties.QueueName) + text(r.Properties.LogGroupName)
		if name != "" && r.DeletionPolicy != "" && r.DeletionPolicy != "Delete" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
