package awsapi

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth is how many dots a field's name may have. AWS's deepest is
// PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue.
const maxDepth = 12

// A queryCodec is the query protocol: a form in, XML out.
type queryCodec struct {
	service   *Service
	action    string
	requestID string
	form      form
}

func (c *queryCodec) decode(input any, p *plan) *Error {
	for i := range c.form {
		f := &c.form[i]
		if !utf8.ValidString(f.value) {
			return Errorf("MalformedQueryString", "The value of %s is not valid UTF-8.", f.name)
		}
		if strings.Count(f.name, ".") > maxDepth {
			return Errorf("MalformedQueryString", "The field name %s is too deep.", f.name)
		}
	}
	return p.fill(reflect.ValueOf(input).Elem(), "", c.form, 0)
}

// fill sets v, which the form knows as name, to what its fields say, whose names
// are read up to start.
func (p *plan) fill(v reflect.Value, name string, fields form, start int) *Error {
	switch p.kind {
	case reflect.Pointer:
		v.Set(reflect.New(p.elem.t))
		return p.elem.fill(v.Elem(), name, fields, start)
	case reflect.Struct:
		return p.fillStruct(v, fields, start)
	case reflect.Map:
		return p.fillMap(v, name, fields, start)
	case reflect.Slice:
		if !p.bytes() {
			return p.fillList(v, name, fields, start)
		}
	}
	return p.fillScalar(v, name, fields.value(start))
}

func (p *plan) fillStruct(v reflect.Value, fields form, start int) *Error {
	fields.group(start)
	for len(fields) > 0 {
		run, part, next := fields.run(start)
		fields = fields[len(run):]
		f := p.byName[part]
		if f == nil {
			continue
		}
		if e := f.plan.fill(v.FieldByIndex(f.index), f.name, run, next); e != nil {
			return e
		}
	}
	return nil
}

func (p *plan) fillList(v reflect.Value, name string, fields form, start int) *Error {
	elements, start, count := fields.elements(start)
	v.Set(reflect.MakeSlice(p.t, count, count))
	for i := range count {
		var element form
		element, elements = elements.element()
		_, next := element[0].part(start)
		if e := p.elem.fill(v.Index(i), name, element, next); e != nil {
			return e
		}
	}
	return nil
}

func (p *plan) fillMap(v reflect.Value, name string, fields form, start int) *Error {
	elements, start, count := fields.elements(start)
	v.Set(reflect.MakeMapWithSize(p.t, count))
	if count == 0 {
		return nil
	}
	key, value := reflect.New(p.t.Key()).Elem(), reflect.New(p.elem.t).Elem()
	for range count {
		var entry form
		entry, elements = elements.element()
		_, next := entry[0].part(start)
		entry.group(next)
		keyFields, afterKey := entry.below(next, "Name", "Key", "key")
		if keyFields == nil {
			return Errorf("MissingParameter", "The request must contain the name of every entry of %s.", name)
		}
		key.SetString(keyFields.value(afterKey))
		value.SetZero()
		if valueFields, next := entry.below(next, "Value", "value"); valueFields != nil {
			if e := p.elem.fill(value, name, valueFields, next); e != nil {
				return e
			}
		}
		v.SetMapIndex(key, value)
	}
	return nil
}

func (p *plan) fillScalar(v reflect.Value, name, text string) *Error {
	switch p.kind {
	case reflect.String:
		v.SetString(text)
	case reflect.Slice:
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return invalidField(name, text, "Must be Base64")
		}
		v.SetBytes(decoded)
	case reflect.Int, reflect.Int32, reflect.Int64:
		// AWS's integer has 32 bits; its long is an int64 here.
		bits := 32
		if p.kind == reflect.Int64 {
			bits = 64
		}
		i, err := strconv.ParseInt(text, 10, bits)
		if err != nil {
			return invalidField(name, text, "Must be an integer")
		}
		v.SetInt(i)
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return invalidField(name, text, "Must be a number")
		}
		v.SetFloat(f)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return invalidField(name, text, "Must be true or false")
		}
		v.SetBool(b)
	default:
		p.unknown(name)
	}
	return nil
}

func invalidField(name, value, reason string) *Error {
	return Errorf("InvalidParameterValue", "Value %s for parameter %s is invalid. Reason: %s.", value, name, reason)
}
