package schema

import (
	"go/types"
)

// schema returns the schema of t, with a reference where t has a definition.
func (b *Builder) schema(t types.Type, mode Mode) *Schema {
	t = types.Unalias(t)
	if t == types.Typ[types.Invalid] { // which has every method there is
		return b.shape(t, mode)
	}
	if s := known(t); s != nil {
		return s
	}
	if pointer, ok := t.(*types.Pointer); ok {
		s := *b.schema(pointer.Elem(), mode)
		s.Nullable = true
		return &s
	}
	if s := custom(t, mode); s != nil {
		if named, ok := t.(*types.Named); ok {
			b.comment(s, named.Obj()) // the only thing that is known of it
		}
		return s
	}
	if named, ok := t.(*types.Named); ok {
		return b.named(named, mode)
	}
	return b.shape(t, mode)
}

// named returns the schema of a type that has a name.
func (b *Builder) named(t *types.Named, mode Mode) *Schema {
	values := b.enum(t)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if len(values) == 0 {
			s := b.shape(u, mode)
			b.comment(s, t.Obj())
			return s
		}
	case *types.Interface, *types.Chan, *types.Signature:
		return b.shape(u, mode)
	}
	// A nil map or slice is null where it is used; the definition says what it is else.
	ref := &Schema{Nullable: mode == Encoded && nilable(t)}
	key := definitionKey{types.TypeString(t, nil), mode}
	if d, found := b.definitions[key]; found {
		ref.Ref = d
		return ref
	}
	d := &Definition{Name: b.definitionName(t), Pos: b.Pos(t.Obj().Pos()), key: key.typ, mode: mode, Schema: new(Schema)}
	b.definitions[key] = d
	b.order = append(b.order, d)

	at, what := b.at, b.what
	b.at, b.what = t.Obj().Pos(), t.Obj().Name()
	s := b.shape(t.Underlying(), mode)
	b.at, b.what = at, what
	s.Nullable = false
	b.comment(s, t.Obj())
	if len(values) > 0 {
		s.Enum = nil
		for _, v := range values {
			s.Enum = append(s.Enum, v.text)
		}
		s.Description = withValues(s.Description, values)
	}
	*d.Schema = *s
	ref.Ref = d
	return ref
}

// shape returns the schema of a type without a name, or of what is below one.
func (b *Builder) shape(t types.Type, mode Mode) *Schema {
	switch t := t.(type) {
	case *types.Basic:
		return b.basic(t)
	case *types.Pointer, *types.Named, *types.Alias:
		return b.schema(t, mode)
	case *types.Slice:
		if isByte(t.Elem()) {
			return &Schema{Type: "string", ContentEncoding: "base64", Nullable: mode == Encoded}
		}
		return &Schema{Type: "array", Items: b.element(t.Elem(), mode), Nullable: mode == Encoded}
	case *types.Array:
		n := int(t.Len())
		s := &Schema{Type: "array", Items: b.element(t.Elem(), mode), MaxItems: &n}
		if mode == Encoded {
			s.MinItems = &n
		}
		return s
	case *types.Map:
		return b.mapping(t, mode)
	case *types.Struct:
		return b.object(t, mode)
	case *types.Interface:
		if mode == Decoded && !t.Empty() {
			b.report(b.at, "%s is an interface with methods, and nobody tells encoding/json which type to make. Name a concrete type", b.what)
		}
		return &Schema{}
	case *types.Chan, *types.Signature:
		b.unsupported(t)
		return &Schema{}
	}
	b.report(b.at, "%s is of a type that is not known, %s. Correct what the compiler says of it, and try again", b.what, t)
	return &Schema{}
}

// element describes what a list or a map holds.
func (b *Builder) element(t types.Type, mode Mode) *Schema {
	what := b.what
	b.what += "[]"
	s := b.schema(t, mode)
	b.what = what
	return s
}

func (b *Builder) mapping(t *types.Map, mode Mode) *Schema {
	if !isKey(t.Key(), mode) {
		b.report(b.at, "%s is a map with keys of type %s, which encoding/json cannot write. Keys can be strings, integers, or have MarshalText",
			b.what, b.typeName(t.Key()))
	}
	return &Schema{Type: "object", Values: b.element(t.Elem(), mode), Nullable: mode == Encoded}
}

// typeName is t as the project's own code would write it.
func (b *Builder) typeName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

func (b *Builder) unsupported(t types.Type) {
	b.report(b.at, "%s is a %s, which JSON cannot carry. Leave it out with the tag `json:\"-\"`, or give it another type",
		b.what, b.typeName(t))
}
