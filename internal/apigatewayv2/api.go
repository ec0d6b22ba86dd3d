package apigatewayv2

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// An API is an HTTP API with all that belongs to it.
type API struct {
	ID, Region, Name     string
	Description, Version string
	Created              time.Time
	CORS                 *CORS
	// Closed says that its endpoint is disabled, so that it answers nobody.
	Closed       bool
	Tags         map[string]string
	Integrations []Integration
	Routes       []Route
	Stages       []Stage
	Deployments  []Deployment
}

// CORS says what a browser lets pages of other origins do.
type CORS struct {
	AllowCredentials bool     `json:"allowCredentials,omitempty"`
	AllowHeaders     []string `json:"allowHeaders,omitempty"`
	AllowMethods     []string `json:"allowMethods,omitempty"`
	AllowOrigins     []string `json:"allowOrigins,omitempty"`
	ExposeHeaders    []string `json:"exposeHeaders,omitempty"`
	MaxAge           *int     `json:"maxAge,omitempty"` // s
}

// APISettings are the settings of an API that a client may choose.
type APISettings struct {
	Name                      *string `json:"name"`
	Description               *string `json:"description"`
	Version                   *string `json:"version"`
	CORSConfiguration         *CORS   `json:"corsConfiguration"`
	DisableExecuteAPIEndpoint *bool   `json:"disableExecuteApiEndpoint"`
	// RouteSelectionExpression has one value for an HTTP API.
	RouteSelectionExpression *string `json:"routeSelectionExpression"`
	// What would be lost if it were ignored.
	Target       json.RawMessage `json:"target"`
	RouteKey     json.RawMessage `json:"routeKey"`
	Credentials  json.RawMessage `json:"credentialsArn"`
	Schema       json.RawMessage `json:"disableSchemaValidation"`
	KeySelection json.RawMessage `json:"apiKeySelectionExpression"`
}

const routeSelection = "$request.method $request.path"

func (in *APISettings) apply(a *API) error {
	if err := refuse("an API", map[string]json.RawMessage{
		"target": in.Target, "routeKey": in.RouteKey, "credentialsArn": in.Credentials, "disableSchemaValidation": in.Schema,
		"apiKeySelectionExpression": in.KeySelection,
	}); err != nil {
		return err
	}
	if in.Name != nil && (*in.Name == "" || len(*in.Name) > 128) {
		return badRequest("The name of an API has 1 to 128 characters.") // AWS's words were not seen
	}
	if e := in.RouteSelectionExpression; e != nil && *e != routeSelection && *e != "${request.method} ${request.path}" {
		return badRequest("Invalid routeSelectionExpression: %s", *e)
	}
	set(&a.Name, in.Name)
	set(&a.Description, in.Description)
	set(&a.Version, in.Version)
	set(&a.Closed, in.DisableExecuteAPIEndpoint)
	if in.CORSConfiguration != nil {
		a.CORS = in.CORSConfiguration
	}
	if c := a.CORS; c != nil && c.AllowCredentials {
		for _, list := range [][]string{c.AllowHeaders, c.AllowMethods, c.AllowOrigins, c.ExposeHeaders} {
			if len(list) == 1 && list[0] == "*" {
				return badRequest("Invalid CORS configuration: the wildcard '*' is not valid with allowCredentials") // AWS's words were not seen
			}
		}
	}
	return nil
}

// CreateAPIInput is the input of CreateApi.
type CreateAPIInput struct {
	// ID is the API's, for callers in this process; empty lets the service choose.
	ID           string            `json:"-"`
	ProtocolType string            `json:"protocolType"`
	Tags         map[string]string `json:"tags"`
	APISettings
}

// APIOutput is what API Gateway tells of an API.
type APIOutput struct {
	Status                    int               `json:"-" rest:"status"`
	APIEndpoint               string            `json:"apiEndpoint"`
	APIID                     string            `json:"apiId"`
	APIKeySelectionExpression string            `json:"apiKeySelectionExpression"`
	CORSConfiguration         *CORS             `json:"corsConfiguration,omitempty"`
	CreatedDate               string            `json:"createdDate"`
	Description               string            `json:"description,omitempty"`
	DisableExecuteAPIEndpoint bool              `json:"disableExecuteApiEndpoint"`
	IPAddressType             string            `json:"ipAddressType"`
	Name                      string            `json:"name"`
	ProtocolType              string            `json:"protocolType"`
	RouteSelectionExpression  string            `json:"routeSelectionExpression"`
	Tags                      map[string]string `json:"tags"`
	Version                   string            `json:"version,omitempty"`
}

