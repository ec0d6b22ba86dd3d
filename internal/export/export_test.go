package export_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/analysis"
	"github.com/less-go/less/internal/contract"
	"github.com/less-go/less/internal/export"
	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/scan"
	"github.com/less-go/less/internal/schema/schematest"
)

var update = flag.Bool("update", false, "write the documents into testdata")

// TestScenarios writes the documents of the application in each file of testdata.
// What its handlers publish is in the file flow.json, for how that is found is
// tested elsewhere.
func TestScenarios(t *testing.T) {
	schematest.Scenarios(t, *update, func(want, got string) string { return cmp.Diff(want, got) },
		func(t *testing.T, files []txtar.File) string {
			dir := projecttest.Write(t, files)
			projecttest.UseCheckout(t, dir)
			c, err := contract.Load(t.Context(), dir, schematest.FlowOf(t, dir))
			if err != nil {
				return err.Error() + "\n"
			}
			var b strings.Builder
			for _, doc := range documents(t, c) {
				b.WriteString(doc)
			}
			return b.String()
		})
}

// documents are all documents of a contract, each checked to be valid.
func documents(t *testing.T, c contract.Contract) []string {
	t.Helper()
	var out []string
	if len(c.Topics)+len(c.External) > 0 {
		doc, err := export.AsyncAPI(c, export.Options{})
		if err != nil {
			t.Fatal(err)
		}
		validAsyncAPI(t, doc)
		out = append(out, string(doc))
	}
	for _, api := range c.APIs {
		doc, err := export.OpenAPI(c, api.Name, export.Options{})
		if err != nil {
			t.Fatal(err)
		}
		validOpenAPI(t, doc)
		out = append(out, string(doc))
	}
	return out
}

// TestDemo writes the documents of the application in this repository.
func TestDemo(t *testing.T) {
	a, err := scan.Dir(os.DirFS(projecttest.Checkout()))
	if err != nil {
		t.Fatal(err)
	}
	f, err := analysis.Read(t.Context(), projecttest.Checkout(), a, analysis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := contract.Load(t.Context(), projecttest.Checkout(), f)
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range documents(t, c) {
		name := []string{"testdata/demo.asyncapi.json", "testdata/demo.orders.openapi.json"}[i]
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAnUnknownAPIIsNamedWithThoseThereAre(t *testing.T) {
	c := contract.Contract{APIs: []contract.API{{Name: "orders"}, {Name: "users"}}}
	_, err := export.OpenAPI(c, "order", export.Options{})
	if want := `there is no API "order". Name one of: orders, users`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err = export.OpenAPI(contract.Contract{}, "order", export.Options{}); err == nil || !strings.Contains(err.Error(), "less-cli create route") {
		t.Errorf("got %v", err)
	}
}

func TestADocumentCanNameVersionAndServer(t *testing.T) {
	c := contract.Contract{Name: "shop", APIs: []contract.API{{Name: "orders"}}}
	doc, err := export.OpenAPI(c, "orders", export.Options{Version: "1.2.3", Server: "https://example.com"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"version": "1.2.3"`, `"url": "https://example.com"`} {
		if !strings.Contains(string(doc), want) {
			t.Errorf("there is no %s in\n%s", want, doc)
		}
	}
}
