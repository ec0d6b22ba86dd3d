package compat_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/compat"
	"github.com/less-go/less/internal/contract"
	"github.com/less-go/less/internal/flow"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/schema/schematest"
)

var update = flag.Bool("update", false, "write what changed into testdata")

// TestScenarios compares the two revisions in each file of testdata: files below
// old/ and new/ are of one of them, others of both.
func TestScenarios(t *testing.T) {
	schematest.Scenarios(t, *update, func(want, got string) string { return cmp.Diff(want, got) },
		func(t *testing.T, files []txtar.File) string {
			r := compat.Compare(read(t, files, "old/"), read(t, files, "new/"))
			var b strings.Builder
			list := func(title string, changes []compat.Change) {
				for _, c := range changes {
					fmt.Fprintf(&b, "%s %s, %s %q\n%s\n\n", title, c.Kind, c.In, c.Field, c)
				}
			}
			list("BREAKING", r.Breaking)
			list("compatible", r.Compatible)
			return b.String()
		})
}

// read reads the contract of the revision whose files begin with prefix.
func read(t *testing.T, files []txtar.File, prefix string) contract.Contract {
	t.Helper()
	var own []txtar.File
	for _, f := range files {
		name, mine := strings.CutPrefix(f.Name, prefix)
		if mine || !strings.HasPrefix(f.Name, "old/") && !strings.HasPrefix(f.Name, "new/") {
			own = append(own, txtar.File{Name: name, Data: f.Data})
		}
	}
	own = append(own, txtar.File{Name: "go.mod", Data: []byte("module example.com/shop\n")})
	dir := projecttest.Write(t, own)
	projecttest.UseCheckout(t, dir)
	c, err := contract.Load(t.Context(), dir, schematest.FlowOf(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNothingChangesBetweenTheDemoAndItself(t *testing.T) {
	c, err := contract.Load(t.Context(), "../..", flow.Flow{})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Topics) != 6 || len(c.APIs) != 1 {
		t.Errorf("%d topics and %d APIs, want 6 and 1", len(c.Topics), len(c.APIs))
	}
	data, err := json.Marshal(compat.Compare(c, c))
	if want := `{"breaking":[],"compatible":[]}`; err != nil || string(data) != want {
		t.Errorf("got %s, %v, want %s", data, err, want)
	}
}

func TestAChangeAsJSON(t *testing.T) {
	old := contract.Contract{APIs: []contract.API{{Name: "orders", Routes: []contract.Route{{
		ID: "apis/orders/orders/get", Method: "GET", Path: "/orders", Pos: "less/apis/orders/orders/get.go:7",
	}}}}}
	got, err := json.MarshalIndent(compat.Compare(old, contract.Contract{}), "", "  ")
	want := `{
  "breaking": [
    {
      "kind": "route-removed",
      "breaking": true,
      "places": [
        "apis/orders/orders/get"
      ],
      "old_pos": "less/apis/orders/orders/get.go:7",
      "what": "The route GET /orders is gone.",
      "why": "Clients that call it are answered 404.",
      "way_out": "Keep it until nobody calls it."
    }
  ],
  "compatible": []
}`
	if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
