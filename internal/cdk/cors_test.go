package cdk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/plan"
)

// twoAPIs are orders, with its routes, and admin, with one.
func twoAPIs() app.App {
	a := withRoutes(generated(0), 2)
	other := withRoutes(generated(0), 1).APIs[0]
	other.Name = "admin"
	other.Routes = slices.Clone(other.Routes)
	for i := range other.Routes {
		other.Routes[i].API = "admin"
		other.Routes[i].Package.Dir = strings.Replace(other.Routes[i].Package.Dir, "/orders/", "/admin/", 1)
	}
	a.APIs = append([]app.API{other}, a.APIs...)
	return a
}

func TestEachAPIHasItsOwnOrigins(t *testing.T) {
	s := system{app: twoAPIs(), opts: plan.DeployOptions{Layout: plan.Single}, planned: plan.Options{Origins: map[string][]string{"orders": {"https://shop.example"}}}}
	all := resources(t, s.synth(t))
	cors := mapOf(all["less-dev/apis/orders/$gateway/Api"].Properties["CorsConfiguration"])
	if diff := cmp.Diff([]any{"https://shop.example"}, cors["AllowOrigins"]); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	if got := all["less-dev/apis/admin/$gateway/Api"].Properties["CorsConfiguration"]; got != nil {
		t.Errorf("admin: %v", got)
	}
}

func TestARESTAPIOfOneOriginNamesItInEveryAnswer(t *testing.T) {
	s := system{app: twoAPIs(), opts: plan.DeployOptions{Gateway: plan.REST, Layout: plan.Single}, planned: plan.Options{Origins: map[string][]string{"orders": {"https://shop.example"}}}}
	all := resources(t, s.synth(t))
	for _, kind := range []string{"DEFAULT_4XX", "DEFAULT_5XX"} {
		got := all["less-dev/apis/orders/$gateway/"+kind].Properties["ResponseParameters"]
		if diff := cmp.Diff(map[string]any{"gatewayresponse.header.Access-Control-Allow-Origin": "'https://shop.example'"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
	preflight := all["less-dev/apis/orders/$gateway/folder.things.thing_000/Preflight"].Properties
	answer := mapOf(list(mapOf(preflight["Integration"])["IntegrationResponses"])[0])
	want := map[string]any{
		"method.response.header.Access-Control-Allow-Origin":  "'https://shop.example'",
		"method.response.header.Access-Control-Allow-Methods": "'GET,OPTIONS'",
		"method.response.header.Access-Control-Allow-Headers": "'authorization,content-type,traceparent,x-correlation-id'",
		"method.response.header.Access-Control-Max-Age":       "'3600'",
		"method.response.header.Vary":                         "'Origin'",
	}
	if diff := cmp.Diff(want, answer["ResponseParameters"]); diff != "" || answer["ResponseTemplates"] != nil {
		t.Errorf("preflight, templates %v (-want +got):\n%s", answer["ResponseTemplates"], diff)
	}
	// The answers of functions are theirs to name it in.
	for folder, want := range map[string]any{"orders/things/thing_000/by_id/get": "https://shop.example", "admin/things/thing_000/by_id/get": nil} {
		got := mapOf(mapOf(all["less-dev/apis/"+folder+"/Function"].Properties["Environment"])["Variables"])["LESS_ORIGINS"]
		if got != want {
			t.Errorf("%s is told of %v, want %v", folder, got, want)
		}
	}
	for path := range all {
		if strings.HasPrefix(path, "less-dev/apis/admin/") && (strings.HasSuffix(path, "Preflight") || strings.Contains(path, "DEFAULT_")) {
			t.Errorf("%s is there without a setting", path)
		}
	}
}

func TestARESTAPIOfSeveralOriginsChoosesTheOneThatAsks(t *testing.T) {
	s := system{
		app: withRoutes(generated(0), 1), opts: plan.DeployOptions{Gateway: plan.REST, Layout: plan.Single},
		planned: plan.Options{Origins: map[string][]string{"": {"https://a.example", "http://*"}}},
	}
	all := resources(t, s.synth(t))
	preflight := all["less-dev/apis/orders/$gateway/folder.things.thing_000/Preflight"].Properties
	answer := mapOf(list(mapOf(preflight["Integration"])["IntegrationResponses"])[0])
	template, _ := mapOf(answer["ResponseTemplates"])["application/json"].(string)
	if !strings.Contains(template, `#if($origin == "https://a.example" || $origin.startsWith("http://"))#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)`) {
		t.Errorf("the template does not choose: %s", template)
	}
	if got := mapOf(answer["ResponseParameters"])["method.response.header.Access-Control-Allow-Origin"]; got != nil {
		t.Errorf("the header is fixed to %v", got)
	}
	declared := mapOf(mapOf(list(preflight["MethodResponses"])[0])["ResponseParameters"])
	if _, found := declared["method.response.header.Access-Control-Allow-Origin"]; !found {
		t.Errorf("the header is not declared: %v", declared)
	}
	if _, found := all["less-dev/apis/orders/$gateway/DEFAULT_4XX"]; found {
		t.Error("a gateway response names one of several origins")
	}
}
