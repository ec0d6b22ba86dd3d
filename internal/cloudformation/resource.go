package cloudformation

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/template"
)

// A resource is what a stack has by a logical id.
type resource struct {
	LogicalID, Status, Reason string
	Updated                   time.Time
	// Now is what the id means.
	Now thing
	// Change is what the running update does with it, and Before what it was before, except where it was added.
	Change change `json:",omitempty"`
	Before thing  `json:",omitzero"`
	// Discard is what a rollback has put aside.
	Discard thing `json:",omitzero"`
}

// A change is what an update does with a resource.
type change string

const (
	unchanged change = ""
	added     change = "add"
	modified  change = "modify"
	replaced  change = "replace"
)

// A thing is one that exists, or may. The zero one does not.
type thing struct {
	Type, PhysicalID, Token             string
	Properties, Attributes              map[string]any
	Tags                                []provider.Tag
	DependsOn                           []string
	DeletionPolicy, UpdateReplacePolicy template.Policy
}

// exists says that there may be something to delete.
func (t thing) exists() bool { return t.PhysicalID != "" }

// same says that nothing distinguishes the two for a provider.
func (t thing) same(other thing) bool {
	return bytes.Equal(encode(t.Properties), encode(other.Properties)) && slices.Equal(t.Tags, other.Tags)
}

// differing lists the properties in which t and other differ, sorted.
func (t thing) differing(other thing) []string {
	names := map[string]bool{}
	for _, pair := range [][2]map[string]any{{t.Properties, other.Properties}, {other.Properties, t.Properties}} {
		for name, v := range pair[0] {
			if before, has := pair[1][name]; !has || !bytes.Equal(encode(v), encode(before)) {
				names[name] = true
			}
		}
	}
	return sortedKeys(names)
}

// input is the thing as its provider is told of it.
func (st *stack) input(logicalID string, t thing) provider.Resource {
	return provider.Resource{
		StackName: st.Name, StackID: st.ID, Type: t.Type, LogicalID: logicalID, PhysicalID: t.PhysicalID,
		Region: st.Region, Properties: t.Properties, Tags: t.Tags, Token: t.Token,
	}
}

func (st *stack) resourceDocument(r *resource) queue.Document {
	return queue.Document{Kind: kindResource, Name: st.ID + "/" + r.LogicalID, Value: encode(r)}
}

// note gives a resource another status and tells it, with what change does to it.
func (s *Service) note(st *stack, r *resource, status, reason string, change func()) error {
	return s.tell(st, r, nil, status, reason, func() {
		if change != nil {
			change()
		}
		r.Status, r.Reason, r.Updated = status, reason, now()
	})
}

// tell tells what happens to a thing that is or was of r; to what r is after change, where t is nil.
func (s *Service) tell(st *stack, r *resource, t *thing, status, reason string, change func()) error {
	s.mu.Lock()
	if change != nil {
		change()
	}
	if t == nil {
		t = &r.Now
	}
	documents := []queue.Document{
		st.resourceDocument(r),
		st.add(event{LogicalID: r.LogicalID, PhysicalID: t.PhysicalID, Type: t.Type, Status: status, Reason: reason}),
	}
	s.mu.Unlock()
	return s.keep(documents...)
}

// alter changes a resource without a word.
func (s *Service) alter(st *stack, r *resource, change func()) error {
	s.mu.Lock()
	change()
	d := st.resourceDocument(r)
	s.mu.Unlock()
	return s.keep(d)
}

// drop forgets a resource.
func (s *Service) drop(st *stack, r *resource) error {
	s.mu.Lock()
	delete(st.resources, r.LogicalID)
	s.mu.Unlock()
	return s.keep(queue.Document{Kind: kindResource, Name: st.ID + "/" + r.LogicalID})
}

// attributes returns those of made as they will be read from the store.
func attributes(made provider.Made) map[string]any {
	var out map[string]any
	d := json.NewDecoder(bytes.NewReader(encode(made.Attributes)))
	d.UseNumber()
	_ = d.Decode(&out) // it was encoded just now
	return out
}

// reasonOf says why a provider failed, in the words of AWS's events.
func reasonOf(err error, token string) string {
	f := provider.AsFailure(err)
	if f.Code == "" {
		return f.Message
	}
	return `Resource handler returned message: "` + f.Message + `" (RequestToken: ` + token + ", HandlerErrorCode: " + f.Code + ")"
}

// scope is what the template of st cannot know, with resources as find says.
func (s *Service) scope(st *stack, parameters map[string]any, find func(logicalID string) (thing, bool)) template.Scope {
	return template.Scope{
		Parameters: parameters, Account: awsapi.Account, Region: st.Region, StackName: st.Name, StackID: st.ID,
		Ref: func(id string) (any, error) {
			t, known := find(id)
			if !known {
				return template.Unknown{}, nil
			}
			return t.PhysicalID, nil
		},
		GetAtt: func(id, attribute string) (any, error) {
			t, known := find(id)
			if !known {
				return template.Unknown{}, nil
			}
			v, has := t.Attributes[attribute]
			if !has {
				return nil, invalid("Template error: resource %s does not support attribute type %s in Fn::GetAtt", id, attribute)
			}
			return v, nil
		},
		Import: func(name string) (any, error) { return s.imported(name) },
	}
}
