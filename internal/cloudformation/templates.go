package cloudformation

import (
	"context"
	"slices"

	"github.com/less-go/less/internal/template"
)

// GetTemplateInput is the input of GetTemplate.
type GetTemplateInput struct{ StackName, ChangeSetName, TemplateStage string }

// GetTemplateOutput is the output of GetTemplate.
type GetTemplateOutput struct {
	TemplateBody    string
	StagesAvailable []string
}

// GetTemplate returns the template of a stack or a change set as it was given. Nothing processes templates.
func (s *Service) GetTemplate(_ context.Context, in *GetTemplateInput) (*GetTemplateOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &GetTemplateOutput{StagesAvailable: []string{"Original", "Processed"}}
	if in.ChangeSetName != "" {
		c, _, err := s.changeSet(ChangeSetReference{in.StackName, in.ChangeSetName})
		if err != nil {
			return nil, err
		}
		out.TemplateBody = s.templates[c.Config.Template]
		return out, nil
	}
	st := s.find(in.StackName)
	if st == nil {
		return nil, noStack(in.StackName)
	}
	out.TemplateBody = s.templates[st.Config.Template]
	return out, nil
}

// A TemplateParameter is what a template says of a parameter.
type TemplateParameter struct {
	ParameterKey  string
	DefaultValue  *string
	NoEcho        bool
	Description   string
	ParameterType string
}

func parametersOf(t *template.Template) []TemplateParameter {
	var out []TemplateParameter
	for _, name := range sortedKeys(t.Parameters) {
		p := t.Parameters[name]
		out = append(out, TemplateParameter{name, p.Default, p.NoEcho, p.Description, p.Type})
	}
	return out
}

// ValidateTemplateInput is the input of ValidateTemplate.
type ValidateTemplateInput struct{ TemplateBody, TemplateURL string }

// ValidateTemplateOutput is the output of ValidateTemplate.
type ValidateTemplateOutput struct {
	Parameters   []TemplateParameter
	Description  string
	Capabilities []string
}

// ValidateTemplate says what is wrong with a template, without the values of its parameters.
func (s *Service) ValidateTemplate(ctx context.Context, in *ValidateTemplateInput) (*ValidateTemplateOutput, error) {
	t, err := s.read(ctx, source{in.TemplateBody, in.TemplateURL, false}, nil)
	if err != nil {
		return nil, err
	}
	if err := s.types(t, t.Unconditional); err != nil {
		return nil, err
	}
	return &ValidateTemplateOutput{parametersOf(t), t.Description, needs(t)}, nil
}

func (s *Service) read(ctx context.Context, from source, st *stack) (*template.Template, error) {
	body, err := s.body(ctx, from, st)
	if err != nil {
		return nil, refused(err)
	}
	t, err := template.Parse([]byte(body))
	return t, refused(err)
}

// needs are the capabilities that a template asks for.
func needs(t *template.Template) []string {
	capability := ""
	for _, r := range t.Resources {
		property, is := named[r.Type]
		if is && capability == "" {
			capability = "CAPABILITY_IAM"
		}
		if _, has := r.Properties[property]; is && has && property != "" {
			capability = "CAPABILITY_NAMED_IAM"
		}
	}
	if capability == "" {
		return nil
	}
	return []string{capability}
}

// GetTemplateSummaryInput is the input of GetTemplateSummary.
type GetTemplateSummaryInput struct{ TemplateBody, TemplateURL, StackName string }

// GetTemplateSummaryOutput is the output of GetTemplateSummary.
type GetTemplateSummaryOutput struct {
	Parameters    []TemplateParameter
	Description   string
	Capabilities  []string
	ResourceTypes []string
}

// GetTemplateSummary says what a template has and asks for.
func (s *Service) GetTemplateSummary(ctx context.Context, in *GetTemplateSummaryInput) (*GetTemplateSummaryOutput, error) {
	from := source{in.TemplateBody, in.TemplateURL, false}
	var st *stack
	if in.StackName != "" {
		s.mu.Lock()
		st = s.find(in.StackName)
		s.mu.Unlock()
		if st == nil {
			return nil, noStack(in.StackName)
		}
		from.UsePreviousTemplate = true
	}
	t, err := s.read(ctx, from, st)
	if err != nil {
		return nil, err
	}
	out := &GetTemplateSummaryOutput{Parameters: parametersOf(t), Description: t.Description, Capabilities: needs(t)}
	for _, r := range t.Resources {
		out.ResourceTypes = append(out.ResourceTypes, r.Type)
	}
	slices.Sort(out.ResourceTypes)
	out.ResourceTypes = slices.Compact(out.ResourceTypes)
	return out, nil
}
