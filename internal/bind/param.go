package bind

import (
	"encoding"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

var (
	unmarshalerType     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	durationType        = reflect.TypeFor[time.Duration]()
)

// A param is a field that comes from the path, the query or a header.
type param struct {
	source, name string
	index        []int  // of the field, as for reflect.Value.FieldByIndex
	field        string // the name under which encoding/json would fill it
	slice        bool
	pointer      bool
	set          setter // of one value: the field's, its element's, or what it points to
}

// A setter parses s into v. Its error says what was expected.
type setter func(v reflect.Value, s string) error

func newParam(f reflect.StructField, source, name string, index []int) (param, error) {
	p := param{source: source, name: name, index: index, field: f.Name}
	if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "" {
		p.field = tag
	}
	t := f.Type
	if p.set = setterOf(t); p.set != nil {
		return p, nil
	}
	switch {
	case t.Kind() == reflect.Pointer:
		p.pointer = true
	case t.Kind() == reflect.Slice && source != "path":
		p.slice = true
	default:
		return p, fmt.Errorf("%s cannot be a %s parameter: %w", t, source, errUnsupported)
	}
	if p.set = setterOf(t.Elem()); p.set == nil {
		return p, fmt.Errorf("%s cannot be a %s parameter: %w", t, source, errUnsupported)
	}
	return p, nil
}

// bind sets the field in dst, also to zero: the body may have filled it, and must not.
func (p param) bind(r *http.Request, query url.Values, dst reflect.Value) []Problem {
	field := dst.FieldByIndex(p.index)
	field.SetZero()
	values := p.values(r, query)
	if len(values) == 0 {
		return nil
	}
	if !p.slice {
		values = values[:1]
	}
	for _, s := range values {
		v := field
		if p.slice || p.pointer {
			v = reflect.New(field.Type().Elem()).Elem()
		}
		if err := p.set(v, s); err != nil {
			return []Problem{{Field: p.name, Message: fmt.Sprintf("%v in the %s, got %s", err, p.source, quote(s))}}
		}
		switch {
		case p.slice:
			field.Set(reflect.Append(field, v))
		case p.pointer:
			field.Set(v.Addr())
		}
	}
	return nil
}

// quote shows s, or its beginning: the sender knows the rest.
func quote(s string) string {
	const most = 64
	if len(s) <= most {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:most], "")) + "..."
}

// values returns what the request has for p, nothing where it is absent.
func (p param) values(r *http.Request, query url.Values) []string {
	switch p.source {
	case "path":
		return []string{r.PathValue(p.name)}
	case "query":
		return query[p.name]
	}
	values := r.Header.Values(p.name)
	if !p.slice {
		return values
	}
	// A header may be repeated or hold a list, and API Gateway turns one into the other.
	var all []string
	for _, value := range values {
		for s := range strings.SplitSeq(value, ",") {
			if s = strings.TrimSpace(s); s != "" {
				all = append(all, s)
			}
		}
	}
	return all
}

// setterOf returns how one value of type t is parsed, or nil where it cannot be.
func setterOf(t reflect.Type) setter {
	if reflect.PointerTo(t).Implements(textUnmarshalerType) {
		return func(v reflect.Value, s string) error {
			if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)); err != nil {
				return fmt.Errorf("expected %s", describe(t, true))
			}
			return nil
		}
	}
	if t == durationType {
		return func(v reflect.Value, s string) error {
			d, err := time.ParseDuration(s)
			if err != nil {
				return fmt.Errorf(`expected a duration such as "1m30s"`)
			}
			v.SetInt(int64(d))
			return nil
		}
	}
	expected := func(err error) error {
		if err != nil {
			return fmt.Errorf("expected %s", describe(t, true))
		}
		return nil
	}
	switch t.Kind() {
	case reflect.String:
		return func(v reflect.Value, s string) error { v.SetString(s); return nil }
	case reflect.Bool:
		return func(v reflect.Value, s string) error {
			x, err := strconv.ParseBool(s)
			v.SetBool(x)
			return expected(err)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(v reflect.Value, s string) error {
			x, err := strconv.ParseInt(s, 10, t.Bits())
			v.SetInt(x)
			return expected(err)
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(v reflect.Value, s string) error {
			x, err := strconv.ParseUint(s, 10, t.Bits())
			v.SetUint(x)
			return expected(err)
		}
	case reflect.Float32, reflect.Float64:
		return func(v reflect.Value, s string) error {
			x, err := strconv.ParseFloat(s, t.Bits())
			v.SetFloat(x)
			return expected(err)
		}
	}
	return nil
}
