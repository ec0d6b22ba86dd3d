// Package apigatewayv2 is a part of API Gateway's actions: HTTP APIs that clients
// make, with routes to functions. What becomes of a request to one is package
// gateway's.
//
// An API is one document in the store, with its routes, integrations, stages and
// deployments, so that what a client reads and what is served is one state of it.
package apigatewayv2

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/queue"
)

// A Store keeps the documents of APIs; [queue.Store] is one.
type Store interface {
	Keep(ctx context.Context, documents ...queue.Document) error
	Documents(ctx context.Context, kind string) ([]queue.Document, error)
}

// kind is the kind of the documents.
const kind = "http api"

// A Service is API Gateway. Its methods are its actions; they may be called at the
// same time.
type Service struct {
	store   Store
	changed func([]*API)

	mu   sync.Mutex
	apis map[string]*API // by id; one that is in the map does not change
}

// New returns API Gateway over store, with the APIs that store keeps. Changed is told
// of all of them, now and after each change, in the order of their ids; they do not
// change themselves.
func New(ctx context.Context, store Store, changed func([]*API)) (*Service, error) {
	documents, err := store.Documents(ctx, kind)
	if err != nil {
		return nil, fmt.Errorf("read the APIs: %w", err)
	}
	s := &Service{store: store, changed: changed, apis: map[string]*API{}}
	for _, d := range documents {
		a := &API{}
		if err := json.Unmarshal(d.Value, a); err != nil {
			return nil, fmt.Errorf("read the API %s: %w", d.Name, err)
		}
		s.apis[d.Name] = a
	}
	changed(s.sorted())
	return s, nil
}

// sorted are all APIs. The caller holds s.mu, but for New.
func (s *Service) sorted() []*API {
	return slices.SortedFunc(maps.Values(s.apis), func(a, b *API) int { return strings.Compare(a.ID, b.ID) })
}

// find returns an API, which does not change.
func (s *Service) find(id string) (*API, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.apis[id]
	if a == nil {
		return nil, notFound("Invalid API identifier specified %s:%s", awsapi.Account, id)
	}
	return a, nil
}

// change makes a change to an API, all of it or nothing.
func (s *Service) change(ctx context.Context, id string, how func(*API) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.apis[id]
	if before == nil {
		return notFound("Invalid API identifier specified %s:%s", awsapi.Account, id)
	}
	a := before.clone()
	if err := how(a); err != nil {
		return err
	}
	return s.keep(ctx, a)
}

// keep writes an API down. The caller holds s.mu.
func (s *Service) keep(ctx context.Context, a *API) error {
	if err := s.store.Keep(ctx, queue.Document{Kind: kind, Name: a.ID, Value: encode(a)}); err != nil {
		return err
	}
	s.apis[a.ID] = a
	s.changed(s.sorted())
	return nil
}

// clone is a copy that can be changed.
func (a *API) clone() *API {
	out := &API{}
	if err := json.Unmarshal(encode(a), out); err != nil {
		panic("apigatewayv2: an API cannot be read: " + err.Error()) // it was just written
	}
	return out
}

func encode(a *API) []byte {
	text, err := json.Marshal(a)
	if err != nil {
		panic("apigatewayv2: an API cannot be written: " + err.Error()) // it is texts and numbers
	}
	return text
}

const (
	apiPath         = "/v2/apis/{apiId}"
	integrationPath = apiPath + "/integrations/{integrationId}"
	routePath       = apiPath + "/routes/{routeId}"
	stagePath       = apiPath + "/stages/{stageName}"
	deploymentPath  = apiPath + "/deployments/{deploymentId}"
	tagsPath        = "/v2/tags/{resource-arn}"
)

// API returns the table of actions.
func (s *Service) API() *awsapi.Service {
	api := &awsapi.Service{Name: "apigateway", Denied: denied}
	awsapi.RegisterREST(api, "CreateApi", "POST /v2/apis", s.CreateAPI)
	awsapi.RegisterREST(api, "CreateDeployment", "POST "+apiPath+"/deployments", s.CreateDeployment)
	awsapi.RegisterREST(api, "CreateIntegration", "POST "+apiPath+"/integrations", s.CreateIntegration)
	awsapi.RegisterREST(api, "CreateRoute", "POST "+apiPath+"/routes", s.CreateRoute)
	awsapi.RegisterREST(api, "CreateStage", "POST "+apiPath+"/stages", s.CreateStage)
	awsapi.RegisterREST(api, "DeleteApi", "DELETE "+apiPath, s.DeleteAPI)
	awsapi.RegisterREST(api, "DeleteDeployment", "DELETE "+deploymentPath, s.DeleteDeployment)
	awsapi.RegisterREST(api, "DeleteIntegration", "DELETE "+integrationPath, s.DeleteIntegration)
	awsapi.RegisterREST(api, "DeleteRoute", "DELETE "+routePath, s.DeleteRoute)
	awsapi.RegisterREST(api, "DeleteStage", "DELETE "+stagePath, s.DeleteStage)
	awsapi.RegisterREST(api, "GetApi", "GET "+apiPath, s.GetAPI)
	awsapi.RegisterREST(api, "GetApis", "GET /v2/apis", s.GetAPIs)
	awsapi.RegisterREST(api, "GetDeployment", "GET "+deploymentPath, s.GetDeployment)
	awsapi.RegisterREST(api, "GetDeployments", "GET "+apiPath+"/deployments", s.GetDeployments)
	awsapi.RegisterREST(api, "GetIntegration", "GET "+integrationPath, s.GetIntegration)
	awsapi.RegisterREST(api, "GetIntegrations", "GET "+apiPath+"/integrations", s.GetIntegrations)
	awsapi.RegisterREST(api, "GetRoute", "GET "+routePath, s.GetRoute)
	awsapi.RegisterREST(api, "GetRoutes", "GET "+apiPath+"/routes", s.GetRoutes)
	awsapi.RegisterREST(api, "GetStage", "GET "+stagePath, s.GetStage)
	awsapi.RegisterREST(api, "GetStages", "GET "+apiPath+"/stages", s.GetStages)
	awsapi.RegisterREST(api, "GetTags", "GET "+tagsPath, s.GetTags)
	awsapi.RegisterREST(api, "TagResource", "POST "+tagsPath, s.TagResource)
	awsapi.RegisterREST(api, "UntagResource", "DELETE "+tagsPath, s.UntagResource)
	awsapi.RegisterREST(api, "UpdateApi", "PATCH "+apiPath, s.UpdateAPI)
	awsapi.RegisterREST(api, "UpdateIntegration", "PATCH "+integrationPath, s.UpdateIntegration)
	awsapi.RegisterREST(api, "UpdateRoute", "PATCH "+routePath, s.UpdateRoute)
	awsapi.RegisterREST(api, "UpdateStage", "PATCH "+stagePath, s.UpdateStage)
	return api
}
