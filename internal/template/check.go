package template

import (
	"slices"
	"strings"
)

// pseudo are the parameters that every template has.
var pseudo = []string{
	"AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix",
}

// A block is a part of a template, and what its values may be made of.
type block struct {
	name string
	// boolean says that a value is true or false, made by functions of conditions.
	boolean bool
	// resources says that it may refer to resources.
	resources bool
}

var (
	conditionsBlock = block{name: "Conditions", boolean: true}
	rulesBlock      = block{name: "Rules", boolean: true}
	resourcesBlock  = block{name: "Resources", resources: true}
	outputsBlock    = block{name: "Outputs", resources: true}
)

// booleans are the functions that make a condition, and members those that only rules have.
var (
	booleans = []string{"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"}
	members  = []string{"Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn"}
)

// A checker finds what a template refers to and does not have.
type checker struct {
	t        *Template
	problems Error
	// unresolved are the names that a block refers to in vain.
	unresolved map[string][]string
}

// check says what is wrong with a template whose sections are right.
func check(t *Template) *Error {
	c := checker{t: t, unresolved: map[string][]string{}}
	for _, v := range ordered(t.Conditions) {
		c.value(conditionsBlock, v)
	}
	for _, rule := range ordered(t.Rules) {
		c.value(rulesBlock, rule.Condition)
		for _, a := range rule.Assertions {
			c.value(rulesBlock, a.Assert)
		}
	}
	for id, r := range ordered(t.Resources) {
		c.value(resourcesBlock, r.Properties)
		c.condition(resourcesBlock, r.Condition)
		for _, on := range r.DependsOn {
			if _, found := t.Resources[on]; !found {
				c.missing(resourcesBlock, on)
			} else if on == id {
				c.problems.add("Circular dependency between resources: [%s]", id)
			}
		}
	}
	for _, o := range ordered(t.Outputs) {
		c.value(outputsBlock, o.Value)
		c.value(outputsBlock, o.Export)
		c.condition(outputsBlock, o.Condition)
	}
	for name, missing := range ordered(c.unresolved) {
		what := "resource dependencies"
		if name == conditionsBlock.name || name == rulesBlock.name {
			what = "dependencies"
		}
		slices.Sort(missing)
		c.problems.add("Template format error: Unresolved %s [%s] in the %s block of the template", what, strings.Join(slices.Compact(missing), ", "), name)
	}
	return &c.problems
}

func (c *checker) missing(b block, name string) {
	c.unresolved[b.name] = append(c.unresolved[b.name], name)
}

func (c *checker) condition(b block, name string) {
	if _, found := c.t.Conditions[name]; !found && name != "" {
		c.problems.add("Template format error: Unresolved condition dependency %s in the %s block of the template", name, b.name)
	}
}

func (c *checker) value(b block, v any) {
	if name, is := conditionOf(v); is && b.boolean {
		c.condition(b, name)
		return
	}
	if f, is := callOf(v); is {
		c.call(b, f)
		return
	}
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			c.value(b, one)
		}
	case map[string]any:
		for name, one := range ordered(v) {
			if name == "Fn::Transform" || strings.HasPrefix(name, "Fn::ForEach") {
				c.problems.add("Less does not implement the function %s.", name)
				continue
			}
			c.value(b, one)
		}
	}
}

func (c *checker) call(b block, f call) {
	_, known := requirements[f.name]
	switch {
	case !known:
		c.problems.add("Less does not implement the function %s%s", f.name, guess(f.name, sorted(requirements)))
		return
	case slices.Contains(booleans, f.name) && !b.boolean,
		slices.Contains(members, f.name) && b.name != rulesBlock.name,
		f.name == "Fn::GetAtt" && !b.resources, f.name == "Fn::ImportValue" && !b.resources:
		c.problems.add("Template error: %s cannot be used in the %s block of the template", f.name, b.name)
		return
	}
	if err := c.arguments(b, f); err != nil {
		c.problems.add("%s", err)
	}
}

// arguments checks those of a function that names something, and the values in the others.
func (c *checker) arguments(b block, f call) error {
	switch f.name {
	case "Ref":
		name, ok := f.argument.(string)
		if !ok {
			return f.malformed()
		}
		c.reference(b, name)
		return nil
	case "Fn::GetAtt":
		resource, attribute, err := f.attribute()
		if err != nil {
			return err
		}
		if attribute == "" {
			return f.malformed()
		}
		if _, found := c.t.Resources[resource]; !found {
			return fail("Template error: instance of Fn::GetAtt references undefined resource %s", resource)
		}
		c.value(b, attribute)
		return nil
	case "Fn::Sub":
		parts, variables, err := f.substitution()
		if err != nil {
			return err
		}
		for _, p := range parts {
			if _, is := variables[p.name]; p.name != "" && !is {
				c.call(b, p.reference())
			}
		}
		c.value(b, variables)
		return nil
	case "Fn::If":
		list, err := f.list(3, 3)
		if err != nil {
			return err
		}
		name, ok := list[0].(string)
		if !ok {
			return f.malformed()
		}
		c.condition(b, name)
		c.value(b, list[1:])
		return nil
	case "Fn::FindInMap":
		list, err := f.list(3, 3)
		if err != nil {
			return err
		}
		if name, ok := list[0].(string); ok && c.t.Mappings[name] == nil {
			return fail("Template error: Mapping named '%s' is not present in the 'Mappings' section of template.", name)
		}
		c.value(b, list)
		return nil
	}
	c.value(b, f.argument)
	return nil
}

func (c *checker) reference(b block, name string) {
	if _, found := c.t.Parameters[name]; found || slices.Contains(pseudo, name) {
		return
	}
	if _, found := c.t.Resources[name]; !found || !b.resources {
		c.missing(b, name)
	}
}