// EndpointPath is what the path of an API's endpoint begins with, before its id.
const EndpointPath = "/_aws/execute-api/"

// describe tells of an API. Its endpoint is on the engine's own port, which every
// client here can reach: AWS's has a name that leads to AWS.
func (a *API) describe(ctx context.Context) *APIOutput {
	out := &APIOutput{
		APIEndpoint: awsapi.RequestFrom(ctx).URL + EndpointPath + a.ID, APIID: a.ID,
		APIKeySelectionExpression: "$request.header.x-api-key", CORSConfiguration: a.CORS,
		CreatedDate: iso(a.Created), Description: a.Description, DisableExecuteAPIEndpoint: a.Closed,
		IPAddressType: "ipv4", Name: a.Name, ProtocolType: "HTTP", RouteSelectionExpression: routeSelection,
		Tags: a.Tags, Version: a.Version,
	}
	if out.Tags == nil {
		out.Tags = map[string]string{}
	}
	return out
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// CreateAPI makes an API, which answers nothing before it has a stage and routes.
func (s *Service) CreateAPI(ctx context.Context, in *CreateAPIInput) (*APIOutput, error) {
	switch {
	case in.ProtocolType == "WEBSOCKET":
		return nil, awsapi.NotImplemented("WebSocket APIs")
	case in.ProtocolType != "HTTP":
		return nil, badRequest("Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]")
	case in.Name == nil:
		return nil, badRequest("The name of an API has 1 to 128 characters.")
	}
	a := &API{ID: in.ID, Region: awsapi.RequestFrom(ctx).Region, Created: time.Now(), Tags: in.Tags}
	if a.ID == "" {
		a.ID = newID(10)
	}
	if err := in.apply(a); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.apis[a.ID] != nil {
		return nil, conflict("There is an API %s already.", a.ID)
	}
	if err := s.keep(ctx, a); err != nil {
		return nil, err
	}
	out := a.describe(ctx)
	out.Status = http.StatusCreated
	return out, nil
}

// newID returns an id of the form that API Gateway's have.
func newID(n int) string { return strings.ToLower(rand.Text())[:n] }

// APIReference is the part of an input that says which API is meant.
type APIReference struct {
	APIID string `json:"-" rest:"path=apiId"`
}

// Resource is the ARN of the API.
func (in *APIReference) Resource(region string) string {
	return "arn:aws:apigateway:" + region + "::/apis/" + in.APIID
}

// GetAPI returns what there is to know about an API.
func (s *Service) GetAPI(ctx context.Context, in *APIReference) (*APIOutput, error) {
	a, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	return a.describe(ctx), nil
}

// ListInput is the input of the actions that list what an API has.
type ListInput struct {
	APIReference
	// NextToken is not used: an answer has everything.
	NextToken string `json:"-" rest:"query=nextToken"`
}

// A List is the output of the actions that list.
type List[T any] struct {
	Items []T `json:"items"`
}

// GetAPIs lists the APIs.
func (s *Service) GetAPIs(ctx context.Context, _ *struct{}) (*List[*APIOutput], error) {
	out := &List[*APIOutput]{Items: []*APIOutput{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.sorted() {
		out.Items = append(out.Items, a.describe(ctx))
	}
	return out, nil
}

// UpdateAPIInput is the input of UpdateApi.
type UpdateAPIInput struct {
	APIReference
	// NoCORS removes what is said about CORS, for callers in this process. By the wire
	// that is an action of its own.
	NoCORS bool `json:"-"`
	APISettings
}

// UpdateAPI changes settings of an API.
func (s *Service) UpdateAPI(ctx context.Context, in *UpdateAPIInput) (*APIOutput, error) {
	var out *APIOutput
	err := s.change(ctx, in.APIID, func(a *API) error {
		if in.NoCORS {
			a.CORS = nil
		}
		err := in.apply(a)
		out = a.describe(ctx)
		return err
	})
	return out, err
}

// NoContent is the output of an action that says no more than that it is done.
type NoContent struct {
	Status int `json:"-" rest:"status"`
}

// DeleteAPI ends an API with all that belongs to it.
func (s *Service) DeleteAPI(ctx context.Context, in *APIReference) (*NoContent, error) {
	if _, err := s.find(in.APIID); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.store.Keep(ctx, queue.Document{Kind: kind, Name: in.APIID}); err != nil {
		return nil, err
	}
	delete(s.apis, in.APIID)
	s.changed(s.sorted())
	return &NoContent{http.StatusNoContent}, nil
}
