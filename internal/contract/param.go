package contract

import (
	"go/types"
	"reflect"
	"slices"

	"github.com/less-go/less/internal/schema"
)

// origin is where a field with this tag comes from, "" for the body.
func origin(tag string) string {
	for _, in := range []string{"path", "query", "header"} {
		if _, tagged := reflect.StructTag(tag).Lookup(in); tagged {
			return in
		}
	}
	return ""
}

// params reads the parameters of a request, as package bind does: those of the
// struct and of what is embedded in it.
func (r *reader) params(out *Route, s *types.Struct) {
	for i := range s.NumFields() {
		f, tag := s.Field(i), reflect.StructTag(s.Tag(i))
		if in := origin(s.Tag(i)); in != "" {
			out.Params = append(out.Params, r.param(f, in, tag.Get(in)))
			continue
		}
		inner, ok := f.Type().Underlying().(*types.Struct)
		if ok && f.Embedded() && tag.Get("json") == "" {
			r.params(out, inner)
		}
	}
}

func (r *reader) param(f *types.Var, in, name string) Param {
	p := Param{
		In: in, Name: name, GoName: f.Name(), Required: in == "path", Pos: r.types.Pos(f.Pos()),
		Description: schema.Describe(r.types.Comment(f)),
	}
	t := types.Unalias(f.Type())
	if p.Schema = r.paramSchema(t, f); p.Schema != nil {
		return p
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		p.Schema = r.paramSchema(u.Elem(), f)
	case *types.Slice:
		if item := r.paramSchema(u.Elem(), f); item != nil && in != "path" {
			p.Schema = &schema.Schema{Type: "array", Items: item}
		}
	}
	if p.Schema == nil {
		r.types.Report(f.Pos(), "%s is a %s and cannot be a %s parameter. One can be a string, a number, a bool, a time.Duration, "+
			"an encoding.TextUnmarshaler, a pointer to one of them, and, except in the path, a slice of them", f.Name(), typeName(t), in)
		p.Schema = &schema.Schema{}
	}
	return p
}

// paramSchema describes one value of type t as text, or returns nil where there is none.
func (r *reader) paramSchema(t types.Type, f *types.Var) *schema.Schema {
	t = types.Unalias(t)
	if typeName(t) == "time.Duration" {
		return &schema.Schema{
			Type: "string", Pattern: `^[-+]?([0-9.]+(ns|us|µs|ms|s|m|h))+$|^[-+]?0$`,
			Description: `a duration such as "1m30s"`,
		}
	}
	basic, ok := t.Underlying().(*types.Basic)
	isText := schema.IsText(t)
	if !isText && (!ok || basic.Info()&(types.IsString|types.IsBoolean|types.IsInteger|types.IsFloat) == 0 || basic.Kind() == types.Uintptr) {
		return nil
	}
	s := r.types.Type(t, schema.Decoded, f.Name(), f.Pos())
	if isText && s.Of().Type == "" { // it has a method for JSON as well, which is not used here
		return &schema.Schema{Type: "string"}
	}
	return s
}

// missingParams adds the parameters of the path that the request does not name.
func (r *reader) missingParams(out *Route) {
	for _, name := range pathNames(out.Path) {
		named := func(p Param) bool { return p.In == "path" && p.Name == name }
		if !slices.ContainsFunc(out.Params, named) {
			out.Params = append(out.Params, Param{In: "path", Name: name, Required: true, Schema: &schema.Schema{Type: "string"}, Pos: out.Pos})
		}
	}
}
