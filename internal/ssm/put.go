package ssm

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
)

// Limits of parameters.
const (
	maxName     = 1011 // and the ARN before it makes 2048
	maxLevels   = 15
	maxStandard = 4096
	maxAdvanced = 8192
	maxVersions = 100
	maxTags     = 50
)

// The types and the tiers of parameters.
const (
	typeString       = "String"
	typeStringList   = "StringList"
	typeSecureString = "SecureString"
	tierStandard     = "Standard"
	tierAdvanced     = "Advanced"
	tierIntelligent  = "Intelligent-Tiering"
)

// PutParameterInput is the input of PutParameter.
type PutParameterInput struct {
	Name, Description, Value, Type string
	KeyID                          string `json:"KeyId"`
	Overwrite                      bool
	AllowedPattern                 string
	Tags                           []Tag
	Tier, Policies, DataType       string
}

// Resource returns the parameter's ARN.
func (in *PutParameterInput) Resource(region string) string { return arn(region, nameOf(in.Name)) }

// PutParameterOutput is the output of PutParameter.
type PutParameterOutput struct {
	Version int64
	Tier    string
}

// PutParameter makes a parameter, or a new version of it where Overwrite says so.
func (s *Service) PutParameter(ctx context.Context, in *PutParameterInput) (*PutParameterOutput, error) {
	name := nameOf(in.Name)
	if err := in.check(name); err != nil {
		return nil, err
	}
	out := &PutParameterOutput{Version: 1}
	err := s.parameters.Change(ctx, name, func(old parameter, found bool) (*parameter, error) {
		next, err := in.next(name, old, found)
		if err != nil {
			return nil, err
		}
		out.Version, out.Tier = next.current().Number, next.Tier
		return next, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// next is the parameter as in makes it of the old one.
func (in *PutParameterInput) next(name string, old parameter, found bool) (*parameter, error) {
	switch {
	case found && !in.Overwrite:
		return nil, awsapi.Errorf("ParameterAlreadyExists",
			"The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	case found && len(in.Tags) > 0:
		return nil, invalid("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. " +
			"To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	case !found && in.Type == "":
		return nil, invalid("A parameter type is required when you create a parameter.")
	case found && in.Type != "" && in.Type != old.Type:
		return nil, awsapi.Errorf("HierarchyTypeMismatchException", "The parameter cannot be changed from type %s to %s.", old.Type, in.Type)
	}
	next := old
	if !found {
		next = parameter{Name: name, Type: in.Type, Tier: tierStandard, DataType: "text", Tags: map[string]string{}}
		for _, t := range in.Tags {
			next.Tags[t.Key] = t.Value
		}
	}
	if in.DataType != "" {
		next.DataType = in.DataType
	}
	if in.AllowedPattern != "" {
		next.AllowedPattern = in.AllowedPattern
	}
	if in.Tier == tierAdvanced || in.Tier == tierIntelligent && len(in.Value) > maxStandard {
		next.Tier = tierAdvanced
	}
	if err := next.accepts(in.Value); err != nil {
		return nil, err
	}
	number := int64(1)
	if found {
		number = old.current().Number + 1
	}
	keep := old.Versions[max(0, len(old.Versions)-maxVersions+1):]
	next.Versions = append(slices.Clip(keep), version{number, in.Value, in.Description, time.Now().UTC()})
	return &next, nil
}

// accepts says whether a value can be the parameter's.
func (p *parameter) accepts(value string) error {
	limit := maxStandard
	if p.Tier == tierAdvanced {
		limit = maxAdvanced
	}
	switch {
	case value == "":
		return invalid("1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.")
	case len(value) > limit && p.Tier == tierStandard:
		return invalid("Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter value, "+
			"upgrade the parameter to use the advanced-parameter tier. For more information, see "+
			"https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html", maxStandard)
	case len(value) > limit:
		return invalid("Advanced tier parameters support a maximum parameter value of %d characters.", maxAdvanced)
	case p.AllowedPattern == "":
		return nil
	}
	pattern, err := regexp.Compile(p.AllowedPattern)
	if err != nil {
		return awsapi.Errorf("InvalidAllowedPatternException", "The regular expression %s is not valid.", p.AllowedPattern)
	}
	if !pattern.MatchString(value) {
		return awsapi.Errorf("ParameterPatternMismatchException", "Parameter value, cannot be validated against allowedPattern: %s", p.AllowedPattern)
	}
	return nil
}

var validName = regexp.MustCompile(`^[a-zA-Z0-9_.\-/]+$`)

func (in *PutParameterInput) check(name string) error {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(name, "/")), "/")
	switch {
	case strings.HasPrefix(first, "aws"):
		return awsapi.Errorf("AccessDeniedException", "No access to reserved parameter name: %s.", name)
	case !validName.MatchString(name), strings.HasPrefix(first, "ssm"), strings.Contains(name, "//"), len(name) > maxName:
		return invalid("Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; " +
			"each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_")
	case strings.Contains(name, "/") && !strings.HasPrefix(name, "/"):
		return invalid("Parameter name must be a fully qualified name.")
	case strings.Count(name, "/") > maxLevels:
		return awsapi.Errorf("HierarchyLevelLimitExceededException", "A parameter name can have at most %d levels.", maxLevels)
	case in.Type == typeSecureString, in.KeyID != "":
		return awsapi.NotImplemented("parameters of type SecureString: there is no KMS to encrypt them. Use a String for what is secret only on AWS")
	case in.Type != "" && in.Type != typeString && in.Type != typeStringList:
		return awsapi.Errorf("UnsupportedParameterType", "The parameter type %s is not supported.", in.Type)
	case in.Policies != "" && in.Policies != "[]":
		return awsapi.NotImplemented("policies of parameters")
	case in.DataType != "" && in.DataType != "text":
		return awsapi.NotImplemented("the data type %s of parameters", in.DataType)
	case in.Tier != "" && in.Tier != tierStandard && in.Tier != tierAdvanced && in.Tier != tierIntelligent:
		return invalid("1 validation error detected: Value '%s' at 'tier' failed to satisfy constraint: Member must satisfy enum value set: [Standard, Advanced, Intelligent-Tiering]", in.Tier)
	case len(in.Tags) > maxTags:
		return awsapi.Errorf("TooManyTagsError", "A parameter can have at most %d tags.", maxTags)
	}
	return nil
}
