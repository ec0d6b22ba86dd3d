package schema

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/less-go/less/internal/app"
)

// A Mode is who writes the JSON.
type Mode string

// The modes.
const (
	// Encoded is what encoding/json writes.
	Encoded Mode = "encoded"
	// Decoded is what encoding/json reads.
	Decoded Mode = "decoded"
)

// A Builder makes schemas of the types of a program. It is not safe for
// concurrent use.
type Builder struct {
	fset     *token.FileSet
	dir      string // of the project, with a separator at its end
	module   string
	comments comments

	definitions map[definitionKey]*Definition
	order       []*Definition
	problems    Problems
	// at is where the type is mentioned that is being described, for problems, and
	// what is the path to it.
	at   token.Pos
	what string
}

type definitionKey struct {
	typ  string
	mode Mode
}

// New returns a Builder for the types of pkgs and what they import. Comments are
// read from those that were loaded with their syntax. Positions are relative to
// dir, the project's folder, and names of definitions to module, its module path.
func New(pkgs []*packages.Package, dir, module string) *Builder {
	b := &Builder{
		dir:         strings.TrimSuffix(dir, "/") + "/",
		module:      module,
		definitions: map[definitionKey]*Definition{},
		fset:        token.NewFileSet(),
	}
	if len(pkgs) > 0 {
		b.fset = pkgs[0].Fset
	}
	b.comments = readComments(b.fset, pkgs)
	return b
}

// Type returns the schema of t. Problems call it what, "Message", and point at
// pos unless a field has a place of its own.
func (b *Builder) Type(t types.Type, mode Mode, what string, pos token.Pos) *Schema {
	b.at, b.what = pos, what
	return b.schema(t, mode)
}

// Finish names the definitions and returns them in the order of their names. The
// error, if any, is a [Problems].
func (b *Builder) Finish() ([]*Definition, error) {
	out := b.name()
	if len(b.problems) > 0 {
		return nil, b.problems.sorted()
	}
	return out, nil
}

// Pos is pos as a place in the project. What was read from export data, made with
// -trimpath, has the module's path instead of its folder's.
func (b *Builder) Pos(pos token.Pos) app.Pos {
	if !pos.IsValid() {
		return ""
	}
	p := b.fset.PositionFor(pos, false)
	return app.Pos(fmt.Sprintf("%s:%d", strings.TrimPrefix(strings.TrimPrefix(p.Filename, b.dir), b.module+"/"), p.Line))
}

// Comment is what is said above the declaration of obj.
func (b *Builder) Comment(obj types.Object) string { return b.comments.of(obj) }

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

// object describes a struct.
func (b *Builder) object(t *types.Struct, mode Mode) *Schema {
	s := &Schema{Type: "object"}
	for _, f := range fieldsOf(t) {
		if p, ok := b.property(f, mode); ok {
			s.Properties = append(s.Properties, p)
		}
	}
	return s
}

// Object describes a struct as [Builder.Type] does, but in place and without the
// fields for which without is true: those that do not come from the body.
func (b *Builder) Object(t *types.Struct, mode Mode, what string, pos token.Pos, without func(tag string) bool) *Schema {
	b.at, b.what = pos, what
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

// typeName is t as the project's own code would write it.
func (b *Builder) typeName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

func (b *Builder) unsupported(t types.Type) {
	b.report(b.at, "%s is a %s, which JSON cannot carry. Leave it out with the tag `json:\"-\"`, or give it another type",
		b.what, b.typeName(t))
}

// Underlying returns the struct below t and pointers to it, or nil.
func Underlying(t types.Type) *types.Struct {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	s, _ := t.Underlying().(*types.Struct)
	return s
}

// sortDefinitions brings definitions into the order of their names.
func sortDefinitions(list []*Definition) {
	slices.SortFunc(list, func(a, b *Definition) int { return strings.Compare(a.Name, b.Name) })
}
