package scan

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/near"
)

// A kind is a type of settings in package less, with what its fields may say.
type kind struct {
	typ    typeName
	limits []limit
}

// A limit is the range of one field. Durations count in nanoseconds.
type limit struct {
	field    string
	min, max int64
	duration bool
	set      func(*app.Settings, int64)
}

// The ranges are AWS's, where it has one. An HTTP API gives up on a request after
// 30 seconds, so a route that runs longer would do so for nobody.
var (
	subscriberKind = kind{typeName{lessPath, "Subscriber"}, []limit{
		timeout(900 * time.Second),
		memory,
		{field: "MaxReceives", min: 1, max: 1000, set: func(s *app.Settings, n int64) { s.MaxReceives = int(n) }},
		{field: "BatchSize", min: 1, max: 10, set: func(s *app.Settings, n int64) { s.BatchSize = int(n) }},
		{field: "Concurrency", min: 2, max: 1000, set: func(s *app.Settings, n int64) { s.Concurrency = int(n) }},
	}}
	routeKind = kind{typeName{lessPath, "Route"}, []limit{timeout(29 * time.Second), memory}}
)

var memory = limit{field: "Memory", min: 128, max: 10240, set: func(s *app.Settings, n int64) { s.Memory = int(n) }}

func timeout(longest time.Duration) limit {
	return limit{
		field: "Timeout", min: int64(time.Second), max: int64(longest), duration: true,
		set: func(s *app.Settings, n int64) { s.Timeout = time.Duration(n) },
	}
}

func (k kind) fields() []string {
	names := make([]string, len(k.limits))
	for i, l := range k.limits {
		names[i] = l.field
	}
	return names
}

func (k kind) String() string { return "less." + k.typ.name }

// settings reads the variable name of src, if it declares one. The plan needs its
// value before anything runs, so it must be a literal.
func (s *scanner) settings(src *source, name string, k kind) app.Settings {
	d, declared := src.decls[name]
	if !declared || d.typ != nil {
		return app.Settings{} // a type that is called Config is the user's own
	}
	wayOut := fmt.Sprintf("It must be a literal, so that the plan can read it. Write: var %s = %s{...}", name, k)
	if d.value == nil || d.tok != token.VAR || len(d.value.Values) != len(d.value.Names) {
		s.report(s.at(d.name.Pos()), "%s is not a variable with a value of its own. %s", name, wayOut)
		return app.Settings{}
	}
	literal, ok := ast.Unparen(d.value.Values[d.index]).(*ast.CompositeLit)
	if !ok {
		s.report(s.at(d.name.Pos()), "%s is %s. %s", name, types.ExprString(d.value.Values[d.index]), wayOut)
		return app.Settings{}
	}
	declaredOtherwise := d.value.Type != nil && !s.is(src, d.file, d.value.Type, k.typ)
	if literal.Type == nil || !s.is(src, d.file, literal.Type, k.typ) || declaredOtherwise {
		s.report(s.at(d.name.Pos()), "%s is not %s. %s", name, k, wayOut)
		return app.Settings{}
	}
	out := app.Settings{Declared: true}
	for _, element := range literal.Elts {
		s.field(src, d.file, element, k, &out)
	}
	return out
}

func (s *scanner) field(src *source, file *ast.File, element ast.Expr, k kind, out *app.Settings) {
	pair, ok := element.(*ast.KeyValueExpr)
	if !ok {
		s.report(s.at(element.Pos()), "a value without its field. Name the fields: %s{%s: ...}", k, k.limits[0].field)
		return
	}
	key := types.ExprString(pair.Key)
	i := slices.IndexFunc(k.limits, func(l limit) bool { return l.field == key })
	if i < 0 {
		s.report(s.at(pair.Pos()), "%s has no field %s. %sIts fields are %s.", k, key, near.Hint(key, k.fields()), strings.Join(k.fields(), ", "))
		return
	}
	l := k.limits[i]
	value, err := s.constant(src, file, pair.Value, 0)
	if err != nil {
		s.report(s.at(pair.Value.Pos()), "%s %v, and must be a literal so that the plan can read it. Write %s.", key, err, l.example())
		return
	}
	n, exact := constant.Int64Val(constant.ToInt(value))
	if constant.ToInt(value).Kind() != constant.Int || !exact || n < l.min || n > l.max {
		s.report(s.at(pair.Value.Pos()), "%s is %s, out of its range of %s to %s. Write %s, or leave it out for the default.",
			key, l.show(value), l.show(constant.MakeInt64(l.min)), l.show(constant.MakeInt64(l.max)), l.example())
		return
	}
	if l.duration && n%int64(time.Second) != 0 {
		s.report(s.at(pair.Value.Pos()), "%s is %s, and Lambda counts in whole seconds. Write %s.", key, time.Duration(n), l.example())
		return
	}
	l.set(out, n)
}

// example is a value to imitate.
func (l limit) example() string {
	if l.duration {
		return "20 * time.Second"
	}
	return fmt.Sprint(l.min * 2)
}

func (l limit) show(value constant.Value) string {
	if n, exact := constant.Int64Val(constant.ToInt(value)); l.duration && exact {
		return time.Duration(n).String()
	}
	return value.String()
}

// straySettings reports variables that somebody meant for settings and nobody
// reads: because of their name, or of the verb that is not there.
func (s *scanner) straySettings(src *source, k kind, names []string) {
	for name, d := range src.decls {
		if slices.Contains(names, name) || d.value == nil {
			continue
		}
		if verb, suffix := routeVariable(name); k.typ == routeKind.typ && verb != "" {
			s.report(s.at(d.name.Pos()), "%s belongs to a handler in %s.go, and there is none. Remove it, or write the handler %s.",
				name, strings.ToLower(verb), strings.TrimSuffix(name, suffix))
			continue
		}
		if len(d.value.Values) != len(d.value.Names) {
			continue
		}
		literal, ok := ast.Unparen(d.value.Values[d.index]).(*ast.CompositeLit)
		if !ok || literal.Type == nil {
			continue
		}
		if s.is(src, d.file, literal.Type, subscriberKind.typ) || s.is(src, d.file, literal.Type, routeKind.typ) ||
			s.is(src, d.file, literal.Type, cronKind.typ) {
			s.report(s.at(d.name.Pos()), "settings are not read from a variable called %s. Here it can be %s.", name, strings.Join(configs(names), " or "))
		}
	}
}

// routeVariable takes a name such as PutConfig apart.
func routeVariable(name string) (verb, suffix string) {
	for _, suffix := range []string{"Config", "Middleware"} {
		verb, found := strings.CutSuffix(name, suffix)
		if found && verb != strings.ToLower(verb) && slices.Contains(verbs, strings.ToLower(verb)) {
			return verb, suffix
		}
	}
	return "", ""
}

func configs(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasSuffix(name, "Config") })
}
