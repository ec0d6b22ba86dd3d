// Package apievent turns API Gateway's Lambda payloads, 1.0 and 2.0, into HTTP
// requests, and the answers of an http.Handler back into what API Gateway reads.
package apievent

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// A Version is a format of the payload, which is also that of the answer.
type Version string

// The two formats. A REST API sends V1; an HTTP API sends either.
const (
	V1 Version = "1.0"
	V2 Version = "2.0"
)

// An Event is one request as API Gateway describes it.
type Event struct {
	Version Version
	// ID is API Gateway's own id of the request.
	ID     string
	Method string
	// Path is the request's path, decoded and without the stage.
	Path string
	// Route is the path of the route that matched, "/orders/{order_id}", or ""
	// for a catch-all.
	Route    string
	SourceIP string
	// PathValues are the decoded values of the route's parameters.
	PathValues map[string]string
	Header     http.Header
	Query      string
	Host       string
	Body       []byte
}

// payload is the union of both formats. What only one of them has is empty in the other.
type payload struct {
	Version         string            `json:"version"`
	Headers         map[string]string `json:"headers"`
	PathParameters  map[string]string `json:"pathParameters"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`

	// 2.0
	RouteKey       string   `json:"routeKey"`
	RawPath        string   `json:"rawPath"`
	RawQueryString string   `json:"rawQueryString"`
	Cookies        []string `json:"cookies"`

	// 1.0
	HTTPMethod                      string              `json:"httpMethod"`
	Resource                        string              `json:"resource"`
	Path                            string              `json:"path"`
	MultiValueHeaders               map[string][]string `json:"multiValueHeaders"`
	QueryStringParameters           map[string]string   `json:"queryStringParameters"`
	MultiValueQueryStringParameters map[string][]string `json:"multiValueQueryStringParameters"`

	RequestContext struct {
		RequestID  string `json:"requestId"`
		DomainName string `json:"domainName"`
		Stage      string `json:"stage"`
		HTTP       struct {
			Method   string `json:"method"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"` // 2.0
		Identity struct {
			SourceIP string `json:"sourceIp"`
		} `json:"identity"` // 1.0
	} `json:"requestContext"`
}

// Decode reads a payload of either version.
func Decode(data []byte) (*Event, error) {
	var p payload
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("read API Gateway event: %w", err)
	}
	body := []byte(p.Body)
	if p.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(p.Body); err != nil {
			return nil, fmt.Errorf("read the body of an API Gateway event: %w", err)
		}
	}
	var e *Event
	if p.Version == string(V2) || p.Version == "" && p.RequestContext.HTTP.Method != "" {
		e = p.v2()
	} else {
		e = p.v1()
	}
	if e.Method == "" || e.Path == "" {
		return nil, errors.New("the payload is not an API Gateway event: it has no method or no path")
	}
	if e.Path[0] != '/' {
		e.Path = "/" + e.Path
	}
	e.ID, e.Body = p.RequestContext.RequestID, body
	e.Host = cmp.Or(e.Header.Get("Host"), p.RequestContext.DomainName)
	e.Header.Del("Host") // net/http's server does so too
	return e, nil
}

func (p *payload) v2() *Event {
	e := &Event{
		Version:    V2,
		Method:     p.RequestContext.HTTP.Method,
		Path:       p.RawPath,
		SourceIP:   p.RequestContext.HTTP.SourceIP,
		PathValues: p.PathParameters,
		Header:     make(http.Header, len(p.Headers)+1),
		Query:      p.RawQueryString,
	}
	// A stage other than $default is part of rawPath, but of no route.
	if stage := "/" + p.RequestContext.Stage; p.RequestContext.Stage != "" {
		if rest, found := strings.CutPrefix(e.Path, stage); found && (rest == "" || rest[0] == '/') {
			e.Path = cmp.Or(rest, "/")
		}
	}
	if _, path, found := strings.Cut(p.RouteKey, " "); found { // else it is $default
		e.Route = path
	}
	for name, value := range p.Headers {
		e.Header.Add(name, value)
	}
	if len(p.Cookies) > 0 {
		e.Header.Set("Cookie", strings.Join(p.Cookies, "; "))
	}
	return e
}

func (p *payload) v1() *Event {
	e := &Event{
		Version:    V1,
		Method:     p.HTTPMethod,
		Path:       p.Path,
		Route:      p.Resource,
		SourceIP:   p.RequestContext.Identity.SourceIP,
		PathValues: p.PathParameters,
		Header:     make(http.Header, len(p.Headers)),
	}
	if p.Resource == "$default" {
		e.Route = ""
	}
	// An HTTP API decodes the path before it makes the event and names the
	// version; a REST API does neither.
	if p.Version == "" {
		e.Path = unescape(e.Path)
		e.PathValues = make(map[string]string, len(p.PathParameters))
		for name, value := range p.PathParameters {
			e.PathValues[name] = unescape(value)
		}
	}
	// The single-valued maps repeat the last value of the multi-valued ones, which
	// a hand-written test event may lack.
	for name, values := range p.MultiValueHeaders {
		for _, value := range values {
			e.Header.Add(name, value)
		}
	}
	for name, value := range p.Headers {
		if e.Header.Values(name) == nil {
			e.Header.Set(name, value)
		}
	}
	query := url.Values{}
	maps.Copy(query, p.MultiValueQueryStringParameters)
	for name, value := range p.QueryStringParameters {
		if !query.Has(name) {
			query.Set(name, value)
		}
	}
	e.Query = query.Encode()
	return e
}

// unescape decodes s, or returns it as it is where it is not properly encoded.
func unescape(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}

// Request returns e as the request that net/http's server would have made of it.
func (e *Event) Request(ctx context.Context) *http.Request {
	u := &url.URL{Path: e.Path, RawQuery: e.Query}
	r := &http.Request{
		Method:        e.Method,
		URL:           u,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        e.Header,
		Body:          http.NoBody,
		ContentLength: int64(len(e.Body)),
		Host:          e.Host,
		RequestURI:    u.RequestURI(),
	}
	if len(e.Body) > 0 {
		r.Body = body{bytes.NewReader(e.Body)}
	}
	if e.SourceIP != "" {
		r.RemoteAddr = net.JoinHostPort(e.SourceIP, "0") // an address with a port, as net/http promises
	}
	if e.Route != "" {
		r.Pattern = e.Method + " " + e.Route
	}
	for name, value := range e.PathValues {
		r.SetPathValue(name, value)
	}
	return r.WithContext(ctx)
}

type body struct{ *bytes.Reader }

func (body) Close() error { return nil }
