package template

import (
	"slices"
	"strings"
)

// An Instance is a template with the values of its parameters: which of its resources there are, and what their properties become.
type Instance struct {
	t          *Template
	scope      Scope
	conditions map[string]bool
}

// Bind returns what t is in scope. It fails where a rule does not hold, or where a resource needs one that is not there.
func (t *Template) Bind(scope Scope) (*Instance, error) {
	in := &Instance{t, scope, map[string]bool{}}
	for name := range ordered(t.Conditions) {
		if _, err := in.conditionNamed(name, nil); err != nil {
			return nil, err
		}
	}
	var problems Error
	for name, rule := range ordered(t.Rules) {
		if err := in.rule(rule); err != nil {
			problems.add("Rule %s: %s", name, err) // AWS's words were not seen
		}
	}
	if len(problems.Problems) == 0 {
		in.absent(&problems)
	}
	return in, problems.orNil()
}

// absent finds the references to resources whose condition is false.
func (in *Instance) absent(problems *Error) {
	var missing []string
	for _, id := range in.Resources() {
		for _, on := range in.needs(in.t.Resources[id].Properties) {
			if !in.Has(on) {
				missing = append(missing, on)
			}
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		problems.add("Template format error: Unresolved resource dependencies [%s] in the Resources block of the template", strings.Join(slices.Compact(missing), ", "))
	}
}

func (in *Instance) rule(r Rule) error {
	if r.Condition != nil {
		if holds, err := in.boolean(r.Condition, nil); err != nil || !holds {
			return err
		}
	}
	var failed []string
	for _, a := range r.Assertions {
		holds, err := in.boolean(a.Assert, nil)
		if err != nil {
			return err
		}
		if !holds {
			failed = append(failed, a.Description)
		}
	}
	if len(failed) > 0 {
		return &Error{failed}
	}
	return nil
}

// Has says that there is a resource: the template has it, and its condition is true.
func (in *Instance) Has(logicalID string) bool {
	r, found := in.t.Resources[logicalID]
	return found && (r.Condition == "" || in.conditions[r.Condition])
}

func (in *Instance) present(logicalID string) error {
	if !in.Has(logicalID) {
		return fail("Template format error: Unresolved resource dependencies [%s] in the Resources block of the template", logicalID)
	}
	return nil
}

// Resources lists the resources that there are, in the order of their names.
func (in *Instance) Resources() []string {
	return slices.DeleteFunc(sorted(in.t.Resources), func(id string) bool { return !in.Has(id) })
}

// Resource returns what the template says of a resource.
func (in *Instance) Resource(logicalID string) Resource { return in.t.Resources[logicalID] }

// Properties returns the properties of a resource, without functions.
func (in *Instance) Properties(logicalID string) (map[string]any, error) {
	v, err := in.evaluate(in.t.Resources[logicalID].Properties)
	if err != nil {
		return nil, within(err, "resource %s", logicalID)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, fail("Template error: the Properties of %s must be an object", logicalID)
	}
	return object, nil
}

// A Value is an output of a stack.
type Value struct {
	Name, Description string
	// Value is text, or an Unknown.
	Value any
	// Export is "" where it is not exported.
	Export string
}

// Outputs returns the outputs that there are, in the order of their names.
func (in *Instance) Outputs() ([]Value, error) {
	var out []Value
	for name, o := range ordered(in.t.Outputs) {
		if o.Condition != "" && !in.conditions[o.Condition] {
			continue
		}
		value, err := in.evaluate(o.Value)
		if err != nil {
			return nil, within(err, "output %s", name)
		}
		if !unknown(value) {
			text, ok := Text(value)
			if !ok {
				return nil, fail("Template format error: The Value field of every Outputs member must evaluate to a String.")
			}
			value = text
		}
		export, err := in.evaluate(o.Export)
		if err != nil {
			return nil, within(err, "output %s", name)
		}
		text, ok := Text(export)
		if o.Export != nil && !ok && !unknown(export) {
			return nil, fail("Template format error: Output %s is malformed. The Name field of every Export member must evaluate to a String.", name)
		}
		out = append(out, Value{name, o.Description, value, text})
	}
	return out, nil
}

// Imports returns the names of the exports that the resources and outputs that there are import, sorted.
func (in *Instance) Imports() ([]string, error) {
	found := map[string]bool{}
	recording := *in
	recording.scope.Import = func(name string) (any, error) {
		found[name] = true
		return Unknown{}, nil
	}
	for _, id := range in.Resources() {
		if _, err := recording.Properties(id); err != nil {
			return nil, err
		}
	}
	if _, err := recording.Outputs(); err != nil {
		return nil, err
	}
	return sorted(found), nil
}
