package cloudformation

import (
	"context"

	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/template"
)

// metadata is what the CDK puts into templates to count them: nothing is made.
type metadata struct{}

type metadataProperties struct{ Analytics string }

func (metadata) Schema() provider.Schema {
	return provider.SchemaOf[metadataProperties](provider.Options{})
}

func (metadata) Create(_ context.Context, r provider.Resource) (provider.Made, error) {
	return provider.Made{PhysicalID: r.ID(8)}, nil
}

func (metadata) Update(_ context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	return provider.Made{PhysicalID: r.PhysicalID}, nil
}

func (metadata) Delete(context.Context, provider.Resource) error { return nil }

// nested makes the stacks of stacks.
type nested struct{ *Service }

type nestedProperties struct {
	TemplateURL string `cfn:",required"`
	Parameters  map[string]string
	Tags        []provider.Tag
}

// Schema is that of AWS::CloudFormation::Stack.
func (nested) Schema() provider.Schema {
	return provider.SchemaOf[nestedProperties](provider.Options{Attributes: []string{"Outputs.*"}})
}

// child returns the stack that r is; nil where it is not there any more.
func (n nested) child(r provider.Resource) *stack {
	n.mu.Lock()
	defer n.mu.Unlock()
	if st := n.stacks[r.PhysicalID]; st != nil && st.Status != deleteComplete {
		return st
	}
	return nil
}

// configure reads what a nested stack is to be made from.
func (n nested) configure(ctx context.Context, st *stack, r provider.Resource) (*proposal, error) {
	p, err := provider.Decode[nestedProperties](r.LogicalID, r.Properties)
	if err != nil {
		return nil, err
	}
	body, err := n.fetch(ctx, p.TemplateURL)
	if err != nil {
		return nil, err
	}
	proposal := &proposal{st: st, before: st.Config, body: body, config: configuration{Tags: r.MergeTags(p.Tags)}}
	return proposal, n.complete(ctx, proposal, p.Parameters)
}

// Create makes a nested stack.
func (n nested) Create(ctx context.Context, r provider.Resource) (provider.Made, error) {
	n.mu.Lock()
	parent := n.stacks[r.StackID]
	n.mu.Unlock()
	name := r.Name(128)
	st := &stack{resources: map[string]*resource{}, stackState: stackState{
		ID: newStackID(r.Region, name), Name: name, Region: r.Region, Created: now(), Token: parent.Token,
		ParentID: parent.ID, RootID: parent.RootID, DisableRollback: true, // its parent rolls back
	}}
	if st.RootID == "" {
		st.RootID = parent.ID
	}
	p, err := n.configure(ctx, st, r)
	if err != nil {
		return provider.Made{}, err
	}
	n.mu.Lock()
	n.stacks[st.ID] = st
	text := n.adopt(st, p)
	n.mu.Unlock()
	if err := n.enter(st, createInProgress, "", nil, text); err != nil {
		return provider.Made{}, err
	}
	if err := r.Begin(st.ID); err != nil {
		return provider.Made{}, err
	}
	failed, err := n.put(ctx, st)
	if err != nil {
		return provider.Made{}, err
	}
	if failed.none() {
		return n.made(st), n.enter(st, createComplete, "", nil)
	}
	if err := n.enter(st, createFailed, failed.String(), nil); err != nil {
		return provider.Made{}, err
	}
	return provider.Made{}, &provider.Failure{Message: "Embedded stack " + st.ID + " was not successfully created: " + failed.String()}
}

// made is what a nested stack is to its parent.
func (n nested) made(st *stack) provider.Made {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := provider.Made{PhysicalID: st.ID, Attributes: map[string]any{}}
	for _, o := range st.Config.Outputs {
		out.Attributes["Outputs."+o.Name] = o.Value
	}
	return out
}

