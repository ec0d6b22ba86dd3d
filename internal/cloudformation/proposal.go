package cloudformation

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cloudformation/provider"
	"github.com/less-go/less/internal/near"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/template"
)

// A proposal is what a stack is to become.
type proposal struct {
	st *stack
	// before and status are the stack's when the proposal was made.
	before configuration
	status string
	body   string
	config configuration
	t      *template.Template
	in     *template.Instance
	// changes are those of the resources, in the order of their names.
	changes []Change
	// outputs says that the outputs would change.
	outputs bool
	deep    int // of a nested stack
}

// adopt gives the stack the proposed configuration and returns the document of its template. The caller holds mu.
func (s *Service) adopt(st *stack, p *proposal) queue.Document {
	d, name := s.keepTemplate(p.body)
	if st.Config.Template != "" && st.Previous == nil {
		before := st.Config
		st.Previous = &before
	}
	p.config.Template = name
	p.config.Outputs = st.Config.Outputs // until there are others
	st.Config = p.config
	return d
}

func (s *Service) fetch(ctx context.Context, url string) (string, error) {
	if s.options.Fetch == nil {
		return "", awsapi.NotImplemented("TemplateURL here")
	}
	body, err := s.options.Fetch(ctx, url)
	return string(body), err
}

// A source says where a template is.
type source struct {
	TemplateBody, TemplateURL string
	UsePreviousTemplate       bool
}

// body returns the template that is meant.
func (s *Service) body(ctx context.Context, in source, st *stack) (string, error) {
	given := 0
	for _, is := range []bool{in.TemplateBody != "", in.TemplateURL != "", in.UsePreviousTemplate} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return "", invalid("Either Template URL or Template Body must be specified.")
	case len(in.TemplateBody) > template.MaxInline:
		return "", invalid("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to %d", template.MaxInline)
	case in.TemplateURL != "":
		return s.fetch(ctx, in.TemplateURL)
	case in.UsePreviousTemplate && st == nil:
		return "", invalid("Cannot use previous template: the stack does not exist")
	case in.UsePreviousTemplate:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.templates[st.Config.Template], nil
	}
	return in.TemplateBody, nil
}

// complete reads the template of a proposal, gives its parameters their values and finds what changes. It refuses
// what cannot be made, all of it at once.
func (s *Service) complete(ctx context.Context, p *proposal, given map[string]string) error {
	var err error
	if p.t, err = template.Parse([]byte(p.body)); err != nil {
		return err
	}
	if err := s.types(p.t, p.t.Unconditional); err != nil {
		return err
	}
	all, err := p.t.Give(given)
	if err != nil {
		return err
	}
	p.config.Given, p.config.Description = all, p.t.Description
	for _, name := range sortedKeys(p.t.Parameters) {
		if p.t.Parameters[name].NoEcho {
			p.config.Hidden = append(p.config.Hidden, name)
		}
	}
	lookup := s.options.Lookup
	if lookup != nil {
		lookup = func(ctx context.Context, names []string) (map[string]string, error) {
			found, err := s.options.Lookup(ctx, names)
			p.config.Looked = found
			return found, err
		}
	}
	parameters, err := p.t.Values(ctx, all, lookup)
	if err != nil {
		return err
	}
	d := diff{s: s, p: p, predicted: map[string]thing{}, seen: map[string]bool{}}
	if p.in, err = p.t.Bind(s.scope(p.st, parameters, d.find)); err != nil {
		return err
	}
	if err := s.types(p.t, p.in.Has); err != nil {
		return err
	}
	if p.config.Imports, err = p.in.Imports(); err != nil {
		return err
	}
	return d.all(ctx)
}

