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

// bindingsOf reads the rest tags of a struct, those of embedded structs included.
func bindingsOf(t reflect.Type) []binding {
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
		case placePayload:
			if f.Type != reflect.TypeFor[[]byte]() {
				panic(culprit + " is a payload and no []byte")
			}
		case placeStatus:
			if f.Type.Kind() != reflect.Int {
				panic(culprit + " is a status and no int")
			}
		default:
			panic(culprit + " has the rest tag " + tag)
		}
		out = append(out, b)
	}
	return out
}

// set sets the field of v to what a request says of it; no values leave it.
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
	default:
		panic("awsapi: REST has no " + field.Type().String() + " for " + b.name)
	}
	return nil
}
