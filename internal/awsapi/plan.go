package awsapi

import (
	"reflect"
	"slices"
	"strings"
)

// A plan is what the query protocol has to know of a type, found out once, when
// its action is registered.
type plan struct {
	t    reflect.Type
	kind reflect.Kind
	// elem is the plan of what a pointer points to, and of a list's or map's elements.
	elem *plan
	// fields are a struct's, those of embedded structs among them.
	fields []field
	byName map[string]*field
}

// A field is a field of an input or output as the query protocol sees it.
type field struct {
	name string
	// flat says that the elements of a list or map have no element around them, and
	// keyed that they have none and that a map's have a Key instead of a Name.
	flat, keyed bool
	// omitEmpty says that JSON and CBOR leave it out where it is empty.
	omitEmpty bool
	index     []int
	plan      *plan
}

// plans has those made so far, which a type that contains itself needs.
type plans map[reflect.Type]*plan

func planOf[T any]() *plan { return plans{}.of(reflect.TypeFor[T]()) }

func (ps plans) of(t reflect.Type) *plan {
	if p := ps[t]; p != nil {
		return p
	}
	p := &plan{t: t, kind: t.Kind()}
	ps[t] = p
	switch p.kind {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		p.elem = ps.of(t.Elem())
	case reflect.Struct:
		if t == reflect.TypeFor[Timestamp]() {
			break
		}
		p.fields = ps.fields(t, nil)
		p.byName = make(map[string]*field, len(p.fields))
		for i := range p.fields {
			p.byName[p.fields[i].name] = &p.fields[i]
		}
	}
	return p
}

// fields lists the fields of t, which is found at index.
func (ps plans) fields(t reflect.Type, index []int) []field {
	var fields []field
	for sf := range t.Fields() {
		at := slices.Concat(index, sf.Index)
		if sf.Anonymous {
			fields = append(fields, ps.fields(sf.Type, at)...)
			continue
		}
		f := field{name: sf.Name, index: at, plan: ps.of(sf.Type)}
		name, option, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if name != "" {
			f.name = name
		}
		f.omitEmpty = option == "omitempty"
		name, option, _ = strings.Cut(sf.Tag.Get("query"), ",")
		if name != "" {
			f.name = name
		}
		f.keyed = option == "keyed"
		f.flat = f.keyed || option == "flat"
		fields = append(fields, f)
	}
	return fields
}

// bytes says that the type is a list in Go and a text in the protocol.
func (p *plan) bytes() bool { return p.kind == reflect.Slice && p.elem.kind == reflect.Uint8 }

// unknown ends the use of a type that the protocol cannot carry, a mistake in the
// declaration of an action.
func (p *plan) unknown(name string) {
	panic("awsapi: the query protocol has no " + p.t.String() + " for " + name)
}
