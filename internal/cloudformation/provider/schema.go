package provider

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/less-go/less/internal/near"
)

// A Schema is what a template may say of a type's resources, and ask of them.
type Schema struct {
	properties *shape
	options    Options
}

// Options are what the struct of a type's properties cannot say.
type Options struct {
	// Name is the property with a name that only one resource can have, "" where there is none. A resource that has it in its
	// template cannot be replaced without another name.
	Name string
	// Attributes are what Fn::GetAtt may ask for. "Outputs.*" is all that begins with "Outputs.".
	Attributes []string
}

// SchemaOf returns the schema of a type whose properties are a T. It panics for a T that no template can fill.
func SchemaOf[T any](o Options) Schema {
	return Schema{shapeOf(reflect.TypeFor[T]()), o}
}

// Replaces says that another value of the property needs another resource.
func (s Schema) Replaces(property string) bool {
	f, found := s.properties.fields[property]
	return found && f.replace
}

// NameProperty is the property with a name that only one resource can have, or "".
func (s Schema) NameProperty() string { return s.options.Name }

// HasAttribute says that Fn::GetAtt may ask for name.
func (s Schema) HasAttribute(name string) bool {
	return slices.ContainsFunc(s.options.Attributes, func(a string) bool {
		prefix, any := strings.CutSuffix(a, "*")
		return a == name || any && strings.HasPrefix(name, prefix)
	})
}

// Problems lists what is wrong with properties, each with its path: "#/Tags/0: required key [Key] not found". A [template.Unknown] is right.
func (s Schema) Problems(properties map[string]any) []string {
	d := decoder{}
	d.check(s.properties, properties)
	return d.problems
}

// A shape is the type of a value in a template.
type shape struct {
	t    reflect.Type
	kind reflect.Kind // Interface is anything
	elem *shape
	// fields are a struct's, by the names that templates use.
	fields map[string]*property
}

type property struct {
	name              string
	index             int
	required, replace bool
	shape             *shape
}

func shapeOf(t reflect.Type) *shape {
	s := &shape{t: t, kind: t.Kind()}
	switch s.kind {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64, reflect.Interface:
	case reflect.Pointer, reflect.Slice:
		s.elem = shapeOf(t.Elem())
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			panic("provider: a template has no " + t.String())
		}
		s.elem = shapeOf(t.Elem())
	case reflect.Struct:
		s.fields = map[string]*property{}
		for i := range t.NumField() {
			f := t.Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("cfn"), ",")
			p := &property{name: f.Name, index: i, shape: shapeOf(f.Type)}
			if name != "" {
				p.name = name
			}
			for option := range strings.SplitSeq(options, ",") {
				switch option {
				case "":
				case "required":
					p.required = true
				case "replace":
					p.replace = true
				default:
					panic(fmt.Sprintf("provider: %s.%s has the option %s", t, f.Name, option))
				}
			}
			s.fields[p.name] = p
		}
	default:
		panic("provider: a template has no " + t.String())
	}
	return s
}

// names are the properties of a struct, sorted.
func (s *shape) names() []string { return slices.Sorted(maps.Keys(s.fields)) }

// hint guesses what an unknown property was meant to be.
func (s *shape) hint(name string) string {
	if meant := near.Name(name, s.names()); meant != "" {
		return ". Did you mean " + meant + "?"
	}
	return ""
}
