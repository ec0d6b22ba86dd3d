package schema

import (
	"encoding/json"
	"go/types"
)

// formats are the formats of Go's numbers, as the OpenAPI registry calls them.
var formats = map[types.BasicKind]string{
	types.Int:     "int64", // functions run on 64 bits
	types.Int8:    "int8",
	types.Int16:   "int16",
	types.Int32:   "int32",
	types.Int64:   "int64",
	types.Uint:    "uint64",
	types.Uint8:   "uint8",
	types.Uint16:  "uint16",
	types.Uint32:  "uint32",
	types.Uint64:  "uint64",
	types.Uintptr: "uint64",
	types.Float32: "float",
	types.Float64: "double",
}

// bounds are the limits of a format. Those of 64 bits are left out: they are more
// than most readers of JSON can hold.
func bounds(format string) (low, high json.Number) {
	switch format {
	case "int8":
		return "-128", "127"
	case "int16":
		return "-32768", "32767"
	case "int32":
		return "-2147483648", "2147483647"
	case "uint8":
		return "0", "255"
	case "uint16":
		return "0", "65535"
	case "uint32":
		return "0", "4294967295"
	case "uint64":
		return "0", ""
	}
	return "", ""
}

func (b *Builder) basic(t *types.Basic) *Schema {
	switch info := t.Info(); {
	case info&types.IsBoolean != 0:
		return &Schema{Type: "boolean"}
	case info&types.IsString != 0:
		return &Schema{Type: "string"}
	case info&types.IsInteger != 0:
		return &Schema{Type: "integer", Format: formats[t.Kind()]}
	case info&types.IsFloat != 0:
		return &Schema{Type: "number", Format: formats[t.Kind()]}
	case t.Kind() == types.Invalid:
		b.report(b.at, "%s is of a type that does not compile. Correct what the compiler says of it, and try again", b.what)
		return &Schema{}
	}
	b.unsupported(t)
	return &Schema{}
}

// quoted is what the option string of a json tag makes of s.
func quoted(s *Schema) *Schema {
	kind := s.Of()
	out := &Schema{Type: "string", Nullable: s.Nullable, Description: s.Description}
	switch kind.Type {
	case "boolean":
		out.Enum = []string{"true", "false"}
	case "integer":
		out.Pattern = "^-?[0-9]+$"
	case "number":
		out.Pattern = "^-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?$"
	case "string":
		out.Pattern = `^".*"$` // JSON in JSON
	}
	return out
}

func isByte(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Kind() == types.Uint8 && !has(types.NewPointer(t), marshaler) && !has(types.NewPointer(t), textMarshaler)
}

// isKey says whether encoding/json can write, or read, t as the key of a map.
func isKey(t types.Type, mode Mode) bool {
	if basic, ok := t.Underlying().(*types.Basic); ok && basic.Info()&(types.IsString|types.IsInteger) != 0 {
		return true
	}
	if mode == Decoded {
		return has(types.NewPointer(t), textUnmarshaler)
	}
	return has(t, textMarshaler)
}
