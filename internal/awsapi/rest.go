package awsapi

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/url"
	"reflect"
)

// RegisterREST adds an action to s that REST-JSON reaches by a method and a path:
//
//	RegisterREST(s, "Invoke", "POST /2015-03-31/functions/{FunctionName}/invocations", s.Invoke)
//
// A {Name} stands for one segment of the path, a {Name+} at the end for all that
// are left, slashes included. Where several patterns match, the one with more
// literal segments is meant. What else is said at [Register] holds here too.
//
// The fields of In that do not travel in the JSON body say so in a rest tag, and
// json:"-" beside it:
//
//	FunctionName string `json:"-" rest:"path=FunctionName"`
//	Qualifier    string `json:"-" rest:"query=Qualifier"`
//	LogType      string `json:"-" rest:"header=X-Amz-Log-Type"`
//	Payload      []byte `json:"-" rest:"payload"`
//
// They are strings, integers, booleans, pointers to these, and for a query the
// strings of a repeated parameter. A payload is the body itself. Out knows header,
// a string, and payload, and status, an int. A pattern or tag that makes no sense
// panics, and so does a field of another type.
func RegisterREST[In, Out any](s *Service, name, pattern string, do func(context.Context, *In) (*Out, error)) {
	r := parseRoute(s, name, pattern)
	in, out := bindingsOf(reflect.TypeFor[In](), fitsInput), bindingsOf(reflect.TypeFor[Out](), fitsOutput)
	for _, b := range in {
		if b.place == placePath && !r.has(b.name) {
			panic("awsapi: " + s.Name + "'s " + name + " has no {" + b.name + "} in " + pattern)
		}
	}
	r.in, r.out = in, out
	Register(s, name, do)
	s.routes = append(s.routes, r)
}

// A restCodec is REST-JSON: parameters in the path, the query, the headers and
// the body; the answer likewise in status, headers and body.
type restCodec struct {
	service *Service
	route   *route // nil where no action has this path
	path    map[string]string
	query   url.Values
	header  http.Header
	body    []byte
	status  int // of the answer, once there is one
	fields  http.Header
}

// readREST makes a call of r where it is meant for REST-JSON, and reports whether
// it is. What is signed for a service that has routes is meant for it; without a
// signature the path says it. The body is not read yet.
func (h *Handler) readREST(c call, r *http.Request, query url.Values) (call, *restCodec, *Error) {
	if r.Header.Get("X-Amz-Target") != "" {
		return c, nil, nil
	}
	for _, s := range h.services {
		if len(s.routes) == 0 || c.scope.service != "" && c.scope.service != s.Name {
			continue
		}
		route, path, err := s.route(r.Method, r.URL.EscapedPath())
		if c.scope.service == "" && (route == nil || route.anywhere()) {
			continue
		}
		codec := &restCodec{service: s, route: route, path: path, query: query, header: r.Header, fields: http.Header{}}
		c.codec, c.service = codec, s
		switch {
		case err != nil:
			return c, codec, Errorf("SerializationException", "The path %s is malformed.", r.URL.EscapedPath())
		case route == nil:
			return c, codec, NotImplemented("%s %s of the service %s", r.Method, r.URL.Path, s.Name)
		}
		c.action = route.action
		return c, codec, nil
	}
	return c, nil, nil
}

// inXML are the services whose REST protocol has XML for bodies.
var inXML = map[string]bool{"s3": true, "s3express": true, "route53": true, "cloudfront": true}

// unknownPath is the answer to a request that names no action in any protocol but
// has a path, as REST has, of a service that is not here.
func unknownPath(c call, r *http.Request) (call, *Error) {
	if c.scope.service == "" {
		return c, NotImplemented("%s %s of any service", r.Method, r.URL.Path)
	}
	if !inXML[c.scope.service] {
		c.codec = &restCodec{service: &Service{}}
	}
	return c, NotImplemented("%s %s of the service %s", r.Method, r.URL.Path, c.scope.service)
}

func (c *restCodec) decode(input any, p *plan) *Error {
	v := reflect.ValueOf(input).Elem()
	inBody := true
	for _, b := range c.route.in {
		var values []string
		switch b.place {
		case placePath:
			values = []string{c.path[b.name]}
		case placeQuery:
			values = c.query[b.name]
		case placeHeader:
			values = c.header.Values(b.name)
		case placePayload:
			v.FieldByIndex(b.index).SetBytes(c.body)
			inBody = false
			continue
		}
		if e := b.set(v, values); e != nil {
			return e
		}
	}
	if !inBody || len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	return (&jsonCodec{body: c.body}).decode(input, p)
}

// output also takes the status and the headers of the answer out of it.
func (c *restCodec) output(output any, _ *plan) (string, []byte) {
	v := reflect.ValueOf(output).Elem()
	inBody := v.NumField() > len(c.route.out)
	var payload []byte
	for _, b := range c.route.out {
		field := v.FieldByIndex(b.index)
		switch b.place {
		case placeStatus:
			c.status = int(field.Int())
		case placeHeader:
			if s := field.String(); s != "" {
				c.fields.Set(b.name, s)
			}
		case placePayload:
			payload, inBody = field.Bytes(), false
		}
	}
	if inBody {
		payload = marshal(output)
	}
	return "application/json", payload
}

func (c *restCodec) failure(e *Error) (string, []byte) {
	var body any = struct {
		Message string `json:"message"`
	}{e.Message}
	if c.service.RESTError != nil {
		body = c.service.RESTError(e)
	}
	return "application/json", marshal(body)
}

// respond writes the answer that output has made.
func (c *restCodec) respond(w http.ResponseWriter, contentType string, body []byte) {
	maps.Copy(w.Header(), c.fields)
	status := http.StatusOK
	if c.status != 0 {
		status = c.status
	}
	respond(w, status, contentType, body)
}

// tooLarge replaces e, which says that the body is too long to be read at all, by
// the service's own word for it.
func (c *restCodec) tooLarge(e *Error) *Error {
	if e.Status == http.StatusRequestEntityTooLarge && c.service.TooLarge != nil {
		return c.service.TooLarge(c.route.action)
	}
	return e
}

// limit is how long the body may be.
func (c *restCodec) limit() int64 {
	if c == nil || c.service.Bodies[c.route.action] == 0 {
		return MaxBody
	}
	return c.service.Bodies[c.route.action]
}
