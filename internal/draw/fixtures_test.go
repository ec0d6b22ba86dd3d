package draw_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/less-go/less/internal/analysis"
	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/draw"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/graph"
	"github.com/less-go/less/internal/graphviz"
	"github.com/less-go/less/internal/plan"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/scan"
)

var update = flag.Bool("update", false, "write what is drawn into testdata, and the application's graph anew")

// food is the graph of the application in less/. It is kept in testdata, so that
// a line more in a handler does not change every picture.
func food(t testing.TB) graph.Graph {
	t.Helper()
	if *update {
		golden(t, "app.json", drawn(t, foodFromTree(t), draw.JSON, draw.Options{}))
	}
	data, err := os.ReadFile("testdata/app.json")
	if err != nil {
		t.Fatal(err)
	}
	var g graph.Graph
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// foodFromTree is the graph of this repository's application, read from its code.
func foodFromTree(t testing.TB) graph.Graph {
	t.Helper()
	a, err := scan.Dir(os.DirFS(projecttest.Checkout()))
	if err != nil {
		t.Fatal(err)
	}
	f, err := analysis.Read(t.Context(), projecttest.Checkout(), a, analysis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return graph.New(a, plan.New(a, f, plan.Options{}), f)
}

// large is the graph of a shop with 200 handlers: ten parts with two routes, six
// topics and eighteen subscribers each. A part hands over to the next, three
// services listen everywhere, and the last part comes back to the first.
func large() graph.Graph {
	domains := []string{"orders", "payments", "shipping", "returns", "invoices", "loyalty", "catalog", "stock", "support", "fraud"}
	events := []string{"requested", "checked", "accepted", "rejected", "completed", "archived"}
	a := app.App{Module: "example.com/shop"}
	var f flow.Flow
	function := func(id string, topic ...flow.Publish) {
		f.Functions = append(f.Functions, flow.Function{ID: id, Publishes: topic})
	}
	for d, domain := range domains {
		next := domains[(d+1)%len(domains)]
		item := strings.TrimSuffix(domain, "s")
		api := app.API{Name: domain}
		for _, method := range []string{"POST", "DELETE"} {
			r := app.Route{
				API: domain, Method: method, Path: "/" + domain,
				Package: app.Package{Dir: "less/apis/" + domain + "/" + domain},
				Pos:     app.Pos("less/apis/" + domain + "/" + domain + "/" + strings.ToLower(method) + ".go:10"),
			}
			api.Routes = append(api.Routes, r)
			topic := item + "_requested"
			if method == "DELETE" {
				topic = item + "_archived"
			}
			function(r.ID(), flow.Publish{Topic: topic, Condition: flow.OnSuccess})
		}
		a.APIs = append(a.APIs, api)
		for e, event := range events {
			name := item + "_" + event
			topic := app.Topic{Name: name, Pos: app.Pos("less/topics/" + name + "/message.go:3")}
			subscribers := []string{
				item + "_service_handle_" + event,
				[]string{"notification_service_notify_customer", "audit_service_write_journal", "analytics_service_count"}[(d+e)%3],
				item + "_desk_service_update_" + event + "_view",
			}
			for i, s := range subscribers {
				sub := app.Subscriber{Topic: name, Name: s, Pos: app.Pos("less/topics/" + name + "/" + s + "/process.go:7")}
				topic.Subscribers = append(topic.Subscribers, sub)
				var out []flow.Publish
				if i == 0 {
					switch event {
					case "requested":
						out = []flow.Publish{{Topic: item + "_checked", Condition: flow.Always}}
					case "checked":
						out = []flow.Publish{
							{Topic: item + "_accepted", Condition: flow.OnSuccess},
							{Topic: item + "_rejected", Condition: flow.OnFailure},
						}
					case "accepted":
						out = []flow.Publish{{Topic: item + "_completed", Condition: flow.OnSuccess}}
					case "rejected":
						out = []flow.Publish{{Topic: item + "_archived", Condition: flow.Conditional}}
					case "completed":
						out = []flow.Publish{{Topic: strings.TrimSuffix(next, "s") + "_requested", Condition: flow.OnSuccess}}
					}
				}
				function(sub.ID(), out...)
			}
			a.Topics = append(a.Topics, topic)
		}
	}
	sortApp(&a)
	slices.SortFunc(f.Functions, func(a, b flow.Function) int { return strings.Compare(a.ID, b.ID) })
	return graph.New(a, plan.New(a, f, plan.Options{}), f)
}

func sortApp(a *app.App) {
	slices.SortFunc(a.APIs, func(a, b app.API) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(a.Topics, func(a, b app.Topic) int { return strings.Compare(a.Name, b.Name) })
	for _, t := range a.Topics {
		slices.SortFunc(t.Subscribers, func(a, b app.Subscriber) int { return strings.Compare(a.Name, b.Name) })
	}
}

// graphOf makes a graph of lines "from -> topic condition" and "topic => subscriber".
// Whatever contains a space is a route.
func graphOf(t testing.TB, lines ...string) graph.Graph {
	t.Helper()
	a := app.App{Module: "example.com/app"}
	publishes := map[string][]flow.Publish{}
	topic := func(name string) *app.Topic {
		for i := range a.Topics {
			if a.Topics[i].Name == name {
				return &a.Topics[i]
			}
		}
		a.Topics = append(a.Topics, app.Topic{Name: name})
		return &a.Topics[len(a.Topics)-1]
	}
	routes := app.API{Name: "web"}
	for _, line := range lines {
		if to, sub, found := strings.Cut(line, " => "); found {
			on := topic(to)
			on.Subscribers = append(on.Subscribers, app.Subscriber{Topic: to, Name: sub})
			continue
		}
		from, rest, found := strings.Cut(line, " -> ")
		if !found {
			t.Fatalf("line %q is neither a publish nor a subscription", line)
		}
		to, condition, _ := strings.Cut(rest, " ")
		topic(to)
		id := from
		if method, path, found := strings.Cut(from, " "); found {
			r := app.Route{API: "web", Method: method, Path: path, Package: app.Package{Dir: "less/apis/web" + path}}
			if id = r.ID(); publishes[id] == nil {
				routes.Routes = append(routes.Routes, r)
			}
		}
		publishes[id] = append(publishes[id], flow.Publish{Topic: to, Condition: flow.Condition(condition)})
	}
	a.APIs = []app.API{routes}
	sortApp(&a)
	var f flow.Flow
	for id, p := range publishes {
		if !strings.Contains(id, "/") {
			t.Fatalf("%q is no function", id)
		}
		f.Functions = append(f.Functions, flow.Function{ID: id, Publishes: p})
	}
	slices.SortFunc(f.Functions, func(a, b flow.Function) int { return strings.Compare(a.ID, b.ID) })
	return graph.New(a, plan.New(a, f, plan.Options{}), f)
}

// drawn is the picture of g, which must be the same at every attempt.
func drawn(t testing.TB, g graph.Graph, f draw.Format, opts draw.Options) string {
	t.Helper()
	opts.Place = graphviz.Place
	var out, again bytes.Buffer
	for _, w := range []*bytes.Buffer{&out, &again} {
		if err := draw.Write(t.Context(), w, g, f, opts); err != nil {
			t.Fatalf("draw %s as %s: %v", g.Name, f, err)
		}
	}
	if !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Errorf("the %s of %s differs from one time to the next", f, g.Name)
	}
	return out.String()
}

func golden(t testing.TB, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(fmt.Errorf("%w. Run the test with -update", err))
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
