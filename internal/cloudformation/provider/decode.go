package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/template"
)

// Decode reads the properties of a resource into a T, as leniently as CloudFormation: a number may be a text and a text a number. Its error
// is a [*Failure] with all that is wrong.
func Decode[T any](logicalID string, properties map[string]any) (T, error) {
	var out T
	d := decoder{}
	d.value(shapeOf(reflect.TypeFor[T]()), reflect.ValueOf(&out).Elem(), properties, "#")
	if len(d.problems) > 0 {
		return out, Invalid("%s", Explain(logicalID, d.problems))
	}
	return out, nil
}

// Explain says in AWS's words that the properties of a resource have problems.
func Explain(logicalID string, problems []string) string {
	return "Properties validation failed for resource " + logicalID + " with message:\n" + strings.Join(problems, "\n")
}

// A decoder collects what is wrong. Its zero value is ready.
type decoder struct{ problems []string }

func (d *decoder) check(s *shape, v any) {
	d.value(s, reflect.New(s.t).Elem(), v, "#")
}

func (d *decoder) fail(path, format string, args ...any) {
	d.problems = append(d.problems, path+": "+fmt.Sprintf(format, args...))
}

// value sets out, of the shape s, to v, which is found at path.
func (d *decoder) value(s *shape, out reflect.Value, v any, path string) {
	if _, unknown := v.(template.Unknown); unknown {
		return
	}
	switch s.kind {
	case reflect.Pointer:
		out.Set(reflect.New(s.elem.t))
		d.value(s.elem, out.Elem(), v, path)
	case reflect.Interface:
		out.Set(reflect.ValueOf(&v).Elem())
	case reflect.Struct:
		d.object(s, out, v, path)
	case reflect.Map:
		object, ok := v.(map[string]any)
		if !ok {
			d.fail(path, "expected type: JSONObject, found: %s", typeName(v))
			return
		}
		out.Set(reflect.MakeMapWithSize(s.t, len(object)))
		for _, key := range slices.Sorted(maps.Keys(object)) {
			element := reflect.New(s.elem.t).Elem()
			d.value(s.elem, element, object[key], path+"/"+key)
			out.SetMapIndex(reflect.ValueOf(key).Convert(s.t.Key()), element)
		}
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			list = []any{v} // CloudFormation takes one for a list of one
		}
		out.Set(reflect.MakeSlice(s.t, len(list), len(list)))
		for i, element := range list {
			d.value(s.elem, out.Index(i), element, path+"/"+strconv.Itoa(i))
		}
	default:
		d.scalar(s, out, v, path)
	}
}

func (d *decoder) object(s *shape, out reflect.Value, v any, path string) {
	object, ok := v.(map[string]any)
	if !ok {
		d.fail(path, "expected type: JSONObject, found: %s", typeName(v))
		return
	}
	for _, name := range s.names() {
		if _, has := object[name]; !has && s.fields[name].required {
			d.fail(path, "required key [%s] not found", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		p := s.fields[name]
		if p == nil {
			d.fail(path, "extraneous key [%s] is not permitted%s", name, s.hint(name))
			continue
		}
		d.value(p.shape, out.Field(p.index), object[name], path+"/"+name)
	}
}

func (d *decoder) scalar(s *shape, out reflect.Value, v any, path string) {
	text, ok := template.Text(v)
	if !ok {
		d.fail(path, "expected type: %s, found: %s", scalarName(s.kind), typeName(v))
		return
	}
	var err error
	switch s.kind {
	case reflect.String:
		out.SetString(text)
	case reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(strings.ToLower(text)); len(text) < len("true") {
			err = strconv.ErrSyntax // "1" is none
		}
		out.SetBool(b)
	case reflect.Int, reflect.Int64:
		var i int64
		if i, err = strconv.ParseInt(text, 10, 64); err != nil {
			// 3.0 is an integer.
			f, ferr := strconv.ParseFloat(text, 64)
			if i = int64(f); ferr == nil && float64(i) == f {
				err = nil
			}
		}
		out.SetInt(i)
	case reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(text, 64)
		out.SetFloat(f)
	}
	if err != nil {
		d.fail(path, "expected type: %s, found: %s", scalarName(s.kind), typeName(v))
	}
}

func scalarName(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "Boolean"
	case reflect.Int, reflect.Int64:
		return "Integer"
	case reflect.Float64:
		return "Number"
	}
	return "String"
}

// typeName is what a refusal calls the type of v.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "Null"
	case map[string]any:
		return "JSONObject"
	case []any:
		return "JSONArray"
	case bool:
		return "Boolean"
	case json.Number, float64, int:
		return "Number"
	}
	return "String"
}
