package ssm

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/less-go/less/internal/awsapi"
)

// GetParameterInput is the input of GetParameter.
type GetParameterInput struct {
	Name           string
	WithDecryption bool
}

// Resource returns the parameter's ARN.
func (in *GetParameterInput) Resource(region string) string {
	name, _, _ := cutSelector(nameOf(in.Name))
	return arn(region, name)
}

// GetParameterOutput is the output of GetParameter.
type GetParameterOutput struct{ Parameter Parameter }

// GetParameter returns a parameter, in its current version or in the one that is selected.
func (s *Service) GetParameter(ctx context.Context, in *GetParameterInput) (*GetParameterOutput, error) {
	p, v, selector, err := s.find(in.Name)
	if err != nil {
		return nil, err
	}
	return &GetParameterOutput{p.describe(awsapi.RequestFrom(ctx).Region, v, selector)}, nil
}

// maxNames is how many parameters one request may name.
const maxNames = 10

func checkNames(names []string) error {
	if len(names) == 0 || len(names) > maxNames {
		return invalid("1 validation error detected: Value '[%s]' at 'names' failed to satisfy constraint: Member must have length less than or equal to %d",
			strings.Join(names, ", "), maxNames)
	}
	return nil
}

// GetParametersInput is the input of GetParameters.
type GetParametersInput struct {
	Names          []string
	WithDecryption bool
}

// GetParametersOutput is the output of GetParameters.
type GetParametersOutput struct {
	Parameters        []Parameter
	InvalidParameters []string
}

// GetParameters returns those parameters that are there.
func (s *Service) GetParameters(ctx context.Context, in *GetParametersInput) (*GetParametersOutput, error) {
	if err := checkNames(in.Names); err != nil {
		return nil, err
	}
	out := &GetParametersOutput{Parameters: []Parameter{}, InvalidParameters: []string{}}
	for _, name := range in.Names {
		p, v, selector, err := s.find(name)
		if err != nil {
			out.InvalidParameters = append(out.InvalidParameters, name)
			continue
		}
		out.Parameters = append(out.Parameters, p.describe(awsapi.RequestFrom(ctx).Region, v, selector))
	}
	return out, nil
}

// Page is the part of an input that says which page of an answer is wanted.
type Page struct {
	MaxResults *int
	NextToken  string
}

// of cuts a page out of names, which are in order.
func (p Page) of(names []string, most int) (page []string, next string, err error) {
	after, err := base64.StdEncoding.DecodeString(p.NextToken)
	if err != nil {
		return nil, "", awsapi.Errorf("InvalidNextToken", "The specified token isn't valid.")
	}
	if p.MaxResults != nil {
		if *p.MaxResults < 1 || *p.MaxResults > most {
			return nil, "", invalid("1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to %d", *p.MaxResults, most)
		}
		most = *p.MaxResults
	}
	for _, name := range names {
		if name <= string(after) {
			continue
		}
		if len(page) == most {
			return page, base64.StdEncoding.EncodeToString([]byte(page[most-1])), nil
		}
		page = append(page, name)
	}
	return page, "", nil
}

// GetParametersByPathInput is the input of GetParametersByPath.
type GetParametersByPathInput struct {
	Page
	Path             string
	Recursive        bool
	ParameterFilters []struct{}
	WithDecryption   bool
}

// Resource returns the ARN of what is below the path.
func (in *GetParametersByPathInput) Resource(region string) string { return arn(region, in.Path) }

// GetParametersByPathOutput is the output of GetParametersByPath.
type GetParametersByPathOutput struct {
	Parameters []Parameter
	NextToken  string `json:",omitempty"`
}

