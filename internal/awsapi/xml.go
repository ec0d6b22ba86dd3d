package awsapi

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

const xmlType = "text/xml"

func (c *queryCodec) output(output any, p *plan) (string, []byte) {
	x := newXML()
	x.open(c.action+"Response", c.service.Namespace)
	if p.t.NumField() > 0 {
		x.open(c.action+"Result", "")
		x.fields(reflect.ValueOf(output).Elem(), p)
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
	x.Grow(1024)
	x.WriteString(`<?xml version="1.0"?>` + "\n")
	return x
}

func (x *xmlWriter) open(name, namespace string) {
	x.WriteByte('<')
	x.WriteString(name)
	if namespace != "" {
		x.WriteString(` xmlns="`)
		x.WriteString(namespace)
		x.WriteByte('"')
	}
	x.WriteByte('>')
}

func (x *xmlWriter) close(name string) {
	x.WriteString("</")
	x.WriteString(name)
	x.WriteByte('>')
}

func (x *xmlWriter) text(name, s string) {
	x.open(name, "")
	_ = xml.EscapeText(x, []byte(s)) // a Buffer does not fail
	x.close(name)
}

func (x *xmlWriter) fields(v reflect.Value, p *plan) {
	for i := range p.fields {
		f := &p.fields[i]
		value := v.FieldByIndex(f.index)
		switch {
		case f.plan.kind == reflect.Map:
			x.mapField(f, value)
		case f.plan.bytes(), f.plan.kind == reflect.String:
			if value.Len() > 0 {
				x.element(f.name, value, f.plan)
			}
		case f.plan.kind == reflect.Slice:
			x.listField(f, value)
		default:
			x.element(f.name, value, f.plan)
		}
	}
}

// element writes one value that is neither list nor map, and nothing for nil.
func (x *xmlWriter) element(name string, v reflect.Value, p *plan) {
	switch p.kind {
	case reflect.Pointer:
		if !v.IsNil() {
			x.element(name, v.Elem(), p.elem)
		}
	case reflect.Struct:
		if t, ok := reflect.TypeAssert[Timestamp](v); ok {
			x.text(name, t.String())
			return
		}
		x.open(name, "")
		x.fields(v, p)
		x.close(name)
	case reflect.String:
		x.text(name, v.String())
	case reflect.Int, reflect.Int32, reflect.Int64:
		x.text(name, strconv.FormatInt(v.Int(), 10))
	case reflect.Float64:
		x.text(name, strconv.FormatFloat(v.Float(), 'f', -1, 64))
	case reflect.Bool:
		x.text(name, strconv.FormatBool(v.Bool()))
	case reflect.Slice:
		if !p.bytes() {
			p.unknown(name)
		}
		x.text(name, base64.StdEncoding.EncodeToString(v.Bytes()))
	default:
		p.unknown(name)
	}
}

func (x *xmlWriter) listField(f *field, list reflect.Value) {
	name := f.name
	if !f.flat {
		name = "member"
		x.open(f.name, "")
		defer x.close(f.name)
	}
	for i := range list.Len() {
		x.element(name, list.Index(i), f.plan.elem)
	}
}

// mapField writes the entries of a map from strings in the order of their keys.
func (x *xmlWriter) mapField(f *field, values reflect.Value) {
	entry, key, value := f.name, "Name", "Value"
	if f.keyed {
		key = "Key"
	}
	if !f.flat {
		entry, key, value = "entry", "key", "value"
		x.open(f.name, "")
		defer x.close(f.name)
	}
	keys := values.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		x.open(entry, "")
		x.text(key, k.String())
		x.element(value, values.MapIndex(k), f.plan.elem)
		x.close(entry)
	}
}
