package compat

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/schema"
)

// A walk compares two schemas at one place, in one role.
type walk struct {
	*comparison
	place string
	role  role
	open  []pair // those being compared, for types that contain themselves
	// visits counts how often a pair was compared: types that contain each other in
	// every way lead to more paths than anybody reads.
	visits map[pair]int
}

// maxVisits is how many paths to one type are looked at.
const maxVisits = 8

// A pair is a definition as it was and as it is.
type pair struct{ old, updated *schema.Definition }

// positions are where something was and is declared.
type positions struct{ old, updated app.Pos }

// report adds a change that has the reason why; without one it breaks nobody.
func (w *walk) report(kind Kind, field string, pos positions, why, wayOut, format string, args ...any) {
	c := Change{
		Kind: kind, Breaking: why != "", Places: []string{w.place}, In: w.role.part, Field: field,
		Pos: pos.updated, OldPos: pos.old, What: fmt.Sprintf(format, args...), Why: why,
	}
	if c.Breaking {
		c.WayOut = wayOut
	}
	w.add(c)
}

// name is what a change calls the field, or the whole.
func (w *walk) name(path string) string {
	if path == "" {
		return "the " + string(w.role.part)
	}
	return path
}

// schemas compares what was at path with what is.
func (w *walk) schemas(path string, old, updated *schema.Schema, pos positions) {
	if old.Ref != nil && updated.Ref != nil {
		p := pair{old.Ref, updated.Ref}
		if slices.Contains(w.open, p) || w.visits[p] == maxVisits {
			return
		}
		if w.visits == nil {
			w.visits = map[pair]int{}
		}
		w.visits[p]++
		w.open = append(w.open, p)
		defer func() { w.open = w.open[:len(w.open)-1] }()
	}
	o, n := old.Of(), updated.Of()
	narrowed, widened := relation(o, n)
	if narrowed || widened {
		w.report(TypeChanged, path, pos, w.role.reason(narrowed, widened), w.role.keep,
			"%s was %s and is %s.", upper(w.name(path)), text(old), text(updated))
	}
	if narrowed && widened && o.Type != "array" || o.Type != n.Type {
		return // it is something else altogether
	}
	w.null(path, o, n, pos)
	w.values(path, o, n, pos)
	if o.Items != nil && n.Items != nil {
		w.schemas(path+"[]", o.Items, n.Items, pos)
	}
	if o.Values != nil && n.Values != nil {
		w.schemas(path+"{}", o.Values, n.Values, pos)
	}
	if o.Type == "object" && o.Values == nil && n.Values == nil {
		w.properties(path, o, n)
	}
}

func (w *walk) null(path string, o, n schema.Schema, pos positions) {
	switch {
	case o.Type == "": // which can be null as well
	case !o.Nullable && n.Nullable:
		w.report(NullAdded, path, pos, w.role.reason(false, true), w.role.keep, "%s can be null.", upper(w.name(path)))
	case o.Nullable && !n.Nullable:
		w.report(NullRemoved, path, pos, w.role.reason(true, false), w.role.keep, "%s can be null no more.", upper(w.name(path)))
	}
}

// values compares what an enum allows.
func (w *walk) values(path string, o, n schema.Schema, pos positions) {
	if len(o.Enum) == 0 && len(n.Enum) == 0 {
		return
	}
	if len(o.Enum) == 0 || len(n.Enum) == 0 {
		narrowed := len(o.Enum) == 0
		what := "%s was one of %s and is any string."
		list := o.Enum
		if narrowed {
			what, list = "%s was any string and is one of %s.", n.Enum
		}
		w.report(TypeChanged, path, pos, w.role.reason(narrowed, !narrowed), w.role.keep, what, upper(w.name(path)), values(list))
		return
	}
	if gone := without(o.Enum, n.Enum); len(gone) > 0 {
		w.report(ValuesRemoved, path, pos, w.role.reason(true, false), "Keep the constant until nobody uses it.",
			"%s is %s no more.", upper(w.name(path)), values(gone))
	}
	if added := without(n.Enum, o.Enum); len(added) > 0 {
		w.report(ValuesAdded, path, pos, w.role.reason(false, true), "Tell readers first: one that does not know a value has to do something all the same.",
			"%s can be %s.", upper(w.name(path)), values(added))
	}
}

// values lists the values of an enum, with the empty string to be seen.
func values(list []string) string {
	shown := slices.Clone(list)
	for i := range shown {
		shown[i] = cmp.Or(shown[i], `""`)
	}
	return strings.Join(shown, ", ")
}

// without lists the elements of a that are not in b.
func without(a, b []string) []string {
	var out []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}

// properties compares the fields of two structs.
func (w *walk) properties(path string, o, n schema.Schema) {
	var gone, added []schema.Property
	for _, p := range o.Properties {
		q, found := n.Property(p.Name)
		if !found {
			gone = append(gone, p)
			continue
		}
		w.property(join(path, p.Name), p, q)
	}
	for _, p := range n.Properties {
		if _, found := o.Property(p.Name); !found {
			added = append(added, p)
		}
	}
	for _, p := range gone {
		field := join(path, p.Name)
		if i := renamed(p, gone, added); i >= 0 {
			q := added[i]
			added = slices.Delete(added, i, i+1)
			why := w.role.goneBreaks
			if w.role.part == Request && strings.EqualFold(p.Name, q.Name) {
				why = "" // encoding/json takes both
			}
			w.report(FieldRenamed, field, positions{p.Pos, q.Pos}, why,
				fmt.Sprintf("Keep %s beside %s until nobody uses it.", p.Name, q.Name), "%s is renamed to %s.", upper(field), q.Name)
			continue
		}
		w.report(FieldRemoved, field, positions{old: p.Pos}, w.role.goneBreaks, "Keep it until nobody uses it.", "%s is gone.", upper(field))
	}
	for _, p := range added {
		field := join(path, p.Name)
		if p.Required {
			w.report(FieldAdded, field, positions{updated: p.Pos}, w.role.lackBreaks, w.role.optional, "%s is new and required.", upper(field))
			continue
		}
		w.report(FieldAdded, field, positions{updated: p.Pos}, "", "", "%s is new.", upper(field))
	}
}

func (w *walk) property(field string, p, q schema.Property) {
	pos := positions{p.Pos, q.Pos}
	switch {
	case !p.Required && q.Required:
		w.report(FieldRequired, field, pos, w.role.lackBreaks, w.role.optional, "%s is required; it was optional.", upper(field))
	case p.Required && !q.Required:
		w.report(FieldOptional, field, pos, w.role.missingBreaks, "Write it always, as before.", "%s can be missing; it was always there.", upper(field))
	}
	was := *p.Schema
	if !p.Required && q.Required && w.role.part == Request {
		was.Nullable = q.Schema.Nullable // a pointer is one no more, which is said already
	}
	w.schemas(field, &was, q.Schema, pos)
}

// renamed returns which of added the field p became, or -1: the Go field of the
// same name, or the only candidate, where it is of the same type.
func renamed(p schema.Property, gone, added []schema.Property) int {
	for i, q := range added {
		if q.GoName == p.GoName {
			return i
		}
	}
	if len(gone) == 1 && len(added) == 1 && text(p.Schema) == text(added[0].Schema) && p.Required == added[0].Required {
		return 0
	}
	return -1
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// upper begins a sentence. Names of fields stay as they are.
func upper(s string) string {
	if strings.HasPrefix(s, "the ") {
		return "T" + s[1:]
	}
	return s
}
