package blueprint

import (
	"slices"
	"strings"
	"time"

	"github.com/less-go/less/internal/cors"
	"github.com/less-go/less/internal/plan"
)

// apis reads the HTTP APIs with their routes.
func (r *reader) apis() {
	byID, served := map[string]*plan.API{}, map[string]bool{}
	var all []*plan.API
	each(r, apiType, func(at *resource, p apiProperties) {
		at.used = true
		id, ok := strings.CutPrefix(p.Description, "less/apis/")
		if name := (plan.Deployment{Plan: r.out.Plan}).APIName(plan.API{Name: id}); !ok || p.ProtocolType != "HTTP" || p.Name != name {
			r.refuse(at, "it is the %s API %s, %q, and not an HTTP API of a folder below less/apis", p.ProtocolType, p.Name, p.Description)
			return
		}
		a := &plan.API{ID: "apis/" + id, Name: id, CORS: p.CorsConfiguration.policy()}
		own, _ := at.stack.name(at.id)
		byID[own], all = a, append(all, a)
	})
	each(r, stageType, func(at *resource, p stageProperties) {
		at.used = true
		r.want(p.StageName == "$default" && p.AutoDeploy && !served[p.APIID], at, "an API of a plan has one stage, $default, with AutoDeploy")
		rate, burst := int(p.DefaultRouteSettings.ThrottlingRateLimit), int(p.DefaultRouteSettings.ThrottlingBurstLimit)
		if len(served) == 0 {
			r.out.ThrottleRate, r.out.ThrottleBurst = rate, burst
		}
		r.want(rate == r.out.ThrottleRate && burst == r.out.ThrottleBurst, at, "its limits are %d and %d, and others' %d and %d", rate, burst, r.out.ThrottleRate, r.out.ThrottleBurst)
		served[p.APIID] = true
	})
	type integration struct {
		at *resource
		integrationProperties
	}
	integrations := map[string]integration{}
	each(r, integrationType, func(at *resource, p integrationProperties) {
		own, _ := at.stack.name(at.id)
		integrations[own] = integration{at, p}
	})
	each(r, routeType, func(at *resource, p routeProperties) {
		at.used = true
		method, path, _ := strings.Cut(p.RouteKey, " ")
		target, _ := strings.CutPrefix(p.Target, "integrations/")
		a, to := byID[p.APIID], integrations[target]
		if a == nil || to.at == nil || to.APIID != p.APIID || path == "" {
			r.refuse(at, "%s of %s to %s is not a route from an API of these stacks to its integration", p.RouteKey, p.APIID, p.Target)
			return
		}
		to.at.used = true
		f := r.named(to.at, to.IntegrationURI)
		if f == nil {
			r.refuse(to.at, "%s is no function of these stacks", to.IntegrationURI)
			return
		}
		r.want(p.AuthorizationType == "" || p.AuthorizationType == "NONE", at, "its authorization is %s, and a plan's routes are open", p.AuthorizationType)
		r.want(to.IntegrationType == "AWS_PROXY" && to.PayloadFormatVersion == "2.0", to.at, "it is %s with payloads of the version %s, and a plan's are AWS_PROXY with 2.0", to.IntegrationType, to.PayloadFormatVersion)
		patience := min(f.timeout, plan.RouteTimeout) + time.Second
		r.want(time.Duration(or(to.TimeoutInMillis, 30000))*time.Millisecond == patience, to.at, "it waits for %d ms, and one to a function with the timeout %s for %s", or(to.TimeoutInMillis, 30000), f.timeout, patience)
		r.want(served[p.APIID], at, "%s has no stage, so nobody can call it", a.ID)
		r.want(strings.HasPrefix(f.id, a.ID+"/"), at, "%s is not below %s", f.id, a.ID)
		call := "/$default/" + method + path
		r.invoked(at, f, "apigateway.amazonaws.com", at.stack.arn("execute-api", p.APIID+call), at.stack.arn("execute-api", "-"+call))
		a.Routes = append(a.Routes, plan.Route{Method: method, Path: path, Function: f.id})
	})
	for _, a := range all {
		r.out.Plan.APIs = append(r.out.Plan.APIs, *a)
	}
}

// policy is what pages of other origins may do, nil for what the functions say.
func (p *corsProperties) policy() *cors.Policy {
	if p == nil {
		return nil
	}
	out := &cors.Policy{
		Origins: p.AllowOrigins, Credentials: p.AllowCredentials, Methods: p.AllowMethods, Headers: p.AllowHeaders, Expose: p.ExposeHeaders,
	}
	if p.MaxAge != nil {
		out.MaxAge = new(time.Duration(*p.MaxAge) * time.Second)
	}
	slices.Sort(out.Methods)
	return out
}
