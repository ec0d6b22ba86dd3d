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
	key      string // "POST /orders/{order_id}", AWS's route key
	function string
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
		out := route{key: r.Method + " " + r.Path, function: r.Function, segments: make([]segment, len(parts))}
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
// HEAD and OPTIONS are methods like others: without a route, and CORS being
// the function's own, they are not found.
func (t routes) match(method, path string) (route, map[string]string, bool) {
	parts := splitPath(path)
	for _, r := range t[method] {
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