// types refuses the types of resources that nobody can make, of those that there will
// be: the template of the CDK's bootstrap has a key that its parameters ask for.
func (s *Service) types(t *template.Template, has func(logicalID string) bool) error {
	var unknown, hints []string
	for _, id := range sortedKeys(t.Resources) {
		name := t.Resources[id].Type
		if s.providers[name] != nil || slices.Contains(unknown, name) || !has(id) {
			continue
		}
		unknown = append(unknown, name)
		if meant := near.Name(name, sortedKeys(s.providers)); meant != "" {
			hints = append(hints, "Did you mean "+meant+"?")
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	message := "Template format error: Unrecognized resource types: [" + strings.Join(unknown, ", ") + "]. Less makes " + strings.Join(s.kinds(), ", ") + "."
	return invalid("%s", strings.Join(append([]string{message}, hints...), " "))
}

// kinds are the types that there are providers for.
func (s *Service) kinds() []string { return sortedKeys(s.providers) }

// named are the properties that give an IAM resource a name of its own.
var named = map[string]string{
	"AWS::IAM::Role": "RoleName", "AWS::IAM::ManagedPolicy": "ManagedPolicyName", "AWS::IAM::User": "UserName", "AWS::IAM::Group": "GroupName",
	"AWS::IAM::Policy": "", "AWS::IAM::InstanceProfile": "InstanceProfileName", "AWS::IAM::AccessKey": "",
}

// capabilities refuses a template that can change permissions where the caller has not acknowledged it.
func capabilities(p *proposal) error {
	needed := ""
	for _, id := range p.in.Resources() {
		r := p.in.Resource(id)
		property, is := named[r.Type]
		if !is {
			continue
		}
		if needed == "" {
			needed = "CAPABILITY_IAM"
		}
		if _, has := r.Properties[property]; has && property != "" {
			needed = "CAPABILITY_NAMED_IAM"
		}
	}
	has := p.config.Capabilities
	if needed == "" || slices.Contains(has, "CAPABILITY_NAMED_IAM") || slices.Contains(has, needed) {
		return nil
	}
	return awsapi.Errorf("InsufficientCapabilitiesException", "Requires capabilities : [%s]", needed)
}

// A diff finds what a proposal changes.
type diff struct {
	s *Service
	p *proposal
	// predicted are those that will be what they are known to be: they do not change, or not their identity.
	predicted map[string]thing
	seen      map[string]bool
	problems  []string
}

func (d *diff) find(id string) (thing, bool) {
	t, known := d.predicted[id]
	return t, known
}

func (d *diff) all(ctx context.Context) error {
	waits, err := d.p.in.Dependencies()
	if err != nil {
		return err
	}
	var before *template.Template
	d.s.mu.Lock()
	body := d.s.templates[d.p.before.Template]
	d.s.mu.Unlock()
	if body != "" {
		if before, err = template.Parse([]byte(body)); err != nil {
			return err
		}
	}
	for _, id := range sortedKeys(waits) {
		d.visit(ctx, id, waits, before)
	}
	d.s.mu.Lock()
	for _, r := range d.p.st.sortedResources() {
		if !d.p.in.Has(r.LogicalID) && r.Now.exists() {
			d.p.changes = append(d.p.changes, removal(r))
		}
	}
	d.s.mu.Unlock()
	slices.SortFunc(d.p.changes, func(a, b Change) int {
		return strings.Compare(a.ResourceChange.LogicalResourceID, b.ResourceChange.LogicalResourceID)
	})
	d.outputs()
	if len(d.problems) > 0 {
		return invalid("%s", strings.Join(d.problems, "\n"))
	}
	return nil
}

func (d *diff) outputs() {
	values, err := d.p.in.Outputs()
	if err != nil {
		d.problem(err)
		return
	}
	next := make([]output, len(values))
	for i, v := range values {
		text, known := v.Value.(string)
		if !known {
			d.p.outputs = true
		}
		next[i] = output{v.Name, text, v.Description, v.Export}
	}
	d.p.outputs = d.p.outputs || !slices.Equal(next, d.p.before.Outputs)
}

// messageOf is what a refusal says, without its code.
func messageOf(err error) string {
	if e, ok := errors.AsType[*awsapi.Error](err); ok {
		return e.Message
	}
	return err.Error()
}

func (d *diff) problem(err error) {
	message := messageOf(err)
	if !slices.Contains(d.problems, message) {
		d.problems = append(d.problems, message)
	}
}

// visit finds the change of one resource, after those that it needs.
func (d *diff) visit(ctx context.Context, id string, waits map[string][]string, before *template.Template) {
	if d.seen[id] {
		return
	}
	d.seen[id] = true
	for _, on := range waits[id] {
		d.visit(ctx, on, waits, before)
	}
	resource := d.p.in.Resource(id)
	schema := d.s.providers[resource.Type].Schema()
	properties, err := d.p.in.Properties(id)
	if err != nil {
		d.problem(err)
		return
	}
	if problems := schema.Problems(properties); len(problems) > 0 {
		d.problem(errors.New(provider.Explain(id, problems)))
	}
	d.attributes(resource.Properties)
	if resource.Type == stackType {
		if err := d.s.inspectNested(ctx, d.p.st, id, properties, d.p.deep); err != nil {
			d.problem(errors.New("nested stack " + id + ": " + messageOf(err)))
		}
	}
	d.s.mu.Lock()
	r := d.p.st.resources[id]
	var was thing
	status := ""
	if r != nil {
		was, status = r.Now, r.Status
	}
	d.s.mu.Unlock()
	next := thing{Type: resource.Type, Properties: properties, Tags: d.p.config.Tags}
	switch {
	case !was.exists() || status == createFailed:
		d.p.changes = append(d.p.changes, addition(id, next))
		return
	case was.Type != resource.Type:
		d.problem(invalid("Update of resource type is not permitted. The new template modifies resource type of the following resources: [%s]", id))
		return
	}
	same := before == nil || string(encode(before.Resources[id].Metadata)) == string(encode(resource.Metadata))
	change, replaces := modification(id, was, next, schema, !same)
	if status == updateFailed && change == nil {
		change = &Change{Type: "Resource", ResourceChange: ResourceChange{
			Action: "Modify", LogicalResourceID: id, PhysicalResourceID: was.PhysicalID, ResourceType: was.Type, Replacement: "False", Scope: []string{"Properties"},
		}}
	}
	if change != nil {
		d.p.changes = append(d.p.changes, *change)
	}
	if !replaces {
		d.predicted[id] = was
	}
}

// attributes refuses what Fn::GetAtt cannot ask for.
func (d *diff) attributes(v any) {
	for _, a := range template.Attributes(v) {
		resource := d.p.t.Resources[a.Resource]
		if p := d.s.providers[resource.Type]; p != nil && !p.Schema().HasAttribute(a.Name) {
			d.problem(invalid("Template error: resource %s does not support attribute type %s in Fn::GetAtt", a.Resource, a.Name))
		}
	}
}
