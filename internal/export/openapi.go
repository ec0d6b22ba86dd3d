package export

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/contract"
	"github.com/less-go/less/internal/schema"
)

type openAPI struct {
	OpenAPI    string              `json:"openapi"`
	Info       info                `json:"info"`
	Servers    []server            `json:"servers"`
	Paths      map[string]pathItem `json:"paths"`
	Components openComponents      `json:"components"`
}

type server struct {
	URL string `json:"url"`
}

type openComponents struct {
	Schemas    map[string]*schema.Schema `json:"schemas,omitempty"`
	Parameters map[string]parameter      `json:"parameters,omitempty"`
	Headers    map[string]header         `json:"headers,omitempty"`
}

// A pathItem has one operation for each method, in lower case.
type pathItem map[string]verb

// A verb is what OpenAPI calls an operation: a route.
type verb struct {
	OperationID string            `json:"operationId"`
	Summary     string            `json:"summary,omitempty"`
	Description string            `json:"description,omitempty"`
	Parameters  []any             `json:"parameters,omitempty"` // parameter or reference
	RequestBody *requestBody      `json:"requestBody,omitempty"`
	Responses   map[string]answer `json:"responses"`
	Function    string            `json:"x-less-function"`
}

type parameter struct {
	Name        string         `json:"name"`
	In          string         `json:"in"`
	Required    bool           `json:"required,omitempty"`
	Description string         `json:"description,omitempty"`
	Schema      *schema.Schema `json:"schema"`
}

type header struct {
	Description string         `json:"description"`
	Schema      *schema.Schema `json:"schema"`
}

type requestBody struct {
	Required bool                 `json:"required,omitempty"`
	Content  map[string]mediaType `json:"content"`
}

type mediaType struct {
	Schema *schema.Schema `json:"schema,omitempty"`
}

type answer struct {
	Description string               `json:"description"`
	Headers     map[string]reference `json:"headers,omitempty"`
	Content     map[string]mediaType `json:"content,omitempty"`
}

const (
	jsonType          = "application/json"
	correlationHeader = "X-Correlation-Id"
	correlationName   = "correlationId"
)

// OpenAPI describes the routes of one API. There is a document for each, because
// each has a base URL of its own, and two can have the same path.
func OpenAPI(c contract.Contract, api string, o Options) ([]byte, error) {
	found, ok := c.API(api)
	if !ok {
		var names []string
		for _, a := range c.APIs {
			names = append(names, a.Name)
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("there is no API %q, and no other. Make a route first: less-cli create route", api)
		}
		return nil, fmt.Errorf("there is no API %q. Name one of: %s", api, strings.Join(names, ", "))
	}
	text := "an id shared by all events that the request causes; one is made where the request has none"
	id := &schema.Schema{Type: "string"}
	doc := openAPI{
		OpenAPI: "3.1.0",
		Info:    info{Title: c.Name + " " + api, Version: o.version(), Description: "The API " + api + " of " + c.Name + "."},
		Servers: []server{{cmp.Or(o.Server, "/")}},
		Paths:   map[string]pathItem{},
		Components: openComponents{
			Parameters: map[string]parameter{correlationName: {Name: correlationHeader, In: "header", Description: text, Schema: id}},
			Headers:    map[string]header{correlationName: {Description: text, Schema: id}},
		},
	}
	var schemas []*schema.Schema
	for _, r := range found.Routes {
		if doc.Paths[r.Path] == nil {
			doc.Paths[r.Path] = pathItem{}
		}
		doc.Paths[r.Path][strings.ToLower(r.Method)] = operationOf(r)
		schemas = append(schemas, r.Body)
		for _, p := range r.Params {
			schemas = append(schemas, p.Schema)
		}
		for _, a := range r.Answers {
			schemas = append(schemas, a.Body)
		}
	}
	doc.Components.Schemas = definitions(schemas)
	return write(doc)
}

func operationOf(r contract.Route) verb {
	out := verb{
		OperationID: dotted(r.ID), Function: r.ID,
		Summary: firstSentence(r.Description), Description: r.Description,
		Responses: map[string]answer{},
	}
	if out.Summary == "" {
		out.Summary = r.Method + " " + r.Path
	}
	if out.Description == out.Summary || out.Description == out.Summary+"." {
		out.Description = ""
	}
	for _, p := range r.Params {
		out.Parameters = append(out.Parameters, parameter{
			Name: p.Name, In: p.In, Required: p.Required, Description: p.Description, Schema: p.Schema,
		})
	}
	out.Parameters = append(out.Parameters, ref("components", "parameters", correlationName))
	if r.Shape == app.HTTP {
		untyped(r, &out)
		return out
	}
	if r.Body != nil {
		out.RequestBody = &requestBody{Required: r.BodyRequired, Content: map[string]mediaType{jsonType: {r.Body}}}
	}
	for _, a := range r.Answers {
		status, description := strconv.Itoa(a.Status), http.StatusText(a.Status)
		if a.Status == 0 {
			status, description = "2XX", "The answer decides on its status."
		}
		out.Responses[status] = described(description, a.Body)
	}
	return out
}

// untyped is a route whose handler is net/http's: it reads and answers what it likes.
func untyped(r contract.Route, out *verb) {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodDelete, http.MethodOptions:
	default:
		out.RequestBody = &requestBody{Content: map[string]mediaType{"*/*": {}}}
	}
	out.Responses["default"] = described("The handler writes its answer itself, and no type says what it is.", nil)
}

func described(description string, body *schema.Schema) answer {
	out := answer{Description: description, Headers: map[string]reference{correlationHeader: ref("components", "headers", correlationName)}}
	if body != nil {
		out.Content = map[string]mediaType{jsonType: {body}}
	}
	return out
}
