package schema_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/txtar"

	"github.com/less-go/less/internal/projecttest"
	"github.com/less-go/less/internal/schema"
	"github.com/less-go/less/internal/schema/schematest"
)

var update = flag.Bool("update", false, "write what is said of the types into testdata")

// TestScenarios describes the types of each file of testdata: Event as
// encoding/json writes it, Request as it is read.
func TestScenarios(t *testing.T) {
	schematest.Scenarios(t, *update, func(want, got string) string { return cmp.Diff(want, got) },
		func(t *testing.T, files []txtar.File) string {
			dir := projecttest.Write(t, append(files, txtar.File{Name: "go.mod", Data: []byte("module example.com/shop\n\ngo 1.26\n")}))
			doc, err := describe(dir, schematest.Load(t, dir, "./..."))
			if err != nil {
				return err.Error() + "\n"
			}
			compile(t, doc)
			return string(doc)
		})
}

// describe makes one document of the types Event and Request in pkgs.
func describe(dir string, pkgs []*packages.Package) ([]byte, error) {
	b := schema.New(pkgs, dir, "example.com/shop")
	doc := struct {
		Event      *schema.Schema `json:"event,omitempty"`
		Request    *schema.Schema `json:"request,omitempty"`
		Components struct {
			Schemas map[string]*schema.Schema `json:"schemas,omitempty"`
		} `json:"components"`
	}{}
	for _, p := range pkgs {
		if obj := p.Types.Scope().Lookup("Event"); obj != nil {
			doc.Event = b.Type(obj.Type(), schema.Encoded, "Event", obj.Pos())
		}
		if obj := p.Types.Scope().Lookup("Request"); obj != nil {
			doc.Request = b.Type(obj.Type(), schema.Decoded, "Request", obj.Pos())
		}
	}
	definitions, err := b.Finish()
	if err != nil {
		return nil, err
	}
	doc.Components.Schemas = map[string]*schema.Schema{}
	for _, d := range definitions {
		doc.Components.Schemas[d.Name] = d.Schema
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(doc)
	return out.Bytes(), err
}

// compile reads the schemas of doc in both dialects, and returns that of its event.
func compile(t *testing.T, doc []byte) *jsonschema.Schema {
	t.Helper()
	content, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	var event *jsonschema.Schema
	for _, draft := range []*jsonschema.Draft{jsonschema.Draft7, jsonschema.Draft2020} {
		c := jsonschema.NewCompiler()
		c.DefaultDraft(draft)
		c.AssertFormat()
		c.AssertContent()
		if err := c.AddResource("doc.json", content); err != nil {
			t.Fatal(err)
		}
		for _, member := range []string{"event", "request"} {
			if content.(map[string]any)[member] == nil {
				continue
			}
			compiled, err := c.Compile("doc.json#/" + member)
			if err != nil {
				t.Fatalf("%s is not valid: %v\n%s", member, err, doc)
			}
			if member == "event" {
				event = compiled
			}
		}
	}
	return event
}
