package schema

import (
	"go/token"
	"go/types"
)

// object describes a struct.
func (b *Builder) object(t *types.Struct, mode Mode) *Schema {
	return b.members(t, mode, func(string) bool { return false })
}

// Object describes a struct as [Builder.Type] does, but in place and without the
// fields for whose tag without is true: those that do not come from the body.
func (b *Builder) Object(t *types.Struct, mode Mode, what string, pos token.Pos, without func(tag string) bool) *Schema {
	b.at, b.what = pos, what
	return b.members(t, mode, without)
}

func (b *Builder) members(t *types.Struct, mode Mode, without func(tag string) bool) *Schema {
	s := &Schema{Type: "object"}
	for _, f := range fieldsOf(t) {
		if without(f.rawTag) {
			continue
		}
		if p, ok := b.property(f, mode); ok {
			s.Properties = append(s.Properties, p)
		}
	}
	return s
}

func (b *Builder) property(f field, mode Mode) (Property, bool) {
	at, what := b.at, b.what
	defer func() { b.at, b.what = at, what }()
	b.what += "." + f.v.Name()
	if f.v.Pos().IsValid() {
		b.at = f.v.Pos()
	}
	if mode == Decoded && f.unreachable {
		b.report(b.at, "%s is embedded by pointer to a type that is not exported, which encoding/json cannot fill. Embed it by value", b.what)
		return Property{}, false
	}
	own := *b.schema(f.v.Type(), mode)
	s := &own
	if f.quoted {
		s = quoted(s)
	}
	if mode == Encoded && f.neverNull() {
		s.Nullable = false
	}
	if text := b.comments.of(f.v); text != "" {
		s.Description, s.Deprecated = describe(text)
	}
	return Property{Name: f.name, GoName: f.v.Name(), Required: f.required(mode), Schema: s, Pos: b.Pos(f.v.Pos())}, true
}

func (b *Builder) comment(s *Schema, obj types.Object) {
	if text := b.comments.of(obj); text != "" {
		s.Description, s.Deprecated = describe(text)
	}
}

// Underlying returns the struct below t and pointers to it, or nil.
func Underlying(t types.Type) *types.Struct {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	s, _ := t.Underlying().(*types.Struct)
	return s
}
