package provider

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// A Resource is what a provider is to make, change or delete.
type Resource struct {
	// StackName and StackID are of the stack that it belongs to.
	StackName, StackID string
	// Type is "AWS::SQS::Queue", and LogicalID what the template calls the resource.
	Type, LogicalID string
	// PhysicalID is empty in Create.
	PhysicalID string
	Region     string
	// Properties are resolved: text, bool, json.Number, []any and map[string]any.
	Properties map[string]any
	// Tags are the stack's. A resource's own, in its properties, come before them.
	Tags []Tag
	// Token is the same each time this one resource is tried to be made, and another for its replacement.
	Token string
	// Began is told by [Resource.Begin]; nil where nobody asks.
	Began func(physicalID string) error
}

// A Tag is a tag of a resource.
type Tag struct {
	Key   string `cfn:",required"`
	Value string
}

// Begin says that the resource, if Create has not failed before, may exist from now on and is then called physicalID.
// Its error ends Create.
func (r Resource) Begin(physicalID string) error {
	if r.Began == nil {
		return nil
	}
	return r.Began(physicalID)
}

// suffix is as long as the random end of the names that CloudFormation gives.
const suffix = 12

// maxLogical is how much of a logical id is in a name that is too long otherwise.
const maxLogical = 24

// Name is the name for a resource whose template gives none, with at most limit characters: the stack's name, the logical id, and characters that
// no other resource has. It is the same for the same Token. How AWS shortens names is not documented.
func (r Resource) Name(limit int) string {
	stack, logical := r.StackName, r.LogicalID
	if over := len(stack) + len(logical) + suffix + 2 - limit; over > 0 {
		logical = logical[:max(min(len(logical), maxLogical), len(logical)-over)]
		stack = stack[:min(len(stack), max(0, limit-suffix-2-len(logical)))]
		logical = logical[:min(len(logical), max(0, limit-suffix-2-len(stack)))]
	}
	return strings.Join([]string{stack, logical, r.ID(suffix)}, "-")
}

// ID is an id of n letters and digits that no other resource has, at most 52. It is the same for the same Token.
func (r Resource) ID(n int) string {
	sum := sha256.Sum256([]byte(r.StackID + "\n" + r.LogicalID + "\n" + r.Token))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])[:n]
}

// MergeTags returns the tags of a resource: its own, and those of the stack that it does not have itself.
func (r Resource) MergeTags(own []Tag) []Tag {
	all := append([]Tag(nil), own...)
	has := map[string]bool{}
	for _, t := range own {
		has[t.Key] = true
	}
	for _, t := range r.Tags {
		if !has[t.Key] {
			all = append(all, t)
		}
	}
	return all
}
