package apigatewayv2

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// A Route says which requests go to which integration.
type Route struct {
	ID string
	// Key is "POST /orders/{order_id}", with ANY for every method, or $default for
	// what no other route takes.
	Key string
	// Integration is the id of the integration, "" where there is none yet.
	Integration   string
	OperationName string
}

// RouteSettings are the settings of a route that a client may choose.
type RouteSettings struct {
	RouteKey          *string `json:"routeKey"`
	Target            *string `json:"target"`
	AuthorizationType *string `json:"authorizationType"`
	OperationName     *string `json:"operationName"`
	// What would be lost if it were ignored.
	APIKeyRequired    json.RawMessage `json:"apiKeyRequired"`
	Scopes            json.RawMessage `json:"authorizationScopes"`
	AuthorizerID      json.RawMessage `json:"authorizerId"`
	ModelSelection    json.RawMessage `json:"modelSelectionExpression"`
	RequestModels     json.RawMessage `json:"requestModels"`
	RequestParameters json.RawMessage `json:"requestParameters"`
	ResponseSelection json.RawMessage `json:"routeResponseSelectionExpression"`
}

const (
	// DefaultRoute is the key of the route that takes what no other does.
	DefaultRoute = "$default"
	anyMethod    = "ANY"
	targetPrefix = "integrations/"
)

var validKey = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) (/.*)$`)

// apply sets a route of a.
func (in *RouteSettings) apply(a *API, r *Route) error {
	if err := refuse("a route", map[string]json.RawMessage{
		"apiKeyRequired": in.APIKeyRequired, "authorizationScopes": in.Scopes, "authorizerId": in.AuthorizerID,
		"modelSelectionExpression": in.ModelSelection, "requestModels": in.RequestModels,
		"requestParameters": in.RequestParameters, "routeResponseSelectionExpression": in.ResponseSelection,
	}); err != nil {
		return err
	}
	if t := in.AuthorizationType; t != nil && *t != "NONE" {
		// A route that is to be closed must not be open.
		return refuse("a route", map[string]json.RawMessage{"the authorizationType " + *t: json.RawMessage("true")})
	}
	if in.RouteKey != nil {
		if err := checkKey(*in.RouteKey); err != nil {
			return err
		}
		for _, other := range a.Routes {
			if other.ID != r.ID && other.Key == *in.RouteKey {
				return conflict("Route with key %s already exists for this API", *in.RouteKey)
			}
		}
		r.Key = *in.RouteKey
	}
	if in.Target != nil && *in.Target == "" {
		r.Integration = ""
	} else if in.Target != nil {
		id, ok := strings.CutPrefix(*in.Target, targetPrefix)
		if !ok || a.integration(id) == nil {
			return badRequest("Invalid target specified: %s", *in.Target) // AWS's words were not seen
		}
		r.Integration = id
	}
	set(&r.OperationName, in.OperationName)
	return nil
}

// checkKey refuses a key that no request could be for.
func checkKey(key string) error {
	if key == DefaultRoute {
		return nil
	}
	if !validKey.MatchString(key) {
		return badRequest(`The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"`)
	}
	_, path, _ := strings.Cut(key, " ")
	segments := strings.Split(path[1:], "/")
	for i, s := range segments {
		inner, opened := strings.CutPrefix(s, "{")
		inner, closed := strings.CutSuffix(inner, "}")
		inner, greedy := strings.CutSuffix(inner, "+")
		switch {
		case opened != closed, strings.ContainsAny(inner, "{}"), opened && inner == "", greedy && opened && i < len(segments)-1:
			return badRequest("Invalid route key: the segment %q of the path is no parameter", s) // AWS's words were not seen
		}
	}
	return nil
}

// RouteOutput is what API Gateway tells of a route.
type RouteOutput struct {
	Status            int    `json:"-" rest:"status"`
	APIKeyRequired    bool   `json:"apiKeyRequired"`
	AuthorizationType string `json:"authorizationType"`
	OperationName     string `json:"operationName,omitempty"`
	RouteID           string `json:"routeId"`
	RouteKey          string `json:"routeKey"`
	Target            string `json:"target,omitempty"`
}

func (r *Route) describe() *RouteOutput {
	out := &RouteOutput{AuthorizationType: "NONE", OperationName: r.OperationName, RouteID: r.ID, RouteKey: r.Key}
	if r.Integration != "" {
		out.Target = targetPrefix + r.Integration
	}
	return out
}

// CreateRouteInput is the input of CreateRoute.
type CreateRouteInput struct {
	APIReference
	// ID is the route's, for callers in this process; empty lets the service choose.
	ID string `json:"-"`
	RouteSettings
}

// CreateRoute makes a route, which is served as soon as a stage has it.
func (s *Service) CreateRoute(ctx context.Context, in *CreateRouteInput) (*RouteOutput, error) {
	if in.RouteKey == nil {
		return nil, badRequest("Route key is required")
	}
	r := Route{ID: in.ID}
	if r.ID == "" {
		r.ID = newID(7)
	}
	err := s.change(ctx, in.APIID, func(a *API) error {
		if a.route(r.ID) != nil {
			return conflict("There is a route %s already.", r.ID)
		}
		err := in.apply(a, &r)
		a.Routes = append(a.Routes, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := r.describe()
	out.Status = http.StatusCreated
	return out, nil
}

func (a *API) route(id string) *Route {
	i := slices.IndexFunc(a.Routes, func(r Route) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &a.Routes[i]
}

var errNoRoute = notFound("Invalid Route identifier specified")

// RouteReference is the part of an input that says which route is meant.
type RouteReference struct {
	APIReference
	RouteID string `json:"-" rest:"path=routeId"`
}

// GetRoute returns what there is to know about a route.
func (s *Service) GetRoute(_ context.Context, in *RouteReference) (*RouteOutput, error) {
	a, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	if r := a.route(in.RouteID); r != nil {
		return r.describe(), nil
	}
	return nil, errNoRoute
}

// GetRoutes lists the routes of an API.
func (s *Service) GetRoutes(_ context.Context, in *ListInput) (*List[*RouteOutput], error) {
	a, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	out := &List[*RouteOutput]{Items: []*RouteOutput{}}
	for i := range a.Routes {
		out.Items = append(out.Items, a.Routes[i].describe())
	}
	return out, nil
}

// UpdateRouteInput is the input of UpdateRoute.
type UpdateRouteInput struct {
	RouteReference
	RouteSettings
}

// UpdateRoute changes settings of a route.
func (s *Service) UpdateRoute(ctx context.Context, in *UpdateRouteInput) (*RouteOutput, error) {
	var out *RouteOutput
	err := s.change(ctx, in.APIID, func(a *API) error {
		r := a.route(in.RouteID)
		if r == nil {
			return errNoRoute
		}
		err := in.apply(a, r)
		out = r.describe()
		return err
	})
	return out, err
}

// DeleteRoute ends a route.
func (s *Service) DeleteRoute(ctx context.Context, in *RouteReference) (*NoContent, error) {
	err := s.change(ctx, in.APIID, func(a *API) error {
		if a.route(in.RouteID) == nil {
			return errNoRoute
		}
		a.Routes = slices.DeleteFunc(a.Routes, func(r Route) bool { return r.ID == in.RouteID })
		return nil
	})
	return &NoContent{http.StatusNoContent}, err
}
