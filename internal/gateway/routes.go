package gateway

import (
	"cmp"
	"slices"
	"strings"

	"github.com/less-go/less/internal/plan"
)

// routes is an API's routes by method, each list in the order of precedence, so
// that the first match is the one AWS takes: a full match before a greedy one,
// and from the left a literal segment before a parameter.
type routes map[string][]route

// A route is a plan.Route, taken apart.
type route struct {
	plan.Route
	key      string // "POST /orders/{order_id}", AWS's route key
	segments []segment
}

// A segment is one part of a route's path: a literal, a parameter {name}, or a
// greedy parameter {name+}, which takes all that is left.
type segment struct {
	kind kind
	text string // the literal, or the parameter's name
}

// A kind is a segment's, in the order of precedence.
type kind int

const (
	literal kind = iota
	parameter
	greedy
)

func newRoutes(api plan.API) routes {
	table := routes{}
	for _, r := range api.Routes {
		parts := splitPath(r.Path)
		out := route{Route: r, key: strings.TrimSuffix(r.Method+" "+r.Path, " "), segments: make([]segment, len(parts))}
		for i, part := range parts {
			out.segments[i] = newSegment(part)
		}
		table[r.Method] = append(table[r.Method], out)
	}
	for _, list := range table {
		slices.SortStableFunc(list, precedence)
	}
	return table
}

func newSegment(part string) segment {
	name, found := strings.CutPrefix(part, "{")
	if name, closed := strings.CutSuffix(name, "}"); found && closed {
		if name, all := strings.CutSuffix(name, "+"); all {
			return segment{greedy, name}
		}
		return segment{parameter, name}
	}
	return segment{literal, part}
}

func precedence(a, b route) int {
	return cmp.Or(
		cmp.Compare(a.last(), b.last()),
		slices.CompareFunc(a.segments, b.segments, func(a, b segment) int { return cmp.Compare(a.kind, b.kind) }),
	)
}

// last tells greedy routes from the others.
func (r route) last() int {
	if r.segments[len(r.segments)-1].kind == greedy {
		return 1
	}
	return 0
}

// match returns the route of a request, and its path parameters.
//
// The path is matched after it is decoded, slashes included, as an HTTP API does
// it: /orders/a%2Fb has three segments. A trailing slash makes it another path.
// HEAD and OPTIONS are methods like others: without a route they are not found,
// unless the stage answers for CORS.
func (t routes) match(method, path string) (route, map[string]string, bool) {
	parts := splitPath(path)
	own, parameters, found := first(t[method], parts)
	if other, ofOther, ok := first(t[anyMethod], parts); ok && (!found || precedence(other, own) < 0) {
		return other, ofOther, true
	}
	if !found {
		for _, r := range t[otherwise] {
			return r, nil, true
		}
	}
	return own, parameters, found
}

// The methods of routes that take requests of several.
const (
	anyMethod = "ANY"
	otherwise = "$default" // and any path
)

// first returns the first route of a list that matches.
func first(list []route, parts []string) (route, map[string]string, bool) {
	for _, r := range list {
		if parameters, ok := r.match(parts); ok {
			return r, parameters, true
		}
	}
	return route{}, nil, false
}

func (r route) match(parts []string) (map[string]string, bool) {
	var parameters map[string]string
	set := func(name, value string) {
		if parameters == nil {
			parameters = map[string]string{}
		}
		parameters[name] = value
	}
	for i, s := range r.segments {
		switch {
		case i >= len(parts):
			return nil, false
		case s.kind == greedy:
			// The root is no child of itself.
			if i == 0 && len(parts) == 1 && parts[0] == "" {
				return nil, false
			}
			set(s.text, strings.Join(parts[i:], "/"))
			return parameters, true
		case s.kind == parameter:
			if parts[i] == "" {
				return nil, false
			}
			set(s.text, parts[i])
		case s.text != parts[i]:
			return nil, false
		}
	}
	return parameters, len(parts) == len(r.segments)
}

// splitPath returns what stands between the slashes, at least one part.
func splitPath(path string) []string {
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}
