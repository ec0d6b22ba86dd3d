package awsapi

import (
	"net/url"
	"strings"
)

// A route is how a request addresses an action: a method and a pattern.
type route struct {
	method   string
	segments []string
	action   string
	in, out  []binding
}

func parseRoute(s *Service, action, pattern string) *route {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok || !strings.HasPrefix(path, "/") {
		panic("awsapi: " + s.Name + "'s " + action + " has no method and path but " + pattern)
	}
	r := &route{method: method, segments: strings.Split(path[1:], "/"), action: action}
	for i, segment := range r.segments {
		if name := variable(segment); strings.HasSuffix(name, "+") && i < len(r.segments)-1 {
			panic("awsapi: {" + name + "} is not at the end of " + pattern)
		}
	}
	return r
}

// variable is the name in {name}, or "" of a literal.
func variable(segment string) string {
	if len(segment) > 2 && segment[0] == '{' && segment[len(segment)-1] == '}' {
		return segment[1 : len(segment)-1]
	}
	return ""
}

func (r *route) has(name string) bool {
	for _, segment := range r.segments {
		if strings.TrimSuffix(variable(segment), "+") == name {
			return true
		}
	}
	return false
}

// anywhere says that the pattern begins with a variable, as S3's do: it matches
// paths of every service, so that only a signature can tell whose one is.
func (r *route) anywhere() bool { return variable(r.segments[0]) != "" }

// literals is how many segments of the pattern a path must have as they are.
func (r *route) literals() (n int) {
	for _, segment := range r.segments {
		if variable(segment) == "" {
			n++
		}
	}
	return n
}

// match returns the values of the variables, escaped as they are in the path.
func (r *route) match(segments []string) (map[string]string, bool) {
	values := map[string]string{}
	for i, want := range r.segments {
		name := variable(want)
		switch {
		case i >= len(segments):
			return nil, false
		case strings.HasSuffix(name, "+"):
			values[strings.TrimSuffix(name, "+")] = strings.Join(segments[i:], "/")
			return values, values[strings.TrimSuffix(name, "+")] != ""
		case name != "" && segments[i] != "":
			values[name] = segments[i]
		case want != segments[i]:
			return nil, false
		}
	}
	return values, len(segments) == len(r.segments)
}

// route finds the action's route for a path in its escaped form, so that a
// variable may contain a slash. A slash at the end makes no difference. The error
// is that of an escape in a variable.
func (s *Service) route(method, escaped string) (*route, map[string]string, error) {
	segments := strings.Split(strings.TrimPrefix(escaped, "/"), "/")
	if n := len(segments) - 1; n > 0 && segments[n] == "" {
		segments = segments[:n]
	}
	var found *route
	var values map[string]string
	for _, r := range s.routes {
		if r.method != method || found != nil && r.literals() <= found.literals() {
			continue
		}
		if v, ok := r.match(segments); ok {
			found, values = r, v
		}
	}
	for name, value := range values {
		unescaped, err := url.PathUnescape(value)
		if err != nil {
			return found, nil, err
		}
		values[name] = unescaped
	}
	return found, values, nil
}
