package cdk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/cdk"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/iam"
	"github.com/less-go/less/internal/plan"
)

func TestMain(m *testing.M) {
	// The checks of templates that the CDK makes at each synthesis take longer than
	// all else, and have a test of their own.
	setenv("CDK_VALIDATION", "false")
	setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// setenv sets a variable for Node. Its process keeps the environment from when the
// program started, and a new one begins after Close.
func setenv(name, value string) {
	if err := os.Setenv(name, value); err != nil {
		panic(err)
	}
	jsii.Close()
}

func needNode(tb testing.TB) {
	tb.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		tb.Skip("node is not installed: the constructs are not tested")
	}
}

// A system is what is deployed in a test.
type system struct {
	app  app.App
	flow flow.Flow
	// planned are options of the plan, besides its name.
	planned plan.Options
	opts    plan.DeployOptions
	// context is the CDK's own.
	context map[string]any
	// add is called before synthesis.
	add func(scope awscdk.App, tree *cdk.Tree)
}

// outside lets pages of one origin and other systems in, and has a key for what they say.
var outside = plan.Options{Origins: map[string][]string{"": {"https://example.com"}}, TopicsAPI: true, Key: plan.CreateKey}

func (s system) deployment(tb testing.TB) plan.Deployment {
	tb.Helper()
	s.planned.Name = "less-dev"
	d, err := plan.Deploy(plan.New(s.app, s.flow, s.planned), s.opts)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// synth writes the stacks of s to a folder and returns it.
func (s system) synth(tb testing.TB) string {
	tb.Helper()
	needNode(tb)
	d := s.deployment(tb)
	out := tb.TempDir()
	context := map[string]any{
		"aws:cdk:enable-path-metadata":      true,
		"@aws-cdk/aws-iam:minimizePolicies": true, "@aws-cdk/core:enablePartitionLiterals": true,
	}
	maps.Copy(context, s.context)
	scope := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(out), Context: &context, AnalyticsReporting: jsii.Bool(false)})
	tree, err := cdk.New(scope, cdk.Input{
		Deployment: d, Roles: iam.Roles(s.app, d.Plan, s.flow), Asset: program(tb),
	})
	if err != nil {
		tb.Fatal(err)
	}
	defer func() {
		if cause := recover(); cause != nil {
			tb.Fatal(cause)
		}
	}()
	if s.add != nil {
		s.add(scope, tree)
	}
	scope.Synth(nil)
	return out
}

// program is what all functions are made of here.
func program(tb testing.TB) func(string) (cdk.Asset, error) {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		tb.Fatal(err)
	}
	return func(id string) (cdk.Asset, error) {
		if id == "" {
			return cdk.Asset{}, errors.New("no function")
		}
		return cdk.Asset{Path: dir}, nil
	}
}

// A resource is one of a template, with references written by construct paths.
type resource struct {
	Stack      string // the template's file
	Logical    string
	Path       string // without what the CDK adds at its end
	Type       string
	Properties map[string]any
	Metadata   map[string]any
	Deletion   string
	DependsOn  []string
}

// templates reads the templates in a folder, by file.
func templates(tb testing.TB, dir string) map[string]map[string]any {
	tb.Helper()
	out := map[string]map[string]any{}
	files, err := filepath.Glob(filepath.Join(dir, "*.template.json"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		var t map[string]any
		if err := json.Unmarshal(content, &t); err != nil {
			tb.Fatal(err)
		}
		out[filepath.Base(file)] = t
	}
	return out
}

// resources reads all resources in a folder, by path.
func resources(tb testing.TB, dir string) map[string]resource {
	tb.Helper()
	out := map[string]resource{}
	for file, t := range templates(tb, dir) {
		all, _ := t["Resources"].(map[string]any)
		paths := map[string]string{}
		for id, r := range all {
			if m, ok := r.(map[string]any)["Metadata"].(map[string]any); ok {
				path, _ := m["aws:cdk:path"].(string)
				paths[id] = strings.TrimSuffix(path, "/Resource")
			}
		}
		for id, raw := range all {
			r := raw.(map[string]any)
			one := resource{Stack: file, Logical: id, Path: paths[id], Type: r["Type"].(string)}
			one.Properties, _ = plain(r["Properties"], paths).(map[string]any)
			delete(one.Properties, "Tags")
			one.Metadata, _ = r["Metadata"].(map[string]any)
			one.Deletion, _ = r["DeletionPolicy"].(string)
			depends, _ := r["DependsOn"].([]any)
			for _, d := range depends {
				one.DependsOn = append(one.DependsOn, paths[d.(string)])
			}
			if one.Path == "" {
				one.Path = id
			}
			if _, twice := out[one.Path]; twice {
				tb.Errorf("two resources are called %s", one.Path)
			}
			out[one.Path] = one
		}
	}
	return out
}

// plain replaces the functions of CloudFormation by text: ${path}, ${path.Arn}.
func plain(v any, paths map[string]string) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i], paths)
		}
		return out
	case map[string]any:
		name := func(id string) string {
			if p := paths[id]; p != "" {
				return p
			}
			return id
		}
		if ref, ok := v["Ref"].(string); ok {
			return "${" + name(ref) + "}"
		}
		if get, ok := v["Fn::GetAtt"].([]any); ok {
			return fmt.Sprintf("${%s.%s}", name(get[0].(string)), get[1])
		}
		if join, ok := v["Fn::Join"].([]any); ok {
			var parts []string
			for _, p := range join[1].([]any) {
				parts = append(parts, fmt.Sprint(plain(p, paths)))
			}
			return strings.Join(parts, join[0].(string))
		}
		out := map[string]any{}
		for k, one := range v {
			out[k] = plain(one, paths)
		}
		return out
	}
	return v
}

// count counts resources by type.
func count(all map[string]resource) map[string]int {
	out := map[string]int{}
	for _, r := range all {
		out[r.Type]++
	}
	return out
}

// below lists the resources whose path begins with prefix, without it.
func below(all map[string]resource, prefix string) map[string]resource {
	out := map[string]resource{}
	for path, r := range all {
		if rest, found := strings.CutPrefix(path, prefix+"/"); found {
			out[rest] = r
		}
	}
	return out
}

// properties reads JSON in which $names stand for values.
func properties(tb testing.TB, text string, values ...string) map[string]any {
	tb.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(strings.NewReplacer(values...).Replace(text)), &out); err != nil {
		tb.Fatalf("%v in %s", err, text)
	}
	return out
}

// generated is an application with n subscribers of each of the topics.
func generated(n int, topics ...string) app.App {
	a := app.App{Module: "github.com/less-go/less"}
	slices.Sort(topics)
	for _, name := range topics {
		t := app.Topic{Name: name, Package: app.Package{Dir: "less/topics/" + name}}
		for i := range n {
			t.Subscribers = append(t.Subscribers, app.Subscriber{Topic: name, Name: fmt.Sprintf("subscriber_%03d", i)})
		}
		a.Topics = append(a.Topics, t)
	}
	return a
}

// withRoutes adds an API with n routes.
func withRoutes(a app.App, n int) app.App {
	api := app.API{Name: "orders"}
	for i := range n {
		api.Routes = append(api.Routes, app.Route{
			API: "orders", Method: "GET", Path: fmt.Sprintf("/things/thing_%03d/{id}", i),
			Package: app.Package{Dir: fmt.Sprintf("less/apis/orders/things/thing_%03d/by_id", i)},
		})
	}
	a.APIs = append(a.APIs, api)
	return a
}
