package awsapi

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

const xmlType = "text/xml"

// A field is a field of an input or output as the query protocol sees it.
type field struct {
	name string
	// flat says that the elements of a list or map have no element around them, and
	// keyed that they have none and that a map's have a Key instead of a Name.
	flat, keyed bool
	value       reflect.Value
}

// fieldsOf yields the fields of the struct v, those of embedded structs among them.
func fieldsOf(v reflect.Value) iter.Seq[field] {
	return func(yield func(field) bool) {
		for sf, value := range v.Fields() {
			if sf.Anonymous {
				for f := range fieldsOf(value) {
					if !yield(f) {
						return
					}
				}
				continue
			}
			f := field{name: sf.Name, value: value}
			if name, _, _ := strings.Cut(sf.Tag.Get("json"), ","); name != "" {
				f.name = name
			}
			name, option, _ := strings.Cut(sf.Tag.Get("query"), ",")
			if name != "" {
				f.name = name
			}
			f.keyed = option == "keyed"
			f.flat = f.keyed || option == "flat"
			if !yield(f) {
				return
			}
		}
	}
}

func (c *queryCodec) output(output any) (string, []byte) {
	x := newXML()
	x.open(c.action+"Response", c.service.Namespace)
	if v := reflect.ValueOf(output).Elem(); v.NumField() > 0 {
		x.open(c.action+"Result", "")
		x.fields(v)
		x.close(c.action + "Result")
	}
	x.open("ResponseMetadata", "")
	x.text("RequestId", c.requestID)
	x.close("ResponseMetadata")
	x.close(c.action + "Response")
	return xmlType, x.Bytes()
}

func (c *queryCodec) failure(e *Error) (string, []byte) {
	message := e.Message
	if e.QueryMessage != "" {
		message = e.QueryMessage
	}
	x := newXML()
	x.open("ErrorResponse", c.service.Namespace)
	x.open("Error", "")
	x.text("Type", e.fault())
	x.text("Code", e.InQuery())
	x.text("Message", message)
	if c.service.ErrorDetail {
		x.text("Detail", "")
	}
	x.close("Error")
	x.text("RequestId", c.requestID)
	x.close("ErrorResponse")
	return xmlType, x.Bytes()
}

// An xmlWriter writes elements. Names are ours, texts are escaped.
type xmlWriter struct{ bytes.Buffer }

func newXML() *xmlWriter {
	x := &xmlWriter{}
	x.WriteString(`<?xml version="1.0"?>` + "\n")
	return x
}

func (x *xmlWriter) open(name, namespace string) {
	x.WriteString("<" + name)
	if namespace != "" {
		x.WriteString(` xmlns="` + namespace + `"`)
	}
	x.WriteByte('>')
}

func (x *xmlWriter) close(name string) { x.WriteString("</" + name + ">") }

func (x *xmlWriter) text(name, s string) {
	x.open(name, "")
	_ = xml.EscapeText(x, []byte(s)) // a Buffer does not fail
	x.close(name)
}

func (x *xmlWriter) fields(v reflect.Value) {
	for f := range fieldsOf(v) {
		switch f.value.Kind() {
		case reflect.Map:
			x.mapField(f)
		case reflect.Slice:
			x.listField(f)
		case reflect.Pointer:
			if !f.value.IsNil() {
				x.element(f.name, f.value.Elem())
			}
		case reflect.String:
			if f.value.Len() > 0 {
				x.element(f.name, f.value)
			}
		default:
			x.element(f.name, f.value)
		}
	}
}

// element writes one value that is neither list nor map.
func (x *xmlWriter) element(name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		x.open(name, "")
		x.fields(v)
		x.close(name)
	case reflect.String:
		x.text(name, v.String())
	case reflect.Int:
		x.text(name, strconv.FormatInt(v.Int(), 10))
	case reflect.Bool:
		x.text(name, strconv.FormatBool(v.Bool()))
	default:
		panic("awsapi: the query protocol has no " + v.Type().String() + " for " + name)
	}
}

func (x *xmlWriter) listField(f field) {
	switch {
	case f.value.Type().Elem().Kind() == reflect.Uint8:
		if f.value.Len() > 0 {
			x.text(f.name, base64.StdEncoding.EncodeToString(f.value.Bytes()))
		}
	case f.flat:
		for _, element := range f.value.Seq2() {
			x.element(f.name, element)
		}
	default:
		x.open(f.name, "")
		for _, element := range f.value.Seq2() {
			x.element("member", element)
		}
		x.close(f.name)
	}
}

// mapField writes the entries of a map from strings in the order of their keys.
func (x *xmlWriter) mapField(f field) {
	entry, key, value := f.name, "Name", "Value"
	if f.keyed {
		key = "Key"
	}
	if !f.flat {
		entry, key, value = "entry", "key", "value"
		x.open(f.name, "")
		defer x.close(f.name)
	}
	values := f.value
	names := make([]string, 0, values.Len())
	for _, name := range values.MapKeys() {
		names = append(names, name.String())
	}
	for _, name := range slices.Sorted(slices.Values(names)) {
		x.open(entry, "")
		x.text(key, name)
		x.element(value, values.MapIndex(reflect.ValueOf(name)))
		x.close(entry)
	}
}
