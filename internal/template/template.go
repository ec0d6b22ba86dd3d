// Package template reads CloudFormation templates: their sections, their functions and
// what depends on what. It makes nothing; who does says by a [Scope] what resources have become.
//
// A value of a template is nil, a bool, a string, a [json.Number], a []any or a
// map[string]any, as in encoding/json.
//
// What is not understood is refused, with all that is wrong at once: a function or a section that were passed over would make
// something else than the template says. The words are AWS's where they have been seen.
package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/less-go/less/internal/near"
)

// A Template is a template that is whole in itself: everything it refers to is there.
type Template struct {
	Description string
	Parameters  map[string]Parameter
	// Mappings are text or lists of text, by map, first key and second key.
	Mappings   map[string]map[string]map[string]any
	Conditions map[string]any
	Rules      map[string]Rule
	Resources  map[string]Resource
	Outputs    map[string]Output
	Metadata   any
}

// A Resource is what a template says of a resource, functions included.
type Resource struct {
	// Type is "AWS::SQS::Queue".
	Type       string
	Properties map[string]any
	DependsOn  []string
	// Condition is the condition under which there is such a resource; "" for always.
	Condition string
	// DeletionPolicy says what becomes of it when it leaves the stack, and UpdateReplacePolicy when another takes its place.
	DeletionPolicy, UpdateReplacePolicy Policy
	Metadata                            any
}

// A Policy says whether a resource is kept.
type Policy string

// The policies. The zero one is Delete.
const (
	Delete               Policy = "Delete"
	Retain               Policy = "Retain"
	RetainExceptOnCreate Policy = "RetainExceptOnCreate"
)

// Keeps says that the resource stays when it leaves the stack, because its creation was rolled back or else.
func (p Policy) Keeps(created bool) bool {
	return p == Retain || p == RetainExceptOnCreate && !created
}

// An Output is what a stack tells.
type Output struct {
	Description string
	Value       any
	Condition   string
	// Export is the name by which other stacks import the value; nil for none.
	Export any
}

// A Rule checks the values of parameters.
type Rule struct {
	// Condition is a function, and nil where the rule always holds.
	Condition  any
	Assertions []Assertion
}

// An Assertion is what has to be true, and what is said otherwise.
type Assertion struct {
	Assert      any
	Description string
}

// An Error is all that is wrong with a template.
type Error struct{ Problems []string }

func (e *Error) Error() string { return strings.Join(e.Problems, "\n") }

func (e *Error) add(format string, args ...any) {
	if problem := fmt.Sprintf(format, args...); !slices.Contains(e.Problems, problem) {
		e.Problems = append(e.Problems, problem)
	}
}

func (e *Error) orNil() error {
	if len(e.Problems) == 0 {
		return nil
	}
	return e
}

func fail(format string, args ...any) error { return &Error{[]string{fmt.Sprintf(format, args...)}} }

// Parse reads a template in JSON or YAML.
func Parse(body []byte) (*Template, error) {
	root, err := parseBody(body)
	if err != nil {
		return nil, err
	}
	r := reader{t: &Template{
		Parameters: map[string]Parameter{}, Mappings: map[string]map[string]map[string]any{}, Conditions: map[string]any{},
		Rules: map[string]Rule{}, Resources: map[string]Resource{}, Outputs: map[string]Output{},
	}}
	r.sections(root)
	if len(r.problems.Problems) == 0 {
		r.problems = *check(r.t)
	}
	return r.t, r.problems.orNil()
}

// A reader reads the sections of a template.
type reader struct {
	t        *Template
	problems Error
}

var sections = []string{
	"AWSTemplateFormatVersion", "Conditions", "Description", "Mappings", "Metadata", "Outputs", "Parameters", "Resources", "Rules",
}

func (r *reader) sections(root map[string]any) {
	for _, name := range sorted(root) {
		switch {
		case name == "Transform":
			r.problems.add("Less does not implement transforms, which %v is. Deploy the processed template.", root[name])
		case !slices.Contains(sections, name):
			r.problems.add("Invalid template property or properties [%s]%s", name, guess(name, sections))
		}
	}
	r.t.Description, _ = root["Description"].(string)
	r.t.Metadata = root["Metadata"]
	r.t.Conditions = r.object("Conditions", root["Conditions"])
	each(r, "Parameters", root, r.parameter)
	each(r, "Mappings", root, r.mapping)
	each(r, "Rules", root, r.rule)
	each(r, "Resources", root, r.resource)
	each(r, "Outputs", root, r.output)
	if all, ok := root["Resources"].(map[string]any); ok && len(all) == 0 || root["Resources"] == nil {
		r.problems.add("Template format error: At least one Resources member must be defined.")
	}
}

// each reads the members of a section.
func each(r *reader, section string, root map[string]any, read func(name string, member map[string]any)) {
	for name, member := range ordered(r.object(section, root[section])) {
		if !alphanumeric(name) && section != "Mappings" {
			r.problems.add("Template format error: %s name %s is non alphanumeric.", strings.TrimSuffix(section, "s"), name)
			continue
		}
		if m, ok := member.(map[string]any); ok {
			read(name, m)
			continue
		}
		r.problems.add("Template format error: [/%s/%s] must be an object.", section, name)
	}
}

