package schema

import (
	"bytes"
	"encoding/json"

	"github.com/less-go/less/internal/app"
)

// A Schema describes JSON. The zero value is what allows everything.
//
// It is a model and not a document: what refers to another refers to it by
// pointer. As JSON it is a schema of draft 2020-12 that keeps to what draft-07 has
// too, because AsyncAPI reads it so: a description beside a $ref is put around it
// with allOf, for example.
type Schema struct {
	// Ref is the definition that this schema is, with what else is said here added.
	Ref *Definition
	// Nullable allows null beside everything else that is said.
	Nullable bool
	// Type is "object", "array", "string", "integer", "number", "boolean", or "".
	Type            string
	Format          string
	Pattern         string
	ContentEncoding string
	// Enum and Const are of strings.
	Enum  []string
	Const string
	// Items are the elements of an array, and MinItems and MaxItems its length
	// where that is limited.
	Items              *Schema
	MinItems, MaxItems *int
	// Properties of an object, in the order of their declaration.
	Properties []Property
	// Values are what the members of an object are whose names are not known, a map's.
	Values      *Schema
	Description string
	Deprecated  bool
}

// A Property is a member of an object.
type Property struct {
	// Name is the member's, GoName the field's.
	Name, GoName string
	// Required says that the member is always there.
	Required bool
	Schema   *Schema
	// Pos is the field's declaration.
	Pos app.Pos
}

// A Definition is the schema of a named type.
type Definition struct {
	// Name is unique among the definitions of a [Builder] and, because it is made
	// from the type's own package and name, does not change as others come and go.
	Name   string
	Schema *Schema
	// Pos is the type's declaration.
	Pos app.Pos

	key  string // of the type
	mode Mode
}

// refs is where definitions are in a document, both AsyncAPI's and OpenAPI's.
const refs = "#/components/schemas/"

// Of returns what s says after its reference was followed: Nullable, Description
// and Deprecated are of s, the rest of the definition.
func (s *Schema) Of() Schema {
	out := *s
	for range 100 { // a type that is only a pointer to itself has no end
		if out.Ref == nil {
			break
		}
		next := *out.Ref.Schema
		next.Nullable = next.Nullable || out.Nullable
		if out.Description != "" {
			next.Description = out.Description
		}
		next.Deprecated = next.Deprecated || out.Deprecated
		out = next
	}
	return out
}

// Property returns the property called name.
func (s *Schema) Property(name string) (Property, bool) {
	for _, p := range s.Properties {
		if p.Name == name {
			return p, true
		}
	}
	return Property{}, false
}

// document is a schema in the order of its keywords.
type document struct {
	Ref             string      `json:"$ref,omitempty"`
	Description     string      `json:"description,omitempty"`
	Deprecated      bool        `json:"deprecated,omitempty"`
	Type            any         `json:"type,omitempty"`
	Format          string      `json:"format,omitempty"`
	ContentEncoding string      `json:"contentEncoding,omitempty"`
	Pattern         string      `json:"pattern,omitempty"`
	Const           string      `json:"const,omitempty"`
	Enum            []any       `json:"enum,omitempty"`
	Minimum         json.Number `json:"minimum,omitempty"`
	Maximum         json.Number `json:"maximum,omitempty"`
	Items           *Schema     `json:"items,omitempty"`
	MinItems        *int        `json:"minItems,omitempty"`
	MaxItems        *int        `json:"maxItems,omitempty"`
	Properties      properties  `json:"properties,omitempty"`
	Required        []string    `json:"required,omitempty"`
	Values          *Schema     `json:"additionalProperties,omitempty"`
	AllOf           []document  `json:"allOf,omitempty"`
	AnyOf           []document  `json:"anyOf,omitempty"`
}

// MarshalJSON writes s as a JSON Schema.
func (s *Schema) MarshalJSON() ([]byte, error) {
	d := document{Description: s.Description, Deprecated: s.Deprecated}
	if s.Ref != nil {
		ref := document{Ref: refs + s.Ref.Name}
		switch {
		case s.Nullable:
			d.AnyOf = []document{ref, {Type: "null"}}
		case d.Description != "" || d.Deprecated:
			d.AllOf = []document{ref}
		default:
			d = ref
		}
		return encode(d)
	}
	d.Type, d.Format, d.Pattern, d.ContentEncoding = s.Type, s.Format, s.Pattern, s.ContentEncoding
	switch {
	case s.Type == "":
		d.Type = nil
	case s.Nullable:
		d.Type = []string{s.Type, "null"}
	}
	d.Const = s.Const
	for _, value := range s.Enum {
		d.Enum = append(d.Enum, value)
	}
	if len(s.Enum) > 0 && s.Nullable {
		d.Enum = append(d.Enum, nil)
	}
	d.Minimum, d.Maximum = bounds(s.Format)
	d.Items, d.MinItems, d.MaxItems = s.Items, s.MinItems, s.MaxItems
	d.Properties, d.Values = s.Properties, s.Values
	for _, p := range s.Properties {
		if p.Required {
			d.Required = append(d.Required, p.Name)
		}
	}
	return encode(d)
}

// properties are written in their order, which a map would lose.
type properties []Property

// MarshalJSON writes the properties as one object.
func (ps properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range ps {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := encode(p.Name)
		if err != nil {
			return nil, err
		}
		schema, err := encode(p.Schema)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(schema)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode is json.Marshal that leaves <, > and & as they are: people read it.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
