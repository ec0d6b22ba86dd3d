package schema

import (
	"fmt"
	"go/types"
	"path"
	"reflect"
	"strings"
)

// definitionName is the name of t's definition: where the type is, and its name.
// less/shared/order.Order is shared.order.Order, and a type of another module has
// its whole path. It depends on nothing but t, so it stays as an application grows.
func (b *Builder) definitionName(t *types.Named) string {
	name := t.Obj().Name()
	if pkg := t.Obj().Pkg(); pkg != nil {
		name = b.place(pkg.Path()) + "." + name
	}
	args := t.TypeArgs()
	for i := range args.Len() {
		separator := "-of-"
		if i > 0 {
			separator = "-and-"
		}
		name += separator + b.argumentName(args.At(i))
	}
	return name
}

func (b *Builder) place(importPath string) string {
	rest, within := strings.CutPrefix(importPath, b.module+"/less/")
	if !within {
		rest, within = strings.CutPrefix(importPath+"/", b.module+"/")
		if rest = strings.TrimSuffix(rest, "/"); within {
			rest = strings.TrimSuffix(path.Base(b.module)+"/"+rest, "/")
		} else {
			rest = importPath
		}
	}
	return valid(strings.ReplaceAll(rest, "/", "."))
}

func (b *Builder) argumentName(t types.Type) string {
	t = types.Unalias(t)
	switch t := t.(type) {
	case *types.Named:
		return b.definitionName(t)
	case *types.Pointer:
		return b.argumentName(t.Elem()) // what is pointed to has a name, and null is no other type
	case *types.Slice:
		return "list-" + b.argumentName(t.Elem())
	case *types.Map:
		return "map-" + b.argumentName(t.Elem())
	}
	return valid(b.typeName(t))
}

// valid leaves the characters that a component of a document may have in its name.
func valid(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, s), "_")
}

// name gives each definition its final name and returns them sorted.
func (b *Builder) name() []*Definition {
	different := b.different()
	taken := map[string]string{} // name to type
	var out []*Definition
	for _, d := range b.order {
		_, both := b.definitions[definitionKey{d.key, Encoded}]
		if d.mode == Decoded && both {
			if !different[d.key] {
				continue // it gets the other's name below
			}
			d.Name += ".Input"
		}
		for n, base := 2, d.Name; taken[d.Name] != "" && taken[d.Name] != d.key+string(d.mode); n++ {
			d.Name = fmt.Sprintf("%s_%d", base, n)
		}
		taken[d.Name] = d.key + string(d.mode)
		out = append(out, d)
	}
	for _, d := range b.order {
		if other, both := b.definitions[definitionKey{d.key, Encoded}]; d.mode == Decoded && both && !different[d.key] {
			d.Name = other.Name
		}
	}
	sortDefinitions(out)
	return out
}

// different says of which types, by key, the encoded and the decoded definition
// differ, in themselves or in what they refer to.
func (b *Builder) different() map[string]bool {
	out := map[string]bool{}
	for again := true; again; {
		again = false
		for _, d := range b.order {
			encoded, both := b.definitions[definitionKey{d.key, Encoded}]
			if d.mode == Decoded && both && !out[d.key] && !same(d.Schema, encoded.Schema, out) {
				out[d.key], again = true, true
			}
		}
	}
	return out
}

// same compares two schemas where different says which definitions are not.
func same(a, b *Schema, different map[string]bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	if (a.Ref == nil) != (b.Ref == nil) || a.Ref != nil && (a.Ref.key != b.Ref.key || a.Ref.mode != b.Ref.mode && different[a.Ref.key]) {
		return false
	}
	if len(a.Properties) != len(b.Properties) || !same(a.Items, b.Items, different) || !same(a.Values, b.Values, different) {
		return false
	}
	for i, p := range a.Properties {
		q := b.Properties[i]
		if p.Name != q.Name || p.Required != q.Required || !same(p.Schema, q.Schema, different) {
			return false
		}
	}
	x, y := *a, *b
	x.Ref, x.Items, x.Values, x.Properties = nil, nil, nil, nil
	y.Ref, y.Items, y.Values, y.Properties = nil, nil, nil, nil
	return reflect.DeepEqual(x, y)
}
