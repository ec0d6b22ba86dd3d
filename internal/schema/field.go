package schema

import (
	"cmp"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// A field is a member of a struct's JSON.
type field struct {
	name                        string
	tagged                      bool
	v                           *types.Var
	rawTag                      string
	index                       []int
	omitEmpty, omitZero, quoted bool
	// optional says that it is inside of a struct embedded by pointer, which may be nil.
	optional bool
	// unreachable says that this pointer is to a type that is not exported.
	unreachable bool
}

// required says whether the member is always there, as package doc has it.
func (f field) required(mode Mode) bool {
	if f.optional || f.omitZero {
		return false
	}
	if mode == Decoded {
		_, pointer := types.Unalias(f.v.Type()).(*types.Pointer)
		return !pointer && !f.omitEmpty
	}
	return !f.omitEmpty || !canBeEmpty(f.v.Type())
}

// neverNull says whether a nil value is left out, so that null is never written.
func (f field) neverNull() bool {
	t := f.v.Type()
	if !nilable(t) || !f.omitEmpty && (!f.omitZero || has(t, zeroer)) {
		return false
	}
	pointer, ok := types.Unalias(t).(*types.Pointer)
	return !ok || !nilable(pointer.Elem())
}

// canBeEmpty says whether omitempty has an effect on a t.
func canBeEmpty(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return false
	case *types.Array:
		return u.Len() == 0
	}
	return true
}

// A level is a struct to be searched for fields.
type level struct {
	t           *types.Struct
	key         string // of its type
	index       []int
	optional    bool
	unreachable bool
}

// fieldsOf returns the members of t's JSON in the order of the source. It follows
// encoding/json: fields of embedded structs belong to the outer one, and of those
// with one name the least deep wins, then the one with a tag, and otherwise none.
func fieldsOf(t *types.Struct) []field {
	var fields []field
	next := []level{{t: t, key: types.TypeString(t, nil)}}
	var count, nextCount map[string]int
	visited := map[string]bool{}
	for len(next) > 0 {
		current := next
		next, count, nextCount = nil, nextCount, map[string]int{}
		for _, l := range current {
			if visited[l.key] {
				continue
			}
			visited[l.key] = true
			for i := range l.t.NumFields() {
				f, embedded, ok := fieldOf(l, i)
				switch {
				case !ok:
				case embedded.t != nil:
					nextCount[embedded.key]++
					if nextCount[embedded.key] == 1 {
						next = append(next, embedded)
					}
				default:
					fields = append(fields, f)
					if count[l.key] > 1 {
						fields = append(fields, f) // the same struct twice: its names annihilate each other
					}
				}
			}
		}
	}
	return dominant(fields)
}

// fieldOf looks at the field i of l: it is one of the JSON, or an embedded struct
// to be searched, or none of both.
func fieldOf(l level, i int) (field, level, bool) {
	v, tag := l.t.Field(i), l.t.Tag(i)
	t := types.Unalias(v.Type())
	pointer, byPointer := t.(*types.Pointer)
	target := t
	if byPointer {
		target = types.Unalias(pointer.Elem())
	}
	inner, isStruct := target.Underlying().(*types.Struct)
	if !v.Exported() && (!v.Embedded() || !isStruct) {
		return field{}, level{}, false
	}
	jsonTag := reflect.StructTag(tag).Get("json")
	if jsonTag == "-" {
		return field{}, level{}, false
	}
	name, rest, _ := strings.Cut(jsonTag, ",")
	if !validName(name) {
		name = ""
	}
	options := strings.Split(rest, ",")
	index := append(slices.Clip(l.index), i)
	if v.Embedded() && isStruct && name == "" {
		return field{}, level{
			t: inner, key: types.TypeString(target, nil), index: index,
			optional:    l.optional || byPointer,
			unreachable: l.unreachable || byPointer && !v.Exported(),
		}, true
	}
	f := field{
		name: cmp.Or(name, v.Name()), tagged: name != "", v: v, rawTag: tag, index: index,
		omitEmpty: slices.Contains(options, "omitempty"),
		omitZero:  slices.Contains(options, "omitzero"),
		optional:  l.optional, unreachable: l.unreachable,
	}
	if basic, ok := target.Underlying().(*types.Basic); ok && slices.Contains(options, "string") {
		f.quoted = basic.Info()&(types.IsBoolean|types.IsInteger|types.IsFloat|types.IsString) != 0 &&
			!has(target, marshaler) && !has(target, textMarshaler)
	}
	return f, level{}, true
}

// dominant leaves the fields that encoding/json writes.
func dominant(fields []field) []field {
	slices.SortStableFunc(fields, func(a, b field) int {
		tagged := func(f field) int {
			if f.tagged {
				return 0
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(len(a.index), len(b.index)), cmp.Compare(tagged(a), tagged(b)))
	})
	var out []field
	for i := 0; i < len(fields); {
		n := 1
		for i+n < len(fields) && fields[i+n].name == fields[i].name {
			n++
		}
		first := fields[i]
		if n == 1 || len(fields[i+1].index) > len(first.index) || fields[i+1].tagged != first.tagged {
			out = append(out, first)
		}
		i += n
	}
	slices.SortFunc(out, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return out
}

// validName says whether a json tag can give this name; encoding/json ignores one
// with other characters.
func validName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