// Update changes a nested stack, and deletes nothing yet.
func (n nested) Update(ctx context.Context, r provider.Resource, _ map[string]any) (provider.Made, error) {
	st := n.child(r)
	if st == nil {
		return provider.Made{}, &provider.Failure{Message: "Stack with id " + r.PhysicalID + " does not exist"}
	}
	p, err := n.configure(ctx, st, r)
	if err != nil {
		return provider.Made{}, err
	}
	n.mu.Lock()
	text := n.adopt(st, p)
	n.mu.Unlock()
	if err := n.enter(st, updateInProgress, "", func() { st.Updated = now() }, text); err != nil {
		return provider.Made{}, err
	}
	failed, err := n.put(ctx, st)
	if err != nil {
		return provider.Made{}, err
	}
	if failed.none() {
		return n.made(st), n.enter(st, updateCleanup, "", nil)
	}
	if err := n.enter(st, updateFailed, failed.String(), nil); err != nil {
		return provider.Made{}, err
	}
	return provider.Made{}, &provider.Failure{
		Message: "Embedded stack " + st.ID + " was not successfully updated. Currently in " + updateFailed + " with reason: " + failed.String(),
	}
}

// revert takes back the last update.
func (n nested) revert(ctx context.Context, r provider.Resource) (provider.Made, error) {
	st := n.child(r)
	if st == nil || st.Previous == nil || st.Status == updateRollbackCleanup {
		return provider.Made{PhysicalID: r.PhysicalID}, nil // it was not begun, or it is done
	}
	if err := n.interrupt(st); err != nil {
		return provider.Made{}, err
	}
	if err := n.enter(st, updateRollbackInProgress, "", nil); err != nil {
		return provider.Made{}, err
	}
	if err := n.turnBack(ctx, st, nil); err != nil {
		return provider.Made{}, err
	}
	if st.Status == updateRollbackFailed {
		return provider.Made{}, &provider.Failure{Message: "Embedded stack " + st.ID + " was not successfully rolled back: " + st.Reason}
	}
	return n.made(st), nil
}

// finish lets go what the parent's update, or its rollback, does not need any more.
func (n nested) finish(ctx context.Context, r provider.Resource) error {
	st := n.child(r)
	switch {
	case st == nil:
		return nil
	case st.Status == updateCleanup:
		return n.cleanUp(ctx, st)
	case st.Status == updateRollbackCleanup:
		return n.cleanUpRollback(ctx, st)
	}
	return nil
}

// Delete ends a nested stack.
func (n nested) Delete(ctx context.Context, r provider.Resource) error {
	st := n.child(r)
	if st == nil {
		return nil
	}
	if err := n.enter(st, deleteInProgress, "", nil); err != nil {
		return err
	}
	if err := n.delete(ctx, st); err != nil {
		return err
	}
	if st.Status == deleteFailed {
		return &provider.Failure{Message: "Embedded stack " + st.ID + " was not successfully deleted: " + st.Reason}
	}
	return nil
}

// inspectNested refuses what a nested stack would be refused for, as far as its values are known.
func (s *Service) inspectNested(ctx context.Context, parent *stack, logicalID string, properties map[string]any, deep int) error {
	url, known := properties["TemplateURL"].(string)
	if !known {
		return nil
	}
	if deep > maxNesting {
		return invalid("Nested stacks are nested too deeply: %s", logicalID) // AWS's limit and words are not known
	}
	body, err := s.fetch(ctx, url)
	if err != nil {
		return err
	}
	t, err := template.Parse([]byte(body))
	if err != nil {
		return err
	}
	given := map[string]string{}
	parameters, _ := properties["Parameters"].(map[string]any)
	for name, v := range parameters {
		text, ok := template.Text(v)
		if !ok {
			return s.types(t, t.Unconditional) // a condition may depend on what is not known
		}
		given[name] = text
	}
	child := &stack{resources: map[string]*resource{}, stackState: stackState{Name: parent.Name + "-" + logicalID, Region: parent.Region}}
	p := &proposal{st: child, body: body, deep: deep + 1}
	return s.complete(ctx, p, given)
}

const maxNesting = 10
