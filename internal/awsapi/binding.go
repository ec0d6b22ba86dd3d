package awsapi

import (
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The places outside the JSON body where REST-JSON puts a field.
const (
	placePath    = "path"
	placeQuery   = "query"
	placeHeader  = "header"
	placePayload = "payload"
	placeStatus  = "status"
)

// A binding is a field of an input or output with a rest tag: its index, and
// where it travels.
type binding struct {
	index       []int
	place, name string
}

// fitsInput says whether an input can have a field of type t in place.
func fitsInput(place string, t reflect.Type) bool {
	switch place {
	case placePayload:
		return t == reflect.TypeFor[[]byte]()
	case placeStatus:
		return false
	case placeQuery:
		if t == reflect.TypeFor[[]string]() {
			return true
		}
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.String || t.Kind() == reflect.Int || t.Kind() == reflect.Bool
}

// fitsOutput says so of an output.
func fitsOutput(place string, t reflect.Type) bool {
	switch place {
	case placeHeader:
		return t.Kind() == reflect.String
	case placePayload:
		return t == reflect.TypeFor[[]byte]()
	case placeStatus:
		return t.Kind() == reflect.Int
	}
	return false
}

// bindingsOf reads the rest tags of a struct, those of embedded structs included.
// A tag that makes no sense panics, and so does a field that does not fit its place.
func bindingsOf(t reflect.Type, fits func(place string, t reflect.Type) bool) []binding {
	var out []binding
	for _, f := range reflect.VisibleFields(t) {
		tag, tagged := f.Tag.Lookup("rest")
		if !tagged {
			continue
		}
		b := binding{index: f.Index}
		b.place, b.name, _ = strings.Cut(tag, "=")
		culprit := "awsapi: " + t.String() + "." + f.Name
		if f.Tag.Get("json") != "-" {
			panic(culprit + ` has a rest tag and needs json:"-"`)
		}
		switch b.place {
		case placePath, placeQuery, placeHeader:
			if b.name == "" {
				panic(culprit + " has a rest tag without a name")
			}
		case placePayload, placeStatus:
		default:
			panic(culprit + " has the rest tag " + tag)
		}
		if !fits(b.place, f.Type) {
			panic(culprit + " cannot be a " + f.Type.String() + " in the " + b.place)
		}
		out = append(out, b)
	}
	return out
}

// set sets the field of the input v to what a request says of it; no values leave it.
func (b binding) set(v reflect.Value, values []string) *Error {
	if len(values) == 0 {
		return nil
	}
	for _, value := range values {
		if !utf8.ValidString(value) {
			return Errorf("SerializationException", "The value of %s is not valid UTF-8.", b.name)
		}
	}
	field := v.FieldByIndex(b.index)
	if field.Kind() == reflect.Slice {
		field.Set(reflect.ValueOf(values))
		return nil
	}
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	switch value := values[0]; field.Kind() {
	case reflect.String:
		field.SetString(value)
	case reflect.Int:
		i, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			return Errorf("SerializationException", "The value %q of %s is not an integer.", value, b.name)
		}
		field.SetInt(i)
	case reflect.Bool:
		t, err := strconv.ParseBool(value)
		if err != nil {
			return Errorf("SerializationException", "The value %q of %s is not a boolean.", value, b.name)
		}
		field.SetBool(t)
	}
	return nil
}
