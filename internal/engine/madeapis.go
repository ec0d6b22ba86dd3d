package engine

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/apigatewayv2"
	"github.com/less-go/less/internal/cors"
	"github.com/less-go/less/internal/gateway"
	"github.com/less-go/less/internal/lambda"
	"github.com/less-go/less/internal/lambdaapi"
	"github.com/less-go/less/internal/loopback"
	"github.com/less-go/less/internal/plan"
)

// madeAPIs serve the APIs that clients have made, on the AWS port: at their
// endpoint's path, and under their host name.
//
//	http://localhost:4566/_aws/execute-api/a1b2c3d4e5/orders
//	http://a1b2c3d4e5.execute-api.localhost:4566/orders
type madeAPIs struct {
	host      *lambda.Host
	functions *lambdaapi.Service
	sink      activity.Sink

	mu      sync.RWMutex
	stopped bool
	apis    map[string]*madeAPI // by id
	// ended are the gateways of stages that are gone, whose functions may still run.
	ended []*gateway.Gateway
}

// A madeAPI is an API with the gateways of its stages.
type madeAPI struct {
	*apigatewayv2.API
	stages map[string]*gateway.Gateway // by name
}

// set replaces all APIs.
func (m *madeAPIs) set(apis []*apigatewayv2.API) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.apis
	m.apis = map[string]*madeAPI{}
	for _, a := range apis {
		made := &madeAPI{API: a, stages: map[string]*gateway.Gateway{}}
		m.apis[a.ID] = made
		for _, stage := range a.Stages {
			var g *gateway.Gateway
			if old := before[a.ID]; old != nil {
				g = old.stages[stage.Name]
				delete(old.stages, stage.Name)
			}
			if g == nil {
				g = gateway.New(gateway.Options{API: plan.API{Name: a.ID}, Invoker: m, Sink: m.sink})
			}
			g.SetStage(m.served(a, stage))
			made.stages[stage.Name] = g
		}
	}
	for _, old := range before {
		for _, g := range old.stages {
			m.ended = append(m.ended, g)
		}
	}
}

// served is what the gateway of a stage serves.
func (m *madeAPIs) served(a *apigatewayv2.API, stage apigatewayv2.Stage) (plan.API, gateway.Stage) {
	out := plan.API{Name: a.ID}
	timeouts := map[plan.Route]time.Duration{}
	sources := map[plan.Route]string{}
	for _, r := range a.Served(stage) {
		method, path, _ := strings.Cut(r.Key, " ")
		route := plan.Route{Method: method, Path: path, Function: r.Function}
		out.Routes = append(out.Routes, route)
		timeouts[route], sources[route] = r.Timeout, a.SourceARN(stage.Name, r.Key)
	}
	s := gateway.Stage{
		Name: stage.Name, Rate: stage.Throttle.Rate, Burst: stage.Throttle.Burst,
		Timeout: func(r plan.Route) time.Duration { return timeouts[r] },
		Refuse:  func(r plan.Route) error { return m.refuse(r.Function, sources[r]) },
	}
	if c := a.CORS; c != nil {
		s.CORS = &cors.Policy{
			Credentials: c.AllowCredentials, Origins: c.AllowOrigins, Methods: c.AllowMethods,
			Headers: c.AllowHeaders, Expose: c.ExposeHeaders,
		}
		if c.MaxAge != nil {
			s.CORS.MaxAge = new(time.Duration(*c.MaxAge) * time.Second)
		}
	}
	return out, s
}

// refuse says why a route may not invoke a function.
func (m *madeAPIs) refuse(function, source string) error {
	if _, found := m.functions.Identity(function); !found {
		return fmt.Errorf("there is no function %s", function)
	}
	if !m.functions.MayInvoke(function, "apigateway.amazonaws.com", source) {
		return fmt.Errorf("the function %s does not let the API invoke it: it has no permission for apigateway.amazonaws.com and %s", function, source)
	}
	return nil
}

// Invoke runs a function, which is given by its name.
func (m *madeAPIs) Invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error) {
	id, found := m.functions.Identity(function)
	if !found {
		return lambda.Result{}, lambda.ErrNoFunction
	}
	return m.host.Invoke(ctx, id, payload)
}

// bodyTime is how long a request's body may take.
const bodyTime = time.Minute

// before serves what is for an API, and leaves the rest to next.
func (m *madeAPIs) before(next http.Handler) http.Handler {
	serve := loopback.Guard(http.HandlerFunc(m.serve))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, isAPI := apiOf(r); isAPI {
			serve.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// apiOf finds the id of the API that a request is for, and what its path has before
// the API's own.
func apiOf(r *http.Request) (id, prefix string, found bool) {
	if rest, ok := strings.CutPrefix(r.URL.Path, apigatewayv2.EndpointPath); ok {
		id, _, _ = strings.Cut(rest, "/")
		return id, apigatewayv2.EndpointPath + id, true
	}
	id, rest, _ := strings.Cut(r.Host, ".")
	return id, "", strings.HasPrefix(rest, "execute-api.")
}

func (m *madeAPIs) serve(w http.ResponseWriter, r *http.Request) {
	id, prefix, _ := apiOf(r)
	g, stage := m.find(id, strings.TrimPrefix(r.URL.Path, prefix))
	if g == nil {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"message":"Not Found"}`)) // a client that has gone needs no answer
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // the recorders of tests have none
	http.StripPrefix(prefix+stage, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "" {
			r.URL.Path = "/"
		}
		g.ServeHTTP(w, r)
	})).ServeHTTP(w, r)
}

// find returns the gateway for a path of an API: that of the stage which the path
// begins with, else that of the stage without a name.
func (m *madeAPIs) find(id, path string) (g *gateway.Gateway, prefix string) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	a := m.apis[id]
	if a == nil || a.Closed || m.stopped {
		return nil, ""
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if g := a.stages[name]; g != nil && name != apigatewayv2.DefaultStage {
		return g, "/" + name
	}
	return a.stages[apigatewayv2.DefaultStage], ""
}

// stop serves no more requests.
func (m *madeAPIs) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopped = true
}

// wait returns when all functions have ended that a request has invoked.
func (m *madeAPIs) wait() {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, g := range m.ended {
		g.Wait()
	}
	for _, a := range m.apis {
		for _, g := range a.stages {
			g.Wait()
		}
	}
}