// object returns v, which is at path, as an object; an empty one for nothing.
func (r *reader) object(path string, v any) map[string]any {
	object, ok := v.(map[string]any)
	if !ok && v != nil {
		r.problems.add("Template format error: [/%s] must be an object.", path)
	}
	if object == nil {
		object = map[string]any{}
	}
	return object
}

// known refuses the members of object that are not in names.
func (r *reader) known(path string, object map[string]any, names ...string) {
	for _, name := range sorted(object) {
		if !slices.Contains(names, name) {
			r.problems.add("Template format error: [/%s] has %s, which Less does not know%s", path, name, guess(name, names))
		}
	}
}

// text returns a member that must be text, "" where there is none.
func (r *reader) text(path string, object map[string]any, name string) string {
	s, ok := object[name].(string)
	if !ok && object[name] != nil {
		r.problems.add("Template format error: Every %s member must be a string: [/%s].", name, path)
	}
	return s
}

func (r *reader) resource(name string, m map[string]any) {
	path := "Resources/" + name
	r.known(path, m, "Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Metadata")
	resource := Resource{
		Type: r.text(path, m, "Type"), Condition: r.text(path, m, "Condition"), Metadata: m["Metadata"],
		Properties:     r.object(path+"/Properties", m["Properties"]),
		DeletionPolicy: r.policy(path, m, "DeletionPolicy"), UpdateReplacePolicy: r.policy(path, m, "UpdateReplacePolicy"),
	}
	if resource.Type == "" {
		r.problems.add("Template format error: [/%s] Every Resources object must contain a Type member.", path)
	}
	switch on := m["DependsOn"].(type) {
	case nil:
	case string:
		resource.DependsOn = []string{on}
	case []any:
		for _, one := range on {
			id, ok := one.(string)
			if !ok {
				r.problems.add("Template format error: Every DependsOn value must be a string: [/%s].", path)
			}
			resource.DependsOn = append(resource.DependsOn, id)
		}
	default:
		r.problems.add("Template format error: DependsOn must be a string or list of strings: [/%s].", path)
	}
	r.t.Resources[name] = resource
}

func (r *reader) policy(path string, m map[string]any, name string) Policy {
	p := Policy(r.text(path, m, name))
	switch p {
	case "", Delete, Retain:
	case RetainExceptOnCreate:
		if name == "DeletionPolicy" {
			break
		}
		fallthrough
	default:
		r.problems.add("Template error: %s of [/%s] is %s. Less has Delete and Retain.", name, path, p)
	}
	return p
}

func (r *reader) output(name string, m map[string]any) {
	path := "Outputs/" + name
	r.known(path, m, "Description", "Value", "Export", "Condition")
	out := Output{Description: r.text(path, m, "Description"), Condition: r.text(path, m, "Condition"), Value: m["Value"]}
	if m["Value"] == nil {
		r.problems.add("Template format error: Output %s is malformed. The Value field of every Outputs member must be specified.", name)
	}
	if m["Export"] != nil {
		export := r.object(path+"/Export", m["Export"])
		r.known(path+"/Export", export, "Name")
		if out.Export = export["Name"]; out.Export == nil {
			r.problems.add("Template format error: Output %s is malformed. The Name field of every Export member must be specified.", name)
		}
	}
	r.t.Outputs[name] = out
}

func (r *reader) rule(name string, m map[string]any) {
	path := "Rules/" + name
	r.known(path, m, "RuleCondition", "Assertions")
	rule := Rule{Condition: m["RuleCondition"]}
	list, _ := m["Assertions"].([]any)
	if len(list) == 0 {
		r.problems.add("Template format error: [/%s] has no Assertions.", path)
	}
	for i, one := range list {
		at := fmt.Sprintf("%s/Assertions/%d", path, i)
		object := r.object(at, one)
		r.known(at, object, "Assert", "AssertDescription")
		rule.Assertions = append(rule.Assertions, Assertion{object["Assert"], r.text(at, object, "AssertDescription")})
	}
	r.t.Rules[name] = rule
}

func (r *reader) mapping(name string, m map[string]any) {
	first := map[string]map[string]any{}
	for key := range m {
		first[key] = r.object("Mappings/"+name+"/"+key, m[key])
	}
	r.t.Mappings[name] = first
}

func alphanumeric(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
}

// guess is the end of a sentence about a name that does not exist.
func guess(name string, names []string) string {
	if meant := near.Name(name, names); meant != "" {
		return ". Did you mean " + meant + "?"
	}
	return "."
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// ordered iterates over m in the order of its keys.
func ordered[V any](m map[string]V) func(func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, key := range sorted(m) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// Unconditional says that there is a resource whatever the values of parameters are.
func (t *Template) Unconditional(logicalID string) bool {
	r, found := t.Resources[logicalID]
	return found && r.Condition == ""
}
