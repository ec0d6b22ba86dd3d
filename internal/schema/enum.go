package schema

import (
	"cmp"
	"go/constant"
	"go/types"
	"slices"
	"strings"
)

// A value is one of the strings that a type declares constants for.
type value struct {
	text    string
	comment string
	file    string
	offset  int
}

// enum returns the values of t, a named string, in the order of the source: the
// constants of exactly this type beside its declaration. The empty string is one
// only where there is a constant for it.
func (b *Builder) enum(t *types.Named) []value {
	basic, ok := t.Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsString == 0 || t.Obj().Pkg() == nil {
		return nil
	}
	var out []value
	scope := t.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		c, ok := scope.Lookup(name).(*types.Const)
		if !ok || c.Val().Kind() != constant.String || !types.Identical(c.Type(), t) {
			continue
		}
		text := constant.StringVal(c.Val())
		same := func(v value) bool { return v.text == text }
		if slices.ContainsFunc(out, same) {
			continue
		}
		p := b.fset.PositionFor(c.Pos(), false)
		out = append(out, value{text: text, comment: b.comments.of(c), file: p.Filename, offset: p.Line<<12 + p.Column})
	}
	slices.SortStableFunc(out, func(a, b value) int {
		return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.offset, b.offset))
	})
	return out
}

// withValues adds what the source says of each value to the type's description.
func withValues(description string, values []value) string {
	var lines []string
	for _, v := range values {
		if v.comment != "" {
			text, _ := describe(v.comment)
			lines = append(lines, "- "+cmp.Or(v.text, `""`)+": "+text)
		}
	}
	if len(lines) == 0 {
		return description
	}
	list := strings.Join(lines, "\n")
	if description == "" {
		return list
	}
	return description + "\n\n" + list
}
