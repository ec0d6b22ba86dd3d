package template

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Parameter is a value that a template asks for.
type Parameter struct {
	// Type is "String", "CommaDelimitedList" or another.
	Type, Description string
	// Default is nil where there is none.
	Default *string
	// NoEcho says that its value is not to be shown.
	NoEcho                bool
	AllowedValues         []string
	AllowedPattern        string
	ConstraintDescription string
	MinLength, MaxLength  *float64
	MinValue, MaxValue    *float64
}

const storePrefix = "AWS::SSM::Parameter::Value<"

// FromStore says that the value of the parameter is the name of one in the Parameter Store.
func (p Parameter) FromStore() bool { return strings.HasPrefix(p.Type, storePrefix) }

// isList says that the value is a list of texts.
func (p Parameter) isList() bool {
	switch p.Type {
	case "CommaDelimitedList", "List<Number>", storePrefix + "List<String>>", storePrefix + "CommaDelimitedList>":
		return true
	}
	return false
}

var parameterTypes = []string{
	"String", "Number", "List<Number>", "CommaDelimitedList", "AWS::SSM::Parameter::Name",
	storePrefix + "String>", storePrefix + "List<String>>", storePrefix + "CommaDelimitedList>",
}

func (r *reader) parameter(name string, m map[string]any) {
	path := "Parameters/" + name
	r.known(path, m, "Type", "Description", "Default", "NoEcho", "AllowedValues", "AllowedPattern", "ConstraintDescription",
		"MinLength", "MaxLength", "MinValue", "MaxValue")
	p := Parameter{
		Type: r.text(path, m, "Type"), Description: r.text(path, m, "Description"),
		AllowedPattern: r.text(path, m, "AllowedPattern"), ConstraintDescription: r.text(path, m, "ConstraintDescription"),
		MinLength: r.number(path, m, "MinLength"), MaxLength: r.number(path, m, "MaxLength"),
		MinValue: r.number(path, m, "MinValue"), MaxValue: r.number(path, m, "MaxValue"),
	}
	if v, has := m["Default"]; has {
		text, ok := Text(v)
		if !ok {
			r.problems.add("Template format error: Every Default member must be a string: [/%s].", path)
		}
		p.Default = &text
	}
	if text, ok := Text(m["NoEcho"]); ok {
		p.NoEcho = strings.EqualFold(text, "true")
	}
	if _, err := regexp.Compile(p.AllowedPattern); err != nil {
		r.problems.add("Template format error: the AllowedPattern of [/%s] is none that Less can read: %s", path, err)
	}
	allowed, _ := m["AllowedValues"].([]any)
	for _, v := range allowed {
		text, _ := Text(v)
		p.AllowedValues = append(p.AllowedValues, text)
	}
	switch {
	case p.Type == "":
		r.problems.add("Template format error: Every Parameters object must contain a Type member: [/%s].", path)
	case !slices.Contains(parameterTypes, p.Type):
		r.problems.add("Template format error: Unrecognized parameter type: %s%s", p.Type, guess(p.Type, parameterTypes))
	}
	r.t.Parameters[name] = p
}

// number returns a member that must be a number, nil where there is none.
func (r *reader) number(path string, m map[string]any, name string) *float64 {
	v, has := m[name]
	if !has {
		return nil
	}
	text, _ := Text(v)
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		r.problems.add("Template format error: %s of [/%s] is not a number.", name, path)
	}
	return &f
}

// A Lookup finds the values of parameters in the Parameter Store by their names, those that exist.
type Lookup func(ctx context.Context, names []string) (map[string]string, error)

// Given are the values of parameters as they were given or defaulted, before any look-up.
type Given map[string]string

// Give returns the values of all parameters: those in given, and defaults for the others.
func (t *Template) Give(given map[string]string) (Given, error) {
	var problems Error
	var unknown, missing []string
	for name := range ordered(given) {
		if _, found := t.Parameters[name]; !found {
			unknown = append(unknown, name)
		}
	}
	all := Given{}
	for name, p := range ordered(t.Parameters) {
		value, has := given[name]
		switch {
		case has:
		case p.Default != nil:
			value = *p.Default
		default:
			missing = append(missing, name)
			continue
		}
		all[name] = value
		if problem := p.problem(name, value); problem != "" {
			problems.add("%s", problem)
		}
	}
	if len(unknown) > 0 {
		problems.add("Parameters: [%s] do not exist in the template", strings.Join(unknown, ", "))
	}
	if len(missing) > 0 {
		problems.add("Parameters: [%s] must have values", strings.Join(missing, ", "))
	}
	return all, problems.orNil()
}

// problem says what is wrong with a value of p, or "".
func (p Parameter) problem(name, value string) string {
	values := []string{value}
	if p.isList() && !p.FromStore() {
		values = commas(value)
	}
	for _, v := range values {
		problem := ""
		n, err := strconv.ParseFloat(v, 64)
		numeric := p.Type == "Number" || p.Type == "List<Number>"
		switch {
		case numeric && err != nil:
			problem = "must be a number"
		case len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, v):
			problem = "must be one of AllowedValues"
		case p.AllowedPattern != "" && !regexp.MustCompile(`^(?:`+p.AllowedPattern+`)$`).MatchString(v):
			problem = "must match pattern " + p.AllowedPattern
		case p.MinLength != nil && float64(len(v)) < *p.MinLength:
			problem = "must contain at least " + strconv.FormatFloat(*p.MinLength, 'f', -1, 64) + " characters"
		case p.MaxLength != nil && float64(len(v)) > *p.MaxLength:
			problem = "must contain at most " + strconv.FormatFloat(*p.MaxLength, 'f', -1, 64) + " characters"
		case numeric && p.MinValue != nil && n < *p.MinValue:
			problem = "must be a number not less than " + strconv.FormatFloat(*p.MinValue, 'f', -1, 64)
		case numeric && p.MaxValue != nil && n > *p.MaxValue:
			problem = "must be a number not greater than " + strconv.FormatFloat(*p.MaxValue, 'f', -1, 64)
		default:
			continue
		}
		if p.ConstraintDescription != "" {
			return "Parameter " + name + " failed to satisfy constraint: " + p.ConstraintDescription
		}
		return "Parameter '" + name + "' " + problem
	}
	return ""
}

// Values returns what Ref returns for each parameter: text, or a list of text. Those in the Parameter Store are looked up.
func (t *Template) Values(ctx context.Context, given Given, lookup Lookup) (map[string]any, error) {
	var names []string
	for name, p := range ordered(t.Parameters) {
		if p.FromStore() {
			names = append(names, given[name])
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	var stored map[string]string
	if len(names) > 0 {
		if lookup == nil {
			return nil, fail("Less does not implement parameters of the Parameter Store here.")
		}
		var err error
		if stored, err = lookup(ctx, names); err != nil {
			return nil, err
		}
		var missing []string
		for _, name := range names {
			if _, found := stored[name]; !found {
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 {
			return nil, fail("Unable to fetch parameters [%s] from parameter store for this account.", strings.Join(missing, ","))
		}
	}
	values := map[string]any{}
	for name, p := range t.Parameters {
		value := given[name]
		if p.FromStore() {
			value = stored[value]
		}
		if !p.isList() {
			values[name] = value
			continue
		}
		list := []any{}
		for _, one := range commas(value) {
			list = append(list, one)
		}
		values[name] = list
	}
	return values, nil
}

// commas takes a comma-delimited list apart. Spaces around its elements do not count, and "" is a list of one, which is empty, as on AWS.
func commas(value string) []string {
	parts := strings.Split(value, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