// GetParametersByPath returns the parameters below a path, in pages.
func (s *Service) GetParametersByPath(ctx context.Context, in *GetParametersByPathInput) (*GetParametersByPathOutput, error) {
	switch {
	case len(in.ParameterFilters) > 0:
		return nil, awsapi.NotImplemented("ParameterFilters of GetParametersByPath")
	case !strings.HasPrefix(in.Path, "/"):
		return nil, invalid("The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\". " +
			"It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore).")
	}
	below := strings.TrimSuffix(in.Path, "/") + "/"
	var names []string
	for _, name := range s.parameters.Names() {
		if rest, ok := strings.CutPrefix(name, below); ok && (in.Recursive || !strings.Contains(rest, "/")) {
			names = append(names, name)
		}
	}
	page, next, err := in.of(names, maxNames)
	if err != nil {
		return nil, err
	}
	out := &GetParametersByPathOutput{Parameters: []Parameter{}, NextToken: next}
	for _, name := range page {
		if p, found := s.parameters.Get(name); found { // it may be gone since
			out.Parameters = append(out.Parameters, p.describe(awsapi.RequestFrom(ctx).Region, p.current(), ""))
		}
	}
	return out, nil
}

// DescribeParametersInput is the input of DescribeParameters.
type DescribeParametersInput struct {
	Page
	Filters, ParameterFilters []struct{}
	Shared                    bool
}

// DescribeParametersOutput is the output of DescribeParameters.
type DescribeParametersOutput struct {
	Parameters []Description
	NextToken  string `json:",omitempty"`
}

// A Description is a parameter or a version of it, without or with its value.
type Description struct {
	Name, ARN, Type  string
	Value            string   `json:",omitempty"`
	LastModifiedDate float64  // s since 1970
	LastModifiedUser string   // always the account: nobody writes down who it was
	Description      string   `json:",omitempty"`
	AllowedPattern   string   `json:",omitempty"`
	Labels           []string `json:",omitempty"`
	Version          int64
	Tier             string
	Policies         []struct{}
	DataType         string
}

func (p parameter) describeVersion(region string, v version) Description {
	return Description{
		Name: p.Name, ARN: arn(region, p.Name), Type: p.Type, LastModifiedDate: seconds(v.Modified),
		LastModifiedUser: awsapi.Principal{}.ARN(), Description: v.Description, AllowedPattern: p.AllowedPattern,
		Version: v.Number, Tier: p.Tier, Policies: []struct{}{}, DataType: p.DataType,
	}
}

// maxDescribed is how many parameters or versions one answer describes.
const maxDescribed = 50

// DescribeParameters returns what there is, without values.
func (s *Service) DescribeParameters(ctx context.Context, in *DescribeParametersInput) (*DescribeParametersOutput, error) {
	if len(in.Filters)+len(in.ParameterFilters) > 0 {
		return nil, awsapi.NotImplemented("filters of DescribeParameters")
	}
	page, next, err := in.of(s.parameters.Names(), maxDescribed)
	if err != nil {
		return nil, err
	}
	out := &DescribeParametersOutput{Parameters: []Description{}, NextToken: next}
	for _, name := range page {
		if p, found := s.parameters.Get(name); found { // it may be gone since
			out.Parameters = append(out.Parameters, p.describeVersion(awsapi.RequestFrom(ctx).Region, p.current()))
		}
	}
	return out, nil
}

// GetParameterHistoryInput is the input of GetParameterHistory.
type GetParameterHistoryInput struct {
	Name           string
	WithDecryption bool
	MaxResults     *int
	NextToken      string
}

// Resource returns the parameter's ARN.
func (in *GetParameterHistoryInput) Resource(region string) string {
	return arn(region, nameOf(in.Name))
}

// GetParameterHistory returns the versions of a parameter, the oldest first, all at once.
func (s *Service) GetParameterHistory(ctx context.Context, in *GetParameterHistoryInput) (*DescribeParametersOutput, error) {
	p, found := s.parameters.Get(nameOf(in.Name))
	if !found {
		return nil, notFound(in.Name)
	}
	out := &DescribeParametersOutput{}
	for _, v := range p.Versions {
		d := p.describeVersion(awsapi.RequestFrom(ctx).Region, v)
		d.Value = v.Value
		out.Parameters = append(out.Parameters, d)
	}
	return out, nil
}
