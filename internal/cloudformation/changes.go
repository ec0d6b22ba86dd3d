package cloudformation

import (
	"slices"

	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/template"
)

// A Change is what a change set does to one resource.
type Change struct {
	Type           string
	ResourceChange ResourceChange
}

// A ResourceChange says what is done and why.
type ResourceChange struct {
	PolicyAction       string
	Action             string
	LogicalResourceID  string `json:"LogicalResourceId"`
	PhysicalResourceID string `json:"PhysicalResourceId"`
	ResourceType       string
	// Replacement is "True", "False" or "Conditional" for a Modify.
	Replacement   string
	Scope         []string
	Details       []ResourceChangeDetail
	BeforeContext string
	AfterContext  string
}

// A ResourceChangeDetail is a property that changes.
type ResourceChangeDetail struct {
	Target       ResourceTarget
	Evaluation   string
	ChangeSource string
}

// A ResourceTarget is what changes.
type ResourceTarget struct {
	Attribute, Name, RequiresRecreation string
}

// context is a thing as a change set shows it: with its values that are known.
func (t thing) context() string {
	return string(encode(map[string]any{"Properties": shown(t.Properties)}))
}

// unknownValue stands for what is not known yet, as in AWS's change sets.
const unknownValue = "{{changeSet:KNOWN_AFTER_APPLY}}"

func shown(v any) any {
	switch v := v.(type) {
	case template.Unknown:
		return unknownValue
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = shown(one)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, one := range v {
			out[name] = shown(one)
		}
		return out
	}
	return v
}

func addition(id string, next thing) Change {
	return Change{Type: "Resource", ResourceChange: ResourceChange{
		Action: "Add", LogicalResourceID: id, ResourceType: next.Type, AfterContext: next.context(),
	}}
}

func removal(r *resource) Change {
	action := "Delete"
	if r.Now.DeletionPolicy.Keeps(false) {
		action = "Retain"
	}
	return Change{Type: "Resource", ResourceChange: ResourceChange{
		Action: "Remove", PolicyAction: action, LogicalResourceID: r.LogicalID, PhysicalResourceID: r.Now.PhysicalID, ResourceType: r.Now.Type,
		BeforeContext: r.Now.context(),
	}}
}

// modification returns how was becomes next, nil where nothing changes, and whether another resource may take its place.
func modification(id string, was, next thing, schema provider.Schema, metadata bool) (*Change, bool) {
	c := ResourceChange{Action: "Modify", LogicalResourceID: id, PhysicalResourceID: was.PhysicalID, ResourceType: was.Type, Replacement: "False"}
	for _, name := range next.differing(was) {
		detail := ResourceChangeDetail{Target: ResourceTarget{Attribute: "Properties", Name: name, RequiresRecreation: "Never"}, Evaluation: "Static", ChangeSource: "DirectModification"}
		known := !hasUnknown(next.Properties[name])
		if !known {
			detail.Evaluation, detail.ChangeSource = "Dynamic", "ResourceAttribute"
		}
		switch {
		case !schema.Replaces(name):
		case known:
			detail.Target.RequiresRecreation, c.Replacement = "Always", "True"
		default:
			detail.Target.RequiresRecreation = "Always"
			if c.Replacement == "False" {
				c.Replacement = "Conditional"
			}
		}
		c.Details = append(c.Details, detail)
	}
	if len(c.Details) > 0 {
		c.Scope = []string{"Properties"}
	}
	if !slices.Equal(was.Tags, next.Tags) {
		c.Scope = append(c.Scope, "Tags")
		c.Details = append(c.Details, ResourceChangeDetail{Target: ResourceTarget{Attribute: "Tags", RequiresRecreation: "Never"}, Evaluation: "Static", ChangeSource: "DirectModification"})
	}
	if metadata {
		c.Scope = append(c.Scope, "Metadata")
		c.Details = append(c.Details, ResourceChangeDetail{Target: ResourceTarget{Attribute: "Metadata", RequiresRecreation: "Never"}, Evaluation: "Static", ChangeSource: "DirectModification"})
	}
	if len(c.Scope) == 0 {
		return nil, false
	}
	if c.Replacement == "True" {
		c.PolicyAction = "ReplaceAndDelete"
		if was.UpdateReplacePolicy.Keeps(false) {
			c.PolicyAction = "ReplaceAndRetain"
		}
	}
	c.BeforeContext, c.AfterContext = was.context(), next.context()
	return &Change{Type: "Resource", ResourceChange: c}, c.Replacement != "False"
}

func hasUnknown(v any) bool {
	switch v := v.(type) {
	case template.Unknown:
		return true
	case []any:
		return slices.ContainsFunc(v, hasUnknown)
	case map[string]any:
		for _, one := range v {
			if hasUnknown(one) {
				return true
			}
		}
	}
	return false
}
