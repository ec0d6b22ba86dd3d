package compat

import (
	"strings"

	"github.com/less-go/less/internal/contract"
	"github.com/less-go/less/internal/schema"
)

// params compares the parameters of a route: those in the path by their place, the
// others by their name.
func (w *walk) params(old, updated contract.Route) {
	before, after := inPath(old), inPath(updated)
	for i, name := range names(old.Path) {
		p, q := before[name], after[names(updated.Path)[i]]
		if p.Name != q.Name {
			w.report(ParamRenamed, "path "+q.Name, positions{p.Pos, q.Pos}, "", "", "The parameter %s of the path is called %s; the URL is the same.", p.Name, q.Name)
		}
		w.text("path "+q.Name, p.Schema, q.Schema, positions{p.Pos, q.Pos})
	}
	for _, p := range old.Params {
		if p.In == "path" {
			continue
		}
		field := p.In + " " + p.Name
		q, found := find(updated, p)
		if !found {
			w.report(ParamRemoved, field, positions{old: p.Pos}, w.role.goneBreaks, "Keep it until nobody sends it.", "The parameter %s is gone.", field)
			continue
		}
		w.param(field, p, q)
	}
	for _, p := range updated.Params {
		if _, found := find(old, p); p.In != "path" && !found {
			field := p.In + " " + p.Name
			w.report(ParamAdded, field, positions{updated: p.Pos}, "", "", "The parameter %s is new.", field)
		}
	}
}

// param compares a parameter that may be there several times: a list takes one
// value as well, and what is no list takes the first.
func (w *walk) param(field string, p, q contract.Param) {
	pos := positions{p.Pos, q.Pos}
	was, is := isList(p.Schema), isList(q.Schema)
	switch {
	case was && !is:
		w.report(TypeChanged, field, pos, "All but the first of several values are ignored.", w.role.keep, "%s was a list and is one value.", field)
	case !was && is:
		w.report(TypeChanged, field, pos, "", "", "%s can be there several times.", field)
	}
	w.text(field, single(p.Schema), single(q.Schema), pos)
}

// text compares one value of a parameter, which is text whatever its type: any
// other type is narrower than a string.
func (w *walk) text(field string, old, updated *schema.Schema, pos positions) {
	o, n := old.Of(), updated.Of()
	plain := func(s schema.Schema) bool {
		return s.Type == "string" && s.Format+s.Pattern == "" && len(s.Enum) == 0
	}
	if o.Type == n.Type || !plain(o) && !plain(n) {
		w.schemas(field, old, updated, pos)
		return
	}
	w.report(TypeChanged, field, pos, w.role.reason(plain(o), plain(n)), w.role.keep, "%s was %s and is %s.", field, text(old), text(updated))
}

func isList(s *schema.Schema) bool { return s.Of().Type == "array" }

func find(r contract.Route, p contract.Param) (contract.Param, bool) {
	for _, q := range r.Params {
		if p.In == q.In && (p.Name == q.Name || p.In == "header" && strings.EqualFold(p.Name, q.Name)) {
			return q, true
		}
	}
	return contract.Param{}, false
}

func inPath(r contract.Route) map[string]contract.Param {
	out := map[string]contract.Param{}
	for _, p := range r.Params {
		if p.In == "path" {
			out[p.Name] = p
		}
	}
	return out
}

// names lists the parameters of a path.
func names(path string) []string {
	out := parameter.FindAllString(path, -1)
	for i := range out {
		out[i] = strings.Trim(out[i], "{}")
	}
	return out
}
