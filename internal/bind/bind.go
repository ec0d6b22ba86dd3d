// Package bind fills a Go value from an HTTP request: fields tagged path, query
// or header from there, the rest from the JSON body. It reports everything that
// is wrong with a request at once, in words for whoever sent it.
package bind

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// A Problem is one thing that is wrong with a request.
type Problem struct {
	// Field is the parameter or the JSON field, "items.price", or "" for the body as a whole.
	Field string
	// Message says what was expected and what was found.
	Message string
}

// A Binder fills values of one type. It is safe for concurrent use.
type Binder struct {
	t       reflect.Type // never a pointer
	pointer bool         // the values are pointers to t
	params  []param
	body    bool // t takes something from the body
}

// New returns a Binder for values of type t: a struct, a pointer to one, or any
// other type, which is then the JSON body as a whole. A tag that cannot work is
// an error that names the field.
func New(t reflect.Type) (*Binder, error) {
	b := &Binder{t: t}
	if t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct {
		b.t, b.pointer = t.Elem(), true
	}
	if b.t.Kind() != reflect.Struct {
		b.body = true
		return b, nil
	}
	if err := b.scan(b.t, nil); err != nil {
		return nil, fmt.Errorf("%s: %w", b.t, err)
	}
	if reflect.PointerTo(b.t).Implements(unmarshalerType) {
		b.body = true // it reads the body in its own way, whatever its fields are
	}
	return b, nil
}

// scan collects the fields of t, a struct that is embedded at index in the whole.
func (b *Binder) scan(t reflect.Type, index []int) error {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(slices.Clip(index), i)
		source, name, err := tagOf(f)
		switch {
		case err != nil:
			return err
		case source != "":
			p, err := newParam(f, source, name, at)
			if err != nil {
				return fmt.Errorf("field %s: %w", f.Name, err)
			}
			b.params = append(b.params, p)
		case f.Tag.Get("json") == "-":
		case f.Anonymous && f.Type.Kind() == reflect.Struct && f.Tag.Get("json") == "":
			if err := b.scan(f.Type, at); err != nil {
				return err
			}
		case f.Anonymous && f.Type.Kind() == reflect.Pointer && hasParams(f.Type.Elem()):
			return fmt.Errorf("field %s is embedded by pointer, but has path, query or header tags: embed it by value", f.Name)
		case f.IsExported():
			b.body = true
		}
	}
	return nil
}

// hasParams says whether a field of t, a struct, comes from outside the body.
func hasParams(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for field := range t.Fields() {
		if source, _, err := tagOf(field); source != "" || err != nil {
			return true
		}
	}
	return false
}

// Bind fills v, a pointer to a value of the Binder's type, from r. Problems are
// the sender's; an error means that the body could not be read.
func (b *Binder) Bind(r *http.Request, v any) ([]Problem, error) {
	dst := reflect.ValueOf(v).Elem()
	if b.pointer {
		dst.Set(reflect.New(b.t))
		dst = dst.Elem()
	}
	var problems []Problem
	if b.body {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		problems = b.bindBody(r.Method, data, dst)
	}
	query := r.URL.Query()
	for _, p := range b.params {
		problems = append(problems, p.bind(r, query, dst)...)
	}
	return problems, nil
}

func (b *Binder) bindBody(method string, data []byte, dst reflect.Value) []Problem {
	if len(bytes.TrimSpace(data)) == 0 {
		switch method {
		case http.MethodGet, http.MethodHead, http.MethodDelete:
			return nil // these need no body
		}
		return []Problem{{Message: "the body is empty, expected " + describe(b.t, true)}}
	}
	return bodyProblems(data, dst, b.params)
}

// tagOf returns where a field comes from: "path", "query", "header", or "" for the body.
func tagOf(f reflect.StructField) (source, name string, err error) {
	for _, s := range []string{"path", "query", "header"} {
		n, tagged := f.Tag.Lookup(s)
		switch {
		case !tagged:
			continue
		case source != "":
			return "", "", fmt.Errorf("field %s has the tags %s and %s: keep one", f.Name, source, s)
		case !f.IsExported():
			return "", "", fmt.Errorf("field %s has the tag %s but is not exported: begin its name with a capital letter", f.Name, s)
		case strings.TrimSpace(n) == "":
			return "", "", fmt.Errorf("field %s has an empty tag %s: name the parameter", f.Name, s)
		}
		source, name = s, n
	}
	return source, name, nil
}

var errUnsupported = errors.New("a parameter can be a string, a number, a bool, a time.Duration, " +
	"an encoding.TextUnmarshaler, a pointer to one of them, and, except in the path, a slice of them")
