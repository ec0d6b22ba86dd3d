package schema

import (
	"go/token"
	"go/types"
)

// The interfaces that encoding/json asks for.
var (
	marshaler       = method("MarshalJSON", nil, byteSlice, failure)
	unmarshaler     = method("UnmarshalJSON", byteSlice, failure)
	textMarshaler   = method("MarshalText", nil, byteSlice, failure)
	textUnmarshaler = method("UnmarshalText", byteSlice, failure)
	zeroer          = method("IsZero", nil, types.Typ[types.Bool])
)

var (
	byteSlice = types.NewSlice(types.Typ[types.Byte])
	failure   = types.Universe.Lookup("error").Type()
)

// method returns the interface with one method, which takes param unless it is nil.
func method(name string, param types.Type, results ...types.Type) *types.Interface {
	variables := func(list ...types.Type) *types.Tuple {
		var vars []*types.Var
		for _, t := range list {
			if t != nil {
				vars = append(vars, types.NewParam(token.NoPos, nil, "", t))
			}
		}
		return types.NewTuple(vars...)
	}
	signature := types.NewSignatureType(nil, nil, nil, variables(param), variables(results...), false)
	return types.NewInterfaceType([]*types.Func{types.NewFunc(token.NoPos, nil, name, signature)}, nil).Complete()
}

func has(t types.Type, i *types.Interface) bool { return types.Implements(t, i) }

// IsText says whether t is read from text, by a method of it or of a pointer to it.
func IsText(t types.Type) bool {
	return has(t, textUnmarshaler) || has(types.NewPointer(t), textUnmarshaler)
}

// IsCustom says whether t reads JSON in its own way.
func IsCustom(t types.Type) bool { return has(t, unmarshaler) || has(types.NewPointer(t), unmarshaler) }

// known returns the schema of a type whose methods would only say that it is
// special, though everybody knows what it is.
func known(t types.Type) *Schema {
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return nil
	}
	switch named.Obj().Pkg().Path() + "." + named.Obj().Name() {
	case "time.Time":
		return &Schema{Type: "string", Format: "date-time"}
	case "time.Duration":
		return &Schema{Type: "integer", Format: "int64", Description: "nanoseconds"}
	case "encoding/json.Number":
		return &Schema{Type: "number"}
	case "encoding/json.RawMessage":
		return &Schema{}
	case "math/big.Int":
		return &Schema{Type: "integer"}
	case "github.com/google/uuid.UUID":
		return &Schema{Type: "string", Format: "uuid"}
	}
	return nil
}

// custom returns the schema of a type with a method for JSON or text, or nil.
func custom(t types.Type, mode Mode) *Schema {
	if _, ok := t.Underlying().(*types.Interface); ok {
		return nil
	}
	pointer := types.NewPointer(t)
	if mode == Decoded {
		switch {
		case has(pointer, unmarshaler):
			return &Schema{}
		case has(pointer, textUnmarshaler):
			return &Schema{Type: "string"}
		}
		return nil
	}
	switch {
	case has(t, marshaler):
		return &Schema{}
	case has(t, textMarshaler) && !has(pointer, marshaler):
		return &Schema{Type: "string"}
	case has(pointer, marshaler), has(pointer, textMarshaler):
		// encoding/json calls the method only where the value has an address, so it
		// depends on the place what is written.
		return &Schema{}
	}
	return nil
}

// nilable says whether a t can be nil, which encoding/json writes as null.
func nilable(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Interface:
		return true
	}
	return false
}
